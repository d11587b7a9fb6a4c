/** Wildcard files, under the wildcard text. */

import type { App } from "../../app";
import { addWildcards, removeWildcard } from "../../commands/wildcards";
import { createFileSlot } from "../../lib/file-slot";

export function createWildcardFiles(app: App): { root: HTMLElement; stop: () => void } {
  const slot = createFileSlot({
    id: "wildcard-files",
    label: "Add wildcard files…",
    accept: ".txt,.yaml,.yml",
    onAdd: (files) => void addWildcards(app, files),
    onRemove: (name) => removeWildcard(app, name),
  });
  const show = (): void =>
    slot.show(Object.keys(app.store.get().wildcards).map((name) => ({ name })));
  const stop = app.store.subscribe((state, before) => {
    if (state.wildcards !== before.wildcards) show();
  });
  show();
  return { root: slot.root, stop };
}
