/** A list of hooks to add to, order and take from; or a single function that makes a schedule. */

import type { HookTable, SettingTable } from "../../engine/protocol";
import { h } from "../../lib/dom";
import { icon, type IconName } from "../../lib/icons";
import { DRAFT_HELP } from "../../state/help";
import {
  defaultOf,
  newDraft,
  problemWith,
  rowsOfDraft,
  sameField,
  valueOf,
  type Draft,
  type FieldValue,
} from "../../state/values";
import type { Control } from "./control";
import type { Field, FieldProps } from "./field";
import { moved } from "./logic";

export interface DraftsProps {
  id: string;
  tables: readonly HookTable[];
  /** Any number in any order; otherwise one or none. */
  isList: boolean;
  /** Handed in, as fields and lists of drafts hold each other. */
  createField: (row: SettingTable, props: FieldProps) => Field;
  onInput: (value: FieldValue) => void;
}

export function draftsControl(props: DraftsProps): Control {
  const { id, tables, isList, onInput } = props;
  let drafts: readonly Draft[] = [];
  let fields: Field[][] = [];
  const list = h("ol", { class: "drafts" });
  const names = tables.map(({ name }) => h("option", { value: name }, name));
  const none = h("option", { value: "" }, isList ? "Add a hook…" : "none");
  const select = h("select", { class: "input", id }, none, ...names);
  const root = h("div", { class: "drafts-control" }, list, select);
  if (!isList) root.prepend(select);

  select.addEventListener("change", () => {
    const type = select.value;
    const added = type === "" ? [] : [newDraft(type)];
    onInput(isList ? [...drafts, ...added] : added);
    if (isList) list.lastElementChild?.querySelector<HTMLElement>("input, select, button")?.focus();
  });

  function change(at: number, name: string, value: FieldValue): void {
    onInput(
      drafts.map((draft, index) =>
        index === at ? { ...draft, values: { ...draft.values, [name]: value } } : draft,
      ),
    );
  }

  function move(from: number, to: number): void {
    onInput(moved(drafts, from, to));
    const button = to < from ? ".up" : ".down";
    const item = list.children[to];
    item?.querySelector<HTMLElement>(`${button}:enabled, .move:enabled`)?.focus();
  }

  function item({ type }: Draft, at: number): [HTMLElement, Field[]] {
    const help = DRAFT_HELP[type];
    const own = rowsOfDraft(type, tables).map((row) =>
      props.createField(row, {
        id: `${id}-${at}-${row.name}`,
        help: help?.settings[row.name] ?? "",
        drafts: [],
        onInput: (value) => change(at, row.name, value),
      }),
    );
    const head = h("div", { class: "draft-head" }, h("span", { class: "label" }, type));
    if (isList) {
      const up = button("up", `Move ${type} up`, () => move(at, at - 1));
      const down = button("down", `Move ${type} down`, () => move(at, at + 1));
      up.disabled = at === 0;
      down.disabled = at === drafts.length - 1;
      const remove = button("close", `Remove ${type}`, () => {
        onInput(drafts.filter((_, index) => index !== at));
        select.focus();
      });
      head.append(up, down, remove);
    }
    const body = h(
      "li",
      { class: "draft", role: "group", "aria-label": `${at + 1}: ${type}` },
      head,
      h("p", { class: "soft help" }, help?.help ?? ""),
      ...own.map((field) => field.root),
    );
    return [body, own];
  }

  return {
    root,
    input: select,
    isWide: true,
    show(value) {
      const now = typeof value === "object" ? value : [];
      const isSame =
        now.length === drafts.length && now.every(({ type }, at) => type === drafts[at]?.type);
      drafts = now;
      if (!isSame) {
        const items = now.map(item);
        list.replaceChildren(...items.map(([body]) => body));
        fields = items.map(([, own]) => own);
      }
      select.value = isList ? "" : (now[0]?.type ?? "");
      list.hidden = now.length === 0;
      now.forEach(({ values }, at) => {
        for (const field of fields[at] ?? []) {
          const shown = valueOf(field.row, values);
          const origin = sameField(shown, defaultOf(field.row)) ? "default" : "user";
          field.show(shown, origin, problemWith(field.row, shown));
        }
      });
    },
  };
}

function button(name: IconName, label: string, run: () => void): HTMLButtonElement {
  const element = h(
    "button",
    {
      type: "button",
      class: `button bare square ${name === "close" ? "" : "move"} ${name}`,
      title: label,
      "aria-label": label,
    },
    icon(name),
  );
  element.addEventListener("click", run);
  return element;
}
