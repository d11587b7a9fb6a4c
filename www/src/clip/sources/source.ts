/** Where the frames of a clip come from. Worker only. */

import type { Film } from "../film";

/** Tells how far a call is, and throws once it is to stop. */
export type Tell = (done: number, total: number) => void;

/** A clip that is open. */
export interface Source {
  film: Film;
  /** Its sound lies in here; null without any. */
  sound: Blob | null;
  /** Draws frame `at` over all of `context`'s canvas, which has the film's size. */
  draw(at: number, context: OffscreenCanvasRenderingContext2D): Promise<void>;
  close(): void;
}

/** Bytes of decoded frames kept at hand: a second and a half of 1280 x 720. */
export const CACHED_BYTES = 160e6;

/** A canvas whose pixels are read back. */
export function canvasOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("The browser refused a canvas for this clip; close some tabs.");
  return context;
}

/** Runs one after the other what is given to it. */
export function inTurn(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const next = last.then(run, run);
    last = next.catch(() => {});
    return next;
  };
}
