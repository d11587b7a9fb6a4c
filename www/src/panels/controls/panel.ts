/** The ControlNets at hand, each with its settings. Nothing shows while there is none. */

import "./panel.css";
import type { App } from "../../app";
import { h } from "../../lib/dom";
import { createControlCard, type ControlCard } from "./card";

/** Mounts the list in `root`; returns its removal. */
export function mountControls(root: HTMLElement, app: App): () => void {
  const list = h("div", { class: "control-list" });
  const section = h(
    "section",
    { class: "controls", "aria-label": "ControlNets" },
    h("p", { class: "label" }, "ControlNets"),
    list,
  );
  root.append(section);
  const cards = new Map<string, ControlCard>();

  function show(): void {
    const { controls } = app.store.get();
    section.hidden = controls.length === 0;
    for (const [name, card] of cards) {
      if (controls.some((control) => control.name === name)) continue;
      card.root.remove();
      cards.delete(name);
    }
    for (const control of controls) {
      let card = cards.get(control.name);
      if (!card) {
        card = createControlCard(app, control.name);
        cards.set(control.name, card);
        list.append(card.root);
      }
      card.show(control);
    }
  }
  const unfollow = app.store.subscribe((state, before) => {
    if (state.controls !== before.controls) show();
  });
  show();
  return () => {
    unfollow();
    section.remove();
  };
}
