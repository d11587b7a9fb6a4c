/** Masks over time: key frames, the tracker, and masks from a clip of their own. */

import type { App } from "../app";
import { MaskDocument } from "../lib/mask";
import type { Motion } from "../clip/masks/track";
import { withKey, type Followed } from "../state/clip";
import type { State } from "../state/state";
import { chore, refuse, say } from "./chore";
import { showAgain, showFrame } from "./clip";

/** Makes every frame that is painted on a key frame, until the returned function is called. */
export function followPaint(app: App): () => void {
  const known = new WeakMap<MaskDocument, number>();
  return app.store.subscribe((state, before) => {
    const { mask } = app;
    if (state.mask.revision === before.mask.revision || !state.clip || !mask) return;
    const edits = known.get(mask) ?? 0;
    known.set(mask, mask.edits);
    if (mask.edits !== edits) setKey(app, state, mask);
  });
}

/** `mask` is what is painted on the frame on screen. */
function setKey(app: App, { clip, frame }: State, mask: MaskDocument): void {
  if (!clip) return;
  app.keys.set(frame, mask);
  const { data, width, height } = mask;
  void app.clips.call("setKey", { frame, mask: { data, width, height } }).answer;
  const keys = withKey(clip.keys, { frame, painted: mask.painted });
  app.store.dispatch({ type: "clip-changed", change: { keys } });
}

/** Makes the frame on screen a key frame with the mask it has, or one like others again. */
export async function toggleKey(app: App): Promise<void> {
  const state = app.store.get();
  const { clip, frame } = state;
  if (!clip || !app.mask || isBusy(app)) return;
  if (!app.keys.has(frame)) return setKey(app, state, app.mask);
  app.keys.delete(frame);
  app.motions.delete(frame);
  await app.clips.call("setKey", { frame, mask: null }).answer;
  app.store.dispatch({
    type: "clip-changed",
    change: {
      keys: clip.keys.filter((key) => key.frame !== frame),
      followed: clip.followed.filter(({ key }) => key !== frame),
    },
  });
  await showAgain(app);
}

/** Puts the mask of this frame on the next one too, and goes there. */
export async function copyForward(app: App): Promise<void> {
  const { clip, frame } = app.store.get();
  if (!clip || !app.mask || isBusy(app) || frame + 1 >= clip.film.times.length) return;
  const { width, height, data } = app.mask;
  const copy = new MaskDocument(width, height, data.slice());
  await showFrame(app, frame + 1);
  const state = app.store.get();
  if (state.frame !== frame + 1) return;
  app.mask = copy;
  setKey(app, state, copy);
  await showAgain(app);
}

/** Follows what is painted on this frame to the next key frame, or to the clip's end. */
export async function track(app: App, direction: 1 | -1): Promise<void> {
  const state = app.store.get();
  const { clip, frame } = state;
  if (!clip || !app.mask || isBusy(app)) return;
  if (!app.mask.painted) {
    return refuse(app, "Nothing is painted on this frame. Paint over what should be followed.");
  }
  const last = clip.film.times.length - 1;
  const beside = clip.keys.map((key) => key.frame).filter((key) => (key - frame) * direction > 0);
  const until = direction > 0 ? Math.min(last + 1, ...beside) - 1 : Math.max(-1, ...beside) + 1;
  if (until === frame) {
    const edge = direction > 0 ? "after" : "before";
    return refuse(
      app,
      `There is no frame to follow it to: the one ${edge} is a key frame or none.`,
    );
  }
  if (!app.keys.has(frame)) setKey(app, state, app.mask);
  const tracked = await chore(app, "Following the paint", (onProgress) =>
    app.clips.call("track", { key: frame, until }, { onProgress }),
  );
  if ("undone" in tracked) return;
  const { motion, lost } = tracked.gives;
  const known = app.motions.get(frame) ?? { ahead: [], back: [] };
  const now = direction > 0 ? { ...known, ahead: motion } : { ...known, back: motion };
  app.motions.set(frame, now);
  const span = [frame - now.back.length, frame + now.ahead.length + 1] as const;
  const others = app.store.get().clip?.followed.filter(({ key }) => key !== frame) ?? [];
  app.store.dispatch({
    type: "clip-changed",
    change: { followed: [...others, { key: frame, span }] },
  });
  if (!lost) {
    const count = motion.length === 1 ? "1 frame" : `${motion.length} frames`;
    return say(app, `The paint was followed over ${count}. Where it is off, paint on that frame.`);
  }
  const reached = frame + direction * motion.length;
  await showFrame(app, Math.min(Math.max(reached + direction, 0), last));
  say(app, `The paint was lost after frame ${reached + 1}. Paint it here and follow it on.`);
}

/** Brings back masks of key frames and their motion, in a clip that has just been opened. */
export async function restoreMasks(
  app: App,
  masks: readonly (readonly [number, Uint8Array<ArrayBuffer>])[],
  motions: readonly (readonly [number, Motion])[],
): Promise<void> {
  const { clip } = app.store.get();
  if (!clip) return;
  const { width, height, times } = clip.film;
  let keys = clip.keys;
  for (const [frame, data] of masks) {
    if (frame >= times.length || data.length !== width * height) continue;
    const mask = new MaskDocument(width, height, data);
    app.keys.set(frame, mask);
    await app.clips.call("setKey", { frame, mask: { data, width, height } }).answer;
    keys = withKey(keys, { frame, painted: mask.painted });
  }
  const followed: Followed[] = [];
  for (const [key, { ahead, back }] of motions) {
    if (!app.keys.has(key)) continue;
    app.motions.set(key, { ahead, back });
    await app.clips.call("setMotion", { key, ahead: [...ahead], back: [...back] }).answer;
    followed.push({ key, span: [key - back.length, key + ahead.length + 1] });
  }
  app.store.dispatch({ type: "clip-changed", change: { keys, followed } });
  await showAgain(app);
}

/** Takes each frame's mask from a clip of its own. */
export async function openMaskClip(app: App, files: readonly File[]): Promise<void> {
  if (!app.store.get().clip || files.length === 0 || isBusy(app)) return;
  const byName = new Intl.Collator(undefined, { numeric: true });
  const named = files
    .toSorted((one, other) => byName.compare(one.name, other.name))
    .map((file) => ({ name: file.name, blob: file }));
  const opened = await chore(app, "Opening the masks", (onProgress) =>
    app.clips.call("openMasks", { files: named }, { onProgress }),
  );
  if ("undone" in opened) return;
  app.store.dispatch({ type: "clip-changed", change: { maskClip: opened.gives.name } });
  await showAgain(app);
}

/** Goes back to the painted masks. */
export async function closeMaskClip(app: App): Promise<void> {
  await app.clips.call("closeMasks", {}).answer;
  app.store.dispatch({ type: "clip-changed", change: { maskClip: null } });
  await showAgain(app);
}

function isBusy(app: App): boolean {
  const { work } = app.store.get();
  return work.phase === "running" || work.phase === "done" || app.stopChore !== null;
}
