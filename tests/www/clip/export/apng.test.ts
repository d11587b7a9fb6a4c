import { expect, it } from "vitest";
import { createApng } from "../../../../www/src/clip/export/apng";
import { frameDelays } from "../../../../www/src/clip/export/delays";
import { evenTimes } from "../../../../www/src/clip/film";
import { crc32, pngChunks } from "../../../../www/src/lib/png-text";
import { tinyPng } from "../../../support/png";

it("writes the frames as the standard says, numbered through, each with its length", async () => {
  const apng = createApng(2);
  apng.add(tinyPng(20, 10), 1 / 30);
  apng.add(tinyPng(20, 10), 0.25);
  const bytes = new Uint8Array(await apng.finish().arrayBuffer());
  const view = new DataView(bytes.buffer);
  const chunks = pngChunks(bytes);
  expect(chunks.map(({ type }) => type)).toEqual([
    "IHDR",
    "acTL",
    "fcTL",
    "IDAT",
    "fcTL",
    "fdAT",
    "IEND",
  ]);
  const at = (index: number): number => chunks[index]!.start;
  // Two frames, for ever; numbers 0, 1 and 2; 20 x 10 at the corner; 1/30 s and 25/100 s.
  expect([view.getUint32(at(1)), view.getUint32(at(1) + 4)]).toEqual([2, 0]);
  expect([at(2), at(4), at(5)].map((start) => view.getUint32(start))).toEqual([0, 1, 2]);
  expect([4, 8, 12, 16].map((more) => view.getUint32(at(4) + more))).toEqual([20, 10, 0, 0]);
  const lengths = [at(2), at(4)].map(
    (start) => view.getUint16(start + 20) / view.getUint16(start + 22),
  );
  expect(lengths).toEqual([1 / 30, 0.25]);
  for (const { start, length } of chunks) {
    expect(view.getUint32(start + length)).toBe(crc32(bytes.subarray(start - 4, start + length)));
  }
});

it("keeps the length of a GIF as a whole, in hundredths of a second", () => {
  const delays = frameDelays({ times: evenTimes(150, 30), duration: 5 });
  expect(delays.reduce((sum, delay) => sum + delay, 0)).toBe(500);
  expect(new Set(delays)).toEqual(new Set([3, 4]));
  // Browsers slow down what is shorter than that.
  expect(frameDelays({ times: evenTimes(10, 120), duration: 10 / 120 })).toEqual(Array(10).fill(2));
});
