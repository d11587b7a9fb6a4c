import { expect, it } from "vitest";
import { Cache } from "../../../www/src/clip/cache";

it("lets go of what was not used for longest", () => {
  const dropped: string[] = [];
  const cache = new Cache<string>(300, 100, (value) => dropped.push(value));
  cache.set(1, "a");
  cache.set(2, "b");
  cache.set(3, "c");
  expect(cache.get(1)).toBe("a");
  cache.set(4, "d");
  expect(dropped).toEqual(["b"]);
  expect(cache.get(2)).toBeUndefined();
  cache.set(4, "e");
  expect(dropped).toEqual(["b", "d"]);
  cache.clear();
  expect(dropped).toEqual(["b", "d", "c", "a", "e"]);
});

it("holds two at the least, so that a frame and the next fit", () => {
  const cache = new Cache<number>(1, 1e9, () => {});
  cache.set(1, 1);
  cache.set(2, 2);
  expect(cache.get(1)).toBe(1);
});
