/** Wildcard files, under the wildcard text. */

import type { App } from "../../app";
import { addWildcards, removeWildcard } from "../../commands/wildcards";
import { h } from "../../lib/dom";
import { icon } from "../../lib/icons";

export function createWildcardFiles(app: App): { root: HTMLElement; stop: () => void } {
  const file = h("input", {
    type: "file",
    accept: ".txt,.yaml,.yml",
    multiple: true,
    hidden: true,
  });
  const add = h("button", { type: "button", class: "link" }, "Add wildcard files…");
  const list = h("ul", { class: "files" });
  const root = h("div", { class: "slot", id: "wildcard-files" }, list, add, file);
  add.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    void addWildcards(app, chosen);
  });

  function show(): void {
    const names = Object.keys(app.store.get().wildcards);
    list.hidden = names.length === 0;
    list.replaceChildren(...names.map((name) => h("li", {}, h("span", {}, name), remove(name))));
  }
  function remove(name: string): HTMLElement {
    const label = `Remove ${name}`;
    const button = h(
      "button",
      { type: "button", class: "button bare square", title: label, "aria-label": label },
      icon("close"),
    );
    button.addEventListener("click", () => {
      removeWildcard(app, name);
      add.focus();
    });
    return button;
  }
  const stop = app.store.subscribe((state, before) => {
    if (state.wildcards !== before.wildcards) show();
  });
  show();
  return { root, stop };
}
