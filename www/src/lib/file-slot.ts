/** A list of files by name, each with a button to remove it, and a button that adds more. */

import { h } from "./dom";
import { icon } from "./icons";

interface FileSlot {
  id: string;
  /** What the button that adds says. */
  label: string;
  /** Endings to offer, as an input's `accept`. */
  accept: string;
  onAdd: (files: readonly File[]) => void;
  onRemove: (name: string) => void;
}

/** A file as the list shows it. */
export interface SlotItem {
  name: string;
  /** Shown in its place. */
  text?: string;
}

export function createFileSlot({ id, label, accept, onAdd, onRemove }: FileSlot) {
  const file = h("input", { type: "file", accept, multiple: true, hidden: true });
  const add = h("button", { type: "button", class: "link" }, label);
  const list = h("ul", { class: "files" });
  const root = h("div", { class: "slot", id }, list, add, file);
  add.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const chosen = [...(file.files ?? [])];
    file.value = "";
    onAdd(chosen);
  });

  function remove(name: string): HTMLElement {
    const title = `Remove ${name}`;
    const button = h(
      "button",
      { type: "button", class: "button bare square", title, "aria-label": title },
      icon("close"),
    );
    button.addEventListener("click", () => {
      onRemove(name);
      add.focus();
    });
    return button;
  }
  return {
    root,
    show(items: readonly SlotItem[]): void {
      list.hidden = items.length === 0;
      const line = ({ name, text = name }: SlotItem) =>
        h("li", {}, h("span", {}, text), remove(name));
      list.replaceChildren(...items.map(line));
    },
  };
}
