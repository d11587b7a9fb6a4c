/** The crops of a result, over the picture: three lists, each crop to be saved. */

import "./panel.css";
import type { App } from "../../app";
import type { Pixels } from "../../engine/protocol";
import { baseName, pngOf } from "../../commands/detail";
import { h, setText } from "../../lib/dom";
import { icon } from "../../lib/icons";
import { formatSize } from "../../lib/format";
import { save } from "../../lib/save";
import { pictureOf, type Crops, type Result } from "../../state/state";
import type { DeskStore } from "../canvas/desk";
import { CROP_LISTS, cropName, firstList } from "./logic";

/** Mounts the lists in `root`; returns their removal. */
export function mountGallery(root: HTMLElement, app: App, desk: DeskStore): () => void {
  let shown: Result | null = null;
  let chosen: keyof Crops = "refined";
  const help = h("p", { class: "soft" });
  const grid = h("ul", { class: "crops" });
  const tabs = CROP_LISTS.map(({ key, title }) => {
    const tab = h("button", { type: "button", class: "button bare" }, title);
    tab.addEventListener("click", () => {
      chosen = key;
      fill();
    });
    return tab;
  });
  const section = h(
    "section",
    { class: "gallery", "aria-label": "Crops" },
    h("div", { class: "gallery-head", role: "group", "aria-label": "Lists of crops" }, ...tabs),
    help,
    grid,
  );
  root.append(section);

  function fill(): void {
    if (!shown) return;
    const list = shown.crops[chosen];
    const about = CROP_LISTS.find(({ key }) => key === chosen);
    CROP_LISTS.forEach(({ key }, at) => {
      tabs[at]?.setAttribute("aria-pressed", String(key === chosen));
      // A node that does not paste has no masks to show, one for clips keeps no crops.
      tabs[at]?.toggleAttribute("hidden", shown?.crops[key].length === 0);
    });
    setText(help, list.length === 0 ? "No segment was redrawn." : (about?.help ?? ""));
    grid.replaceChildren(...list.map(crop));
  }

  function crop(pixels: Pixels, at: number): HTMLElement {
    const name = cropName(baseName(pictureOf(app.store.get())?.name ?? ""), chosen, at);
    const button = h(
      "button",
      { type: "button", class: "button bare", "aria-label": `Save ${name}`, title: `Save ${name}` },
      icon("download"),
      formatSize(pixels),
    );
    button.addEventListener("click", () => void pngOf(pixels).then((blob) => save(blob, name)));
    return h("li", {}, thumbnail(pixels), button);
  }

  function show(): void {
    const { work } = app.store.get();
    const result = work.phase === "done" ? work.result : null;
    section.hidden = !result || !desk.get().gallery;
    if (result === shown) return;
    shown = result;
    if (result) chosen = firstList(result.crops);
    // Without a paste the crops are the result.
    desk.dispatch({ gallery: result !== null && !result.pastes });
    fill();
  }
  const unfollow = app.store.subscribe(show);
  const undesk = desk.subscribe((now, before) => {
    if (now.gallery !== before.gallery) show();
  });
  show();
  return () => {
    unfollow();
    undesk();
    section.remove();
  };
}

function thumbnail({ data, width, height }: Pixels): HTMLCanvasElement {
  const canvas = h("canvas", { width, height, "aria-hidden": true });
  canvas.getContext("2d")?.putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}
