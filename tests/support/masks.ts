/** Masks and motions with known answers. */

import { STILL, type Similarity } from "../../www/src/clip/masks/similarity";

/** A disk in a mask of 128 x 96. */
export function disk(x: number, y: number, radius: number) {
  const [width, height] = [128, 96];
  const data = Uint8Array.from({ length: width * height }, (_, at) => {
    const distance = Math.hypot((at % width) + 0.5 - x, Math.floor(at / width) + 0.5 - y);
    return distance < radius ? 255 : 0;
  });
  return { width, height, data };
}

/** Pixels covered, soft ones in part. */
export function areaOf({ data }: { data: Uint8Array }): number {
  return data.reduce((sum, value) => sum + value, 0) / 255;
}

export function similarity(change: Partial<Similarity>): Similarity {
  return { ...STILL, ...change };
}
