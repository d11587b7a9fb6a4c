/** What a pointer means on the canvas, and which crop a preview belongs to. */

import type { Region } from "../../engine/protocol";
import type { Box, Brush } from "../../lib/mask";
import type { Size } from "../../lib/picture";
import type { Phase, State } from "../../state/state";

export interface PointerFacts {
  button: number;
  buttons: number;
  pointerType: string;
  pressure: number;
}

/** What pressing does: paint unless the mask `isLocked`, move the picture, or nothing. */
export function gestureOf(
  { button, buttons }: PointerFacts,
  phase: Phase["phase"],
  panning: boolean,
  isLocked = false,
): "paint" | "pan" | null {
  if (phase === "empty") return null;
  if (button === 1 || panning) return "pan";
  const isPrimary = button === 0 || (buttons & PEN_ERASER) !== 0;
  if (!isPrimary) return null;
  return !isLocked && (phase === "ready" || phase === "failed") ? "paint" : "pan";
}

/** Whether nothing can be painted although nothing runs: the mask is not what counts, or in use. */
export function isLocked({ segs, chore }: Pick<State, "segs" | "chore">): boolean {
  return segs !== null || chore !== null;
}

/** Bit of `PointerEvent.buttons` for the eraser end of a pen. */
const PEN_ERASER = 32;

/** The brush a pointer paints with; a pen's pressure thins it to a third at the least. */
export function brushOf(pointer: PointerFacts, tool: Brush["tool"], size: number): Brush {
  const isPen = pointer.pointerType === "pen" && pointer.pressure > 0;
  const share = isPen ? Math.max(pointer.pressure * 1.4, 1 / 3) : 1;
  return {
    tool: (pointer.buttons & PEN_ERASER) !== 0 ? "eraser" : tool,
    radius: (size / 2) * Math.min(share, 1),
  };
}

/** The painted box widened by `factor` around its centre and shifted into the picture. */
export function cropRegion({ x1, y1, x2, y2 }: Box, factor: number, size: Size): Region {
  const [left, right] = widen(x1, x2, factor, size.width);
  const [top, bottom] = widen(y1, y2, factor, size.height);
  return [left, top, right, bottom];
}

/** A region of one picture on another that is `x` times as wide and `y` times as high. */
export function scaled([x1, y1, x2, y2]: Region, x: number, y: number): Region {
  return [Math.round(x1 * x), Math.round(y1 * y), Math.round(x2 * x), Math.round(y2 * y)];
}

function widen(from: number, to: number, factor: number, limit: number): [number, number] {
  const length = Math.floor((to - from) * factor);
  if (length >= limit) return [0, limit];
  const start = Math.floor(from + (to - from) / 2 - length / 2);
  const shifted = Math.min(Math.max(start, 0), limit - length);
  return [shifted, shifted + length];
}
