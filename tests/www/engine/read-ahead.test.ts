import { expect, test } from "vitest";
import { readAhead } from "../../../www/src/engine/read-ahead";

const MB = 1 << 20;
/** Numbers that repeat after 251 bytes: no two places a power of two apart look the same. */
const byteAt = (offset: number): number => offset % 251;
const all = new Uint8Array(40 * MB).map((_, offset) => byteAt(offset));

function watched(size: number) {
  const asked: [number, number][] = [];
  const read = readAhead({
    size,
    read(offset, length) {
      asked.push([offset, length]);
      return all.slice(offset, Math.min(offset + length, size));
    },
  });
  return { read, asked };
}

function holds(bytes: Uint8Array, offset: number, length: number): void {
  expect(bytes.length).toBe(length);
  for (const at of [0, length >> 1, length - 1]) expect(bytes[at]).toBe(byteAt(offset + at));
}

test("a file read in order takes few reads", () => {
  const { read, asked } = watched(40 * MB);
  const length = 100_000;
  for (let at = 0; at + length <= 40 * MB; at += length) holds(read(at, length), at, length);
  expect(asked.length).toBeLessThan(12);
  const bytes = asked.reduce((sum, [, length]) => sum + length, 0);
  expect(bytes).toBeLessThan(42 * MB);
});

test("jumping about reads little more than what is asked for", () => {
  const { read, asked } = watched(40 * MB);
  for (const at of [30, 2, 20, 9, 35, 1]) holds(read(at * MB, 1000), at * MB, 1000);
  expect(asked.every(([, length]) => length <= MB / 4)).toBe(true);
});

test("a read larger than the window is made as it is asked for", () => {
  const { read, asked } = watched(40 * MB);
  holds(read(5, 20 * MB), 5, 20 * MB);
  expect(asked).toEqual([[5, 20 * MB]]);
});

test("nothing is asked for beyond the end, and what the reader asks for there comes short", () => {
  const { read, asked } = watched(1000);
  holds(read(900, 100), 900, 100);
  expect(asked).toEqual([[900, 100]]);
  expect(read(950, 100).length).toBe(50);
});
