/** What works between the frames of a clip: shown while a node for clips has one before it. */

import "./panel.css";
import type { App } from "../../app";
import { edit, openMotionFile, removeMotion, usesMotion } from "../../commands/motion";
import type { SettingTable } from "../../engine/protocol";
import { h } from "../../lib/dom";
import { iconButton } from "../../lib/icon-button";
import { MOTION_HELP } from "../../state/help";
import {
  chosenModule,
  motionField,
  motionProblem,
  motionRows,
  type MotionPart,
} from "../../state/motion";
import type { State } from "../../state/state";
import { createField, type Field } from "../settings/field";
import { createLoras } from "./loras";

/** What shows at once; the rest is folded. */
const AT_ONCE = new Set(["noise_type"]);

interface Placed {
  part: MotionPart;
  field: Field;
}

/** Mounts the form in `root`; returns its removal. */
export function mountMotion(root: HTMLElement, app: App): () => void {
  const select = h("select", { class: "input", id: "motion-module" });
  select.addEventListener("change", () => edit(app, { chosen: select.value || null }));
  const remove = iconButton("close", "Give up this motion module", () => {
    const { chosen } = app.store.get().motion;
    if (chosen !== null) void removeMotion(app, chosen);
  });
  const file = h("input", { type: "file", accept: ".safetensors", hidden: true });
  const open = h("button", { type: "button", class: "link" }, "Open a motion module or LoRA…");
  open.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen) void openMotionFile(app, chosen);
  });
  const loras = createLoras(app);

  const cuts = h("input", { type: "checkbox", id: "motion-cuts", role: "switch" });
  cuts.addEventListener("change", () => edit(app, { cuts: cuts.checked }));
  const windows = h("div", { class: "fields" });
  const common = h("div", { class: "fields" });
  const rest = h("div", { class: "fields" });
  const ofModule = h(
    "div",
    {},
    h("h3", {}, "Windows"),
    h(
      "div",
      { class: "field flag" },
      h(
        "div",
        { class: "field-head" },
        h("label", { class: "label", for: cuts.id }, "windows"),
        cuts,
      ),
      h(
        "p",
        { class: "soft help" },
        "A clip longer than a window is redrawn window by window. Without them the module must see all frames at once.",
      ),
    ),
    windows,
  );
  const more = h(
    "details",
    { class: "more" },
    h("summary", {}, "More about motion"),
    rest,
    ofModule,
  );
  const section = h(
    "form",
    { class: "motion", "aria-label": "Motion between frames", novalidate: true },
    h("h2", {}, "Motion between frames"),
    h(
      "div",
      { class: "field choice" },
      h(
        "div",
        { class: "field-head" },
        h("label", { class: "label", for: select.id }, "module"),
        h("div", { class: "with-button" }, select, remove),
      ),
      h(
        "p",
        { class: "soft help" },
        "A motion module keeps the frames of a clip in agreement; without one each is redrawn on its own.",
      ),
      h("p", {}, open, file),
    ),
    loras.root,
    common,
    more,
  );
  section.addEventListener("submit", (event) => event.preventDefault());
  root.append(section);

  let fields: Placed[] = [];
  function build(): void {
    const { tables, motion } = app.store.get();
    const make = (part: MotionPart, rows: readonly SettingTable[]): HTMLElement[] => {
      const made = rows.map((row) => fieldFor(app, part, row));
      fields.push(...made.map((field) => ({ part, field })));
      return made.map((field) => field.root);
    };
    const settings = motionRows(tables, motion, "settings");
    const isCommon = ({ name }: SettingTable): boolean => AT_ONCE.has(name);
    fields = [];
    common.replaceChildren(...make("settings", settings.filter(isCommon)));
    rest.replaceChildren(
      ...make(
        "settings",
        settings.filter((row) => !isCommon(row)),
      ),
    );
    windows.replaceChildren(...make("context", motionRows(tables, motion, "context")));
  }

  function show(): void {
    const state = app.store.get();
    const { motion } = state;
    section.hidden = !usesMotion(state);
    select.replaceChildren(
      h("option", { value: "" }, "off"),
      ...motion.modules.map(({ name, title }) => h("option", { value: name }, title)),
    );
    select.value = motion.chosen ?? "";
    const module = chosenModule(motion);
    remove.hidden = module === undefined || module.isOwn;
    ofModule.hidden = loras.root.hidden = module === undefined;
    cuts.checked = motion.cuts;
    loras.show(state);
    for (const { part, field } of fields) {
      const { value, origin } = motionField(motion, part, field.row);
      const problem = motionProblem(motion, part, field.row);
      field.show(value, origin, problem);
      // A fold must not hide why nothing starts.
      if (problem && !AT_ONCE.has(field.row.name)) more.open = true;
    }
  }

  const unfollow = app.store.subscribe((state, before) => {
    if (hasOtherRows(state, before)) build();
    else if (state.motion === before.motion && usesMotion(state) === usesMotion(before)) return;
    show();
  });
  build();
  show();
  return () => {
    unfollow();
    section.remove();
  };
}

function fieldFor(app: App, part: MotionPart, row: SettingTable): Field {
  return createField(row, {
    id: `motion-${part}-${row.name}`,
    help: MOTION_HELP[part][row.name] ?? "",
    drafts: [],
    onInput: (value) => {
      const { motion } = app.store.get();
      const key = part === "settings" ? "values" : "context";
      edit(app, { [key]: { ...motion[key], [row.name]: value } });
    },
  });
}

function hasOtherRows(state: State, before: State): boolean {
  return (
    state.tables !== before.tables ||
    state.motion.cuts !== before.motion.cuts ||
    (state.motion.chosen === null) !== (before.motion.chosen === null)
  );
}
