/** One field of the settings form: label, control, its sentence, and what is wrong with it. */

import type { HookTable, SettingTable } from "../../engine/protocol";
import { h, setText } from "../../lib/dom";
import type { Origin } from "../../state/form";
import type { FieldValue } from "../../state/values";
import {
  choiceControl,
  numberControl,
  seedControl,
  switchControl,
  textControl,
  type Control,
} from "./control";
import { draftsControl } from "./drafts";
import { originOf } from "./logic";

export interface Field {
  row: SettingTable;
  root: HTMLElement;
  show(value: FieldValue, origin: Origin, problem: string | null): void;
}

export interface FieldProps {
  /** Unique on the page. */
  id: string;
  help: string;
  /** What drafts may be, where the setting is a list of them. */
  drafts: readonly HookTable[];
  onInput: (value: FieldValue) => void;
}

/** A field for `row`. */
export function createField(row: SettingTable, props: FieldProps): Field {
  const { id } = props;
  const control = controlOf(row, props);
  const origin = h("span", { class: "origin", id: `${id}-origin` });
  const help = h("p", { class: "soft help", id: `${id}-help` }, props.help);
  const error = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });
  control.input.setAttribute("aria-describedby", `${id}-problem ${id}-help ${id}-origin`);
  const label = h("label", { class: "label", for: id }, row.name);
  const head = h("div", { class: "field-head" }, label, control.isWide ? null : control.root);
  const root = h(
    "div",
    { class: `field ${row.kind}` },
    head,
    ...(control.isWide ? [help, control.root, error] : [error, help]),
    origin,
  );
  return {
    row,
    root,
    show(value, from, problem) {
      control.show(value);
      control.input.setAttribute("aria-invalid", String(problem !== null));
      setText(error, problem ?? "");
      setText(origin, originOf(row, from) ?? "");
      origin.classList.toggle("by-model", from === "model");
    },
  };
}

function controlOf(row: SettingTable, { id, drafts, onInput }: FieldProps): Control {
  switch (row.kind) {
    case "flag":
      return switchControl(id, onInput);
    case "choice":
      return choiceControl(id, row, onInput);
    case "seed":
      return seedControl(id, onInput);
    case "number":
      return numberControl(id, row, onInput);
    case "text":
      return textControl(id, onInput);
    case "hooks":
      return draftsControl({ id, tables: drafts, isList: true, createField, onInput });
    case "scheduler_func":
      return draftsControl({ id, tables: drafts, isList: false, createField, onInput });
  }
}
