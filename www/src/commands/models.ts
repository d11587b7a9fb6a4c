/** The dialog of models: downloads, and what is done with stored models. */

import type { App } from "../app";
import { addressFrom } from "../engine/store/names";
import type { StoredModel, Wanted } from "../engine/store/types";
import { additionOf, removeAddition } from "./additions";
import { loadEmbedded, loadRefusal } from "./engine";
import { sayModel } from "./few-steps";
import { describe, kindText, recognised } from "./recognise";
import { askToPersist, expectModel, guarded, refreshModels, sayOfModels } from "./transfers";
import { isUsable, use } from "./use";

export { followModels } from "./transfers";

export function openModels(app: App): void {
  app.store.dispatch({ type: "models-opened", isOpen: true });
  void refreshModels(app);
}

export function closeModels(app: App): void {
  app.store.dispatch({ type: "models-opened", isOpen: false });
}

/** Starts a download; gives a sentence if `text` is no address. */
export function addAddress(app: App, text: string): string | null {
  const address = addressFrom(text);
  if ("problem" in address) return address.problem;
  addWanted(app, address);
  return null;
}

/** Downloads a model, unless it is here already. */
export function addWanted(app: App, wanted: Wanted): void {
  const { stored, transfers } = app.store.get().models;
  const known = stored.find(({ url }) => url === wanted.url);
  if (known?.complete) return sayOfModels(app, "info", `“${known.name}” is already stored.`);
  if (known && transfers[known.id]) {
    return sayOfModels(app, "info", `“${known.name}” is already on its way.`);
  }
  app.store.dispatch({ type: "models-said", said: null });
  askToPersist(app);
  const about = app.models.download(wanted);
  expectModel(about.id, (model) => arrived(app, model));
}

export function resumeModel(app: App, model: StoredModel): void {
  app.store.dispatch({ type: "models-said", said: null });
  expectModel(model.id, (done) => arrived(app, done));
  app.models.resume(model);
}

/** Uses a stored model as what it is. */
export async function loadStored(app: App, { id, name, kind }: StoredModel): Promise<void> {
  const refusal = loadRefusal(app.store.get());
  if (refusal) return sayOfModels(app, "error", refusal);
  await guarded(app, async () => {
    const found = await app.models.open(id);
    if (!found) return sayOfModels(app, "error", `“${name}” is no longer stored. Add it again.`);
    const { source, about } = found;
    const what = await recognised(app, source, name);
    if (kind === null) app.models.describe(id, kindText(what));
    const used = await use(app, { source, name, what, stored: id, manifest: about.manifest });
    if (used === null) return;
    closeModels(app);
    sayModel(app, `“${name}”: ${used}`, name, what.title);
  });
}

/** Goes on without a stored file that prompts or previews use. */
export async function stopUsing(app: App, { id }: StoredModel): Promise<void> {
  const addition = additionOf(app, id);
  if (addition) await removeAddition(app, addition);
}

/** Deletes a stored model; one that is loaded here gives way to the page's own first. */
export async function deleteStored(app: App, model: StoredModel): Promise<void> {
  const { id, name } = model;
  await guarded(app, async () => {
    await stopUsing(app, model);
    // Why not has been said.
    if (additionOf(app, id)) return;
    if (app.store.get().storedModel === id) {
      const refusal = loadRefusal(app.store.get());
      if (refusal) return sayOfModels(app, "error", refusal);
      if (!(await loadEmbedded(app))) {
        return sayOfModels(app, "error", `“${name}” is in use. Load another model first.`);
      }
    }
    const isGone = await app.models.remove(id);
    app.store.dispatch({ type: "transfer-ended", id });
    if (!isGone) {
      const text = `“${name}” is in use in another tab. Close that tab, then delete it here.`;
      return sayOfModels(app, "error", text);
    }
    await refreshModels(app);
    sayOfModels(app, "info", `“${name}” is deleted.`);
  });
}

/** Says that a model is here, and what it is. */
async function arrived(app: App, model: StoredModel): Promise<void> {
  const what = await describe(app, model);
  const text = what && isUsable(what) ? "Press Load to use it." : (what?.sentence ?? "");
  sayOfModels(app, "info", `“${model.name}” is stored. ${text}`.trim());
}
