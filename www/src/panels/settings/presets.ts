/** Presets, and the settings as text: to copy, paste, save and open. */

import type { App } from "../../app";
import { openFiles } from "../../commands/open";
import {
  applyPreset,
  removePreset,
  savePreset,
  settingsText,
  takeText,
} from "../../commands/share";
import { h, setText } from "../../lib/dom";
import { iconButton } from "../../lib/icon-button";
import { saveJson } from "../../lib/save";
import { BUILT_IN, type Preset } from "../../state/presets";

/** Mounts the bar in `root`; returns its removal. */
export function mountPresets(root: HTMLElement, app: App): () => void {
  const select = h("select", { class: "input", id: "preset", "aria-label": "Preset" });
  const name = h("input", { class: "input", id: "preset-name", placeholder: "Name" });
  name.setAttribute("aria-label", "Name of the preset");
  name.setAttribute("aria-describedby", "preset-problem");
  const problem = h("p", { class: "problem", id: "preset-problem", role: "alert" });
  const keep = h("button", { type: "button", class: "button" }, "Save");
  const remove = h("button", { type: "button", class: "link" });
  const file = h("input", { type: "file", accept: ".json,.png", hidden: true });
  const naming = h("div", { class: "naming", hidden: true }, name, keep);
  const open = iconButton("plus", "Save as a preset", () => {
    naming.hidden = !naming.hidden;
    open.setAttribute("aria-expanded", String(!naming.hidden));
    if (!naming.hidden) name.focus();
  });
  open.setAttribute("aria-expanded", "false");
  const bar = h(
    "div",
    { class: "preset-bar", role: "group", "aria-label": "Presets and sharing" },
    select,
    open,
    iconButton("copy", "Copy the settings", () => void copy(app)),
    iconButton("paste", "Paste settings", () => void paste(app)),
    iconButton("download", "Save the settings as a file", () => {
      const text = settingsText(app);
      if (text !== null) saveJson(text, "burnish-settings.json");
    }),
    iconButton("open", "Open settings from a file", () => file.click()),
  );
  root.append(bar, naming, problem, remove, file);

  let chosen: string | null = null;
  select.addEventListener("change", () => {
    const preset = all()[Number(select.value)];
    chosen = preset?.name ?? null;
    if (preset) applyPreset(app, preset);
    show();
  });
  keep.addEventListener("click", store);
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    store();
  });
  remove.addEventListener("click", () => {
    if (chosen !== null) removePreset(app, chosen);
    select.focus();
  });
  file.addEventListener("change", () => {
    const opened = file.files?.[0];
    file.value = "";
    if (opened) void openFiles(app, [opened], "settings");
  });

  function all(): Preset[] {
    return [...BUILT_IN, ...app.store.get().presets];
  }

  function store(): void {
    const refusal = savePreset(app, name.value);
    setText(problem, refusal ?? "");
    if (refusal !== null) return name.focus();
    chosen = name.value.trim();
    name.value = "";
    naming.hidden = true;
    open.setAttribute("aria-expanded", "false");
    show();
    select.focus();
  }

  function show(): void {
    const { presets } = app.store.get();
    const option = (preset: Preset, at: number) => h("option", { value: at }, preset.name);
    const own = presets.map((preset, at) => option(preset, BUILT_IN.length + at));
    select.replaceChildren(
      h("option", { value: "" }, "Presets"),
      h("optgroup", { label: "With the page" }, ...BUILT_IN.map(option)),
    );
    if (own.length > 0) select.append(h("optgroup", { label: "Your own" }, ...own));
    const at = all().findIndex((preset) => preset.name === chosen);
    select.value = at < 0 ? "" : String(at);
    remove.hidden = at < BUILT_IN.length;
    setText(remove, `Remove the preset “${chosen ?? ""}”`);
  }
  const unfollow = app.store.subscribe((state, before) => {
    if (state.presets !== before.presets) return show();
    const isOther = state.values !== before.values || state.followsModel !== before.followsModel;
    if (isOther && chosen !== null && state.values !== presetValues(chosen)) {
      chosen = null;
      show();
    }
  });
  function presetValues(named: string) {
    return all().find((preset) => preset.name === named)?.values;
  }
  show();
  return () => {
    unfollow();
    root.replaceChildren();
  };
}

async function copy(app: App): Promise<void> {
  const text = settingsText(app);
  if (text === null) return;
  const done = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  const said = done
    ? "The settings are on the clipboard."
    : "The browser does not let the page use the clipboard. Save the settings as a file instead.";
  const tone = done ? "info" : "error";
  app.store.dispatch({ type: "noticed", notice: { tone, text: said } });
}

async function paste(app: App): Promise<void> {
  const text = await navigator.clipboard.readText().catch(() => null);
  if (text !== null) return takeText(app, text, "The clipboard");
  const said = "The browser does not let the page read the clipboard. Open the settings as a file.";
  app.store.dispatch({ type: "noticed", notice: { tone: "error", text: said } });
}
