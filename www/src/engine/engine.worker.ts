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
  ModelSource,
  Reply,
  Request,
} from "./protocol";
import { loadCore, type Burnish, type Core } from "./core";

declare const self: DedicatedWorkerGlobalScope;

let core: Burnish | null = null;
let build: Core | null = null;
/**
 * What is open, by its part: the core goes on reading from its files, the token embedding of a
 * model, the VAE that stands in for its own, a motion module, and all of an embedding or a LoRA.
 */
const sources = new Map<string, OpenSource>();
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
  loadModel: ({ manifest, source, precision }, onEvent) =>
    keeping(
      source,
      () => "model",
      (opened) => started().load_pipe(manifest, opened, onEvent, precision),
      onEvent,
    ),
  loadRefiner: ({ manifest, source, precision }, onEvent) =>
    keeping(
      source,
      () => "refiner",
      (opened) => started().load_refiner(manifest, opened, onEvent, precision),
      onEvent,
    ),
  recognise: ({ source, precision }) =>
    briefly(source, (opened) => {
      if (!build) throw notStarted();
      return build.Burnish.recognise(opened, precision);
    }),
  dropRefiner: async () => {
    await Promise.resolve(started().drop_refiner());
    return keep("refiner", null);
  },
  addEmbedding: ({ name, source }) =>
    keeping(
      source,
      () => `embedding:${name}`,
      (opened) => ({
        tokens: started().add_embedding(name, opened),
      }),
    ),
  removeEmbedding: async ({ name }) => {
    await Promise.resolve(started().remove_embedding(name));
    return keep(`embedding:${name}`, null);
  },
  addLora: ({ source }) =>
    keeping(
      source,
      (info) => `lora:${info.name}`,
      (opened) => started().add_lora(opened),
    ),
  removeLora: async ({ name }) => {
    await Promise.resolve(started().remove_lora(name));
    return keep(`lora:${name}`, null);
  },
  addControlNet: ({ source }, onEvent) =>
    briefly(source, (opened) => started().add_control_net(opened, onEvent)),
  removeControlNet: async ({ name }) => {
    await Promise.resolve(started().remove_control_net(name));
    return null;
  },
  addMotionModule: ({ source }, onEvent) =>
    keeping(
      source,
      (info) => `motion:${info.name}`,
      (opened) => started().add_motion_module(opened, onEvent),
    ),
  removeMotionModule: async ({ name }) => {
    await Promise.resolve(started().remove_motion_module(name));
    return keep(`motion:${name}`, null);
  },
  addMotionLora: ({ source }) =>
    keeping(
      source,
      (info) => `motion-lora:${info.name}`,
      (opened) => started().add_motion_lora(opened),
    ),
  removeMotionLora: async ({ name }) => {
    await Promise.resolve(started().remove_motion_lora(name));
    return keep(`motion-lora:${name}`, null);
  },
  loadVae: ({ source }, onEvent) =>
    keeping(
      source,
      () => "vae",
      (opened) => {
        started().load_vae(opened, onEvent);
        return null;
      },
    ),
  loadTaesd: async ({ source }) => {
    await briefly(source, (opened) => started().load_taesd(opened));
    return null;
  },
  dropTaesd: async () => {
    await Promise.resolve(started().drop_taesd());
    return null;
  },
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
  const post = (reply: Reply, give: Transferable[] = []): void => self.postMessage(reply, give);
  try {
    // The union ties `takes` to `call`; the compiler loses that link over the lookup.
    const handle = handlers[request.call] as (
      takes: Calls[CallName]["takes"],
      onEvent: (event: EngineEvent) => void,
      ask: (question: HookQuestion) => void,
    ) => Promise<Calls[CallName]["gives"]>;
    const tell = (event: EngineEvent): void => post({ id, event });
    const gives = await handle(request.takes, tell, (ask) => post({ id, ask }));
    post({ id, gives }, picturesIn(gives));
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

/**
 * Opens `source`, which the core goes on reading from, for the part that `read`'s answer names; a
 * file that was not taken is closed.
 */
async function keeping<T>(
  source: ModelSource,
  part: (gives: T) => string,
  read: (opened: OpenSource) => T | Promise<T>,
  onEvent: (event: EngineEvent) => void = () => {},
): Promise<T> {
  const opened = await openSource(source, (done, total) =>
    onEvent({ type: "loading", done, total }),
  );
  try {
    const gives = await read(opened);
    opened.rest();
    keep(part(gives), opened);
    return gives;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Closes what was open for `part`, and keeps `opened` in its place. */
function keep(part: string, opened: OpenSource | null): null {
  sources.get(part)?.close();
  if (opened) sources.set(part, opened);
  else sources.delete(part);
  return null;
}

/** Opens `source` for as long as `read` takes. */
async function briefly<T>(source: ModelSource, read: (opened: OpenSource) => T): Promise<T> {
  const opened = await openSource(source, () => {});
  try {
    return read(opened);
  } finally {
    opened.close();
  }
}

/** The buffers of a result's pictures: of a clip they are too many to be copied. */
function picturesIn(gives: Calls[CallName]["gives"]): Transferable[] {
  if (gives === null || !("images" in gives)) return [];
  const { image, images, cropped, refined, cnet_images, enhanced_alpha } = gives;
  const all = [image, ...images, ...cropped, ...refined, ...cnet_images, ...enhanced_alpha];
  // A view of a larger buffer, were it the core's own memory, must not be given away.
  const whole = all.filter(({ data }) => data.byteLength === data.buffer.byteLength);
  return [...new Set(whole.map(({ data }) => data.buffer))];
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
