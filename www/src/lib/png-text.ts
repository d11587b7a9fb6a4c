/**
 * Puts text into a PNG and reads text chunks: iTXt, written here and by others, and tEXt, each
 * uncompressed (PNG 3rd ed. 11.3.3).
 */

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

/** The text under `keyword`, from an uncompressed chunk; null when there is none. */
export function textOf(png: Uint8Array, keyword: string): string | null {
  return pngTexts(png).get(keyword) ?? null;
}

/** Every uncompressed text by its keyword; the first counts. Empty for what is no PNG. */
export function pngTexts(bytes: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>();
  if (!isPng(bytes)) return texts;
  for (const { type, start, length } of pngChunks(bytes)) {
    const data = bytes.subarray(start, start + length);
    const end = data.indexOf(0);
    if (end < 1) continue;
    const keyword = latin1(data.subarray(0, end));
    const text = type === "tEXt" ? latin1(data.subarray(end + 1)) : null;
    const found = type === "iTXt" ? international(data.subarray(end + 1)) : text;
    if (found !== null && !texts.has(keyword)) texts.set(keyword, found);
  }
  return texts;
}

/** The text of an iTXt chunk after its keyword; null when it is compressed or cut short. */
function international(data: Uint8Array): string | null {
  const [isCompressed] = data;
  const language = data.indexOf(0, 2);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (isCompressed !== 0 || translated < 0) return null;
  return new TextDecoder().decode(data.subarray(translated + 1));
}

function latin1(bytes: Uint8Array): string {
  // The decoder the web calls "latin1" is another one; pieces keep the call's arguments few.
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 4096)));
  }
  return pieces.join("");
}

/** CRC-32 of every byte, by the PNG specification, annex D. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** CRC-32 of a chunk's type and data. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}
