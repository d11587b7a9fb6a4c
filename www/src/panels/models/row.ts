/** A stored model, or one on its way, as a row. */

import { h } from "../../lib/dom";
import type { Licence, StoredModel } from "../../engine/store/types";
import type { Transfer } from "../../state/models";
import { actionsOf, BADGES, modelLine, type RowAction, type RowUse } from "./logic";

const LABELS: Record<RowAction, string> = {
  load: "Load",
  stop: "Stop using",
  delete: "Delete",
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
};

export interface RowProps {
  model: StoredModel;
  transfer: Transfer | undefined;
  use: RowUse;
  isBusy: boolean;
  run: (action: RowAction) => void;
}

export interface Row {
  root: HTMLElement;
  update(props: RowProps): void;
}

/** A row that changes in place, so that a button under the pointer stays that button. */
export function createRow(): Row {
  const name = h("p", { class: "model-name" });
  const line = h("p", { class: "soft model-line" });
  const bar = h("progress", { max: 1, "aria-label": "Progress" });
  const text = h("div", { class: "model-text" }, name, line, bar);
  const buttons = h("div", { class: "model-buttons" });
  const root = h("li", { class: "model-row" }, text, buttons);
  let shown = "";
  return {
    root,
    update({ model, transfer, use, isBusy, run }) {
      const { licence } = model;
      name.replaceChildren(
        model.name,
        ...(use ? [h("span", { class: "badge" }, BADGES[use])] : []),
      );
      line.replaceChildren(modelLine(model, transfer), ...licenceLink(licence));
      const { done, total } = transfer ?? { done: model.stored, total: model.bytes };
      bar.hidden = model.complete && !transfer;
      if (total) bar.value = done / total;
      else bar.removeAttribute("value");
      const actions = actionsOf(model, transfer, use);
      if (shown !== actions.join()) {
        shown = actions.join();
        buttons.replaceChildren(...actions.map((action) => button(action)));
      }
      for (const [at, element] of [...buttons.children].entries()) {
        if (!(element instanceof HTMLButtonElement)) continue;
        const action = actions[at]!;
        element.setAttribute("aria-label", `${LABELS[action]} ${model.name}`);
        element.disabled = isBusy && (action === "load" || action === "stop");
        element.onclick = () => run(action);
      }
    },
  };
}

/** ` · licence`, leading to its text. */
export function licenceLink(licence: Licence | null | undefined): (string | Node)[] {
  if (!licence) return [];
  const link = h("a", { href: licence.url, target: "_blank", rel: "noreferrer" }, licence.name);
  return [" · ", link];
}

function button(action: RowAction): HTMLButtonElement {
  const look = action === "load" || action === "resume" ? "button" : "button bare";
  return h("button", { type: "button", class: look }, LABELS[action]);
}
