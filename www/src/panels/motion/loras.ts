/** The motion LoRAs at hand, each with its strength. */

import type { App } from "../../app";
import { edit, removeMotionLora } from "../../commands/motion";
import { h, setText } from "../../lib/dom";
import { iconButton } from "../../lib/icon-button";
import { MOTION_HELP } from "../../state/help";
import { loraProblem } from "../../state/motion";
import type { State } from "../../state/state";

export function createLoras(app: App) {
  const root = h("div", { class: "fields" });
  let names = "";
  let lines: { name: string; input: HTMLInputElement; problem: HTMLElement }[] = [];

  function line(name: string): HTMLElement {
    const id = `motion-lora-${lines.length}`;
    const input = h("input", {
      class: "input lora-strength",
      id,
      inputmode: "decimal",
      autocomplete: "off",
      title: MOTION_HELP.lora.strength ?? "",
      "aria-describedby": `${id}-problem`,
    });
    input.addEventListener("input", () => {
      const { loras } = app.store.get().motion;
      const strength = input.value;
      edit(app, { loras: loras.map((one) => (one.name === name ? { name, strength } : one)) });
    });
    const problem = h("p", { class: "problem", id: `${id}-problem`, role: "alert" });
    lines.push({ name, input, problem });
    const remove = iconButton("close", `Remove ${name}`, () => void removeMotionLora(app, name));
    return h(
      "div",
      {},
      h(
        "div",
        { class: "lora-line" },
        h("label", { class: "lora-name", for: id }, name),
        input,
        remove,
      ),
      problem,
    );
  }

  return {
    root,
    show({ motion, tables }: State): void {
      const now = motion.loras.map(({ name }) => name).join("\n");
      if (now !== names) {
        lines = [];
        names = now;
        root.replaceChildren(...motion.loras.map(({ name }) => line(name)));
      }
      for (const { name, input, problem } of lines) {
        const lora = motion.loras.find((one) => one.name === name);
        if (!lora) continue;
        if (input.value !== lora.strength) input.value = lora.strength;
        const wrong = loraProblem(tables, lora);
        input.setAttribute("aria-invalid", String(wrong !== null));
        setText(problem, wrong ?? "");
      }
    },
  };
}
