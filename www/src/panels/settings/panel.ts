/** The settings of the node: the common ones at once, the rest folded. */

import "./panel.css";
import type { App } from "../../app";
import type { SettingTable } from "../../engine/protocol";
import { h } from "../../lib/dom";
import { fieldOf, problemsOf, shownRows } from "../../state/form";
import { GROUPS, SETTING_HELP, type Group } from "../../state/help";
import { draftTables } from "../../state/rows";
import type { State } from "../../state/state";
import { createField, type Field } from "./field";
import { grouped } from "./logic";
import { mountPresets } from "./presets";
import { createRefinerSlot } from "./refiner";
import { createWildcardFiles } from "./wildcards";

/** Mounts the form in `root`; returns its removal. */
export function mountSettings(root: HTMLElement, app: App): () => void {
  let fields: Field[] = [];
  const wildcards = createWildcardFiles(app);
  const refiner = createRefinerSlot(app);
  /** What stands under a setting, beside its own control. */
  const extras: Readonly<Record<string, HTMLElement>> = {
    wildcard: wildcards.root,
    refiner_ratio: refiner.root,
  };
  const presets = h("div", {});
  const waiting = h("p", { class: "soft" }, "Settings appear once the engine has started.");
  const common = h("div", { class: "fields" });
  const rest = h("div", { class: "groups" });
  const more = h("details", { class: "more" }, h("summary", {}, "More settings"), rest);
  const toModel = h("button", { type: "button", class: "link" }, "Use the model's recommendation");
  const toNode = h("button", { type: "button", class: "link" }, "Use the node's defaults");
  const form = h(
    "form",
    { class: "settings", "aria-label": "Settings", novalidate: true },
    h("h2", {}, "Settings"),
    waiting,
    presets,
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

  function fieldFor(row: SettingTable): Field {
    const { name } = row;
    return createField(row, {
      id: `setting-${name}`,
      help: SETTING_HELP[name]?.help ?? "",
      drafts: draftTables(row, app.store.get().tables),
      onInput: (value) => app.store.dispatch({ type: "setting-typed", name, value }),
    });
  }

  /** Makes the fields of the node anew. */
  function build(): void {
    const rows = shownRows(app.store.get());
    const groups = grouped(rows);
    const make = (group: Group): HTMLElement[] => {
      const made = (groups.get(group) ?? []).map(fieldFor);
      fields.push(...made);
      return made.flatMap(({ row, root }) => {
        const extra = extras[row.name];
        return extra ? [h("div", { class: "field-with-extra" }, root, extra)] : [root];
      });
    };
    fields = [];
    common.replaceChildren(...make("common"));
    rest.replaceChildren(
      ...GROUPS.filter(([group]) => group !== "common").flatMap(([group, title]) => {
        const made = make(group);
        if (made.length === 0) return [];
        return [h("h3", {}, title), h("div", { class: "fields" }, ...made)];
      }),
    );
    waiting.hidden = rows.length > 0;
    presets.hidden = more.hidden = rows.length === 0;
  }

  function show(): void {
    const state = app.store.get();
    const problems = problemsOf(state);
    for (const field of fields) {
      const { value, origin } = fieldOf(state, field.row);
      field.show(value, origin, problems[field.row.name] ?? null);
    }
    // A fold must not hide why nothing starts.
    const isFolded = ({ row }: Field): boolean => SETTING_HELP[row.name]?.group !== "common";
    if (fields.some((field) => isFolded(field) && problems[field.row.name])) more.open = true;
    toModel.hidden = Object.keys(state.recommended).length === 0;
    toNode.hidden = fields.length === 0;
  }

  const unmount = mountPresets(presets, app);
  const unfollow = app.store.subscribe((state, before) => {
    if (hasOtherRows(state, before)) build();
    else if (!hasOtherValues(state, before)) return;
    show();
  });
  build();
  show();
  return () => {
    unfollow();
    unmount();
    wildcards.stop();
    refiner.stop();
    form.remove();
  };
}

function hasOtherRows(state: State, before: State): boolean {
  return (
    state.node !== before.node ||
    state.tables !== before.tables ||
    (state.segs === null) !== (before.segs === null)
  );
}

function hasOtherValues(state: State, before: State): boolean {
  return (
    state.values !== before.values ||
    state.recommended !== before.recommended ||
    state.followsModel !== before.followsModel
  );
}
