/** Playing a clip at its rate, and stepping through it. */

import type { App } from "../app";
import { fpsOf, playedFrame } from "../clip/film";
import type { Shown } from "../clip/protocol";
import type { DeskStore } from "../panels/canvas/desk";
import { keysBeside } from "../state/clip";
import { showFrame } from "./clip";

/** Frames asked for ahead of the one on screen. */
const AHEAD = 3;

/** Ends what is playing; null while nothing is. */
let stop: (() => void) | null = null;
/** Whether what played last is still what is open. */
let isSame = (): boolean => false;

/** Plays from the frame on screen, or pauses there. */
export async function togglePlaying(app: App, desk: DeskStore): Promise<void> {
  if (stop) return pause(app, desk);
  const { clip, work, frame } = app.store.get();
  if (!clip || work.phase === "running") return;
  const { span, film } = clip;
  const began = frame < span[0] || frame >= span[1] - 1 ? span[0] : frame;
  const startedMs = performance.now();
  const step = 1 / fpsOf(film);
  const ready = new Map<number, Shown>();
  const pending = new Set<number>();
  let request = 0;
  let isOver = false;

  const at = (ahead: number): number | null => {
    const { loop } = app.store.get().clip ?? clip;
    const elapsed = (performance.now() - startedMs) / 1000 + ahead * step;
    return playedFrame(film, span, began, elapsed, loop);
  };

  function ask(wanted: number): void {
    if (ready.has(wanted) || pending.has(wanted) || pending.size >= AHEAD) return;
    pending.add(wanted);
    const withMask = app.store.get().work.phase !== "done";
    app.clips.call("show", { frame: wanted, withMask }).answer.then(
      (shown) => {
        pending.delete(wanted);
        if (isOver) return closeAll(shown);
        ready.set(wanted, shown);
      },
      () => end(),
    );
  }

  function tick(): void {
    const now = at(0);
    if (now === null || app.store.get().clip?.film !== film) return end();
    const wanted = Array.from({ length: AHEAD }, (_, ahead) => at(ahead)).filter((f) => f !== null);
    wanted.forEach(ask);
    // Late ones are shown all the same, or a slow decoder would show nothing.
    const best = ready.has(now) ? now : [...ready.keys()].find((known) => !wanted.includes(known));
    const shown = best === undefined ? undefined : ready.get(best);
    if (best !== undefined && shown) {
      ready.delete(best);
      putOn(desk, { ...shown, frame: best });
    }
    for (const [known, old] of ready) {
      if (wanted.includes(known)) continue;
      ready.delete(known);
      closeAll(old);
    }
    request = requestAnimationFrame(tick);
  }

  function end(): void {
    void pause(app, desk);
  }

  stop = () => {
    isOver = true;
    isSame = () => app.store.get().clip?.film === film;
    cancelAnimationFrame(request);
    for (const shown of ready.values()) closeAll(shown);
  };
  desk.dispatch({ playing: true });
  request = requestAnimationFrame(tick);
}

/** Stays on the frame that played last. */
export async function pause(app: App, desk: DeskStore): Promise<void> {
  if (!stop) return;
  stop();
  stop = null;
  const { live } = desk.get();
  if (live && isSame()) await showFrame(app, live.frame);
  putOn(desk, null);
  desk.dispatch({ playing: false });
}

/** Goes on or back by frames. */
export async function stepFrame(app: App, desk: DeskStore, by: number): Promise<void> {
  const { clip, work } = app.store.get();
  if (!clip || work.phase === "running") return;
  await pause(app, desk);
  await showFrame(app, app.store.get().frame + by);
}

/** Goes to the next key frame, or to the one before. */
export async function stepKey(app: App, desk: DeskStore, by: 1 | -1): Promise<void> {
  const { clip, frame, work } = app.store.get();
  if (!clip || work.phase === "running") return;
  await pause(app, desk);
  const { before, after } = keysBeside(clip.keys, frame);
  const last = clip.film.times.length - 1;
  await showFrame(app, by > 0 ? (after ?? last) : (before ?? 0));
}

function putOn(desk: DeskStore, live: (Shown & { frame: number }) | null): void {
  const old = desk.get().live;
  desk.dispatch({ live });
  if (old) closeAll(old);
}

function closeAll({ before, after, mask }: Shown): void {
  before.close();
  after?.close();
  mask?.close();
}
