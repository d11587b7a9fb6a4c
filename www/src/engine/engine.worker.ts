/** The worker everything heavy runs in: loads the wasm core and answers {@link Calls}. */

import { EngineError } from "./engine";
import { createHookStubs, type HookQuestion } from "./hooks";
import { openSource, type OpenSource } from "./model-source";
import type {
  Backend,
  Calls,
  CallName,
  EngineEvent,
  Failure,
  ModelInfo,
  ModelSource,
  Reply,
  Request,
} from "./protocol";
import { loadCore, type Burnish, type Core } from "./core";
import { peek } from "./peek";

declare const self: DedicatedWorkerGlobalScope;

let core: Burnish | null = null;
let build: Core | null = null;
/** What is open, as the core reads the token embedding of a loaded model from its file. */
const sources: Record<"model" | "refiner", OpenSource | null> = { model: null, refiner: null };

const embeddings = new Map<string, OpenSource>();
const hooks = createHookStubs();

type Handlers = {
  [K in CallName]: (
    takes: Calls[K]["takes"],
    onEvent: (event: EngineEvent) => void,
    ask: (question: HookQuestion) => void,
  ) => Promise<Calls[K]["gives"]>;
};

const handlers: Handlers = {
  async start({ backend }: { backend: Backend }) {
    build = await loadCore(backend);
    core = await build.Burnish.create(backend);
    return { device: core.device(), tables: build.Burnish.tables() };
  },
  loadModel: ({ manifest, source }, onEvent) =>
    load("model", source, onEvent, (opened) => started().load_pipe(manifest, opened, onEvent)),
  loadRefiner: ({ manifest, source }, onEvent) =>
    load("refiner", source, onEvent, (opened) => started().load_refiner(manifest, opened, onEvent)),
  async recognise({ source }) {
    const opened = await openSource(source, () => {});
    try {
      return build?.recognise?.(opened) ?? peek(opened);
    } finally {
      opened.close();
    }
  },
  dropRefiner: () =>
    Promise.resolve(null).then((none) => {
      started().drop_refiner();
      keep("refiner", none);
      return none;
    }),
  addEmbedding: async ({ name, source }) => {
    const opened = await openSource(source, () => {});
    const tokens = started().add_embedding(name, opened);
    embeddings.get(name)?.close();
    embeddings.set(name, opened);
    return { tokens };
  },
  removeEmbedding: ({ name }) =>
    Promise.resolve(null).then((none) => {
      started().remove_embedding(name);
      embeddings.get(name)?.close();
      embeddings.delete(name);
      return none;
    }),
  maskToSegs: (takes) =>
    Promise.resolve().then(() => {
      if (!build) throw notStarted();
      return { segs: build.Burnish.mask_to_segs(takes) };
    }),
  detail: (takes, onEvent, ask) =>
    started().detail_segs({ ...takes, hooks: hooks.stubs(takes.hooks ?? [], ask) }, onEvent),
};

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  if ("cancel" in request) return core?.cancel();
  if ("answer" in request) return hooks.answered(request.answer);
  const { id } = request;
  const post = (reply: Reply): void => self.postMessage(reply);
  try {
    // The union ties `takes` to `call`; the compiler loses that link over the lookup.
    const handle = handlers[request.call] as (
      takes: Calls[CallName]["takes"],
      onEvent: (event: EngineEvent) => void,
      ask: (question: HookQuestion) => void,
    ) => Promise<Calls[CallName]["gives"]>;
    const tell = (event: EngineEvent): void => post({ id, event });
    post({ id, gives: await handle(request.takes, tell, (ask) => post({ id, ask })) });
  } catch (error) {
    post({ id, failure: failureFrom(error) });
  }
};

// A trap inside a promise reaches nobody else; as an error of the worker it reaches the page.
self.onunhandledrejection = ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
};

async function load(
  slot: keyof typeof sources,
  from: ModelSource,
  onEvent: (event: EngineEvent) => void,
  read: (opened: OpenSource) => Promise<ModelInfo>,
): Promise<ModelInfo> {
  const opened = await openSource(from, (done, total) => onEvent({ type: "loading", done, total }));
  const info = await read(opened);
  keep(slot, opened);
  return info;
}

function keep(slot: keyof typeof sources, opened: OpenSource | null): void {
  sources[slot]?.close();
  sources[slot] = opened;
}

function started(): Burnish {
  if (!core) throw notStarted();
  return core;
}

function notStarted(): EngineError {
  return new EngineError({
    code: "not_started",
    message: "The engine has not been started yet.",
  });
}

/** The core rejects with `{ code, message }`; a trap in wasm is a `RuntimeError`. */
function failureFrom(error: unknown): Failure {
  if (error instanceof WebAssembly.RuntimeError) {
    return {
      code: "panic",
      message:
        "The engine stopped on an error of its own. Your mask and settings are kept; restart the engine.",
    };
  }
  if (typeof error === "object" && error !== null && "message" in error) {
    const code = "code" in error ? String(error.code) : "unexpected";
    return { code, message: String(error.message) };
  }
  return { code: "unexpected", message: String(error) };
}
