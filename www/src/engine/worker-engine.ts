/** The engine in its worker: sends calls over, matches replies to them. */

import { EngineError, type Engine, type OnEvent } from "./engine";
import { answerOf, methodsOf, type DetailerHook } from "./hooks";
import type { CallName, Calls, Failure, Reply, Request } from "./protocol";

interface Pending {
  resolve: (gives: Calls[CallName]["gives"]) => void;
  reject: (error: EngineError) => void;
  onEvent: OnEvent;
  hooks: readonly DetailerHook[];
}

/** The part of `Worker` the engine needs, so that a test can stand in for it. */
export interface WorkerPort {
  postMessage(request: Request, transfer?: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

const NOT_STARTED: Failure = {
  code: "worker",
  message:
    "The engine could not be started. Reload the page; if that does not help, update the browser.",
};
const CRASHED: Failure = {
  code: "panic",
  message:
    "The engine stopped on an error of its own. Your mask and settings are kept; restart the engine.",
};

/** Runs the core behind `worker`, which must run `engine.worker.ts`. */
export function createWorkerEngine(worker: WorkerPort): Engine {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let hasAnswered = false;

  function failAll(failure: Failure): void {
    const error = new EngineError(failure);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  worker.onmessage = ({ data: reply }) => {
    hasAnswered = true;
    const call = pending.get(reply.id);
    if (!call) return;
    if ("event" in reply) return call.onEvent(reply.event);
    if ("ask" in reply) {
      void answerOf(call.hooks, reply.ask).then((answer) => worker.postMessage({ answer }));
      return;
    }
    pending.delete(reply.id);
    if ("failure" in reply) call.reject(new EngineError(reply.failure));
    else call.resolve(reply.gives);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    failAll(hasAnswered ? CRASHED : NOT_STARTED);
  };

  function call<K extends CallName>(
    name: K,
    takes: Calls[K]["takes"],
    onEvent: OnEvent = () => {},
    hooks: readonly DetailerHook[] = [],
    give: readonly ArrayBuffer[] = [],
  ): Promise<Calls[K]["gives"]> {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      // The id ties the reply to this call, so what it gives is what this call gives.
      pending.set(id, { resolve: resolve, reject, onEvent, hooks });
      worker.postMessage({ id, call: name, takes } as Request, [...give]);
    });
  }

  return {
    start: (backend) => call("start", { backend }),
    loadModel: (takes, onEvent) => call("loadModel", takes, onEvent),
    loadRefiner: (takes, onEvent) => call("loadRefiner", takes, onEvent),
    recognise: (takes) => call("recognise", takes),
    dropRefiner: () => call("dropRefiner", {}),
    addEmbedding: (takes) => call("addEmbedding", takes),
    removeEmbedding: (takes) => call("removeEmbedding", takes),
    addLora: (takes) => call("addLora", takes),
    removeLora: (takes) => call("removeLora", takes),
    addControlNet: (takes, onEvent) => call("addControlNet", takes, onEvent),
    removeControlNet: (takes) => call("removeControlNet", takes),
    addMotionModule: (takes, onEvent) => call("addMotionModule", takes, onEvent),
    removeMotionModule: (takes) => call("removeMotionModule", takes),
    addMotionLora: (takes) => call("addMotionLora", takes),
    removeMotionLora: (takes) => call("removeMotionLora", takes),
    loadVae: (takes, onEvent) => call("loadVae", takes, onEvent),
    loadTaesd: (takes) => call("loadTaesd", takes),
    dropTaesd: () => call("dropTaesd", {}),
    maskToSegs: (takes) => call("maskToSegs", takes),
    detail: (takes, onEvent, hooks = [], give = []) =>
      call("detail", { ...takes, hooks: hooks.map(methodsOf) }, onEvent, hooks, give),
    cancel: () => worker.postMessage({ cancel: true }),
    dispose() {
      worker.terminate();
      failAll({ code: "disposed", message: "The engine was ended." });
    },
  };
}
