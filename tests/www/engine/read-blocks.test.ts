import { expect, test } from "vitest";
import { readBlocks } from "../../../www/src/engine/read-blocks";

const MB = 1 << 20;
const SIZE = 70 * MB + 5;
/** Numbers that repeat after 251 bytes: no two places a power of two apart look the same. */
const bytes = new Uint8Array(SIZE).map((_, offset) => offset % 251);

function watched() {
  const asked: [number, number][] = [];
  const read = readBlocks({
    size: SIZE,
    read(offset, length) {
      asked.push([offset, length]);
      return bytes.slice(offset, offset + length);
    },
  });
  return { asked, read: (offset: number, length: number) => Buffer.from(read(offset, length)) };
}

const expected = (offset: number, length: number) =>
  Buffer.from(bytes.slice(offset, offset + length));

test("a file is read once, whatever the order of neighbours", () => {
  const { read, asked } = watched();
  const length = MB / 2;
  for (let at = 0; at + 4 * length <= SIZE; at += 4 * length)
    for (const turn of [2, 0, 3, 1])
      expect(read(at + turn * length, length).equals(expected(at + turn * length, length))).toBe(
        true,
      );
  expect(asked.length).toBe(5);
  expect(asked.at(-1)).toEqual([64 * MB, SIZE - 64 * MB]);
});

test("what lies across two blocks is put together", () => {
  const { read, asked } = watched();
  const at = 16 * MB - 3;
  expect(read(at, 7).equals(expected(at, 7))).toBe(true);
  expect(read(at + 1, MB).equals(expected(at + 1, MB))).toBe(true);
  expect(asked).toEqual([
    [0, 16 * MB],
    [16 * MB, 16 * MB],
  ]);
});

test("what is larger than a block is read as it is, and no more blocks are kept than four", () => {
  const { read, asked } = watched();
  expect(read(1, 40 * MB).equals(expected(1, 40 * MB))).toBe(true);
  expect(asked).toEqual([[1, 40 * MB]]);
  asked.length = 0;
  for (const block of [0, 1, 2, 3, 4, 1, 0]) read(block * 16 * MB, 1);
  expect(asked.length).toBe(6);
});

test("beyond the end it comes short", () => {
  const { read } = watched();
  expect(read(SIZE - 2, 10).length).toBe(2);
  expect(read(SIZE, 1).length).toBe(0);
  expect(read(SIZE + 40 * MB, 1).length).toBe(0);
});
