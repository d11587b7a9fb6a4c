/** The ways a picture or a checkpoint comes in: button, drag and drop, paste, the sample. */

import "./panel.css";
import type { App } from "../../app";
import { openFiles, openFolders } from "../../commands/open";
import { openSample } from "../../commands/picture";
import { embeddedModel } from "../../engine/embedded";
import { h } from "../../lib/dom";
import { filesIn, hasFolder } from "../../lib/dropped";
import { icon } from "../../lib/icons";

/** Mounts buttons in `root`, and what shows without a picture in `stage`. */
export function mountUpload(root: HTMLElement, stage: HTMLElement, app: App): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const file = h("input", {
    type: "file",
    accept: "image/*,video/*,.mkv,.mov,.zip,.safetensors,.json",
    multiple: true,
    hidden: true,
  });
  const open = labelled("open", "Open picture", () => file.click());
  const sample = labelled("picture", "Sample", () => void openSample(app));
  sample.hidden = embeddedModel()?.sample == null;
  root.append(open, sample, file);

  const choose = h("button", { type: "button", class: "button primary" }, "Open picture");
  choose.addEventListener("click", () => file.click());
  const empty = h(
    "div",
    { class: "empty" },
    icon("picture"),
    h("p", { class: "empty-title" }, "Drop a picture or a clip here, or paste one"),
    h("p", { class: "soft" }, "It stays on this computer: everything runs in this tab."),
    choose,
  );
  const drop = h(
    "div",
    { class: "drop", hidden: true },
    h(
      "p",
      {},
      "Drop a picture, a clip or its frames, models or the folder of one, segments, or settings",
    ),
  );
  stage.append(empty);
  document.body.append(drop);

  file.addEventListener("change", () => {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    void openFiles(app, chosen, "picture");
  });
  const hasFiles = (event: DragEvent): boolean =>
    event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener(
    "dragover",
    (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      drop.hidden = false;
    },
    { signal },
  );
  addEventListener(
    "dragleave",
    (event) => {
      if (event.relatedTarget === null) drop.hidden = true;
    },
    { signal },
  );
  addEventListener(
    "drop",
    (event) => {
      drop.hidden = true;
      if (!hasFiles(event)) return;
      event.preventDefault();
      const { dataTransfer: dropped } = event;
      if (!dropped) return;
      if (hasFolder(dropped)) void openFolders(app, filesIn(dropped));
      else void openFiles(app, [...dropped.files]);
    },
    { signal },
  );
  addEventListener(
    "paste",
    (event) => void openFiles(app, [...(event.clipboardData?.files ?? [])]),
    {
      signal,
    },
  );

  const unfollow = app.store.subscribe(({ work }) => {
    empty.hidden = work.phase !== "empty";
    open.disabled = sample.disabled = work.phase === "running";
  });
  return () => {
    stop.abort();
    unfollow();
    for (const element of [open, sample, file, empty, drop]) element.remove();
  };
}

function labelled(name: "open" | "picture", label: string, run: () => void): HTMLButtonElement {
  const button = h(
    "button",
    { type: "button", class: "button", title: label },
    icon(name),
    h("span", { class: "wide" }, label),
  );
  button.addEventListener("click", run);
  return button;
}
