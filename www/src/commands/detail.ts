/** Running the detailer and taking its result. */

import { maskChanged, type App } from "../app";
import { EngineError, failureFrom, isFatal } from "../engine/engine";
import { MaskDocument } from "../lib/mask";
import { withText } from "../lib/png-text";
import { problemsOf, settingsFrom } from "../state/form";
import type { Recipe, Result, State } from "../state/state";
import { show } from "./picture";

/** Why a run cannot start, as a sentence; null when it can. */
export function refusalOf(state: State): { text: string; about?: "mask" | "settings" } | null {
  const { engine, work, mask, form, node } = state;
  if (work.phase === "running") return { text: "A run is going on. Wait for it or cancel it." };
  if (work.phase === "empty") return { text: "Open a picture first." };
  if (engine.is === "broken") return { text: "The engine has stopped. Restart it first." };
  if (engine.is !== "ready")
    return { text: "The model is still being loaded. Try again in a moment." };
  if (engine.model === "")
    return { text: "No model is loaded. Drop a .safetensors checkpoint here." };
  if (!mask.painted) {
    return { text: "Nothing is painted. Paint over what should be redrawn.", about: "mask" };
  }
  const problem = Object.values(problemsOf(form, node))[0];
  return problem ? { text: problem, about: "settings" } : null;
}

/** Starts a run, or says why not. */
export async function detail(app: App): Promise<void> {
  const { store, mask, engine } = app;
  const state = store.get();
  const { work, node, prompt, negative } = state;
  const refusal = refusalOf(state);
  if (refusal) return store.dispatch({ type: "noticed", notice: { tone: "error", ...refusal } });
  const settings = settingsFrom(state.form, node);
  if (!settings || !mask || work.phase === "empty" || state.engine.is !== "ready") return;

  const { model, device } = state.engine;
  const recipe: Recipe = { node, prompt, negative, settings, model, device };
  store.dispatch({ type: "run-started", recipe, nowMs: performance.now() });
  const { data, width, height } = work.picture.pixels;
  const request = {
    node,
    image: { data: new Uint8ClampedArray(data), width, height },
    mask: { data: mask.data, width, height },
    prompt,
    negative,
    settings,
  };
  try {
    const result = await engine.detail(request, (event) =>
      store.dispatch({ type: "run-event", event, nowMs: performance.now() }),
    );
    const image = new ImageData(result.image.data, result.image.width, result.image.height);
    store.dispatch({ type: "run-done", result, image, nowMs: performance.now() });
  } catch (error) {
    if (error instanceof EngineError && error.code === "cancelled") {
      return store.dispatch({ type: "run-cancelled" });
    }
    const failure = failureFrom(error);
    store.dispatch({ type: "run-failed", failure });
    if (isFatal(error)) store.dispatch({ type: "engine-broken", failure });
  }
}

/** Asks the run to stop after its current step. */
export function cancel({ store, engine }: App): void {
  const { work } = store.get();
  if (work.phase !== "running" || work.progress.cancelling) return;
  store.dispatch({ type: "run-cancelling" });
  engine.cancel();
}

/** Goes on with the result as the picture and an empty mask. */
export async function continueFromResult(app: App): Promise<void> {
  const { work } = app.store.get();
  if (work.phase !== "done") return;
  const { image } = work.result;
  const picture = { name: work.picture.name, pixels: image, blob: await pngOf(image) };
  show(app, picture, new MaskDocument(image.width, image.height));
}

/** Goes back to painting on the picture the result was made from. */
export function backToPainting(app: App): void {
  app.store.dispatch({ type: "result-left" });
  maskChanged(app);
}

/** The result as a PNG that says how it was made, under the keyword "burnish". */
export async function resultFile({ image, recipe, report, seconds }: Result): Promise<Blob> {
  const png = new Uint8Array(await (await pngOf(image)).arrayBuffer());
  const text = JSON.stringify({ ...recipe, report: { seconds, ...report } });
  return new Blob([withText(png, "burnish", text)], { type: "image/png" });
}

/** `portrait.jpg` becomes `portrait-burnished.png`. */
export function resultName(name: string): string {
  return `${name.replace(/\.[^.]*$/, "") || "picture"}-burnished.png`;
}

async function pngOf(image: ImageData): Promise<Blob> {
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
