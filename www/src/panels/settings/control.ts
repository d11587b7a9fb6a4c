/** The control of a setting with a single value: what one types into or chooses from. */

import type { SettingTable } from "../../engine/protocol";
import { h } from "../../lib/dom";
import { icon } from "../../lib/icons";
import { seedFrom } from "../../state/form";
import { isCount, textIn, type FieldValue } from "../../state/values";
import { optionsOf } from "./logic";

export interface Control {
  root: HTMLElement;
  /** What carries the label and the descriptions. */
  input: HTMLElement;
  /** Takes a row of its own under the label. */
  isWide: boolean;
  show(value: FieldValue): void;
}

type OnInput = (value: FieldValue) => void;
type RowOf<K extends SettingTable["kind"]> = Extract<SettingTable, { kind: K }>;

export function switchControl(id: string, onInput: OnInput): Control {
  const input = h("input", { type: "checkbox", id, role: "switch" });
  input.addEventListener("change", () => onInput(input.checked));
  return { root: input, input, isWide: false, show: (value) => (input.checked = value === true) };
}

export function choiceControl(id: string, { names }: RowOf<"choice">, onInput: OnInput): Control {
  const select = h("select", { class: "input", id });
  select.addEventListener("change", () => onInput(select.value));
  return {
    root: select,
    input: select,
    isWide: false,
    show(value) {
      const options = optionsOf(names, textIn(value));
      if (options.length !== select.options.length) {
        select.replaceChildren(...options.map((name) => h("option", { value: name }, name)));
      }
      select.value = textIn(value);
    },
  };
}

export function seedControl(id: string, onInput: OnInput): Control {
  const input = textInput(id, "numeric", onInput);
  const label = "Choose a random seed";
  const dice = h(
    "button",
    { type: "button", class: "button bare square", title: label, "aria-label": label },
    icon("dice"),
  );
  dice.addEventListener("click", () => {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2));
    onInput(seedFrom(high ?? 0, low ?? 0));
  });
  const root = h("div", { class: "with-button" }, input, dice);
  return { root, input, isWide: false, show: keepText(input) };
}

/** A text field: a number field hides from the page what cannot be read as a number. */
export function numberControl(
  id: string,
  { min, max, step }: RowOf<"number">,
  onInput: OnInput,
): Control {
  const input = textInput(id, isCount({ step }) ? "numeric" : "decimal", onInput);
  input.addEventListener("keydown", (event) => {
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    const value = Number(input.value);
    if (direction === 0 || !Number.isFinite(value)) return;
    event.preventDefault();
    const next = Math.min(Math.max(value + direction * step, min), max);
    onInput(String(Number(next.toFixed(4))));
  });
  return { root: input, input, isWide: false, show: keepText(input) };
}

export function textControl(id: string, onInput: OnInput): Control {
  const input = h("textarea", { class: "input text", id, rows: 2, spellcheck: "false" });
  input.addEventListener("input", () => onInput(input.value));
  return { root: input, input, isWide: true, show: keepText(input) };
}

function textInput(id: string, inputmode: string, onInput: OnInput): HTMLInputElement {
  const input = h("input", {
    class: "input",
    id,
    inputmode,
    autocomplete: "off",
    spellcheck: "false",
  });
  input.addEventListener("input", () => onInput(input.value));
  return input;
}

/** Leaves the caret where it is while the user types. */
function keepText(input: HTMLInputElement | HTMLTextAreaElement): (value: FieldValue) => void {
  return (value) => {
    if (input.value !== textIn(value)) input.value = textIn(value);
  };
}
