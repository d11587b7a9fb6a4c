import { expect, it } from "vitest";
import { compareAt, handleAt } from "../../../../www/src/panels/result/logic";

const view = { scale: 2, x: 100, y: 0 };

it("the line is where the pointer is, inside the picture", () => {
  expect(compareAt(300, view, 200)).toBe(0.5);
  expect(compareAt(0, view, 200)).toBe(0);
  expect(compareAt(9000, view, 200)).toBe(1);
});

it("the handle stays within reach when the line is out of sight", () => {
  expect(handleAt(0.5, view, 200, 1000)).toBe(300);
  expect(handleAt(0, { ...view, x: -500 }, 200, 1000)).toBe(20);
  expect(handleAt(1, { ...view, x: 900 }, 200, 1000)).toBe(980);
});
