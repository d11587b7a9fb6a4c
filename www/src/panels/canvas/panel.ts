/** The picture with its paint: draws it, follows the pointer, keeps it in sight. */

import "./panel.css";
import type { App } from "../../app";
import { marginOf } from "../../commands/desk";
import { h } from "../../lib/dom";
import { paintedBox, type Box } from "../../lib/mask";
import { fitView, keepInSight } from "../../lib/view";
import { keysBeside } from "../../state/clip";
import { numberIn } from "../../state/form";
import { pictureOf, shownResult, type Picture, type State } from "../../state/state";
import { sizeFor, type DeskStore } from "./desk";
import { drawScene, GHOSTS, Layer, type Scene, type Sheet } from "./draw";
import { cropRegion, isLocked, scaled } from "./logic";
import { followPointers } from "./pointer";

/** Mounts the canvas in `root`; returns its removal. */
export function mountCanvas(root: HTMLElement, app: App, desk: DeskStore): () => void {
  const canvas = h("canvas", { class: "canvas", tabindex: 0, "aria-label": "Picture to paint on" });
  const ring = h("div", { class: "ring", "aria-hidden": true, hidden: true });
  root.append(canvas, ring);
  const context = canvas.getContext("2d");
  const stop = new AbortController();
  const { signal } = stop;

  let opened = 0;
  let picture: Picture | null = null;
  let before: Layer | null = null;
  let after: { image: ImageData; layer: Layer } | null = null;
  let preview: { image: ImageData; layer: Layer } | null = null;
  let paint: Layer | null = null;
  let revision = -1;
  let strokeRevision = -1;
  let frame = 0;

  const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });

  /** The canvas, or the half of it that a picture has. */
  const room = () => {
    const { width, height } = size();
    return isSplit() ? { width: width / 2, height } : { width, height };
  };
  const isSplit = () => app.store.get().work.phase === "done" && desk.get().layout === "side";

  function fitted(of: Picture) {
    return fitView(of.pixels, room(), marginOf(room().width));
  }

  function draw(): void {
    frame = 0;
    if (!context) return;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio);
    const height = Math.round(canvas.clientHeight * ratio);
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    const scene = sceneOf(app.store.get());
    if (scene) drawScene(context, desk.get().view, ratio, scene);
    else context.clearRect(0, 0, width, height);
  }

  function requestDraw(): void {
    frame ||= requestAnimationFrame(draw);
  }

  function sceneOf(state: State): Scene | null {
    if (!before) return null;
    const { work } = state;
    const progress = work.phase === "running" ? work.progress : null;
    const region = progress && (progress.region ?? guessedRegion(state));
    const shown = progress?.preview && layerOf(progress.preview, preview);
    preview = shown ?? null;
    const result = shownResult(state);
    after = result && layerOf(result, after);
    const { live, compare } = desk.get();
    const isDone = work.phase === "done";
    return {
      before: live ? { canvas: live.before } : before,
      after: live ? live.after && { canvas: live.after } : (after?.layer ?? null),
      isSplit: isSplit(),
      ghosts: state.clip?.onion && !live && !isDone && !progress ? ghosts(state) : [],
      // Where nothing was pasted there is nothing to compare.
      compare: work.phase === "done" && !work.result.pastes ? 1 : compare,
      mask: live ? live.mask && { canvas: live.mask } : paint,
      maskOpacity: work.phase === "done" || preview || state.segs ? 0 : progress ? 0.3 : 0.5,
      preview: preview && region ? { pixels: preview.layer, region } : null,
      regions: region ? [region] : work.phase === "ready" ? regionsOf(state) : [],
    };
  }

  /** The paint of the key frames beside the one on screen. */
  function ghosts({ clip, frame }: State): Sheet[] {
    const { before, after } = keysBeside(clip?.keys ?? [], frame);
    const sheets = [ghost(before, GHOSTS.before), ghost(after, GHOSTS.after)];
    return sheets.filter((sheet) => sheet !== null);
  }

  function ghost(key: number | null, colour: readonly [number, number, number]): Sheet | null {
    const mask = key === null ? undefined : app.keys.get(key);
    if (!mask) return null;
    const layer = new Layer(mask.width, mask.height);
    layer.paint(mask, paintedBox(mask) ?? { x1: 0, y1: 0, x2: 1, y2: 1 }, colour);
    return layer;
  }

  /** Until the engine names the crop: exact for one painted spot. */
  function guessedRegion(state: State) {
    const box = app.mask && !state.segs && paintedBox(app.mask);
    return box && picture
      ? cropRegion(box, numberIn(state, "crop_factor", 3), picture.pixels)
      : null;
  }

  /** Segments from a file, brought to the picture's size. */
  function regionsOf({ segs }: State) {
    if (!segs || !picture) return [];
    const { width, height } = picture.pixels;
    return segs.segments.map(({ region }) =>
      scaled(region, width / segs.size.width, height / segs.size.height),
    );
  }

  function repaint(box: Box | null): void {
    if (box && app.mask) paint?.paint(app.mask, box);
    strokeRevision = app.store.get().mask.revision + 1;
    requestDraw();
  }

  function follow(state: State): void {
    const now = pictureOf(state);
    if (now !== picture) {
      picture = now;
      before = now && Layer.of(now.pixels);
    }
    if (state.opened !== opened) {
      opened = state.opened;
      paint = now && new Layer(now.pixels.width, now.pixels.height);
      revision = -1;
      if (now) {
        const { width, height } = now.pixels;
        desk.dispatch({ view: fitted(now), size: sizeFor(Math.min(width, height)), compare: 0.5 });
      }
    }
    const { mask } = app;
    if (state.mask.revision !== revision) {
      // A stroke has already been painted piece by piece.
      const isStroke = state.mask.revision === strokeRevision && revision >= 0;
      revision = state.mask.revision;
      if (mask && !isStroke) paint?.paintAll(mask);
    }
    canvas.dataset.phase = state.work.phase;
    canvas.classList.toggle("locked", isLocked(state));
    requestDraw();
  }

  function showRing(event: PointerEvent): void {
    const state = app.store.get();
    const { phase } = state.work;
    const isShown =
      event.pointerType !== "touch" &&
      !isLocked(state) &&
      (phase === "ready" || phase === "failed") &&
      !desk.get().panning;
    ring.hidden = !isShown;
    if (!isShown) return;
    const { left, top } = canvas.getBoundingClientRect();
    const { size, view } = desk.get();
    const diameter = Math.max(size * view.scale, 4);
    ring.style.width = ring.style.height = `${diameter}px`;
    ring.style.transform = `translate(${event.clientX - left - diameter / 2}px, ${event.clientY - top - diameter / 2}px)`;
  }

  followPointers(
    {
      canvas,
      app,
      desk,
      onPaint: repaint,
      minScale: () => (picture ? fitted(picture).scale / 2 : 0.01),
    },
    signal,
  );
  canvas.addEventListener("pointermove", showRing, { signal });
  canvas.addEventListener("pointerleave", () => (ring.hidden = true), { signal });
  const resized = new ResizeObserver(() => {
    if (picture) desk.dispatch({ view: fitted(picture) });
    requestDraw();
  });
  resized.observe(canvas);
  const unfollow = app.store.subscribe((state, last) => {
    if (!looksAlike(state, last)) follow(state);
  });
  const undesk = desk.subscribe(({ view, panning, compare, live, layout }, last) => {
    if (layout !== last.layout && picture) return desk.dispatch({ view: fitted(picture) });
    if (picture) {
      const inSight = keepInSight(view, picture.pixels, size());
      if (inSight.x !== view.x || inSight.y !== view.y) return desk.dispatch({ view: inSight });
    }
    canvas.classList.toggle("panning", panning);
    const isSame = view === last.view && compare === last.compare && live === last.live;
    if (!isSame) requestDraw();
  });
  follow(app.store.get());

  return () => {
    stop.abort();
    resized.disconnect();
    unfollow();
    undesk();
    cancelAnimationFrame(frame);
    canvas.remove();
    ring.remove();
  };
}

/** Whether nothing that is drawn has changed: loading and saving tell how far they are all the time. */
function looksAlike(state: State, last: State): boolean {
  const names = [
    "work",
    "clip",
    "opened",
    "frame",
    "mask",
    "segs",
    "values",
    "recommended",
  ] as const;
  const isLocking = (state.chore === null) !== (last.chore === null);
  return !isLocking && names.every((name) => state[name] === last[name]);
}

/** `known` when it is of `image`, a new layer otherwise. */
function layerOf(image: ImageData, known: { image: ImageData; layer: Layer } | null) {
  return known?.image === image ? known : { image, layer: Layer.of(image) };
}
