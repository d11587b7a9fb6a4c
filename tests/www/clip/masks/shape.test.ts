import { describe, expect, it } from "vitest";
import { between, isBlank, moved } from "../../../../www/src/clip/masks/shape";
import { paintedBox } from "../../../../www/src/lib/mask";
import { areaOf, disk, similarity } from "../../../support/masks";

describe("between two key frames", () => {
  it("moves the shape along and lets it grow", () => {
    const half = between(disk(30, 40, 10), disk(90, 50, 20), 0.5);
    // Half-way between the middles, with the radius between the radii.
    expect(paintedBox(half)).toEqual({ x1: 45, y1: 30, x2: 75, y2: 60 });
    expect(Math.sqrt(areaOf(half) / Math.PI)).toBeCloseTo(15, 0);
  });

  it("gives the key frames themselves at the ends", () => {
    const [one, other] = [disk(30, 40, 10), disk(90, 50, 20)];
    expect(between(one, other, 0)).toBe(one);
    expect(between(one, other, 1)).toBe(other);
  });

  it("goes over fractions of a pixel smoothly", () => {
    const lefts = [0.1, 0.2, 0.3, 0.4].map((t) => {
      const mask = between(disk(30, 40, 10), disk(34, 40, 10), t);
      let [sum, all] = [0, 0];
      mask.data.forEach((value, at) => {
        sum += value * ((at % mask.width) + 0.5);
        all += value;
      });
      return sum / all;
    });
    lefts.forEach((x, at) => expect(x).toBeCloseTo(30 + 0.4 * (at + 1), 1));
  });

  it("keeps the earlier one where one of them is blank", () => {
    const [full, none] = [disk(30, 40, 10), disk(0, 0, 0)];
    expect(between(full, none, 0.5)).toBe(full);
    expect(isBlank(between(none, full, 0.5))).toBe(true);
  });

  it("works at the edge of the picture", () => {
    const half = between(disk(0, 0, 12), disk(0, 90, 12), 0.5);
    expect(paintedBox(half)?.x1).toBe(0);
    expect(isBlank(half)).toBe(false);
  });
});

describe("a mask that is moved", () => {
  it("is shifted by whole pixels exactly", () => {
    const shifted = moved(disk(30, 40, 10), similarity({ x0: 12, y0: -7 }));
    expect(shifted.data).toEqual(disk(42, 33, 10).data);
  });

  it("grows about the origin", () => {
    const grown = moved(disk(20, 20, 8), similarity({ a: 2 }));
    expect(Math.sqrt(areaOf(grown) / Math.PI)).toBeCloseTo(16, 0);
  });

  it("leaves the picture without a trace", () => {
    expect(isBlank(moved(disk(20, 20, 8), similarity({ x0: 500 })))).toBe(true);
  });
});

it("blends thin shapes that lie across each other without losing them", () => {
  const bar = (wide: number, high: number) => {
    const mask = disk(0, 0, 0);
    for (let y = 48 - high; y < 48 + high; y++) {
      mask.data.fill(255, y * 128 + 64 - wide, y * 128 + 64 + wide);
    }
    return mask;
  };
  // Two bars side by side against one between them: nothing is inside both.
  const two = bar(40, 3);
  for (let y = 0; y < 96; y++) two.data.fill(0, y * 128 + 44, y * 128 + 84);
  const half = between(two, bar(6, 20), 0.5);
  const [one, other] = [areaOf(two), areaOf(bar(6, 20))].map(Math.sqrt);
  const mean = (one! + other!) / 2;
  expect(Math.sqrt(areaOf(half))).toBeGreaterThan(0.8 * mean);
  expect(Math.sqrt(areaOf(half))).toBeLessThan(1.2 * mean);
});
