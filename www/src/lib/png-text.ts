/** Puts text into a PNG and reads it back: iTXt chunks, UTF-8, uncompressed (PNG 3rd ed. 11.3.3). */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** One chunk: its type and where its data lies in the file. */
export interface Chunk {
  type: string;
  start: number;
  length: number;
}

/** Whether `bytes` begin like a PNG. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => bytes[at] === byte);
}

/** The chunks that are there in full, in order; a file cut short ends without `IEND`. */
export function pngChunks(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let at = SIGNATURE.length;
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ type, start: at + 8, length });
    if (type === "IEND") break;
    at += 12 + length;
  }
  return chunks;
}

/** `png` with `text` under `keyword` (Latin letters, at most 79), before its first image data. */
export function withText(png: Uint8Array, keyword: string, text: string): Uint8Array<ArrayBuffer> {
  const data = new TextEncoder().encode(`${keyword}\0\0\0\0\0${text}`);
  const chunk = new Uint8Array(data.length + 12);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set([0x69, 0x54, 0x58, 0x74], 4); // "iTXt"
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));

  const first = pngChunks(png).find(({ type }) => type === "IDAT");
  const at = first ? first.start - 8 : png.length;
  const out = new Uint8Array(png.length + chunk.length);
  out.set(png.subarray(0, at));
  out.set(chunk, at);
  out.set(png.subarray(at), at + chunk.length);
  return out;
}

/** The text under `keyword`, as {@link withText} wrote it; null when there is none. */
export function textOf(png: Uint8Array, keyword: string): string | null {
  const prefix = `${keyword}\0\0\0\0\0`;
  for (const { type, start, length } of pngChunks(png)) {
    if (type !== "iTXt") continue;
    const text = new TextDecoder().decode(png.subarray(start, start + length));
    if (text.startsWith(prefix)) return text.slice(prefix.length);
  }
  return null;
}

/** CRC-32 of the PNG specification, annex D. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
