/** Shapes of masks: moved along, and blended into one another by their distance fields. */

import { paintedBox, type Box, type Point } from "../../lib/mask";
import type { MaskPixels } from "../../engine/protocol";
import { apply, inverse, type Similarity } from "./similarity";

/** Values from here on are inside the shape. */
const INSIDE = 128;
/** Further than any pixel of a picture from any other. */
const FAR = 1e6;

/** Distances in pixels to the outline, negative inside, over the pixels of `box`. */
interface Field {
  box: Box;
  width: number;
  data: Float32Array;
}

/** The shape `t` of the way from `one` to `other`, 0 to 1; a blank mask blends into nothing. */
export function between(one: MaskPixels, other: MaskPixels, t: number): MaskPixels {
  if (t <= 0) return one;
  if (t >= 1) return other;
  const [box, otherBox] = [outlineBox(one), outlineBox(other)];
  if (!box || !otherBox) return one;
  const [from, to] = [centreOf(one, box), centreOf(other, otherBox)];
  // Both are laid over the middle that lies between theirs.
  const shift = { x: (to.x - from.x) * t, y: (to.y - from.y) * t };
  const otherShift = { x: shift.x - (to.x - from.x), y: shift.y - (to.y - from.y) };
  const domain = around([shifted(box, shift), shifted(otherBox, otherShift)]);
  const field = distances(one, shifted(domain, negated(shift)));
  const otherField = distances(other, shifted(domain, negated(otherShift)));
  const width = domain.x2 - domain.x1;
  const blend = new Float32Array(width * (domain.y2 - domain.y1));
  for (let at = 0; at < blend.length; at++) {
    const [x, y] = [domain.x1 + (at % width), domain.y1 + Math.floor(at / width)];
    const first = sample(field, x - shift.x, y - shift.y);
    const second = sample(otherField, x - otherShift.x, y - otherShift.y);
    blend[at] = first * (1 - t) + second * t;
  }
  // Thin shapes that lie across each other have no pixel inside both, and would vanish half-way.
  const side = Math.sqrt(areaOf(one)) * (1 - t) + Math.sqrt(areaOf(other)) * t;
  const outline = levelOf(blend, side * side);
  const result = blank(one);
  for (let y = Math.max(domain.y1, 0); y < Math.min(domain.y2, one.height); y++) {
    for (let x = Math.max(domain.x1, 0); x < Math.min(domain.x2, one.width); x++) {
      const distance = blend[(y - domain.y1) * width + x - domain.x1]! - outline;
      // Half a pixel of soft edge either side of the outline, as the brush paints it.
      const cover = Math.min(Math.max(0.5 - distance, 0), 1);
      result.data[y * one.width + x] = Math.round(cover * 255);
    }
  }
  return result;
}

/** `mask` after `motion`. */
export function moved(mask: MaskPixels, motion: Similarity): MaskPixels {
  const result = blank(mask);
  const box = paintedBox(mask);
  if (!box) return result;
  const corners = [
    { x: box.x1, y: box.y1 },
    { x: box.x2, y: box.y1 },
    { x: box.x1, y: box.y2 },
    { x: box.x2, y: box.y2 },
  ].map((corner) => apply(motion, corner));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const back = inverse(motion);
  const [top, bottom] = [Math.floor(Math.min(...ys)) - 1, Math.ceil(Math.max(...ys)) + 1];
  const [left, right] = [Math.floor(Math.min(...xs)) - 1, Math.ceil(Math.max(...xs)) + 1];
  for (let y = Math.max(top, 0); y < Math.min(bottom, mask.height); y++) {
    for (let x = Math.max(left, 0); x < Math.min(right, mask.width); x++) {
      // Pixels are known at their middles.
      const from = apply(back, { x: x + 0.5, y: y + 0.5 });
      result.data[y * mask.width + x] = Math.round(valueAt(mask, from.x - 0.5, from.y - 0.5));
    }
  }
  return result;
}

/** Where every pixel is the larger of both; changes `most`. */
export function takeMost(most: MaskPixels, mask: MaskPixels): void {
  for (let at = 0; at < most.data.length; at++) {
    if (mask.data[at]! > most.data[at]!) most.data[at] = mask.data[at]!;
  }
}

export function blank({ width, height }: { width: number; height: number }): MaskPixels {
  return { width, height, data: new Uint8Array(width * height) };
}

export function isBlank({ data }: MaskPixels): boolean {
  return data.every((value) => value === 0);
}

function valueAt({ data, width, height }: MaskPixels, x: number, y: number): number {
  const [x1, y1] = [Math.floor(x), Math.floor(y)];
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= width || row >= height ? 0 : data[row * width + column]!;
  const [u, v] = [x - x1, y - y1];
  const upper = at(x1, y1) * (1 - u) + at(x1 + 1, y1) * u;
  const lower = at(x1, y1 + 1) * (1 - u) + at(x1 + 1, y1 + 1) * u;
  return upper * (1 - v) + lower * v;
}

/** The box of what is inside; null when nothing is. */
function outlineBox(mask: MaskPixels): Box | null {
  const data = mask.data.map((value) => (value >= INSIDE ? 1 : 0));
  return paintedBox({ ...mask, data });
}

