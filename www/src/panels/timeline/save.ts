/** The format a clip is saved in, and the button that saves it. */

import type { App } from "../../app";
import { formatsOf, saveClip } from "../../commands/clip-save";
import type { Format } from "../../clip/export/formats";
import { h } from "../../lib/dom";
import { icon } from "../../lib/icons";
import type { ClipState } from "../../state/clip";
import { usualFormat } from "./logic";

export function createSaving(app: App) {
  const format = h("select", { class: "input compact", "aria-label": "Format of the clip" });
  const save = h(
    "button",
    { type: "button", class: "button", title: "Save clip", "aria-label": "Save clip" },
    icon("download"),
    h("span", { class: "text" }, "Save clip"),
  );
  const root = h(
    "div",
    { class: "bare-group save", role: "group", "aria-label": "Save" },
    format,
    save,
  );
  let formats: readonly Format[] = [];
  /** Number of the clip the formats are for: which there are depends on its size. */
  let filled = 0;

  save.addEventListener("click", () => {
    const chosen = formats.find(({ name }) => name === format.value);
    if (chosen) void saveClip(app, chosen.name);
  });

  async function fill({ film }: ClipState, opened: number): Promise<void> {
    filled = opened;
    const found = await formatsOf(app);
    if (filled !== opened) return;
    formats = found;
    const usual = usualFormat(film, found);
    format.replaceChildren(
      ...found.map(({ name, label, refusal }) => {
        const [disabled, selected] = [refusal !== null, name === usual];
        return h("option", { value: name, disabled, title: refusal, selected }, label);
      }),
    );
  }
  return {
    root,
    /** `opened` counts what was opened so far. */
    show(clip: ClipState, opened: number, isBusy: boolean): void {
      if (filled !== opened) void fill(clip, opened);
      save.disabled = format.disabled = isBusy;
    },
  };
}
