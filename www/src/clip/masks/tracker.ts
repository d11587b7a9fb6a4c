/**
 * Follows what lies under a mask from frame to frame: how it moves, turns and grows.
 *
 * The patch under the mask is aligned to each frame by inverse compositional Gauss-Newton steps over
 * four parameters (Baker and Matthews, "Lucas-Kanade 20 Years On", 2004), from the coarsest level of
 * a pyramid to the finest, each pixel weighted down where it does not fit (Huber). Brightness and
 * contrast are taken out of both sides first.
 */

import type { MaskPixels } from "../../engine/protocol";
import { paintedBox, type Box } from "../../lib/mask";
import { brightness, pyramidOf, type Grey } from "./grey";
import { moved } from "./shape";
import { apply, compose, inverse, scaleOf, STILL, type Similarity } from "./similarity";

/** Correlation below which the patch is taken to be lost. */
export const LOST = 0.5;
/** Correlation below which the patch looks so different that it is cut out anew. */
const RENEW = 0.85;
/** Most points of a patch looked at on each level. */
const POINTS = 3000;
/** Shortest side of the patch on the coarsest level, in pixels. */
const COARSEST = 8;
const MOST_LEVELS = 5;
/** Correlation from which on the expected place is not doubted. */
const SURE = 0.9;
/** How far the coarsest level is searched around the expected place, in its pixels. */
const REACH = 6;
/** How many places found there are looked at more closely. */
const CANDIDATES = 5;
const STEPS = 20;
/** Share of the patch that must be in the picture. */
const IN_SIGHT = 0.4;

export interface Followed {
  /** From the frame the tracker began on to this one. */
  motion: Similarity;
  /** How well the patch fits, -1 to 1; {@link LOST} or less means that it does not. */
  fit: number;
}

/** One level of a patch: points around its middle, in pixels of that level. */
interface Patch {
  x: Float32Array;
  y: Float32Array;
  /** Brightness, with mean 0 and deviation 1. */
  value: Float32Array;
  /** What the value changes by for each of a, b, x0 and y0, point by point. */
  slopes: Float32Array;
}

/** Begins on `frame`; null when there is nothing under `mask` to hold on to. */
export function createTracker(
  frame: Grey,
  mask: MaskPixels,
): { next(frame: Grey): Followed } | null {
  let origin = STILL;
  let template = templateOf(frame, mask);
  if (!template) return null;
  // Both relative to the template: where it was seen last, and how it moved to there.
  let last = STILL;
  let speed = { x: 0, y: 0 };

  return {
    next(now) {
      const { middle, patches } = template!;
      const levels = pyramidOf(now, patches.length);
      const seen = apply(last, middle);
      // Motion is kept about the template's middle, so that turning does not move it.
      const expected: Similarity = { ...last, x0: seen.x + speed.x, y0: seen.y + speed.y };
      let placed = refined(patches, levels, expected);
      let fit = fitOf(patches[0]!, now, placed);
      if (fit < SURE) {
        for (const start of candidates(patches.at(-1)!, levels.at(-1)!, expected, levels.length)) {
          const other = refined(patches, levels, start);
          const otherFit = fitOf(patches[0]!, now, other);
          if (otherFit > fit) [placed, fit] = [other, otherFit];
        }
      }
      const local = aroundOrigin(placed, middle);
      const grown = scaleOf(local) / scaleOf(last);
      if (fit <= LOST || grown > 1.5 || grown < 1 / 1.5) {
        return { motion: compose(last, origin), fit: Math.min(fit, LOST) };
      }
      const there = apply(local, middle);
      speed = { x: there.x - seen.x, y: there.y - seen.y };
      last = local;
      const motion = compose(last, origin);
      if (fit < RENEW) {
        const renewed = templateOf(now, moved(mask, motion));
        if (renewed) [template, origin, last] = [renewed, motion, STILL];
      }
      return { motion, fit };
    },
  };
}

/** `placed` has its middle at 0; the answer takes the template's own coordinates. */
function aroundOrigin(
  { a, b, x0, y0 }: Similarity,
  { x, y }: { x: number; y: number },
): Similarity {
  return { a, b, x0: x0 - a * x + b * y, y0: y0 - b * x - a * y };
}

