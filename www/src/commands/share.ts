/** Taking over settings from presets, text, files and pictures; handing them out. */

import type { App } from "../app";
import { isGraph, recipeFromGraph } from "../lib/graph";
import { pngTexts } from "../lib/png-text";
import { sharedFrom, sharedText, ShareError, valuesOf, type Shared } from "../state/share";
import { nameProblem, withPreset, type Preset } from "../state/presets";
import type { Taken } from "../state/actions";
import type { Notice, State } from "../state/state";

/** The settings before the last that were taken over. */
let replaced: Partial<Pick<State, Taken>> | null = null;
/** What the open picture says about itself, until it is taken up. */
let offered: { document: unknown; source: string } | null = null;

export function applyPreset(app: App, { name, node, values, followsModel }: Preset): void {
  take(app, { values, followsModel, ...(node && { node }) }, `“${name}” is set.`);
}

/** Keeps the settings under `name`; the sentence says why not. */
export function savePreset(app: App, name: string): string | null {
  const problem = nameProblem(name);
  if (problem) return problem;
  const state = app.store.get();
  const preset = { name: name.trim(), node: state.node, values: valuesOf(state) };
  const presets = withPreset(state.presets, { ...preset, followsModel: false });
  app.store.dispatch({ type: "presets-changed", presets });
  return null;
}

export function removePreset(app: App, name: string): void {
  const presets = app.store.get().presets.filter((preset) => preset.name !== name);
  app.store.dispatch({ type: "presets-changed", presets });
}

/** The settings as a document, or null after saying why there is none. */
export function settingsText(app: App): string | null {
  const text = sharedText(app.store.get());
  if (text === null) say(app, "error", "A setting cannot be used; see the form.", "settings");
  return text;
}

/** Puts back what was there before settings were taken over. */
export function undoSettings(app: App): void {
  if (replaced) app.store.dispatch({ type: "settings-taken", taken: replaced });
  replaced = null;
}

/** Takes over the settings in `text`: a document of ours, or a graph of the reference tool. */
export function takeText(app: App, text: string, source: string): void {
  try {
    const document = isGraph(text) ? recipeFromGraph(text) : parsed(text);
    if (document === null) {
      throw new ShareError(
        isGraph(text)
          ? `${source} holds a graph without one of the five nodes.`
          : `${source} holds no settings of Burnish.`,
      );
    }
    takeDocument(app, document, source);
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    say(app, "error", error.message);
  }
}

/** Takes over the settings that a PNG carries, or says that it has none. */
export function takePicture(app: App, bytes: Uint8Array, source: string): void {
  const document = documentIn(bytes);
  offered = { document, source };
  takeOffered(app);
}

/** Offers the settings that a PNG carries; says nothing where there are none. */
export function offerSettings(app: App, bytes: Uint8Array, name: string): void {
  const document = documentIn(bytes);
  offered = document === null ? null : { document, source: `“${name}”` };
  if (document === null) return;
  const text = `“${name}” says how it was made.`;
  const action = { label: "Use its settings", run: "use-settings" as const };
  app.store.dispatch({ type: "noticed", notice: { tone: "info", text, action } });
}

/** Takes over what was offered. */
export function takeOffered(app: App): void {
  if (!offered) return;
  try {
    takeDocument(app, offered.document, offered.source);
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    say(app, "error", error.message);
  }
}

/** What a PNG says about its settings: ours first, then the reference tool's. */
export function documentIn(bytes: Uint8Array): unknown {
  const texts = pngTexts(bytes);
  return parsed(texts.get("burnish") ?? "") ?? recipeFromGraph(texts.get("prompt") ?? "");
}

function takeDocument(app: App, document: unknown, source: string): void {
  const { tables, prompt, negative } = app.store.get();
  if (tables.nodes.length === 0) throw new ShareError("The engine is starting. Try again then.");
  const shared = sharedFrom(document, tables, source);
  const { node, values } = shared;
  const taken = {
    node,
    values,
    followsModel: false,
    prompt: shared.prompt ?? prompt,
    negative: shared.negative ?? negative,
  };
  take(app, taken, takenText(shared, source));
}

function takenText({ leftOut }: Shared, source: string): string {
  const text = `Settings of ${source} are set.`;
  if (leftOut.length === 0) return text;
  return `${text} Left out, as they are not used here: ${leftOut.join(", ")}.`;
}

function take(app: App, taken: Partial<Pick<State, Taken>>, text: string): void {
  const { node, values, followsModel, prompt, negative } = app.store.get();
  replaced = { node, values, followsModel, prompt, negative };
  app.store.dispatch({ type: "settings-taken", taken });
  const action = { label: "Undo", run: "undo-settings" as const };
  app.store.dispatch({ type: "noticed", notice: { tone: "info", text, action } });
}

function say(app: App, tone: Notice["tone"], text: string, about?: Notice["about"]): void {
  app.store.dispatch({ type: "noticed", notice: { tone, text, ...(about && { about }) } });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
