/** A button that shows an icon and says what it does. */

import { h } from "./dom";
import { icon, type IconName } from "./icons";

/** `label` is its name, and what hovering over it shows. */
export function iconButton(name: IconName, label: string, run: () => void): HTMLButtonElement {
  const element = h(
    "button",
    { type: "button", class: "button bare square", title: label, "aria-label": label },
    icon(name),
  );
  element.addEventListener("click", run);
  return element;
}
