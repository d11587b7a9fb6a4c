/** Loading and giving up the checkpoint that runs the last steps. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";

export async function loadRefinerFile(app: App, file: File): Promise<void> {
  const before = app.store.get().refiner;
  app.store.dispatch({ type: "refiner-changed", refiner: { is: "loading", name: file.name } });
  try {
    await app.engine.loadRefiner({ manifest: null, source: { from: "file", file } }, () => {});
    app.store.dispatch({ type: "refiner-changed", refiner: { is: "ready", name: file.name } });
  } catch (error) {
    const failure = failureFrom(error);
    if (isFatal(error)) return app.store.dispatch({ type: "engine-broken", failure });
    app.store.dispatch({ type: "refiner-changed", refiner: before });
    app.store.dispatch({ type: "noticed", notice: { tone: "error", text: failure.message } });
  }
}

export async function dropRefiner(app: App): Promise<void> {
  try {
    await app.engine.dropRefiner();
    app.store.dispatch({ type: "refiner-changed", refiner: { is: "none" } });
  } catch (error) {
    const text = failureFrom(error).message;
    app.store.dispatch({ type: "noticed", notice: { tone: "error", text } });
  }
}
