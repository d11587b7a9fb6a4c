import { describe, expect, it } from "vitest";
import { createTracker, LOST } from "../../../../www/src/clip/masks/tracker";
import type { Grey } from "../../../../www/src/clip/masks/grey";
import { apply, scaleOf } from "../../../../www/src/clip/masks/similarity";

const SIZE = { width: 240, height: 160 };

/** A texture without repeats in sight, known between its pixels too. */
function texture(x: number, y: number): number {
  const waves = [
    Math.sin(0.21 * x + 0.13 * y),
    Math.sin(0.11 * x - 0.27 * y + 1),
    Math.cos(0.05 * x * Math.sin(0.02 * y) + 0.33 * y),
    Math.sin(0.37 * x + 2),
  ];
  return 128 + 24 * waves.reduce((sum, wave) => sum + wave, 0);
}

/** A picture of it: what is at `from(x, y)` of the texture shows at x, y. */
function picture(from: (x: number, y: number) => [number, number], gain = 1): Grey {
  const data = new Float32Array(SIZE.width * SIZE.height);
  for (let y = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      data[y * SIZE.width + x] = gain * texture(...from(x + 0.5, y + 0.5));
    }
  }
  return { ...SIZE, data };
}

/** A disk of radius 28 around 100, 80. */
const mask = {
  ...SIZE,
  data: Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, at) => {
    const [x, y] = [(at % SIZE.width) + 0.5, Math.floor(at / SIZE.width) + 0.5];
    return Math.hypot(x - 100, y - 80) < 28 ? 255 : 0;
  }),
};
const middle = { x: 100, y: 80 };
const still = (x: number, y: number): [number, number] => [x, y];

describe("the tracker", () => {
  it("finds fractions of a pixel, frame after frame, without drifting", () => {
    const tracker = createTracker(picture(still), mask);
    for (let frame = 1; frame <= 20; frame++) {
      const [dx, dy] = [1.7 * frame, -0.6 * frame];
      const { motion, fit } = tracker!.next(picture((x, y) => [x - dx, y - dy]));
      const there = apply(motion, middle);
      expect(fit).toBeGreaterThan(0.98);
      expect(Math.hypot(there.x - 100 - dx, there.y - 80 - dy)).toBeLessThan(0.1);
    }
  });

  it("finds a jump of many pixels", () => {
    const { motion } = createTracker(picture(still), mask)!.next(
      picture((x, y) => [x - 14, y - 9]),
    );
    const there = apply(motion, middle);
    expect(Math.hypot(there.x - 114, there.y - 89)).toBeLessThan(0.2);
  });

  it("finds turns and growth about the middle, under other light", () => {
    const tracker = createTracker(picture(still), mask);
    for (let frame = 1; frame <= 10; frame++) {
      const [angle, scale] = [0.02 * frame, 1 + 0.02 * frame];
      const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
      const { motion } = tracker!.next(
        picture(
          (x, y) => {
            const [u, v] = [x - 100, y - 80];
            return [100 + cos * u + sin * v, 80 - sin * u + cos * v];
          },
          1 - 0.02 * frame,
        ),
      );
      expect(scaleOf(motion)).toBeCloseTo(scale, 2);
      expect(Math.atan2(motion.b, motion.a)).toBeCloseTo(angle, 2);
    }
  });

  it("says that the patch is lost when something else is there", () => {
    const tracker = createTracker(picture(still), mask);
    expect(tracker!.next(picture((x, y) => [900 - 3 * y, 2 * x + 500])).fit).toBeLessThanOrEqual(
      LOST,
    );
  });

  it("has nothing to hold on to in a flat picture or without paint", () => {
    const flat = { ...SIZE, data: new Float32Array(SIZE.width * SIZE.height).fill(90) };
    expect(createTracker(flat, mask)).toBeNull();
    expect(
      createTracker(picture(still), { ...mask, data: new Uint8Array(mask.data.length) }),
    ).toBeNull();
  });
});
