/** Embeddings and LoRAs, under the prompts that use them; ControlNets come in here too. */

import type { App } from "../../app";
import { addFiles } from "../../commands/add-local";
import { removeAddition } from "../../commands/additions";
import { createFileSlot } from "../../lib/file-slot";

export function createAdditions(app: App): { root: HTMLElement; stop: () => void } {
  const slot = createFileSlot({
    id: "additions",
    label: "Add embeddings, LoRAs, ControlNets…",
    accept: ".safetensors",
    onAdd: (files) => void addFiles(app, [...files]),
    onRemove: (name) => {
      const addition = app.store.get().additions.find((known) => known.name === name);
      if (addition) void removeAddition(app, addition);
    },
  });
  const show = (): void =>
    slot.show(
      app.store.get().additions.map(({ name, text, detail }) => ({
        name,
        text: detail ? `${text} (${detail})` : text,
      })),
    );
  const stop = app.store.subscribe((state, before) => {
    if (state.additions !== before.additions) show();
  });
  show();
  return { root: slot.root, stop };
}
