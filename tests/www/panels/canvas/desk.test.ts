import { expect, it } from "vitest";
import {
  MAX_SIZE,
  MIN_SIZE,
  sizeFromSlider,
  sliderFromSize,
  stepSize,
} from "../../../../www/src/panels/canvas/desk";

it("the slider reaches every tenth size and both ends", () => {
  expect(sizeFromSlider(0)).toBe(MIN_SIZE);
  expect(sizeFromSlider(100)).toBe(MAX_SIZE);
  for (let size = 10; size <= MAX_SIZE; size += 10) {
    expect(sizeFromSlider(sliderFromSize(size))).toBe(size);
  }
});

it("a step is never nothing and never leaves the limits", () => {
  expect(stepSize(3, 1)).toBe(4);
  expect(stepSize(3, -1)).toBe(2);
  expect(stepSize(MIN_SIZE, -1)).toBe(MIN_SIZE);
  expect(stepSize(MAX_SIZE, 1)).toBe(MAX_SIZE);
});
