/** Moves, turns and scales in the plane. */

import type { Point } from "../../lib/mask";

/** `x' = a x - b y + x0`, `y' = b x + a y + y0`: scale and angle are those of `a + b i`. */
export interface Similarity {
  a: number;
  b: number;
  x0: number;
  y0: number;
}

export const STILL: Similarity = { a: 1, b: 0, x0: 0, y0: 0 };

export function apply({ a, b, x0, y0 }: Similarity, { x, y }: Point): Point {
  return { x: a * x - b * y + x0, y: b * x + a * y + y0 };
}

/** First `inner`, then `outer`. */
export function compose(outer: Similarity, inner: Similarity): Similarity {
  const moved = apply(outer, { x: inner.x0, y: inner.y0 });
  return {
    a: outer.a * inner.a - outer.b * inner.b,
    b: outer.b * inner.a + outer.a * inner.b,
    x0: moved.x,
    y0: moved.y,
  };
}

export function inverse({ a, b, x0, y0 }: Similarity): Similarity {
  const square = a * a + b * b;
  const back = { a: a / square, b: -b / square, x0: 0, y0: 0 };
  const moved = apply(back, { x: x0, y: y0 });
  return { ...back, x0: -moved.x, y0: -moved.y };
}

export function scaleOf({ a, b }: Similarity): number {
  return Math.hypot(a, b);
}
