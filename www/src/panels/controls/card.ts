/** One ControlNet: how strongly it guides, when, and by which picture. */

import type { App } from "../../app";
import { editControl, openHint, removeControl } from "../../commands/controls";
import { h, setText } from "../../lib/dom";
import { icon } from "../../lib/icons";
import {
  NUMBERS,
  PREPARATIONS,
  numberProblem,
  type Control,
  type ControlNumber,
} from "../../state/controls";

export interface ControlCard {
  root: HTMLElement;
  show(control: Control): void;
}

/** Tells the ids of cards apart. */
let count = 0;

export function createControlCard(app: App, name: string): ControlCard {
  const id = `control-${count++}`;
  const title = `Remove ${name}`;
  const remove = h(
    "button",
    { type: "button", class: "button bare square", title, "aria-label": title },
    icon("close"),
  );
  remove.addEventListener("click", () => void removeControl(app, name));

  const numbers = NUMBERS.map((number) => createNumber(app, name, id, number));
  const error = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });

  const preparation = h("select", { class: "input", id: `${id}-preparation` });
  preparation.append(
    ...PREPARATIONS.map(({ name: value, label }) => h("option", { value }, label)),
  );
  const help = h("p", { class: "soft help", id: `${id}-help` });
  preparation.setAttribute("aria-describedby", help.id);
  preparation.addEventListener("change", () => {
    const chosen = PREPARATIONS[preparation.selectedIndex];
    if (chosen) editControl(app, name, { preparation: chosen.name });
  });

  const file = h("input", { type: "file", accept: "image/*", hidden: true });
  const source = h("span", { class: "soft slot-name" });
  const open = h("button", { type: "button", class: "link" }, "Follow another picture…");
  const own = h("button", { type: "button", class: "link" }, "Follow the picture itself");
  open.addEventListener("click", () => file.click());
  own.addEventListener("click", () => {
    editControl(app, name, { hint: null });
    open.focus();
  });
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen) void openHint(app, name, chosen);
  });

  const root = h(
    "div",
    { class: "control-card", role: "group", "aria-label": name },
    h("div", { class: "control-head" }, h("span", { class: "control-name" }, name), remove),
    h("div", { class: "control-numbers" }, ...numbers.map(({ root: field }) => field)),
    error,
    h(
      "div",
      { class: "field-head" },
      h("label", { class: "label", for: preparation.id }, "picture"),
      preparation,
    ),
    help,
    h("p", { class: "slot" }, source, open, own, file),
  );
  return {
    root,
    show(control) {
      const problems = numbers.map((number) => number.show(control)).filter(Boolean);
      setText(error, problems[0] ?? "");
      preparation.value = control.preparation;
      setText(help, PREPARATIONS.find((row) => row.name === control.preparation)?.help ?? "");
      setText(source, control.hint ? control.hint.name : "The picture that is detailed.");
      own.hidden = control.hint === null;
    },
  };
}

function createNumber(
  app: App,
  net: string,
  id: string,
  { name, label, help }: { name: ControlNumber; label: string; help: string },
) {
  const input = h("input", {
    class: "input",
    id: `${id}-${name}`,
    inputmode: "decimal",
    autocomplete: "off",
    title: help,
    "aria-describedby": `${id}-problem`,
  });
  input.addEventListener("input", () => editControl(app, net, { [name]: input.value }));
  const root = h("div", {}, h("label", { class: "label", for: input.id }, label), input);
  return {
    root,
    /** Gives what is wrong with it. */
    show(control: Control): string | null {
      if (input.value !== control[name]) input.value = control[name];
      const problem = numberProblem(control, name);
      input.setAttribute("aria-invalid", String(problem !== null));
      return problem;
    },
  };
}
