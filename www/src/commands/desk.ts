/** What toolbar and shortcuts do to the mask and the view. */

import { maskChanged, type App } from "../app";
import { fitView, zoomAt } from "../lib/view";
import type { DeskStore } from "../panels/canvas/desk";
import { pictureOf } from "../state/state";

export function undo(app: App): void {
  if (isLocked(app)) return;
  app.mask?.undo();
  maskChanged(app);
}

export function redo(app: App): void {
  if (isLocked(app)) return;
  app.mask?.redo();
  maskChanged(app);
}

export function clearMask(app: App): void {
  if (isLocked(app)) return;
  app.mask?.clear();
  maskChanged(app);
}

/** Zooms about the middle of `stage`. */
export function zoomBy(desk: DeskStore, stage: HTMLElement, factor: number): void {
  const middle = { x: stage.clientWidth / 2, y: stage.clientHeight / 2 };
  desk.dispatch({ view: zoomAt(desk.get().view, middle, factor, 0.02) });
}

export function zoomToFit(app: App, desk: DeskStore, stage: HTMLElement): void {
  const picture = pictureOf(app.store.get());
  if (!picture) return;
  const canvas = { width: stage.clientWidth, height: stage.clientHeight };
  desk.dispatch({ view: fitView(picture.pixels, canvas, marginOf(canvas.width)) });
}

/** Room around a fitted picture in CSS pixels; the toolbar lies over the lower edge. */
export function marginOf(stageWidth: number): number {
  return stageWidth < 600 ? 16 : 68;
}

/** The mask is not changed under a run, nor while its result is looked at. */
function isLocked(app: App): boolean {
  const { phase } = app.store.get().work;
  return phase === "running" || phase === "done";
}
