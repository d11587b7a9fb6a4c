/** The second checkpoint, under `refiner_ratio`. */

import type { App } from "../../app";
import { dropRefiner, loadRefinerFile } from "../../commands/refiner";
import { h, setText } from "../../lib/dom";

export function createRefinerSlot(app: App): { root: HTMLElement; stop: () => void } {
  const file = h("input", { type: "file", accept: ".safetensors", hidden: true });
  const name = h("span", { class: "soft slot-name" });
  const load = h("button", { type: "button", class: "link" }, "Load a refiner…");
  const drop = h("button", { type: "button", class: "link" }, "Remove");
  const root = h("p", { class: "slot", id: "refiner" }, name, load, drop, file);
  load.addEventListener("click", () => file.click());
  drop.addEventListener("click", () => void dropRefiner(app));
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen) void loadRefinerFile(app, chosen);
  });

  function show(): void {
    const { refiner, work, engine } = app.store.get();
    const isLoading = refiner.is === "loading";
    const text =
      refiner.is === "none" ? "No refiner." : isLoading ? `Loading ${refiner.name}…` : refiner.name;
    setText(name, text);
    load.hidden = drop.hidden = isLoading || engine.is !== "ready" || work.phase === "running";
    if (refiner.is === "none") drop.hidden = true;
  }
  const stop = app.store.subscribe(show);
  show();
  return { root, stop };
}