function templateOf(frame: Grey, mask: MaskPixels) {
  const box = paintedBox(mask);
  if (!box) return null;
  const side = Math.min(box.x2 - box.x1, box.y2 - box.y1);
  const deepest = 1 + Math.floor(Math.log2(Math.max(side / COARSEST, 1)));
  const levels = pyramidOf(frame, Math.min(deepest, MOST_LEVELS));
  const middle = { x: (box.x1 + box.x2) / 2, y: (box.y1 + box.y2) / 2 };
  const patches = levels.map((grey, level) => patchOf(grey, mask, box, middle, 2 ** level));
  return patches.every((patch) => patch !== null) ? { middle, patches } : null;
}

function patchOf(
  grey: Grey,
  mask: MaskPixels,
  box: Box,
  middle: { x: number; y: number },
  scale: number,
): Patch | null {
  const points: [number, number, number, number, number][] = [];
  const [left, top] = [Math.floor(box.x1 / scale), Math.floor(box.y1 / scale)];
  const [right, bottom] = [Math.ceil(box.x2 / scale), Math.ceil(box.y2 / scale)];
  const stride = Math.max(1, Math.round(Math.sqrt(((right - left) * (bottom - top)) / POINTS)));
  for (let y = top; y < bottom; y += stride) {
    for (let x = left; x < right; x += stride) {
      const column = Math.min(Math.floor((x + 0.5) * scale), mask.width - 1);
      const row = Math.min(Math.floor((y + 0.5) * scale), mask.height - 1);
      if (mask.data[row * mask.width + column]! < 128) continue;
      const [value, east, west] = [0, 1, -1].map((dx) => brightness(grey, x + dx, y));
      const [south, north] = [1, -1].map((dy) => brightness(grey, x, y + dy));
      if (value == null || east == null || west == null || south == null || north == null) continue;
      const [px, py] = [x + 0.5 - middle.x / scale, y + 0.5 - middle.y / scale];
      points.push([px, py, value, (east - west) / 2, (south - north) / 2]);
    }
  }
  const value = Float32Array.from(points, (point) => point[2]);
  const spread = standardise(value, value.length);
  // A flat patch looks the same wherever it is.
  if (points.length < 16 || spread < 0.5) return null;
  const slopes = new Float32Array(points.length * 4);
  points.forEach(([x, y, , dx, dy], at) => {
    const [u, v] = [dx / spread, dy / spread];
    slopes.set([u * x + v * y, v * x - u * y, u, v], at * 4);
  });
  return {
    x: Float32Array.from(points, (point) => point[0]),
    y: Float32Array.from(points, (point) => point[1]),
    value,
    slopes,
  };
}

/** Takes out mean and deviation of the first `count`; gives the deviation. */
function standardise(values: Float32Array, count: number): number {
  let [sum, squares] = [0, 0];
  for (let at = 0; at < count; at++) sum += values[at]!;
  const mean = sum / Math.max(count, 1);
  for (let at = 0; at < count; at++) squares += (values[at]! - mean) ** 2;
  const deviation = Math.sqrt(squares / Math.max(count, 1));
  for (let at = 0; at < count; at++) values[at] = (values[at]! - mean) / Math.max(deviation, 1e-6);
  return deviation;
}

/** The points of `patch` that are in sight on `grey`, as their indices and standardised values. */
function look({ x, y }: Patch, grey: Grey, { a, b, x0, y0 }: Similarity) {
  const indices = new Int32Array(x.length);
  const values = new Float32Array(x.length);
  let count = 0;
  for (let at = 0; at < x.length; at++) {
    const [px, py] = [x[at]!, y[at]!];
    const value = brightness(grey, a * px - b * py + x0 - 0.5, b * px + a * py + y0 - 0.5);
    if (value === null) continue;
    indices[count] = at;
    values[count++] = value;
  }
  standardise(values, count);
  return { indices, values, count };
}

/** Correlation of the patch with what is seen at `place`; -1 when too little of it is. */
function fitOf(patch: Patch, grey: Grey, place: Similarity): number {
  const { indices, values, count } = look(patch, grey, place);
  if (count < IN_SIGHT * patch.x.length) return -1;
  const own = Float32Array.from(indices.subarray(0, count), (at) => patch.value[at]!);
  standardise(own, count);
  let sum = 0;
  for (let at = 0; at < count; at++) sum += own[at]! * values[at]!;
  return sum / count;
}

