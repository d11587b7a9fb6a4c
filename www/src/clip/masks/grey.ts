/** Pictures as brightness alone, at full size and halved again and again. */

import type { Pixels } from "../../engine/protocol";

/** Brightness, 0 to 255, row by row. */
export interface Grey {
  width: number;
  height: number;
  data: Float32Array;
}

/** By the weights of BT.601. */
export function greyOf({ data, width, height }: Pixels): Grey {
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at++) {
    grey[at] = 0.299 * data[4 * at]! + 0.587 * data[4 * at + 1]! + 0.114 * data[4 * at + 2]!;
  }
  return { width, height, data: grey };
}

/** `grey` first, then each half as large as the one before, `levels` in all. */
export function pyramidOf(grey: Grey, levels: number): Grey[] {
  const all = [grey];
  while (all.length < levels) all.push(halved(all.at(-1)!));
  return all;
}

/** Brightness between the pixels; null beyond the picture. */
export function brightness({ data, width, height }: Grey, x: number, y: number): number | null {
  if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) return null;
  const [x1, y1] = [Math.min(Math.floor(x), width - 2), Math.min(Math.floor(y), height - 2)];
  const [u, v] = [x - x1, y - y1];
  const at = y1 * width + x1;
  const upper = data[at]! * (1 - u) + data[at + 1]! * u;
  const lower = data[at + width]! * (1 - u) + data[at + width + 1]! * u;
  return upper * (1 - v) + lower * v;
}

function halved({ data, width, height }: Grey): Grey {
  const [columns, rows] = [Math.max(width >> 1, 1), Math.max(height >> 1, 1)];
  const half = new Float32Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = 2 * y * width + 2 * x;
      const sum = data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!;
      half[y * columns + x] = sum / 4;
    }
  }
  return { width: columns, height: rows, data: half };
}
