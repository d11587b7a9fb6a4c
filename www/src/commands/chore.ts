/** Work on a clip that takes its time: shown, and stopped when the user says so. */

import type { App } from "../app";
import { ClipError } from "../clip/errors";
import type { OnProgress, Running } from "../clip/client";

/** Time after which a chore is shown, in milliseconds; a shorter one only flickers. */
const PATIENCE_MS = 250;

/** Why there is no answer. */
export type Undone = "cancelled" | "failed" | "busy";

/** Runs a call of the clip worker as `text`; tells the user why it fails. */
export async function chore<T>(
  app: App,
  text: string,
  start: (onProgress: OnProgress) => Running<T>,
): Promise<{ gives: T } | { undone: Undone }> {
  const { store } = app;
  if (app.stopChore) {
    refuse(app, "Something is still being done with the clip. Wait for it or cancel it.");
    return { undone: "busy" };
  }
  const show = (done: number, total: number): void => {
    const cancelling = store.get().chore?.cancelling ?? false;
    store.dispatch({ type: "chore-changed", chore: { text, done, total, cancelling } });
  };
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    show(0, 0);
  }, PATIENCE_MS);
  const running = start((done, total) => {
    if (shown) show(done, total);
  });
  app.stopChore = running.stop;
  try {
    return { gives: await running.answer };
  } catch (error) {
    if (error instanceof ClipError && error.code === "cancelled") return { undone: "cancelled" };
    if (!(error instanceof ClipError)) throw error;
    refuse(app, error.message);
    return { undone: "failed" };
  } finally {
    clearTimeout(timer);
    app.stopChore = null;
    store.dispatch({ type: "chore-changed", chore: null });
  }
}

/** Stops the chore at its next step. */
export function cancelChore(app: App): void {
  const { chore } = app.store.get();
  if (!app.stopChore) return;
  app.stopChore();
  if (chore) app.store.dispatch({ type: "chore-changed", chore: { ...chore, cancelling: true } });
}

export function refuse(app: App, text: string): void {
  app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
}

export function say(app: App, text: string): void {
  app.store.dispatch({ type: "noticed", notice: { tone: "info", text } });
}
