/** Running the detailer and taking its result. */

import { maskChanged, type App } from "../app";
import { EngineError, failureFrom, isFatal } from "../engine/engine";
import type { ControlNetUse, DetailRequest, DetailResult, Pixels } from "../engine/protocol";
import { MaskDocument } from "../lib/mask";
import type { Size } from "../lib/picture";
import { withText } from "../lib/png-text";
import { controlsProblem } from "../state/controls";
import { motionProblems, motionUse } from "../state/motion";
import { problemsOf, settingsFrom } from "../state/form";
import { hasMasks } from "../state/clip";
import { nodeOf } from "../state/rows";
import { shownResult, type Recipe, type Result, type State } from "../state/state";
import { detailClip } from "./clip-run";
import { continueClip, leaveClipResult } from "./clip-result";
import { controlsFor } from "./controls";
import { readyMotion, usesMotion } from "./motion";
import { show } from "./picture";

/** Why a run cannot start, as a sentence; null when it can. */
export function refusalOf(state: State): { text: string; about?: "mask" | "settings" } | null {
  const { engine, work, mask } = state;
  if (work.phase === "running") return { text: "A run is going on. Wait for it or cancel it." };
  if (work.phase === "empty") return { text: "Open a picture first." };
  if (engine.is === "broken") return { text: "The engine has stopped. Restart it first." };
  if (engine.is !== "ready")
    return { text: "The model is still being loaded. Try again in a moment." };
  if (engine.model === "")
    return { text: "No model is loaded. Drop a .safetensors checkpoint here." };
  const isMarked = state.clip ? hasMasks(state.clip) : mask.painted;
  if (!isMarked && !state.segs) {
    return { text: "Nothing is painted. Paint over what should be redrawn.", about: "mask" };
  }
  const problem =
    Object.values(problemsOf(state))[0] ??
    controlsProblem(state.controls) ??
    (usesMotion(state) ? motionProblems(state.tables, state.motion) : null);
  return problem ? { text: problem, about: "settings" } : null;
}

/** Starts a run, or says why not. */
export async function detail(app: App): Promise<void> {
  const { store, engine } = app;
  const state = store.get();
  const { node, prompt, negative } = state;
  const refusal = refusalOf(state);
  if (refusal) return store.dispatch({ type: "noticed", notice: { tone: "error", ...refusal } });
  const settings = settingsFrom(state);
  if (!settings || state.engine.is !== "ready") return;

  const { model, device } = state.engine;
  const size = sizeOf(app, state);
  const controls = size ? controlsFor(state.controls, size) : [];
  const nets = controls.length > 0 ? { control_nets: controls } : {};
  const told = controls.length > 0 ? { control_nets: controls.map(withoutPicture) } : {};
  const [from = 0, until = 0] = state.clip?.span ?? [];
  const use = usesMotion(state) && motionUse(state.tables, state.motion, until - from);
  const motion = use ? { motion: use } : {};
  const recipe: Recipe = { node, prompt, negative, settings, ...told, ...motion, model, device };
  const takesFiles = typeof settings.wildcard === "string";
  const wildcards = takesFiles ? { wildcards: { ...state.wildcards } } : {};
  const base = { node, prompt, negative, settings, ...wildcards, ...nets, ...motion };
  if (state.clip) {
    if (use && !(await readyMotion(app))) return;
    return detailClip(app, base, recipe);
  }
  const what = subjectOf(app, state);
  if (!what) return;
  store.dispatch({ type: "run-started", recipe, nowMs: performance.now() });
  const request = { ...base, ...what, keep_finished: true };
  try {
    const result = await engine.detail(request, (event) =>
      store.dispatch({ type: "run-event", event, nowMs: performance.now() }),
    );
    const images = result.images.map(
      ({ data, width, height }) => new ImageData(data, width, height),
    );
    const kept = result.cancelled && keptText(store.get(), result);
    store.dispatch({ type: "run-done", result, images, nowMs: performance.now() });
    if (kept) store.dispatch({ type: "noticed", notice: { tone: "info", text: kept } });
  } catch (error) {
    if (error instanceof EngineError && error.code === "cancelled") {
      return store.dispatch({ type: "run-cancelled" });
    }
    const failure = failureFrom(error);
    store.dispatch({ type: "run-failed", failure });
    if (isFatal(error)) store.dispatch({ type: "engine-broken", failure });
  }
}

/** What is kept of a run that was cancelled. */
function keptText({ work }: State, { segments }: DetailResult): string {
  const all = work.phase === "running" ? work.progress.segments : segments.length;
  return `Cancelled. ${segments.length} of ${all} segments are redrawn and kept.`;
}

/** A file says which ControlNets there were, not what they followed. */
function withoutPicture(use: ControlNetUse): Omit<ControlNetUse, "image"> {
  const copy = { ...use };
  delete copy.image;
  return copy;
}

/** What ControlNets' pictures have to fit; null without a picture. */
function sizeOf({ mask }: App, { clip }: State): Size | null {
  if (clip) return { width: clip.film.width, height: clip.film.height };
  return mask && { width: mask.width, height: mask.height };
}

/** The picture and what is marked in it; for a node that takes a clip, a clip of one frame. */
function subjectOf({ mask }: App, state: State): Partial<DetailRequest> | null {
  const { work, tables, node, segs } = state;
  if (work.phase === "empty" || !mask) return null;
  const { data, width, height } = mask;
  const marked = segs ? { segs: segs.text } : { mask: { data, width, height } };
  const isClip = nodeOf(tables, node)?.pictures === "frames";
  return isClip
    ? { frames: [copyOf(work.picture.pixels)], ...marked }
    : { image: copyOf(work.picture.pixels), ...marked };
}

function copyOf({ data, width, height }: ImageData): Pixels {
  return { data: new Uint8ClampedArray(data), width, height };
}

/** Asks the run to stop after its current step. */
export function cancel({ store, engine }: App): void {
  const { work } = store.get();
  if (work.phase !== "running" || work.progress.cancelling) return;
  store.dispatch({ type: "run-cancelling" });
  engine.cancel();
}

/** Goes on with the result as what is open, and an empty mask. */
export async function continueFromResult(app: App): Promise<void> {
  const state = app.store.get();
  const { work } = state;
  if (state.clip) return continueClip(app);
  const pixels = shownResult(state);
  if (work.phase !== "done" || !pixels) return;
  const picture = { name: work.picture.name, pixels, blob: await pngOf(pixels) };
  show(app, picture, new MaskDocument(pixels.width, pixels.height));
}

/** Goes back to painting on the picture the result was made from. */
export function backToPainting(app: App): void {
  if (app.store.get().clip) return void leaveClipResult(app);
  app.store.dispatch({ type: "result-left" });
  maskChanged(app);
}

/** A picture of the result as a PNG that says how it was made, under the keyword "burnish". */
export async function resultFile(image: ImageData, result: Result): Promise<Blob> {
  const { recipe, report, seconds } = result;
  const png = new Uint8Array(await (await pngOf(image)).arrayBuffer());
  const text = JSON.stringify({ ...recipe, report: { seconds, ...report } });
  return new Blob([withText(png, "burnish", text)], { type: "image/png" });
}

/** `portrait.jpg` becomes `portrait-burnished.png`. */
export function resultName(name: string): string {
  return `${baseName(name)}-burnished.png`;
}

/** A file's name without its ending. */
export function baseName(name: string): string {
  return name.replace(/\.[^.]*$/, "") || "picture";
}

export async function pngOf({ data, width, height }: Pixels | ImageData): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const pixels = new ImageData(new Uint8ClampedArray(data), width, height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
