/** The worker everything heavy runs in: loads the wasm core and answers {@link Calls}. */

import { EngineError } from "./engine";
import { openSource, type OpenSource } from "./model-source";
import type { Backend, Calls, CallName, EngineEvent, Failure, Reply, Request } from "./protocol";
import { loadCore, type Burnish } from "./core";

declare const self: DedicatedWorkerGlobalScope;

let core: Burnish | null = null;
let source: OpenSource | null = null;

type Handlers = {
  [K in CallName]: (
    takes: Calls[K]["takes"],
    onEvent: (event: EngineEvent) => void,
  ) => Promise<Calls[K]["gives"]>;
};

const handlers: Handlers = {
  async start({ backend }: { backend: Backend }) {
    const { Burnish } = await loadCore(backend);
    core = await Burnish.create(backend);
    const { samplers, schedulers } = Burnish.tables();
    return { device: core.device(), tables: { samplers, schedulers } };
  },
  async loadModel({ manifest, source: from }, onEvent) {
    const opened = await openSource(from, (done, total) =>
      onEvent({ type: "loading", done, total }),
    );
    const info = await started().load_pipe(manifest, opened, onEvent);
    source?.close();
    source = opened;
    return info;
  },
  detail: (takes, onEvent) => started().detail_segs(takes, onEvent),
};

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  if ("cancel" in request) return core?.cancel();
  const { id } = request;
  const post = (reply: Reply): void => self.postMessage(reply);
  try {
    // The union ties `takes` to `call`; the compiler loses that link over the lookup.
    const handle = handlers[request.call] as (
      takes: Calls[CallName]["takes"],
      onEvent: (event: EngineEvent) => void,
    ) => Promise<Calls[CallName]["gives"]>;
    post({ id, gives: await handle(request.takes, (event) => post({ id, event })) });
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

function started(): Burnish {
  if (!core)
    throw new EngineError({ code: "not_started", message: "The engine has not been started yet." });
  return core;
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
