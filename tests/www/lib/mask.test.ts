import { describe, expect, it } from "vitest";
import { MaskDocument, paintedBox, type Brush } from "../../../www/src/lib/mask";

const brush: Brush = { tool: "brush", radius: 2 };
const eraser: Brush = { tool: "eraser", radius: 2 };

function dab(mask: MaskDocument, x: number, y: number, with_: Brush = brush): void {
  mask.begin();
  mask.line({ x, y }, { x, y }, with_);
  mask.end();
}

describe("MaskDocument", () => {
  it("paints a round dab with a full core and a soft edge", () => {
    const mask = new MaskDocument(9, 9);
    dab(mask, 4.5, 4.5);
    const row = [...mask.data.subarray(4 * 9, 5 * 9)];
    // Distances 4, 3, 2, 1, 0 from the centre against radius 2 + 0.5.
    expect(row).toEqual([0, 0, 128, 255, 255, 255, 128, 0, 0]);
  });

  it("erases what was painted", () => {
    const mask = new MaskDocument(9, 9);
    dab(mask, 4.5, 4.5);
    dab(mask, 4.5, 4.5, { ...eraser, radius: 4 });
    expect(mask.painted).toBe(false);
  });

  it("paints nothing outside the picture and does not mind being asked to", () => {
    const mask = new MaskDocument(4, 4);
    expect(mask.line({ x: -50, y: -50 }, { x: -40, y: -40 }, brush)).toBeNull();
    dab(mask, -1, 2);
    expect(paintedBox(mask)).toEqual({ x1: 0, y1: 0, x2: 1, y2: 4 });
  });

  it("undoes and redoes stroke by stroke, to the byte", () => {
    const mask = new MaskDocument(20, 20);
    dab(mask, 5, 5);
    const first = mask.data.slice();
    dab(mask, 12, 12);
    const second = mask.data.slice();
    mask.undo();
    expect(mask.data).toEqual(first);
    mask.undo();
    expect(mask.painted).toBe(false);
    expect(mask.canUndo).toBe(false);
    mask.redo();
    mask.redo();
    expect(mask.data).toEqual(second);
    expect(mask.canRedo).toBe(false);
  });

  it("forgets what was undone once something new is painted", () => {
    const mask = new MaskDocument(20, 20);
    dab(mask, 5, 5);
    mask.undo();
    dab(mask, 12, 12);
    expect(mask.canRedo).toBe(false);
  });

  it("brings back a cleared mask with undo", () => {
    const mask = new MaskDocument(20, 20);
    dab(mask, 5, 5);
    const before = mask.data.slice();
    mask.clear();
    expect(mask.painted).toBe(false);
    mask.undo();
    expect(mask.data).toEqual(before);
  });

  it("makes no step of undo from a stroke that changed nothing", () => {
    const mask = new MaskDocument(20, 20);
    dab(mask, 5, 5, eraser);
    expect(mask.canUndo).toBe(false);
  });
});

describe("paintedBox", () => {
  it("is null for an empty mask", () => {
    expect(paintedBox(new MaskDocument(5, 5))).toBeNull();
  });

  it("spans all spots", () => {
    const mask = new MaskDocument(6, 5);
    mask.data[1 * 6 + 2] = 1;
    mask.data[3 * 6 + 4] = 255;
    expect(paintedBox(mask)).toEqual({ x1: 2, y1: 1, x2: 5, y2: 4 });
  });
});
