/** The tools at hand and where one looks: shared by canvas, toolbar and shortcuts. */

import type { Shown } from "../../clip/protocol";
import type { Brush } from "../../lib/mask";
import type { View } from "../../lib/view";
import { createStore, type Store } from "../../state/store";

export interface Desk {
  tool: Brush["tool"];
  /** Diameter of the brush in pixels of the picture. */
  size: number;
  view: View;
  /** Share of the picture, from the left, that shows how it was before. */
  compare: number;
  /** Space is held: dragging moves the picture. */
  panning: boolean;
  /** The crops of the result lie over the picture. */
  gallery: boolean;
  /** How before and after are laid out: one under the other with a line between, or side by side. */
  layout: "wipe" | "side";
  playing: boolean;
  /** What shows in place of the frame of the state while the clip plays. */
  live: (Shown & { frame: number }) | null;
}

export const MIN_SIZE = 1;
export const MAX_SIZE = 512;

export type DeskStore = Store<Desk, Partial<Desk>>;

export function createDesk(): DeskStore {
  const initial: Desk = {
    tool: "brush",
    size: 32,
    view: { scale: 1, x: 0, y: 0 },
    compare: 0.5,
    panning: false,
    gallery: false,
    layout: "wipe",
    playing: false,
    live: null,
  };
  return createStore(initial, (desk, change) => ({ ...desk, ...change }));
}

/** The next brush size up or down: about an eighth, at least a pixel. */
export function stepSize(size: number, direction: 1 | -1): number {
  return clampSize(size + direction * Math.max(1, Math.round(size / 8)));
}

/** A brush that suits a picture with this shorter side. */
export function sizeFor(shorterSide: number): number {
  return clampSize(Math.round(shorterSide / 10));
}

/** The slider's position, 0 to 100; equal steps are equal ratios of size. */
export function sliderFromSize(size: number): number {
  return (100 * Math.log(size / MIN_SIZE)) / Math.log(MAX_SIZE / MIN_SIZE);
}

export function sizeFromSlider(position: number): number {
  return clampSize(Math.round(MIN_SIZE * (MAX_SIZE / MIN_SIZE) ** (position / 100)));
}

function clampSize(size: number): number {
  return Math.min(Math.max(size, MIN_SIZE), MAX_SIZE);
}
