/** Starting the engine, loading a model, and starting again after a crash. */

import { type App } from "../app";
import { embeddedModel, type Embedded } from "../engine/embedded";
import { failureFrom, isFatal } from "../engine/engine";
import { probe } from "../engine/probe";
import type { Backend, Calls, Manifest, ModelSource, Precision } from "../engine/protocol";
import { sourceName } from "../engine/source";
import type { State } from "../state/state";
import { lastModel, markLoading } from "./last-model";
import { offerOwnMotion } from "./motion";

/** Starts on WebGPU or, without it, on the CPU, and loads the embedded model. */
export async function startEngine(app: App): Promise<void> {
  const found = await probe(navigator.gpu, app.wantedBackend, isSecureContext);
  const embedded = embeddedModel();
  try {
    const { device, tables } = await startOn(app, found.backend, found.advice);
    const { advice } = app.store.get();
    if (advice && app.wantedBackend !== "cpu") {
      app.store.dispatch({ type: "noticed", notice: { tone: "info", text: advice } });
    }
    const name = embedded?.title ?? "";
    app.store.dispatch({ type: "engine-started", device, tables, name });
    loaded = null;
    const last = await lastModel(app);
    if (last && (await loadModel(app, last))) return;
    if (embedded) return await load(app, embeddedChoice(embedded));
    const failure = {
      code: "no_model",
      message:
        "This copy of the page has no model. Drop a .safetensors checkpoint of Stable Diffusion 1.5 here.",
    };
    app.store.dispatch({ type: "model-refused", model: "", failure });
  } catch (error) {
    app.store.dispatch({ type: "engine-broken", failure: failureFrom(error) });
  }
}

/** Why no model can be loaded now, as a sentence; null when one can. */
export function loadRefusal({ engine, work }: State): string | null {
  if (work.phase === "running") return "A run is going on. Cancel it before loading another model.";
  if (engine.is === "loading" || engine.is === "starting")
    return "A model is being loaded. Wait for it to finish.";
  if (engine.is === "broken") return "The engine has stopped. Restart it before loading a model.";
  return null;
}

/** Loads a checkpoint in place of the one that is loaded; false, after saying why, if it cannot be. */
export async function loadModel(app: App, choice: ModelChoice): Promise<boolean> {
  const { engine } = app.store.get();
  const model = "model" in engine ? engine.model : "";
  try {
    const { precision } = app.store.get();
    await load(app, { ...choice, precision });
    return true;
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) throw error;
    app.store.dispatch({ type: "model-refused", model, failure });
    await loadAgain(app);
    return false;
  }
}

/** Goes back to the model that comes with the page; false when there is none. */
export async function loadEmbedded(app: App): Promise<boolean> {
  const embedded = embeddedModel();
  if (embedded) await load(app, embeddedChoice(embedded));
  return embedded !== null;
}

/** A checkpoint to load. */
export interface ModelChoice {
  /** What its file does not say about itself. */
  manifest: Manifest | null;
  source: ModelSource;
  /** Its id in the store; null for any other. */
  stored: string | null;
}

interface Choice extends ModelChoice {
  precision: Precision;
}

/** The model that last worked. */
let loaded: Choice | null = null;

function embeddedChoice({ manifest, title, modelUrl }: Embedded): Choice {
  const source = { from: "url", name: title, url: modelUrl } as const;
  return { manifest, source, stored: null, precision: "auto" };
}

/** Brings back the model that the core gave up to make room for one it could not read. */
async function loadAgain(app: App): Promise<void> {
  if (loaded) await load(app, loaded);
}

async function load(app: App, choice: Choice): Promise<void> {
  const { manifest, source, stored, precision } = choice;
  const name = sourceName(source);
  app.store.dispatch({ type: "model-loading", name, done: 0, total: 0 });
  app.models.use("model", stored === null ? [] : [stored]);
  const done = markLoading(stored);
  await app.engine
    .loadModel({ manifest, source, precision }, (event) => {
      if (event.type !== "loading") return;
      app.store.dispatch({ type: "model-loading", name, done: event.done, total: event.total });
    })
    .catch((error: unknown) => {
      if (!isFatal(error)) done();
      throw error;
    });
  done();
  loaded = choice;
  app.store.dispatch({ type: "stored-model-chosen", id: stored });
  app.store.dispatch({
    type: "model-loaded",
    name,
    recommended: manifest?.recommended ?? {},
    examples: manifest?.prompts ?? [],
  });
  offerOwnMotion(app, manifest);
}

/** What was loaded has been kept: from now on it is read from the store's copy after a restart. */
export function loadedIsStored(app: App, source: ModelSource, id: string): void {
  if (loaded?.source !== source) return;
  app.models.use("model", [id]);
  loaded = { ...loaded, stored: id };
  app.store.dispatch({ type: "stored-model-chosen", id });
}

/** A GPU that is there but cannot be used is no reason to stop. */
async function startOn(
  app: App,
  backend: Backend,
  advice: string | null,
): Promise<Calls["start"]["gives"]> {
  app.store.dispatch({ type: "engine-starting", backend, advice });
  try {
    return await app.engine.start(backend);
  } catch (error) {
    if (backend === "cpu") throw error;
    app.engine.dispose();
    app.engine = app.createEngine();
    const why = `The GPU could not be used: ${failureFrom(error).message} Burnish goes on with the CPU, which is slower.`;
    app.store.dispatch({ type: "engine-starting", backend: "cpu", advice: why });
    return app.engine.start("cpu");
  }
}
