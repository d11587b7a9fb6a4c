/** Opening a clip and going through its frames. */

import { maskChanged, type App } from "../app";
import { clampSpan, describe, type Film, type Span } from "../clip/film";
import type { Look, NamedBlob } from "../clip/protocol";
import { MaskDocument } from "../lib/mask";
import { newClip } from "../state/clip";
import { nodeOf } from "../state/rows";
import type { Picture } from "../state/state";
import { chore } from "./chore";

/** Opens `files` as a clip; "still" when they are a single picture. What is open stays on failure. */
export async function openClip(
  app: App,
  files: readonly NamedBlob[],
): Promise<"opened" | "still" | "refused"> {
  const named = files.map(({ name, blob }) => ({ name, blob }));
  const opened = await chore(app, "Opening the clip", (onProgress) =>
    app.clips.call("open", { files: named }, { onProgress }),
  );
  if ("undone" in opened) return "refused";
  const { film } = opened.gives;
  if (!film) return "still";
  const look = await app.clips.call("look", { frame: 0 }).answer;
  app.keys.clear();
  app.motions.clear();
  app.mask = new MaskDocument(film.width, film.height);
  app.store.dispatch({
    type: "picture-opened",
    picture: pictureFrom(film, look),
    clip: newClip(film, named),
  });
  maskChanged(app);
  sayClip(app, film);
  return "opened";
}

/** What the clip is, and what the node that is chosen does with it. */
function sayClip(app: App, film: Film): void {
  const { tables, node } = app.store.get();
  const table = nodeOf(tables, node);
  const isForStills = table !== undefined && table.pictures !== "frames";
  const how = isForStills
    ? ` ${node} redraws frame by frame; the nodes for AnimateDiff redraw all frames together.`
    : "";
  const text = `“${film.name}”: ${describe(film)}.${how}`;
  app.store.dispatch({ type: "noticed", notice: { tone: "info", text, about: "mask" } });
}

/** A frame as the picture on screen. */
export function pictureFrom(film: Film, { before }: Look): Picture {
  return { name: film.name, pixels: imageFrom(before), blob: new Blob([]) };
}

export function imageFrom({ data, width, height }: Look["before"]): ImageData {
  return new ImageData(data, width, height);
}

/** The frame that is wanted next, while another is on its way. */
let wanted: number | null = null;

/** Shows another frame; of several asked for in a row, those in between may be left out. */
export async function showFrame(app: App, frame: number): Promise<void> {
  const { clip } = app.store.get();
  if (!clip) return app.store.dispatch({ type: "frame-shown", frame });
  if (app.mask?.isStroking) return;
  wanted = Math.min(Math.max(frame, 0), clip.film.times.length - 1);
  if (app.isTurning) return;
  app.isTurning = true;
  try {
    while (wanted !== null) {
      const next: number = wanted;
      wanted = null;
      await showNow(app, next);
    }
  } finally {
    app.isTurning = false;
  }
}

/** Shows `frame` again, after something about it has changed. */
export function showAgain(app: App): Promise<void> {
  return showFrame(app, app.store.get().frame);
}

async function showNow(app: App, frame: number): Promise<void> {
  const { store } = app;
  const { clip } = store.get();
  if (!clip) return;
  try {
    const look = await app.clips.call("look", { frame }).answer;
    // Meanwhile another clip may have been opened.
    if (store.get().clip?.film !== clip.film) return;
    const { width, height, data } = look.mask;
    app.mask = app.keys.get(frame) ?? new MaskDocument(width, height, data);
    const after = look.after && imageFrom(look.after);
    store.dispatch({
      type: "frame-shown",
      frame,
      look: { picture: pictureFrom(clip.film, look), after },
    });
    maskChanged(app);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    store.dispatch({ type: "noticed", notice: { tone: "error", text } });
  }
}

/** Sets how many frames of a clip of pictures go by in a second. */
export async function setRate(app: App, fps: number): Promise<void> {
  if (!(fps >= 1 && fps <= 120)) return;
  const { film } = await app.clips.call("setRate", { fps }).answer;
  app.store.dispatch({ type: "clip-changed", change: { film } });
}

/** Sets which frames a run is about. */
export function setSpan(app: App, span: Span): void {
  const { clip } = app.store.get();
  if (!clip) return;
  const change = { span: clampSpan(span, clip.film.times.length) };
  app.store.dispatch({ type: "clip-changed", change });
}
