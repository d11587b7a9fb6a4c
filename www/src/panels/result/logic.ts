/** Where the before/after line is. Pure. */

import type { View } from "../../lib/view";

/** Room that keeps the handle reachable at the edge of the stage, CSS pixels. */
const EDGE = 20;

/** Share of the picture left of `x`, 0 to 1. */
export function compareAt(x: number, view: View, pictureWidth: number): number {
  const share = (x - view.x) / (pictureWidth * view.scale);
  return Math.min(Math.max(share, 0), 1);
}

/** Where the handle stands on the stage, even when the line itself is out of sight. */
export function handleAt(compare: number, view: View, pictureWidth: number, stage: number): number {
  const x = view.x + compare * pictureWidth * view.scale;
  return Math.min(Math.max(x, EDGE), stage - EDGE);
}
