/**
 * An APNG from the PNG files of its frames: their image data under frame headers (PNG 3rd ed. 11.3.6).
 * The browser compresses each frame; nothing is encoded here.
 */

import { crc32, pngChunks } from "../../lib/png-text";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Takes frames one by one; all must be of one size and kind of PNG. */
export function createApng(count: number) {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let sequence = 0;
  let isFirst = true;

  return {
    /** Adds a frame that stays for `seconds`. */
    add(png: Uint8Array<ArrayBuffer>, seconds: number): void {
      const chunks = pngChunks(png);
      const header = chunks.find(({ type }) => type === "IHDR");
      if (!header) throw new Error("The browser wrote a PNG without a header.");
      const ihdr = png.slice(header.start, header.start + header.length);
      if (isFirst) parts.push(SIGNATURE, chunk("IHDR", ihdr), chunk("acTL", numbers(count, 0)));
      const [delay, per] = fraction(seconds);
      const control = new Uint8Array(26);
      control.set(numbers(sequence++));
      control.set(ihdr.subarray(0, 8), 4);
      const view = new DataView(control.buffer);
      view.setUint16(20, delay);
      view.setUint16(22, per);
      parts.push(chunk("fcTL", control));
      for (const { type, start, length } of chunks) {
        if (type !== "IDAT") continue;
        const data = png.subarray(start, start + length);
        if (isFirst) parts.push(chunk("IDAT", data));
        else parts.push(chunk("fdAT", numbers(sequence++), data));
      }
      isFirst = false;
    },
    finish(): Blob {
      return new Blob([...parts, chunk("IEND")], { type: "image/apng" });
    },
  };
}

/** Seconds as a fraction of 16-bit numbers: exact for whole milliseconds and for N / 30 and alike. */
function fraction(seconds: number): [number, number] {
  for (const per of [30, 25, 24, 60, 50, 1000, 30_000, 10_000]) {
    const count = Math.round(seconds * per);
    if (count > 0 && count < 65536 && Math.abs(count / per - seconds) < 2e-6) return [count, per];
  }
  const count = Math.min(Math.max(Math.round(seconds * 1000), 1), 65535);
  return [count, 1000];
}

function numbers(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(4 * at, value));
  return bytes;
}

function chunk(type: string, ...data: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = data.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  bytes.set(new TextEncoder().encode(type), 4);
  let at = 8;
  for (const part of data) {
    bytes.set(part, at);
    at += part.length;
  }
  view.setUint32(at, crc32(bytes.subarray(4, at)));
  return bytes;
}
