/** The keyboard, wherever the focus is. */

import type { App } from "../../app";
import { cancelChore } from "../../commands/chore";
import { stepFrame, stepKey, togglePlaying } from "../../commands/player";
import { redo, undo, zoomBy, zoomToFit } from "../../commands/desk";
import { cancel, detail } from "../../commands/detail";
import { stepSize, type DeskStore } from "../canvas/desk";
import { shortcutOf, type Shortcut } from "./logic";

/** Listens on `target` until the returned function is called; zooms about the middle of `stage`. */
export function mountShortcuts(
  target: Document,
  stage: HTMLElement,
  app: App,
  desk: DeskStore,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const run: Record<Shortcut, () => void> = {
    brush: () => desk.dispatch({ tool: "brush" }),
    eraser: () => desk.dispatch({ tool: "eraser" }),
    smaller: () => desk.dispatch({ size: stepSize(desk.get().size, -1) }),
    larger: () => desk.dispatch({ size: stepSize(desk.get().size, 1) }),
    undo: () => undo(app),
    redo: () => redo(app),
    fit: () => zoomToFit(app, desk, stage),
    "zoom-in": () => zoomBy(desk, stage, 1.25),
    "zoom-out": () => zoomBy(desk, stage, 1 / 1.25),
    detail: () => void detail(app),
    cancel: () => {
      if (app.stopChore) cancelChore(app);
      else cancel(app);
    },
    play: () => void togglePlaying(app, desk),
    "frame-back": () => void stepFrame(app, desk, -1),
    "frame-on": () => void stepFrame(app, desk, 1),
    "key-back": () => void stepKey(app, desk, -1),
    "key-on": () => void stepKey(app, desk, 1),
  };

  target.addEventListener(
    "keydown",
    (event) => {
      const isTyping = isTextField(event.target);
      if (event.key === " " && !isTyping && !isControl(event.target)) {
        event.preventDefault();
        desk.dispatch({ panning: true });
        return;
      }
      const shortcut = shortcutOf(event, isTyping, isControl(event.target));
      if (!shortcut) return;
      if (shortcut !== "cancel") event.preventDefault();
      run[shortcut]();
    },
    { signal },
  );
  target.addEventListener(
    "keyup",
    (event) => {
      if (event.key === " ") desk.dispatch({ panning: false });
    },
    { signal },
  );
  addEventListener("blur", () => desk.dispatch({ panning: false }), { signal });
  return () => stop.abort();
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["range", "checkbox", "radio"].includes(target.type))
  );
}

/** Keys mean something of their own to these. */
function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("button, summary, input, [role=slider]") !== null
  );
}
