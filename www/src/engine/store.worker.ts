/** The worker that fills the model store: downloads and copies, each alone among all tabs. */

import { copy } from "./store/copy";
import { download, type Surroundings } from "./store/download";
import { readModel, removeModel } from "./store/files";
import { alone, CHANNEL, writeLock } from "./store/locks";
import { pause } from "./store/retry";
import { quotaProblem, StoreError } from "./store/sentences";
import type { Sink } from "./store/digest";
import type { StoredModel, StoreEvent, StoreRequest, TransferState } from "./store/types";
import { openSink, writeAbout } from "./store/write";

declare const self: DedicatedWorkerGlobalScope;

/** Least time between two messages about the same transfer, in milliseconds. */
const QUIET_MS = 150;

const channel = new BroadcastChannel(CHANNEL);
const running = new Map<string, AbortController>();
const tell = (event: StoreEvent): void => channel.postMessage(event);

channel.onmessage = ({ data }: MessageEvent<StoreEvent>) => {
  if (data.type === "stop") running.get(data.id)?.abort();
};

self.onmessage = ({ data: request }: MessageEvent<StoreRequest>) => {
  if (request.do === "describe") return void describe(request.id, request.kind);
  const { id } = request.about;
  if (running.has(id)) return;
  const stop = new AbortController();
  running.set(id, stop);
  void transfer(request, stop.signal).finally(() => running.delete(id));
};

async function transfer(
  request: Exclude<StoreRequest, { do: "describe" }>,
  signal: AbortSignal,
): Promise<void> {
  const { id } = request.about;
  const report = reporter(id);
  report("waiting", request.about.stored, request.about.bytes);
  try {
    await alone(writeLock(id), () => fill(request, report, signal), signal);
  } catch (error) {
    if (signal.aborted) return tell({ type: "stopped", id });
    const { code, message } =
      error instanceof StoreError ? error : { code: "disk", message: String(error) };
    tell({ type: "failed", id, code, message });
  }
}

/** The work itself, under the lock. */
async function fill(
  request: Exclude<StoreRequest, { do: "describe" }>,
  report: Surroundings["onProgress"],
  signal: AbortSignal,
): Promise<void> {
  const { id } = request.about;
  const kept = await readModel(id);
  if (kept?.complete) return tell({ type: "done", id });
  const start = request.do === "download" ? request.start : "new";
  // Given up or paused in another tab while this one waited.
  if ((!kept && start !== "new") || (kept?.paused && start === "join")) {
    return tell({ type: "stopped", id });
  }
  let about: StoredModel = { ...request.about, ...kept, paused: false };
  const { sink, close } = await openSink(id);
  let failed: Error | null = null;
  const save = async (now: StoredModel): Promise<void> => {
    about = now;
    await writeAbout(now);
    tell({ type: "changed" });
  };
  try {
    if (kept) await save(about);
    about = await filled({ ...request, about }, sink, report, save, signal);
  } catch (error) {
    failed = error instanceof Error ? error : new Error(String(error));
  } finally {
    close();
  }
  if (!failed) return save(about).then(() => tell({ type: "done", id }));
  const isLeft = isKept(failed) && (request.do === "download" || !signal.aborted);
  if (isLeft && (await readModel(id))) await save({ ...about, paused: true });
  else await removeModel(id);
  tell({ type: "changed" });
  throw failed;
}

async function filled(
  request: Exclude<StoreRequest, { do: "describe" }>,
  sink: Sink,
  report: Surroundings["onProgress"],
  save: Surroundings["save"],
  signal: AbortSignal,
): Promise<StoredModel> {
  const { about } = request;
  if (request.do === "download") {
    const origin = self.location.origin;
    const get = (url: string, init: RequestInit): Promise<Response> => fetch(url, init);
    const around = { fetch: get, origin, wait: pause, onProgress: report, save, refuse };
    return download(about, sink, around, signal);
  }
  const refusal = await refuse(about.name, request.file.size);
  if (refusal) throw refusal;
  return copy(about, request.file, sink, (done) => report("copying", done, about.bytes), signal);
}

/** What a later try can go on with: a lost connection, a full disk, a pause. */
function isKept(error: unknown): boolean {
  if (!(error instanceof StoreError)) return true;
  return ["lost", "full", "http", "cors"].includes(error.code);
}

async function refuse(name: string, bytes: number): Promise<StoreError | null> {
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  const problem = quotaProblem(name, bytes, { usage, quota });
  return problem === null ? null : new StoreError("full", problem);
}

async function describe(id: string, kind: string): Promise<void> {
  const about = await readModel(id);
  if (about) await writeAbout({ ...about, kind });
  tell({ type: "changed" });
}

function reporter(id: string): Surroundings["onProgress"] {
  let last = 0;
  let before: TransferState | null = null;
  return (state, done, total) => {
    const now = performance.now();
    if (state === before && now - last < QUIET_MS) return;
    last = now;
    before = state;
    tell({ type: "progress", id, state, done, total });
  };
}
