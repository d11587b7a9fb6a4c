/** Starting the engine, loading a model, and starting again after a crash. */

import { type App } from "../app";
import { embeddedModel } from "../engine/embedded";
import { failureFrom, isFatal } from "../engine/engine";
import { probe } from "../engine/probe";
import type { Backend, Calls, Manifest, ModelSource } from "../engine/protocol";

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
    if (!embedded) {
      const failure = {
        code: "no_model",
        message:
          "This copy of the page has no model. Drop a .safetensors checkpoint of Stable Diffusion 1.5 here.",
      };
      return app.store.dispatch({ type: "model-refused", model: "", failure });
    }
    await load(app, embedded.manifest, { from: "url", name, url: embedded.modelUrl });
  } catch (error) {
    app.store.dispatch({ type: "engine-broken", failure: failureFrom(error) });
  }
}

/** Ends the engine and starts a new one; the mask and the settings stay. */
export async function restartEngine(app: App): Promise<void> {
  app.engine.dispose();
  app.engine = app.createEngine();
  app.store.dispatch({ type: "notice-closed" });
  await startEngine(app);
}

/** Starts again on `backend`. */
export async function chooseBackend(app: App, backend: Backend): Promise<void> {
  app.wantedBackend = backend;
  await restartEngine(app);
}

/** Loads a checkpoint from the user's disk in place of the model that is loaded. */
export async function loadModelFile(app: App, file: File): Promise<void> {
  const { engine, work } = app.store.get();
  const refuse = (text: string): void =>
    app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
  if (work.phase === "running")
    return refuse("A run is going on. Cancel it before loading another model.");
  if (engine.is === "loading" || engine.is === "starting")
    return refuse("A model is being loaded. Wait for it to finish.");
  if (engine.is === "broken")
    return refuse("The engine has stopped. Restart it before loading a model.");
  try {
    await load(app, null, { from: "file", file });
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return app.store.dispatch({ type: "engine-broken", failure });
    app.store.dispatch({ type: "model-refused", model: engine.model, failure });
    await loadAgain(app);
  }
}

/** The model that last worked. */
let loaded: { manifest: Manifest | null; source: ModelSource } | null = null;

/** Brings back the model that the core gave up to make room for one it could not read. */
async function loadAgain(app: App): Promise<void> {
  if (!loaded) return;
  try {
    await load(app, loaded.manifest, loaded.source);
  } catch (error) {
    app.store.dispatch({ type: "engine-broken", failure: failureFrom(error) });
  }
}

async function load(app: App, manifest: Manifest | null, source: ModelSource): Promise<void> {
  const name = source.from === "file" ? source.file.name : source.name;
  app.store.dispatch({ type: "model-loading", name, done: 0, total: 0 });
  await app.engine.loadModel({ manifest, source }, (event) => {
    if (event.type !== "loading") return;
    app.store.dispatch({ type: "model-loading", name, done: event.done, total: event.total });
  });
  loaded = { manifest, source };
  app.store.dispatch({
    type: "model-loaded",
    name,
    recommended: manifest?.recommended ?? {},
    examples: manifest?.prompts ?? [],
  });
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
