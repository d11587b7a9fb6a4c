/** PNG files for tests, of any size, as small as they can be. */

import { crc32, deflateSync } from "node:zlib";

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
