/** What to redraw the region as, and what to stay away from. */

import "./panel.css";
import type { App } from "../../app";
import { h } from "../../lib/dom";
import { NODES } from "./logic";

/** Mounts node choice and prompts in `root`; returns their removal. */
export function mountPrompt(root: HTMLElement, app: App): () => void {
  const radios = NODES.map(({ name }) =>
    h("input", { type: "radio", name: "node", value: name, id: `node-${name}` }),
  );
  const help = h("p", { class: "soft", id: "node-help" });
  const nodes = h(
    "fieldset",
    { class: "segmented", "aria-labelledby": "node-label", "aria-describedby": "node-help" },
    ...NODES.map(({ name }, at) => h("label", {}, radios[at]!, h("span", {}, name))),
  );
  const prompt = h("textarea", { class: "input", id: "prompt-text", rows: 3 });
  prompt.placeholder = "What the painted region should show";
  const examples = h("select", { class: "examples", "aria-label": "Example prompts" });
  const negative = h("textarea", { class: "input", id: "negative-text", rows: 2 });
  negative.placeholder = "What it should not show (optional)";
  const section = h(
    "section",
    { class: "prompt", "aria-label": "Prompt" },
    h(
      "div",
      {},
      h(
        "div",
        { class: "label-row" },
        h("label", { class: "label", for: "prompt-text" }, "Prompt"),
        examples,
      ),
      prompt,
    ),
    h("div", {}, h("label", { class: "label", for: "negative-text" }, "Negative prompt"), negative),
    h("div", {}, h("span", { class: "label", id: "node-label" }, "Node"), nodes, help),
  );
  root.append(section);

  prompt.addEventListener("input", () =>
    app.store.dispatch({ type: "prompt-typed", prompt: prompt.value }),
  );
  examples.addEventListener("change", () => {
    app.store.dispatch({ type: "prompt-typed", prompt: examples.value });
    examples.selectedIndex = 0;
  });
  negative.addEventListener("input", () =>
    app.store.dispatch({ type: "negative-typed", negative: negative.value }),
  );
  radios.forEach((radio, at) =>
    radio.addEventListener("change", () =>
      app.store.dispatch({ type: "node-chosen", node: NODES[at]!.name }),
    ),
  );

  function show(): void {
    const state = app.store.get();
    if (prompt.value !== state.prompt) prompt.value = state.prompt;
    if (negative.value !== state.negative) negative.value = state.negative;
    examples.hidden = state.examples.length === 0;
    if (examples.options.length !== state.examples.length + 1) {
      const options = state.examples.map((text) => h("option", { value: text }, text));
      examples.replaceChildren(h("option", { value: "", hidden: true }, "Examples"), ...options);
    }
    NODES.forEach(({ name, help: text }, at) => {
      radios[at]!.checked = state.node === name;
      if (state.node === name) help.textContent = text;
    });
  }
  const unfollow = app.store.subscribe(show);
  show();
  return () => {
    unfollow();
    section.remove();
  };
}
