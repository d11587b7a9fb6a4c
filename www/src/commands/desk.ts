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
  const { width, height } = roomOf(stage);
  const middle = { x: width / 2, y: height / 2 };
  desk.dispatch({ view: zoomAt(desk.get().view, middle, factor, 0.02) });
}

export function zoomToFit(app: App, desk: DeskStore, stage: HTMLElement): void {
  const state = app.store.get();
  const picture = pictureOf(state);
  if (!picture) return;
  const { width, height } = roomOf(stage);
  const isSplit = state.work.phase === "done" && desk.get().layout === "side";
  const room = { width: isSplit ? width / 2 : width, height };
  desk.dispatch({ view: fitView(picture.pixels, room, marginOf(room.width)) });
}

/** The part of the stage that shows the picture; the timeline takes the rest. */
function roomOf(stage: HTMLElement): { width: number; height: number } {
  const { clientWidth, clientHeight } = stage.querySelector(".canvas") ?? stage;
  return { width: clientWidth, height: clientHeight };
}

/** Room around a fitted picture in CSS pixels; the toolbar lies over the lower edge. */
export function marginOf(stageWidth: number): number {
  return stageWidth < 600 ? 16 : 68;
}

/** The mask is not changed under a run, nor while its result is looked at or the clip worked on. */
function isLocked(app: App): boolean {
  const { work, chore } = app.store.get();
  return work.phase === "running" || work.phase === "done" || chore !== null;
}
