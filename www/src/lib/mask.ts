/** A painted mask: stroke by stroke, with undo and redo. Pure bytes; no canvas. */

import type { MaskPixels } from "../engine/protocol";

export interface Point {
  x: number;
  y: number;
}

/** Pixels, half open. */
export interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** What a stroke does; the radius is in pixels of the picture. */
export interface Brush {
  tool: "brush" | "eraser";
  radius: number;
}

interface Patch {
  box: Box;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes kept for undoing, over all entries; the oldest go first. */
const HISTORY_BYTES = 64 * 1024 * 1024;

export class MaskDocument implements MaskPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
  private before: Uint8Array<ArrayBuffer> | null = null;
  private touched: Box | null = null;
  private done: Patch[] = [];
  private undone: Patch[] = [];
  private changes = 0;

  constructor(width: number, height: number, data = new Uint8Array(width * height)) {
    this.width = width;
    this.height = height;
    this.data = data;
  }

  /** Whether a stroke has begun and not ended. */
  get isStroking(): boolean {
    return this.before !== null;
  }

  /** Counts strokes, undone and done again: whether a hand was on it, and whether since. */
  get edits(): number {
    return this.changes;
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** Whether anything is painted at all. */
  get painted(): boolean {
    for (const value of this.data) if (value > 0) return true;
    return false;
  }

  /** Begins a stroke; everything until {@link end} is one step of undo. */
  begin(): void {
    this.end();
    this.before = this.data.slice();
  }

  /** Paints a round line from `from` to `to`; returns the pixels it may have changed. */
  line(from: Point, to: Point, brush: Brush): Box | null {
    const box = clip(around(from, to, brush.radius + 1), this);
    if (!box) return null;
    this.touched = this.touched ? union(this.touched, box) : box;
    for (let y = box.y1; y < box.y2; y++) {
      for (let x = box.x1; x < box.x2; x++) {
        // Half a pixel of soft edge either side of the radius.
        const cover = brush.radius + 0.5 - distance({ x: x + 0.5, y: y + 0.5 }, from, to);
        if (cover <= 0) continue;
        const value = Math.round(Math.min(cover, 1) * 255);
        const at = y * this.width + x;
        const old = this.data[at] ?? 0;
        this.data[at] = brush.tool === "brush" ? Math.max(old, value) : Math.min(old, 255 - value);
      }
    }
    return box;
  }

  /** Ends the stroke. One that changed nothing leaves no step of undo. */
  end(): void {
    const { before, touched } = this;
    this.before = this.touched = null;
    if (!before || !touched) return;
    const old = copy(before, this.width, touched);
    const now = copy(this.data, this.width, touched);
    if (old.every((value, at) => value === now[at])) return;
    this.changes++;
    this.done.push({ box: touched, bytes: old });
    this.undone = [];
    this.trim();
  }

  /** Removes all paint, as one step of undo. */
  clear(): void {
    this.begin();
    this.touched = { x1: 0, y1: 0, x2: this.width, y2: this.height };
    this.data.fill(0);
    this.end();
  }

  undo(): Box | null {
    return this.swap(this.done, this.undone);
  }

  redo(): Box | null {
    return this.swap(this.undone, this.done);
  }

  private swap(from: Patch[], to: Patch[]): Box | null {
    this.end();
    const patch = from.pop();
    if (!patch) return null;
    this.changes++;
    to.push({ box: patch.box, bytes: copy(this.data, this.width, patch.box) });
    write(this.data, this.width, patch);
    return patch.box;
  }

  private trim(): void {
    let kept = this.done.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (kept > HISTORY_BYTES && this.done.length > 1) kept -= this.done.shift()!.bytes.length;
  }
}

/** The smallest box around everything painted; null when nothing is. */
export function paintedBox({ data, width, height }: MaskPixels): Box | null {
  let [x1, y1, x2, y2] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let left = 0;
    while (left < width && data[row + left] === 0) left++;
    if (left === width) continue;
    let right = width;
    while (data[row + right - 1] === 0) right--;
    [x1, y1, x2, y2] = [Math.min(x1, left), Math.min(y1, y), Math.max(x2, right), y + 1];
  }
  return x2 > x1 ? { x1, y1, x2, y2 } : null;
}

/** Distance of `p` from the segment `a`-`b`. */
function distance(p: Point, a: Point, b: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : ((p.x - a.x) * dx + (p.y - a.y) * dy) / length2;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

function around(a: Point, b: Point, margin: number): Box {
  return {
    x1: Math.floor(Math.min(a.x, b.x) - margin),
    y1: Math.floor(Math.min(a.y, b.y) - margin),
    x2: Math.ceil(Math.max(a.x, b.x) + margin),
    y2: Math.ceil(Math.max(a.y, b.y) + margin),
  };
}

function clip(box: Box, { width, height }: { width: number; height: number }): Box | null {
  const cut = {
    x1: Math.max(box.x1, 0),
    y1: Math.max(box.y1, 0),
    x2: Math.min(box.x2, width),
    y2: Math.min(box.y2, height),
  };
  return cut.x1 < cut.x2 && cut.y1 < cut.y2 ? cut : null;
}

function union(a: Box, b: Box): Box {
  return {
    x1: Math.min(a.x1, b.x1),
    y1: Math.min(a.y1, b.y1),
    x2: Math.max(a.x2, b.x2),
    y2: Math.max(a.y2, b.y2),
  };
}

function copy(data: Uint8Array, width: number, { x1, y1, x2, y2 }: Box): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((x2 - x1) * (y2 - y1));
  for (let y = y1; y < y2; y++) {
    bytes.set(data.subarray(y * width + x1, y * width + x2), (y - y1) * (x2 - x1));
  }
  return bytes;
}

function write(data: Uint8Array, width: number, { box, bytes }: Patch): void {
  const { x1, y1, x2, y2 } = box;
  for (let y = y1; y < y2; y++) {
    data.set(bytes.subarray((y - y1) * (x2 - x1), (y - y1 + 1) * (x2 - x1)), y * width + x1);
  }
}
