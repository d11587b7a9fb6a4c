import { describe, expect, it } from "vitest";
import { brushOf, cropRegion, gestureOf } from "../../../../www/src/panels/canvas/logic";

const mouse = { button: 0, buttons: 1, pointerType: "mouse", pressure: 0.5 };

describe("gestureOf", () => {
  it("paints with the main button, moves with the middle one or the space bar", () => {
    expect(gestureOf(mouse, "ready", false)).toBe("paint");
    expect(gestureOf(mouse, "ready", true)).toBe("pan");
    expect(gestureOf({ ...mouse, button: 1 }, "ready", false)).toBe("pan");
    expect(gestureOf({ ...mouse, button: 2, buttons: 2 }, "ready", false)).toBeNull();
  });

  it("never paints under a run or over its result", () => {
    expect(gestureOf(mouse, "running", false)).toBe("pan");
    expect(gestureOf(mouse, "done", false)).toBe("pan");
    expect(gestureOf(mouse, "empty", false)).toBeNull();
  });
});

describe("brushOf", () => {
  it("takes half the size as radius with a mouse", () => {
    expect(brushOf(mouse, "brush", 40)).toEqual({ tool: "brush", radius: 20 });
  });

  it("follows a pen's pressure, and its eraser end erases", () => {
    const pen = { ...mouse, pointerType: "pen" };
    expect(brushOf({ ...pen, pressure: 0.5 }, "brush", 40).radius).toBeCloseTo(14);
    expect(brushOf({ ...pen, pressure: 0.01 }, "brush", 30).radius).toBeCloseTo(5);
    expect(brushOf({ ...pen, pressure: 1 }, "brush", 40).radius).toBe(20);
    expect(brushOf({ ...pen, buttons: 32 }, "brush", 40).tool).toBe("eraser");
  });
});

describe("cropRegion", () => {
  const size = { width: 512, height: 384 };

  it("widens around the centre", () => {
    const box = { x1: 200, y1: 150, x2: 260, y2: 190 };
    expect(cropRegion(box, 3, size)).toEqual([140, 110, 320, 230]);
  });

  it("is shifted into the picture at its edge, and cut to it when larger", () => {
    expect(cropRegion({ x1: 0, y1: 0, x2: 40, y2: 40 }, 3, size)).toEqual([0, 0, 120, 120]);
    expect(cropRegion({ x1: 100, y1: 100, x2: 400, y2: 300 }, 3, size)).toEqual([0, 0, 512, 384]);
  });
});
