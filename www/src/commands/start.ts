/** Starting and starting again: the engine, its model, and the files that were in use beside it. */

import type { App } from "../app";
import { failureFrom, isFatal } from "../engine/engine";
import type { Backend } from "../engine/protocol";
import { startEngine } from "./engine";
import { recognised } from "./recognise";
import { use } from "./use";

export async function start(app: App): Promise<void> {
  await startEngine(app);
  await takeUp(app);
}

/** Ends the engine and starts a new one; the mask and the settings stay. */
export async function restartEngine(app: App): Promise<void> {
  app.engine.dispose();
  app.engine = app.createEngine();
  app.store.dispatch({ type: "notice-closed" });
  await start(app);
}

/** Starts again on `backend`. */
export async function chooseBackend(app: App, backend: Backend): Promise<void> {
  app.wantedBackend = backend;
  await restartEngine(app);
}

/** Takes up the stored files that prompts and previews used before. */
async function takeUp(app: App): Promise<void> {
  const { inUse, engine } = app.store.get();
  if (inUse.length === 0 || engine.is !== "ready") return;
  // One by one: should one of them end the page, it is not taken up again.
  app.store.dispatch({ type: "additions-changed", additions: [] });
  for (const id of inUse) {
    try {
      await takeUpOne(app, id);
    } catch (error) {
      const failure = failureFrom(error);
      if (isFatal(error)) return app.store.dispatch({ type: "engine-broken", failure });
      app.store.dispatch({ type: "noticed", notice: { tone: "error", text: failure.message } });
    }
  }
}

async function takeUpOne(app: App, id: string): Promise<void> {
  const found = await app.models.open(id).catch(() => null);
  if (!found) return;
  const { source, about } = found;
  const { name, manifest } = about;
  const what = await recognised(app, source, name);
  if (what.usable_as === "checkpoint") return;
  await use(app, { source, name, what, stored: id, manifest });
}
