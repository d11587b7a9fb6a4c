/** What to redraw the region as, and what to stay away from. */

import "./panel.css";
import type { App } from "../../app";
import { h, setText } from "../../lib/dom";
import { NODE_HELP } from "../../state/nodes";
import { createAdditions } from "./additions";

/** Mounts node choice and prompts in `root`; returns their removal. */
export function mountPrompt(root: HTMLElement, app: App): () => void {
  const node = h("select", { class: "input", id: "node", "aria-describedby": "node-help" });
  node.append(...NODE_HELP.map(({ name }) => h("option", { value: name }, name)));
  const help = h("p", { class: "soft help", id: "node-help" });
  const prompt = h("textarea", { class: "input", id: "prompt-text", rows: 3 });
  prompt.placeholder = "What the painted region should show";
  const examples = h("select", { class: "examples", "aria-label": "Example prompts" });
  const negative = h("textarea", { class: "input", id: "negative-text", rows: 2 });
  negative.placeholder = "What it should not show (optional)";
  const additions = createAdditions(app);
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
    additions.root,
    h("div", {}, h("label", { class: "label", for: "node" }, "Node"), node, help),
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
  node.addEventListener("change", () => {
    const chosen = NODE_HELP[node.selectedIndex];
    if (chosen) app.store.dispatch({ type: "node-chosen", node: chosen.name });
  });

  function show(): void {
    const state = app.store.get();
    if (prompt.value !== state.prompt) prompt.value = state.prompt;
    if (negative.value !== state.negative) negative.value = state.negative;
    examples.hidden = state.examples.length === 0;
    if (examples.options.length !== state.examples.length + 1) {
      const options = state.examples.map((text) => h("option", { value: text }, text));
      examples.replaceChildren(h("option", { value: "", hidden: true }, "Examples"), ...options);
    }
    node.value = state.node;
    setText(help, NODE_HELP.find(({ name }) => name === state.node)?.help ?? "");
  }
  const unfollow = app.store.subscribe(show);
  show();
  return () => {
    unfollow();
    additions.stop();
    section.remove();
  };
}
