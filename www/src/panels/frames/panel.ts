/** The frames of a clip, or the pictures of a result, as a strip to choose from. */

import "./panel.css";
import type { App } from "../../app";
import { showFrame } from "../../commands/picture";
import { h } from "../../lib/dom";
import { framesIn, type State } from "../../state/state";
import { nextFrame } from "./logic";

/** Height of a thumbnail in pixels. */
const HEIGHT = 52;

/** Mounts the strip in `root`; returns its removal. */
export function mountFrames(root: HTMLElement, app: App): () => void {
  const strip = h("div", { class: "frames", role: "radiogroup", "aria-label": "Frames" });
  root.append(strip);
  let shown: readonly ImageData[] = [];

  strip.addEventListener("keydown", (event) => {
    const { frame } = app.store.get();
    const next = nextFrame(event.key, frame, shown.length);
    if (next === null) return;
    event.preventDefault();
    showFrame(app, next);
    strip.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
  });

  function thumbnail(pixels: ImageData, at: number): HTMLButtonElement {
    const name = `Frame ${at + 1} of ${shown.length}`;
    const button = h(
      "button",
      { type: "button", role: "radio", class: "frame", "aria-label": name, title: name },
      small(pixels),
    );
    button.addEventListener("click", () => showFrame(app, at));
    return button;
  }

  function show(): void {
    const state = app.store.get();
    const pictures = picturesOf(state);
    strip.hidden = framesIn(state) < 2;
    root.classList.toggle("with-frames", !strip.hidden);
    if (pictures.length !== shown.length || pictures.some((pixels, at) => pixels !== shown[at])) {
      shown = pictures;
      strip.replaceChildren(...(pictures.length < 2 ? [] : pictures.map(thumbnail)));
    }
    [...strip.children].forEach((button, at) => {
      const isChosen = at === state.frame;
      button.setAttribute("aria-checked", String(isChosen));
      button.setAttribute("tabindex", isChosen ? "0" : "-1");
    });
  }
  const unfollow = app.store.subscribe((state, before) => {
    const isSame =
      state.work === before.work && state.clip === before.clip && state.frame === before.frame;
    if (!isSame) show();
  });
  show();
  return () => {
    unfollow();
    strip.remove();
  };
}

function picturesOf({ work, clip }: State): readonly ImageData[] {
  return work.phase === "done" ? work.result.images : clip.map(({ pixels }) => pixels);
}

function small(pixels: ImageData): HTMLCanvasElement {
  const width = Math.max(Math.round((pixels.width * HEIGHT) / pixels.height), 1);
  const canvas = h("canvas", { width, height: HEIGHT });
  const full = new OffscreenCanvas(pixels.width, pixels.height);
  full.getContext("2d")?.putImageData(pixels, 0, 0);
  canvas.getContext("2d")?.drawImage(full, 0, 0, width, HEIGHT);
  return canvas;
}
