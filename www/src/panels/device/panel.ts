/** Which device and model run, and how to change them. */

import "./panel.css";
import type { App } from "../../app";
import { addFiles } from "../../commands/add-local";
import { openModels } from "../../commands/models";
import { chooseBackend } from "../../commands/start";
import { h, setText } from "../../lib/dom";
import { icon } from "../../lib/icons";
import { chipText, deviceText, modelText } from "./logic";

/** Mounts the chip and what unfolds from it in `root`; returns its removal. */
export function mountDevice(root: HTMLElement, app: App): () => void {
  const chip = h("span", { class: "chip-text" });
  const device = h("p", {});
  const advice = h("p", { class: "soft" });
  const model = h("p", {});
  const file = h("input", { type: "file", accept: ".safetensors", multiple: true, hidden: true });
  const load = h("button", { type: "button", class: "button" }, "Load a checkpoint…");
  const manage = h("button", { type: "button", class: "button" }, "Models…");
  const change = h("button", { type: "button", class: "link" });
  const details = h(
    "details",
    { class: "device-details" },
    h("summary", { class: "button", title: "Device and model" }, icon("chip"), chip),
    h(
      "div",
      { class: "popover" },
      h("h2", {}, "Device"),
      device,
      advice,
      change,
      h("h2", {}, "Model"),
      model,
      h("div", { class: "row" }, manage, load),
      h(
        "p",
        { class: "soft" },
        "A Stable Diffusion checkpoint (.safetensors) from your disk, or the folder of one dropped on the page; Models has what is stored and what can be downloaded.",
      ),
      h("h2", {}, "Privacy"),
      h("p", {}, "Pictures, prompts and models stay on this computer."),
    ),
  );
  root.append(details, file);
  load.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    details.open = false;
    void addFiles(app, chosen);
  });
  manage.addEventListener("click", () => {
    details.open = false;
    openModels(app);
  });
  change.addEventListener("click", () => {
    const other = app.store.get().backend === "cpu" ? "webgpu" : "cpu";
    details.open = false;
    void chooseBackend(app, other);
  });
  const stop = new AbortController();
  document.addEventListener(
    "pointerdown",
    ({ target }) => {
      if (target instanceof Node && !details.contains(target)) details.open = false;
    },
    { signal: stop.signal },
  );
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape") details.open = false;
  });

  function show(): void {
    const { engine, advice: why, backend, work } = app.store.get();
    details.dataset.engine = engine.is;
    setText(chip, chipText(engine));
    setText(device, deviceText(engine));
    setText(advice, why ?? "");
    advice.hidden = why === null;
    setText(model, modelText(engine));
    const isBusy = work.phase === "running" || engine.is === "starting" || engine.is === "loading";
    load.disabled = isBusy || engine.is === "broken";
    setText(change, backend === "cpu" ? "Use the GPU" : "Use the CPU instead");
    change.hidden = isBusy || (backend === "cpu" && !("gpu" in navigator));
  }
  const unfollow = app.store.subscribe(show);
  show();
  return () => {
    stop.abort();
    unfollow();
    details.remove();
    file.remove();
  };
}
