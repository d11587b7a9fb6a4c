import { expect, it } from "vitest";
import { nextFrame } from "../../../../www/src/panels/frames/logic";

it("goes from frame to frame and stops at the ends", () => {
  expect(nextFrame("ArrowRight", 0, 3)).toBe(1);
  expect(nextFrame("ArrowRight", 2, 3)).toBe(2);
  expect(nextFrame("ArrowLeft", 0, 3)).toBe(0);
  expect(nextFrame("End", 0, 3)).toBe(2);
  expect(nextFrame("Home", 2, 3)).toBe(0);
  expect(nextFrame("a", 2, 3)).toBeNull();
});
