/**
 * Models kept in the origin's private file system, as the page sees them.
 *
 * A worker fills the store and tells every tab how far it is; here they are listed, handed out and
 * deleted. Nothing is loaded here.
 */

import type { ModelSource } from "./source";
import { aboutLocal, aboutUrl } from "./store/about";
import { listModels, modelHandle, readModel, removeModel } from "./store/files";
import { alone, CHANNEL, holdShared, ifFree, useLock, writeLock } from "./store/locks";
import type {
  LocalModel,
  StoredModel,
  Storage,
  StoreEvent,
  StoreRequest,
  Wanted,
} from "./store/types";

/** How long a transfer in another tab may take to stop, in milliseconds. */
const PATIENCE_MS = 10_000;

/** A complete model. */
export interface Opened {
  about: StoredModel;
  /** Where the engine reads it. */
  source: ModelSource;
}

export interface ModelStore {
  list(): Promise<{ stored: StoredModel[]; storage: Storage }>;
  /** Asks the browser to keep what is stored; true if it does. */
  persist(): Promise<boolean>;
  download(wanted: Wanted): StoredModel;
  resume(model: StoredModel): void;
  /** Goes on with what an earlier visit or another tab leaves behind, unless it is paused. */
  join(model: StoredModel): void;
  /** Takes away what is left of copies that never ended. */
  sweep(): Promise<void>;
  /** Copies a model of the user's disk; a pipeline's files one after the other. */
  keep(model: LocalModel): StoredModel;
  /** Stops a transfer, in whichever tab it runs; what has arrived stays. */
  stop(id: string): void;
  /** Deletes a model; false when another tab uses it. */
  remove(id: string): Promise<boolean>;
  describe(id: string, kind: string): void;
  /** A complete model; null when it is not there. */
  open(id: string): Promise<Opened | null>;
  /** Keeps other tabs from deleting these, and lets go of those before that were used so. */
  use(place: "model" | "additions", ids: readonly string[]): void;
  /** Tells `listener` what happens in any tab until the returned function is called. */
  listen(listener: (event: StoreEvent) => void): () => void;
}

/** The stored bytes as one file, or as the files of a pipeline. */
export function sourceIn(
  { name, parts }: Pick<StoredModel, "name" | "parts">,
  handle: FileSystemFileHandle,
): ModelSource {
  if (!parts) return { from: "handle", name, handle };
  let begin = 0;
  const files = parts.map(({ name: part, bytes }) => {
    const range = { begin, bytes };
    begin += bytes;
    return { from: "handle", name: part, handle, range } as const;
  });
  return { from: "parts", name, parts: files };
}

/** `createWorker` is called when the first model is added. */
export function createModelStore(createWorker: () => Worker): ModelStore {
  let worker: Worker | null = null;
  const releases = new Map<string, () => void>();
  const channel = new BroadcastChannel(CHANNEL);
  const send = (request: StoreRequest): void => {
    worker ??= createWorker();
    worker.postMessage(request);
  };
  const tell = (event: StoreEvent): void => channel.postMessage(event);
  const listeners = new Set<(event: StoreEvent) => void>();
  channel.onmessage = ({ data }: MessageEvent<StoreEvent>) => {
    for (const listener of [...listeners]) listener(data);
  };
  return {
    async list() {
      const [stored, estimate, persisted] = await Promise.all([
        listModels(),
        navigator.storage.estimate(),
        navigator.storage.persisted(),
      ]);
      const { usage = 0, quota = 0 } = estimate;
      return { stored, storage: { usage, quota, persisted } };
    },
    persist: () => navigator.storage.persist().catch(() => false),
    download(wanted) {
      const about = aboutUrl(wanted);
      send({ do: "download", about, start: "new" });
      return about;
    },
    resume: (about) => send({ do: "download", about, start: "again" }),
    join: (about) => send({ do: "download", about, start: "join" }),
    async sweep() {
      for (const { id, complete, url } of await listModels()) {
        if (!complete && url === null) await ifFree(writeLock(id), () => removeModel(id));
      }
    },
    keep(model) {
      const about = aboutLocal(model);
      send({ do: "copy", about, file: new Blob(model.parts.map(({ file }) => file)) });
      return about;
    },
    stop: (id) => tell({ type: "stop", id }),
    async remove(id) {
      const take = async (): Promise<void> => {
        tell({ type: "stop", id });
        await alone(writeLock(id), () => removeModel(id), AbortSignal.timeout(PATIENCE_MS));
        tell({ type: "changed" });
      };
      // A model this tab has just let go of is free a moment later.
      for (let tries = 0; tries < 5; tries++) {
        if (await ifFree(useLock(id), take)) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return false;
    },
    describe: (id, kind) => send({ do: "describe", id, kind }),
    async open(id) {
      const about = await readModel(id).catch(() => null);
      return about?.complete ? { about, source: sourceIn(about, await modelHandle(id)) } : null;
    },
    use(place, ids) {
      const before = releases.get(place);
      const held = ids.map((id) => holdShared(useLock(id)));
      releases.set(place, () => held.forEach((release) => release()));
      before?.();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
