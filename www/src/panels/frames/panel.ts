/** The frames of a short clip, or the pictures of a result, as a strip to choose from. */

import "./panel.css";
import type { App } from "../../app";
import { showFrame } from "../../commands/clip";
import { h } from "../../lib/dom";
import { framesIn, type State } from "../../state/state";
import { hasStrip, nextFrame } from "./logic";

/** Height of a thumbnail in pixels. */
const HEIGHT = 52;

/** Mounts the strip in `root`; returns its removal. */
export function mountFrames(root: HTMLElement, app: App): () => void {
  const strip = h("div", { class: "frames", role: "radiogroup", "aria-label": "Frames" });
  root.append(strip);
  /** What the thumbnails are of. */
  let shown: unknown = null;

  strip.addEventListener("keydown", (event) => {
    const state = app.store.get();
    const next = nextFrame(event.key, state.frame, framesIn(state));
    if (next === null) return;
    event.preventDefault();
    void showFrame(app, next).then(() => {
      strip.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    });
  });

  function place(at: number, count: number, canvas: HTMLCanvasElement): HTMLButtonElement {
    const name = `Frame ${at + 1} of ${count}`;
    const button = h(
      "button",
      { type: "button", role: "radio", class: "frame", "aria-label": name, title: name },
      canvas,
    );
    button.addEventListener("click", () => void showFrame(app, at));
    return button;
  }

  function show(): void {
    const state = app.store.get();
    strip.hidden = !hasStrip(state);
    root.classList.toggle("with-frames", !strip.hidden);
    const subject = strip.hidden ? null : subjectOf(state);
    if (subject !== shown) {
      shown = subject;
      fill(state);
    }
    [...strip.children].forEach((button, at) => {
      const isChosen = at === state.frame;
      button.setAttribute("aria-checked", String(isChosen));
      button.setAttribute("tabindex", isChosen ? "0" : "-1");
    });
  }

  function fill({ work, clip }: State): void {
    if (shown === null) return strip.replaceChildren();
    if (!clip) {
      const images = work.phase === "done" ? work.result.images : [];
      const all = images.map((pixels, at) => place(at, images.length, small(pixels)));
      return strip.replaceChildren(...all);
    }
    const { width, height, times } = clip.film;
    const canvases = times.map(() =>
      h("canvas", { width: Math.max(Math.round((width * HEIGHT) / height), 1), height: HEIGHT }),
    );
    strip.replaceChildren(...canvases.map((canvas, at) => place(at, times.length, canvas)));
    const subject = shown;
    const asked = app.clips.call("thumbnails", { frames: [...times.keys()], height: HEIGHT });
    // A frame that cannot be decoded says so once it is looked at.
    void asked.answer.then(
      ({ pictures }) => {
        pictures.forEach((picture, at) => {
          if (subject === shown) canvases[at]?.getContext("2d")?.drawImage(picture, 0, 0);
          picture.close();
        });
      },
      () => {},
    );
  }
  const unfollow = app.store.subscribe((state, before) => {
    const isSame =
      state.work === before.work &&
      state.opened === before.opened &&
      state.clip === before.clip &&
      state.frame === before.frame;
    if (!isSame) show();
  });
  show();
  return () => {
    unfollow();
    strip.remove();
  };
}

/** Another result has other thumbnails, another frame on screen has not. */
function subjectOf({ work, clip, opened }: State): unknown {
  return work.phase === "done" ? work.result : clip ? opened : null;
}

function small(pixels: ImageData): HTMLCanvasElement {
  const width = Math.max(Math.round((pixels.width * HEIGHT) / pixels.height), 1);
  const canvas = h("canvas", { width, height: HEIGHT });
  const full = new OffscreenCanvas(pixels.width, pixels.height);
  full.getContext("2d")?.putImageData(pixels, 0, 0);
  canvas.getContext("2d")?.drawImage(full, 0, 0, width, HEIGHT);
  return canvas;
}
