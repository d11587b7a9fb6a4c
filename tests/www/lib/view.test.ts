import { describe, expect, it } from "vitest";
import { fitView, keepInSight, panBy, pictureFromCanvas, zoomAt } from "../../../www/src/lib/view";

const canvas = { width: 1000, height: 600 };

describe("fitView", () => {
  it("shows the whole picture, centred inside the margin", () => {
    const view = fitView({ width: 2000, height: 1000 }, canvas, 50);
    expect(view).toEqual({ scale: 0.45, x: 50, y: 75 });
  });

  it("enlarges small pictures, but not into blocks", () => {
    expect(fitView({ width: 16, height: 16 }, canvas, 50).scale).toBe(4);
  });
});

describe("zoomAt", () => {
  it("keeps the point under the pointer", () => {
    const view = { scale: 2, x: 30, y: -40 };
    const at = { x: 300, y: 200 };
    const before = pictureFromCanvas(view, at);
    const after = pictureFromCanvas(zoomAt(view, at, 1.7, 0.1), at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });

  it("stops at the limits", () => {
    const at = { x: 0, y: 0 };
    expect(zoomAt({ scale: 1, x: 0, y: 0 }, at, 1e9, 0.1).scale).toBe(32);
    expect(zoomAt({ scale: 1, x: 0, y: 0 }, at, 1e-9, 0.1).scale).toBe(0.1);
  });
});

describe("keepInSight", () => {
  it("leaves a strip of the picture on the canvas", () => {
    const size = { width: 100, height: 100 };
    const lost = panBy({ scale: 2, x: 0, y: 0 }, -5000, 5000);
    expect(keepInSight(lost, size, canvas)).toEqual({ scale: 2, x: 48 - 200, y: 600 - 48 });
  });
});
