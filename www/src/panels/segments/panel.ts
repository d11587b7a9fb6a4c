/** Where the segments come from, the painted mask or a file, and the mask's segments as a file. */

import "./panel.css";
import type { App } from "../../app";
import { openFiles } from "../../commands/open";
import { closeSegs, saveMaskSegs } from "../../commands/segs";
import { h, setText } from "../../lib/dom";
import { segmentsLine } from "./logic";

/** Mounts the section in `root`; returns its removal. */
export function mountSegments(root: HTMLElement, app: App): () => void {
  const line = h("p", { class: "soft", id: "segments-line" });
  const file = h("input", { type: "file", accept: ".json", hidden: true });
  const open = link("Open segments…", () => file.click());
  const save = link("Save as JSON", () => void saveMaskSegs(app));
  const close = link("Use the painted mask", () => {
    closeSegs(app);
    open.focus();
  });
  const section = h(
    "section",
    { class: "segments", "aria-label": "Segments" },
    h("span", { class: "label" }, "Segments"),
    line,
    h("p", { class: "slot" }, open, save, close, file),
  );
  root.append(section);
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen) void openFiles(app, [chosen], "segments");
  });

  function show(): void {
    const { segs, work, engine } = app.store.get();
    setText(line, segmentsLine(segs));
    const isBusy = work.phase === "running" || work.phase === "empty";
    open.disabled = close.disabled = isBusy;
    save.disabled = isBusy || engine.is !== "ready";
    save.hidden = segs !== null;
    close.hidden = segs === null;
  }
  const unfollow = app.store.subscribe(show);
  show();
  return () => {
    unfollow();
    section.remove();
  };
}

function link(label: string, run: () => void): HTMLButtonElement {
  const button = h("button", { type: "button", class: "link" }, label);
  button.addEventListener("click", run);
  return button;
}
