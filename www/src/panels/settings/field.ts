/** One field of the settings form: label, control, its sentence, and what is wrong with it. */

import type { Tables } from "../../engine/protocol";
import { h, setText } from "../../lib/dom";
import { icon } from "../../lib/icons";
import { seedFrom } from "../../state/form";
import type { SettingRow } from "../../state/settings-table";
import type { FieldState } from "../../state/state";
import { optionsOf, originOf } from "./logic";

export interface Field {
  row: SettingRow;
  root: HTMLElement;
  show(field: FieldState, problem: string | null, tables: Tables): void;
}

/** A field for `row`; `onInput` gets what the user puts in. */
export function createField(row: SettingRow, onInput: (value: string | boolean) => void): Field {
  const id = `setting-${row.name}`;
  const control = controlOf(row, id, onInput);
  const origin = h("span", { class: "origin", id: `${id}-origin` });
  const help = h("p", { class: "soft help", id: `${id}-help` }, row.help);
  const error = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });
  control.input.setAttribute("aria-describedby", `${id}-problem ${id}-help ${id}-origin`);
  const label = h("label", { class: "label", for: id }, row.name);
  const root = h(
    "div",
    { class: `field ${row.kind}` },
    h("div", { class: "field-head" }, label, control.root),
    error,
    help,
    origin,
  );
  return {
    row,
    root,
    show(field, problem, tables) {
      control.show(field.value, tables);
      control.input.setAttribute("aria-invalid", String(problem !== null));
      setText(error, problem ?? "");
      const from = originOf(row, field);
      setText(origin, from ?? "");
      origin.classList.toggle("by-model", field.origin === "model");
    },
  };
}

interface Control {
  root: HTMLElement;
  input: HTMLElement;
  show(value: string | boolean, tables: Tables): void;
}

function controlOf(
  row: SettingRow,
  id: string,
  onInput: (value: string | boolean) => void,
): Control {
  switch (row.kind) {
    case "switch": {
      const input = h("input", { type: "checkbox", id, role: "switch" });
      input.addEventListener("change", () => onInput(input.checked));
      return { root: input, input, show: (value) => (input.checked = value === true) };
    }
    case "choice": {
      const select = h("select", { class: "input", id });
      select.addEventListener("change", () => onInput(select.value));
      return {
        root: select,
        input: select,
        show(value, tables) {
          const options = optionsOf(row, tables, String(value));
          if (options.length !== select.options.length) {
            select.replaceChildren(
              ...options.map(([name, text]) => h("option", { value: name }, text)),
            );
          }
          select.value = String(value);
        },
      };
    }
    case "seed": {
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
      return {
        root: h("div", { class: "with-button" }, input, dice),
        input,
        show: keepText(input),
      };
    }
    case "number": {
      // A text field: a number field hides from the page what cannot be read as a number.
      const input = textInput(id, row.integer ? "numeric" : "decimal", onInput);
      input.addEventListener("keydown", (event) => {
        const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
        const value = Number(input.value);
        if (direction === 0 || !Number.isFinite(value)) return;
        event.preventDefault();
        const next = Math.min(Math.max(value + direction * row.step, row.min), row.max);
        onInput(String(Number(next.toFixed(4))));
      });
      return { root: input, input, show: keepText(input) };
    }
  }
}

function textInput(
  id: string,
  inputmode: string,
  onInput: (value: string) => void,
): HTMLInputElement {
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
function keepText(input: HTMLInputElement): (value: string | boolean) => void {
  return (value) => {
    if (input.value !== String(value)) input.value = String(value);
  };
}
