/** Brush, eraser, size, undo, redo, clear and zoom, over the lower edge of the picture. */

import "./panel.css";
import type { App } from "../../app";
import { clearMask, redo, undo, zoomBy, zoomToFit } from "../../commands/desk";
import { h, setText } from "../../lib/dom";
import { iconButton } from "../../lib/icon-button";
import { sizeFromSlider, sliderFromSize, type DeskStore } from "../canvas/desk";

/** Mounts the toolbar in `root`; returns its removal. */
export function mountToolbar(root: HTMLElement, app: App, desk: DeskStore): () => void {
  const brush = iconButton("brush", "Brush (B)", () => desk.dispatch({ tool: "brush" }));
  const eraser = iconButton("eraser", "Eraser (E)", () => desk.dispatch({ tool: "eraser" }));
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 100,
    step: 0.5,
    "aria-label": "Brush size",
  });
  const size = h("output", { class: "size" });
  const undoButton = iconButton("undo", "Undo (Ctrl+Z)", () => undo(app));
  const redoButton = iconButton("redo", "Redo (Ctrl+Shift+Z)", () => redo(app));
  const clear = iconButton("clear", "Clear the mask", () => clearMask(app));
  const zoom = h("button", {
    type: "button",
    class: "button bare zoom",
    title: "Fit the picture (0)",
  });
  const paintGroup = h(
    "div",
    { class: "group", role: "group", "aria-label": "Mask" },
    brush,
    eraser,
    h("label", { class: "brush-size", title: "Brush size ([ and ])" }, slider, size),
    undoButton,
    redoButton,
    clear,
  );
  const zoomGroup = h(
    "div",
    { class: "group zoom-group", role: "group", "aria-label": "Zoom" },
    iconButton("minus", "Zoom out (−)", () => zoomBy(desk, root, 1 / 1.25)),
    zoom,
    iconButton("plus", "Zoom in (+)", () => zoomBy(desk, root, 1.25)),
  );
  const bar = h("div", { class: "toolbar" }, paintGroup, zoomGroup);
  root.append(bar);

  slider.addEventListener("input", () =>
    desk.dispatch({ size: sizeFromSlider(Number(slider.value)) }),
  );
  zoom.addEventListener("click", () => zoomToFit(app, desk, root));

  function show(): void {
    const { work, mask, segs } = app.store.get();
    const { tool, size: diameter, view } = desk.get();
    bar.hidden = work.phase === "empty";
    paintGroup.hidden = work.phase === "done" || segs !== null;
    brush.setAttribute("aria-pressed", String(tool === "brush"));
    eraser.setAttribute("aria-pressed", String(tool === "eraser"));
    const isLocked = work.phase === "running";
    for (const control of [brush, eraser, slider]) control.disabled = isLocked;
    undoButton.disabled = isLocked || !mask.canUndo;
    redoButton.disabled = isLocked || !mask.canRedo;
    clear.disabled = isLocked || !mask.painted;
    slider.value = String(sliderFromSize(diameter));
    slider.setAttribute("aria-valuetext", `${diameter} pixels`);
    setText(size, `${diameter} px`);
    setText(zoom, `${Math.round(view.scale * 100)} %`);
    zoom.setAttribute("aria-label", `Zoom ${Math.round(view.scale * 100)} %, fit the picture`);
  }
  const unfollow = app.store.subscribe(show);
  const undesk = desk.subscribe(show);
  show();

  return () => {
    unfollow();
    undesk();
    bar.remove();
  };
}