function centreOf({ data, width }: MaskPixels, { x1, y1, x2, y2 }: Box): Point {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) {
      const value = data[y * width + x]!;
      sum += value;
      sumX += value * x;
      sumY += value * y;
    }
  }
  return { x: sumX / sum, y: sumY / sum };
}

function shifted(box: Box, { x, y }: Point): Box {
  return {
    x1: Math.floor(box.x1 + x),
    y1: Math.floor(box.y1 + y),
    x2: Math.ceil(box.x2 + x),
    y2: Math.ceil(box.y2 + y),
  };
}

/** The distance that `area` of the pixels are nearer than. */
function levelOf(distances: Float32Array, area: number): number {
  const sorted = distances.slice().sort();
  const at = Math.min(Math.max(Math.round(area), 1), sorted.length - 1);
  return (sorted[at - 1]! + sorted[at]!) / 2;
}

function areaOf({ data }: MaskPixels): number {
  let count = 0;
  for (const value of data) if (value >= INSIDE) count++;
  return count;
}

function negated({ x, y }: Point): Point {
  return { x: -x, y: -y };
}

/** A box around all, with room for soft edges and for fractions of a pixel. */
function around(boxes: readonly Box[]): Box {
  const margin = 3;
  return {
    x1: Math.min(...boxes.map(({ x1 }) => x1)) - margin,
    y1: Math.min(...boxes.map(({ y1 }) => y1)) - margin,
    x2: Math.max(...boxes.map(({ x2 }) => x2)) + margin,
    y2: Math.max(...boxes.map(({ y2 }) => y2)) + margin,
  };
}

function sample({ box, width, data }: Field, x: number, y: number): number {
  const height = data.length / width;
  const column = Math.min(Math.max(x - box.x1, 0), width - 1);
  const row = Math.min(Math.max(y - box.y1, 0), height - 1);
  const [x1, y1] = [Math.floor(column), Math.floor(row)];
  const [x2, y2] = [Math.min(x1 + 1, width - 1), Math.min(y1 + 1, height - 1)];
  const [u, v] = [column - x1, row - y1];
  const upper = data[y1 * width + x1]! * (1 - u) + data[y1 * width + x2]! * u;
  const lower = data[y2 * width + x1]! * (1 - u) + data[y2 * width + x2]! * u;
  return upper * (1 - v) + lower * v;
}

/** The signed distance field of `mask` over `box`, which may reach beyond the picture. */
function distances(mask: MaskPixels, box: Box): Field {
  const [width, height] = [box.x2 - box.x1, box.y2 - box.y1];
  const inside = new Uint8Array(width * height);
  for (let y = Math.max(box.y1, 0); y < Math.min(box.y2, mask.height); y++) {
    for (let x = Math.max(box.x1, 0); x < Math.min(box.x2, mask.width); x++) {
      const isInside = mask.data[y * mask.width + x]! >= INSIDE;
      if (isInside) inside[(y - box.y1) * width + x - box.x1] = 1;
    }
  }
  const toInside = squares(inside, width, height, 1);
  const toOutside = squares(inside, width, height, 0);
  const data = toInside.map((square, at) => {
    // The outline runs half a pixel from the middles of the pixels beside it.
    return inside[at] ? 0.5 - Math.sqrt(toOutside[at]!) : Math.sqrt(square) - 0.5;
  });
  return { box, width, data };
}

/**
 * Squared distance of every pixel to the nearest that is `wanted`, by Felzenszwalb and Huttenlocher,
 * "Distance Transforms of Sampled Functions": columns, then rows.
 */
function squares(
  inside: Uint8Array,
  width: number,
  height: number,
  wanted: 0 | 1,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(width * height);
  for (let at = 0; at < result.length; at++) result[at] = inside[at] === wanted ? 0 : FAR;
  const longest = Math.max(width, height);
  const line = new Float32Array(longest);
  const centres = new Int32Array(longest);
  const borders = new Float32Array(longest + 1);
  const sweep = (start: number, step: number, length: number): void => {
    for (let at = 0; at < length; at++) line[at] = result[start + at * step]!;
    let last = 0;
    centres[0] = 0;
    borders[0] = -Infinity;
    borders[1] = Infinity;
    for (let at = 1; at < length; at++) {
      let border: number;
      for (;;) {
        const centre = centres[last]!;
        border = (line[at]! + at * at - line[centre]! - centre * centre) / (2 * (at - centre));
        if (border > borders[last]!) break;
        last--;
      }
      last++;
      centres[last] = at;
      borders[last] = border;
      borders[last + 1] = Infinity;
    }
    let parabola = 0;
    for (let at = 0; at < length; at++) {
      while (borders[parabola + 1]! < at) parabola++;
      const centre = centres[parabola]!;
      result[start + at * step] = (at - centre) ** 2 + line[centre]!;
    }
  };
  for (let x = 0; x < width; x++) sweep(x, width, height);
  for (let y = 0; y < height; y++) sweep(y * width, 1, width);
  return result;
}
