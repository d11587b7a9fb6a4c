/** Follows what the store tells, whichever tab does the work. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";
import type { StoredModel, StoreEvent } from "../engine/store/types";
import { describe } from "./recognise";
import type { Said } from "../state/models";

/** What this tab has asked for, and what to do once it is here. */
const expected = new Map<string, (model: StoredModel) => unknown>();
/** Downloads of other tabs that this one takes over should they be closed. */
const joined = new Set<string>();

export function expectModel(id: string, then: (model: StoredModel) => unknown): void {
  expected.set(id, then);
}

/** Shown in the models' dialog or, while that is closed, over the picture. */
export function sayOfModels(app: App, tone: Said["tone"], text: string): void {
  app.store.dispatch({ type: "models-said", said: { tone, text } });
}

/** Runs `run`; tells the user why it fails. */
export async function guarded(app: App, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return app.store.dispatch({ type: "engine-broken", failure });
    sayOfModels(app, "error", failure.message);
  }
}

/** Browsers answer best when asked at the moment the user stores something. */
export function askToPersist(app: App): void {
  if (app.store.get().models.storage?.persisted) return;
  void app.models.persist().then(() => refreshModels(app));
}

/** Reads the index again. */
export async function refreshModels(app: App): Promise<void> {
  const list = await app.models.list().catch(() => ({ stored: [], storage: null }));
  app.store.dispatch({ type: "models-listed", ...list });
}

/** Lists the models, goes on with downloads that an earlier visit left, and follows from then on. */
export async function followModels(app: App): Promise<() => void> {
  const stop = app.models.listen((event) => void follow(app, event));
  await app.models.sweep().catch(() => {});
  await refreshModels(app);
  for (const model of app.store.get().models.stored) join(app, model);
  return stop;
}

async function follow(app: App, event: StoreEvent): Promise<void> {
  const { store } = app;
  switch (event.type) {
    case "progress":
      store.dispatch({ ...event, type: "transfer-progressed", nowMs: performance.now() });
      return;
    case "changed":
      await refreshModels(app);
      return store.get().models.stored.forEach((model) => join(app, model));
    case "done":
    case "stopped":
    case "failed": {
      const { id } = event;
      const then = expected.get(id);
      expected.delete(id);
      joined.delete(id);
      store.dispatch({ type: "transfer-ended", id });
      await refreshModels(app);
      const model = store.get().models.stored.find((other) => other.id === id);
      if (event.type === "failed" && then) sayOfModels(app, "error", event.message);
      if (event.type !== "done" || !model) return;
      if (then) then(model);
      else if (model.kind === null) await describe(app, model);
    }
  }
}

/** Waits behind the tab that downloads `model`, or goes on with it when there is none. */
function join(app: App, model: StoredModel): void {
  const { id, complete, paused, url } = model;
  if (complete || paused || url === null || expected.has(id) || joined.has(id)) return;
  joined.add(id);
  app.models.join(model);
}
