/** Makes the engine the page runs on. */

import type { Engine } from "./engine";
import { createClipClient, type ClipClient } from "../clip/client";
import { createFakeEngine } from "./fake-engine";
import { createModelStore, type ModelStore } from "./model-store";
import { createWorkerEngine } from "./worker-engine";

/** `kind` "fake" gives the stand-in, in builds for development and tests only. */
export function createEngine(kind: string | null): Engine {
  if (__WITH_FAKE_ENGINE__ && kind === "fake") return createFakeEngine();
  const worker = new Worker(new URL("./engine.worker.ts", import.meta.url), {
    type: "module",
    name: "burnish",
  });
  return createWorkerEngine(worker);
}

/** Makes the store; its worker starts with the first model that is added. */
export function createStoreOfModels(): ModelStore {
  return createModelStore(
    () =>
      new Worker(new URL("./store.worker.ts", import.meta.url), {
        type: "module",
        name: "burnish-models",
      }),
  );
}

/** Makes the client of the clip worker, which starts with the first clip. */
export function createClips(): ClipClient {
  return createClipClient(
    () =>
      new Worker(new URL("../clip/clip.worker.ts", import.meta.url), {
        type: "module",
        name: "burnish-clips",
      }),
  );
}