/** `start` aligned on every level, the coarsest first. */
function refined(patches: readonly Patch[], levels: readonly Grey[], start: Similarity) {
  let placed = start;
  for (let level = patches.length - 1; level >= 0; level--) {
    const scale = 2 ** level;
    const at = { ...placed, x0: placed.x0 / scale, y0: placed.y0 / scale };
    const found = aligned(patches[level]!, levels[level]!, at);
    placed = { ...found, x0: found.x0 * scale, y0: found.y0 * scale };
  }
  return placed;
}

/** The best fits among whole steps of the coarsest of `levels` around `start`, each a peak. */
function candidates(patch: Patch, grey: Grey, start: Similarity, levels: number): Similarity[] {
  const scale = 2 ** (levels - 1);
  const side = 2 * REACH + 1;
  const fits = Array.from({ length: side * side }, (_, at) => {
    const [dx, dy] = [(at % side) - REACH, Math.floor(at / side) - REACH];
    return fitOf(patch, grey, { ...start, x0: start.x0 / scale + dx, y0: start.y0 / scale + dy });
  });
  const isPeak = (at: number): boolean => {
    const [x, y] = [at % side, Math.floor(at / side)];
    const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [x + dx, y + dy] as const));
    return around.every(
      ([u, v]) => u < 0 || v < 0 || u >= side || v >= side || fits[v * side + u]! <= fits[at]!,
    );
  };
  return [...fits.keys()]
    .filter(isPeak)
    .sort((one, other) => fits[other]! - fits[one]!)
    .slice(0, CANDIDATES)
    .map((at) => {
      const [dx, dy] = [(at % side) - REACH, Math.floor(at / side) - REACH];
      return { ...start, x0: start.x0 + dx * scale, y0: start.y0 + dy * scale };
    });
}

/** Gauss-Newton steps from `start` until they no longer matter. */
function aligned(patch: Patch, grey: Grey, start: Similarity): Similarity {
  let place = start;
  for (let step = 0; step < STEPS; step++) {
    const seen = look(patch, grey, place);
    if (seen.count < IN_SIGHT * patch.x.length) return place;
    const change = solve(normalEquations(patch, seen));
    if (!change) return place;
    const [da, db, dx, dy] = change;
    // The patch was moved in thought; the place moves the other way.
    place = compose(place, inverse({ a: 1 + da, b: db, x0: dx, y0: dy }));
    if (Math.hypot(dx, dy) < 0.005 && Math.hypot(da, db) < 1e-4) return place;
  }
  return place;
}

/** Rows of a 4 x 5 system, row by row. */
function normalEquations(patch: Patch, { indices, values, count }: ReturnType<typeof look>) {
  const errors = new Float32Array(count);
  let sum = 0;
  for (let at = 0; at < count; at++) {
    errors[at] = values[at]! - patch.value[indices[at]!]!;
    sum += Math.abs(errors[at]!);
  }
  const limit = Math.max((1.5 * sum) / count, 1e-6);
  const system = new Float64Array(20);
  for (let at = 0; at < count; at++) {
    const error = errors[at]!;
    const weight = Math.abs(error) <= limit ? 1 : limit / Math.abs(error);
    const slope = indices[at]! * 4;
    for (let row = 0; row < 4; row++) {
      const weighted = weight * patch.slopes[slope + row]!;
      for (let column = 0; column < 4; column++) {
        system[row * 5 + column]! += weighted * patch.slopes[slope + column]!;
      }
      system[row * 5 + 4]! += weighted * error;
    }
  }
  return system;
}

/** Gaussian elimination with pivots; null when the system leaves something open. */
function solve(system: Float64Array): [number, number, number, number] | null {
  const at = (row: number, column: number): number => system[row * 5 + column]!;
  for (let column = 0; column < 4; column++) {
    let pivot = column;
    for (let row = column + 1; row < 4; row++) {
      if (Math.abs(at(row, column)) > Math.abs(at(pivot, column))) pivot = row;
    }
    if (Math.abs(at(pivot, column)) < 1e-9) return null;
    for (let k = 0; k < 5; k++) {
      const [upper, lower] = [at(column, k), at(pivot, k)];
      system[column * 5 + k] = lower;
      system[pivot * 5 + k] = upper;
    }
    for (let row = 0; row < 4; row++) {
      if (row === column) continue;
      const factor = at(row, column) / at(column, column);
      for (let k = column; k < 5; k++) system[row * 5 + k]! -= factor * at(column, k);
    }
  }
  return [at(0, 4) / at(0, 0), at(1, 4) / at(1, 1), at(2, 4) / at(2, 2), at(3, 4) / at(3, 3)];
}
