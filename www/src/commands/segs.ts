/** Segments from a file in place of the mask, and the mask's segments as a file. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";
import { saveJson } from "../lib/save";
import { SegsError, summaryOf } from "../lib/segs";
import { settingsFrom } from "../state/form";
import { pictureOf } from "../state/state";
import { baseName } from "./detail";

export function openSegs(app: App, text: string, name: string): void {
  try {
    const segs = { ...summaryOf(text, name), name, text };
    app.store.dispatch({ type: "segs-opened", segs });
  } catch (error) {
    if (!(error instanceof SegsError)) throw error;
    refuse(app, error.message);
  }
}

/** Goes back to the painted mask. */
export function closeSegs(app: App): void {
  app.store.dispatch({ type: "segs-opened", segs: null });
}

/** Saves the segments the mask stands for. */
export async function saveMaskSegs(app: App): Promise<void> {
  const { mask, store, engine } = app;
  const state = store.get();
  const settings = settingsFrom(state);
  if (!mask?.painted) return refuse(app, "Nothing is painted. Paint over what is a segment.");
  if (!settings || state.engine.is !== "ready") return;
  const { data, width, height } = mask;
  try {
    const { segs } = await engine.maskToSegs({
      node: state.node,
      mask: { data, width, height },
      settings,
    });
    saveJson(segs, `${baseName(pictureOf(state)?.name ?? "")}-segments.json`);
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return store.dispatch({ type: "engine-broken", failure });
    refuse(app, failure.message);
  }
}

function refuse(app: App, text: string): void {
  app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
}
