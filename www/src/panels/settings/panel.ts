/** The settings of the node: the common ones at once, the rest folded. */

import "./panel.css";
import type { App } from "../../app";
import { h } from "../../lib/dom";
import { rowsOf, SETTINGS } from "../../state/settings-table";
import { problemsOf } from "../../state/form";
import { createField, type Field } from "./field";

/** Mounts the form in `root`; returns its removal. */
export function mountSettings(root: HTMLElement, app: App): () => void {
  const fields: Field[] = SETTINGS.map((row) =>
    createField(row, (value) =>
      app.store.dispatch({ type: "setting-typed", name: row.name, value }),
    ),
  );
  const isCommon = (field: Field): boolean => field.row.common === true;
  const common = h("div", { class: "fields" }, ...fields.filter(isCommon).map(({ root }) => root));
  const rest = fields.filter((field) => !isCommon(field));
  const more = h(
    "details",
    { class: "more" },
    h("summary", {}, "More settings"),
    h("div", { class: "fields" }, ...rest.map(({ root }) => root)),
  );
  const toModel = h("button", { type: "button", class: "link" }, "Use the model's recommendation");
  const toNode = h("button", { type: "button", class: "link" }, "Use the node's defaults");
  const form = h(
    "form",
    { class: "settings", "aria-label": "Settings", novalidate: true },
    h("h2", {}, "Settings"),
    common,
    more,
    h("p", { class: "resets" }, toModel, toNode),
  );
  root.append(form);
  form.addEventListener("submit", (event) => event.preventDefault());
  toModel.addEventListener("click", () =>
    app.store.dispatch({ type: "settings-reset", to: "model" }),
  );
  toNode.addEventListener("click", () =>
    app.store.dispatch({ type: "settings-reset", to: "node" }),
  );

  function show(): void {
    const { form: values, node, tables, recommended } = app.store.get();
    const problems = problemsOf(values, node);
    const names = rowsOf(node).map(({ name }) => name);
    for (const field of fields) {
      field.root.hidden = !names.includes(field.row.name);
      field.show(values[field.row.name], problems[field.row.name] ?? null, tables);
    }
    // A fold must not hide why nothing starts.
    if (rest.some(({ row }) => problems[row.name])) more.open = true;
    toModel.hidden = Object.keys(recommended).length === 0;
  }
  const unfollow = app.store.subscribe((state, before) => {
    const isSame =
      state.form === before.form &&
      state.node === before.node &&
      state.tables === before.tables &&
      state.recommended === before.recommended;
    if (!isSame) show();
  });
  show();
  return () => {
    unfollow();
    form.remove();
  };
}
