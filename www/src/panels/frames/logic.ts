/** Which frames the strip shows, and which one a key leads to. Pure. */

import { framesIn, type State } from "../../state/state";

/** Longer clips have the timeline alone. */
const MOST = 24;

export function hasStrip(state: State): boolean {
  const count = framesIn(state);
  return count > 1 && count <= MOST;
}

/** Null for keys that lead nowhere. */
export function nextFrame(key: string, frame: number, count: number): number | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(frame + 1, count - 1);
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(frame - 1, 0);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
