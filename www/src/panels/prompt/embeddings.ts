/** Textual-inversion files, under the prompts that use them. */

import type { App } from "../../app";
import { addEmbeddings, removeEmbedding } from "../../commands/embeddings";
import { createFileSlot } from "../../lib/file-slot";

export function createEmbeddings(app: App): { root: HTMLElement; stop: () => void } {
  const slot = createFileSlot({
    id: "embeddings",
    label: "Add embeddings…",
    accept: ".safetensors",
    onAdd: (files) => void addEmbeddings(app, files),
    onRemove: (name) => void removeEmbedding(app, name),
  });
  const show = (): void =>
    slot.show(
      app.store.get().embeddings.map(({ name, tokens }) => ({
        name,
        text: `embedding:${name} (${tokens === 1 ? "1 token" : `${tokens} tokens`})`,
      })),
    );
  const stop = app.store.subscribe((state, before) => {
    if (state.embeddings !== before.embeddings) show();
  });
  show();
  return { root: slot.root, stop };
}
