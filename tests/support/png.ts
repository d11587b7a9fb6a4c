/** PNG files for tests, of any size, as small as they can be. */

import { createHash } from "node:crypto";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { pngChunks, type Chunk } from "../../www/src/lib/png-text";

/** A black picture, RGB; as a "bitmap" with one bit a pixel even huge ones are made at once. */
export function tinyPng(
  width: number,
  height: number,
  kind: "rgb" | "bitmap" = "rgb",
): Uint8Array<ArrayBuffer> {
  const [depth, colour, rowBytes] =
    kind === "rgb" ? [8, 2, 3 * width] : [1, 0, Math.ceil(width / 8)];
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colour, 0, 0, 0], 8);
  const rows = deflateSync(new Uint8Array(height * (1 + rowBytes)));
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Uint8Array.from([
    ...signature,
    ...chunk("IHDR", header),
    ...chunk("IDAT", rows),
    ...chunk("IEND", new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The pixels of an 8-bit RGB or RGBA PNG without interlacing, as RGBA. */
export function pixelsOfPng(bytes: Uint8Array): {
  width: number;
  height: number;
  data: Uint8Array;
} {
  const chunks = pngChunks(bytes);
  const part = ({ start, length }: Chunk) => bytes.subarray(start, start + length);
  const header = part(chunks.find(({ type }) => type === "IHDR")!);
  const view = new DataView(header.buffer, header.byteOffset);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const channels = header[9] === 6 ? 4 : 3;
  const packed = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(part));
  const rows = inflateSync(packed);
  const stride = width * channels;
  const plain = new Uint8Array(height * stride);
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : plain[y * stride + x]!);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const [left, up, corner] = [at(x - channels, y), at(x, y - 1), at(x - channels, y - 1)];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      plain[y * stride + x] = rows[y * (stride + 1) + 1 + x]! + guess;
    }
  }
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set(plain.subarray(pixel * channels, (pixel + 1) * channels), pixel * 4);
  }
  return { width, height, data };
}

/** A hash of the compressed pixels, whatever the file says beside them. */
export function pixelHash(png: Buffer): string {
  const hash = createHash("sha256");
  for (const { type, start, length } of pngChunks(png)) {
    if (type === "IDAT") hash.update(png.subarray(start, start + length));
  }
  return hash.digest("hex");
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
  if (a! <= b! && a! <= c!) return left;
  return b! <= c! ? up : corner;
}
