/** Before and after: the slider over the picture, and what to do with the result. */

import "./panel.css";
import type { App } from "../../app";
import {
  backToPainting,
  baseName,
  continueFromResult,
  resultFile,
  resultName,
} from "../../commands/detail";
import { h } from "../../lib/dom";
import { icon, type IconName } from "../../lib/icons";
import { save as saveFile, saveJson } from "../../lib/save";
import { pictureOf, shownResult } from "../../state/state";
import type { DeskStore } from "../canvas/desk";
import { compareAt, handleAt } from "./logic";

/** Mounts slider and buttons in `root`; returns their removal. */
export function mountResult(root: HTMLElement, app: App, desk: DeskStore): () => void {
  const back = action("back", "Back", " to painting", () => backToPainting(app));
  const go = action("brush", "Continue", " from the result", () => void continueFromResult(app));
  const save = action("download", "Download", " PNG", () => void download(app));
  const crops = action("crops", "Crops", "", () => desk.dispatch({ gallery: !desk.get().gallery }));
  const segs = action("download", "Segments", " JSON", () => void saveSegs(app));
  const side = action("sides", "Sides", "", () => {
    desk.dispatch({ layout: desk.get().layout === "side" ? "wipe" : "side" });
  });
  side.title = side.ariaLabel = "Before and after side by side";
  for (const button of [back, go, crops, side, segs]) button.classList.add("compact");
  const bar = h(
    "div",
    { class: "result-bar", role: "group", "aria-label": "Result" },
    back,
    go,
    side,
    crops,
    segs,
    save,
  );
  const handle = h(
    "div",
    {
      class: "compare",
      role: "slider",
      tabindex: 0,
      "aria-label": "Before and after",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    h("span", { class: "tag before", "aria-hidden": true }, "Before"),
    h("span", { class: "grip", "aria-hidden": true }),
    h("span", { class: "tag after", "aria-hidden": true }, "After"),
  );
  const tags = h(
    "div",
    { class: "side-tags", "aria-hidden": true },
    h("span", { class: "tag" }, "Before"),
    h("span", { class: "tag" }, "After"),
  );
  root.append(handle, tags, bar);

  const width = (): number => {
    return pictureOf(app.store.get())?.pixels.width ?? 0;
  };
  const move = (clientX: number): void => {
    const x = clientX - root.getBoundingClientRect().left;
    desk.dispatch({ compare: compareAt(x, desk.get().view, width()) });
  };
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) move(event.clientX);
  });
  handle.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    desk.dispatch({ compare: Math.min(Math.max(desk.get().compare + step, 0), 1) });
  });

  function show(): void {
    const { work } = app.store.get();
    const { compare, view, gallery, layout } = desk.get();
    const isDone = work.phase === "done";
    const pastes = isDone && work.result.pastes;
    bar.hidden = !isDone;
    handle.hidden = !pastes || gallery || layout === "side";
    tags.hidden = !pastes || gallery || layout === "wipe";
    side.hidden = !pastes;
    side.setAttribute("aria-pressed", String(layout === "side"));
    root.classList.toggle("comparing", isDone);
    crops.setAttribute("aria-pressed", String(gallery));
    // Without a paste the segments are what there is to take along.
    segs.hidden = isDone && work.result.segs.length === 0;
    go.hidden = save.hidden = !pastes;
    save.classList.toggle("primary", pastes);
    segs.classList.toggle("primary", !pastes);
    if (!isDone) return;
    handle.style.left = `${handleAt(compare, view, width(), root.clientWidth)}px`;
    handle.setAttribute("aria-valuenow", String(Math.round(compare * 100)));
    handle.setAttribute("aria-valuetext", `${Math.round(compare * 100)} % before`);
  }
  const unfollow = app.store.subscribe(show);
  const undesk = desk.subscribe(show);
  show();
  return () => {
    unfollow();
    undesk();
    handle.remove();
    tags.remove();
    bar.remove();
  };
}

/** A button with `label`, and with `rest` where there is room for it. */
function action(name: IconName, label: string, rest: string, run: () => void): HTMLButtonElement {
  const text = h("span", { class: "text" }, label, h("span", { class: "wide" }, rest));
  const title = label + rest;
  const button = h(
    "button",
    { type: "button", class: "button", title, "aria-label": title },
    icon(name),
    text,
  );
  button.addEventListener("click", run);
  return button;
}

/** The picture on screen; of a clip, its frame. */
async function download(app: App): Promise<void> {
  const state = app.store.get();
  const { work, clip, frame } = state;
  if (work.phase !== "done") return;
  const { result, picture } = work;
  const isOneOfMany = clip !== null || result.images.length > 1;
  const name = isOneOfMany ? `${baseName(picture.name)}-${frame + 1}.png` : picture.name;
  // Frames outside the span are as they were.
  const image = shownResult(state) ?? picture.pixels;
  saveFile(await resultFile(image, result), resultName(name));
}

async function saveSegs(app: App): Promise<void> {
  const { work } = app.store.get();
  if (work.phase !== "done") return;
  const { segs } = work.result;
  const name = `${baseName(work.picture.name)}-segments.json`;
  const [first] = segs;
  if (first && segs.length === 1 && first.x === 0 && first.y === 0 && !app.store.get().clip) {
    return saveJson(first.text, name);
  }
  saveFile((await app.clips.call("mergeSegs", { parts: segs }).answer).blob, name);
}
