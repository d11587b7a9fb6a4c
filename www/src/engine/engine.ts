/** The engine as the page sees it; the worker and the stand-in for tests implement it. */

import type { DetailerHook } from "./hooks";
import type { Backend, Calls, EngineEvent, Failure } from "./protocol";

export type OnEvent = (event: EngineEvent) => void;

export interface Engine {
  /** Starts the core on `backend`. The other calls need this one to have succeeded. */
  start(backend: Backend): Promise<Calls["start"]["gives"]>;
  loadModel(
    takes: Calls["loadModel"]["takes"],
    onEvent: OnEvent,
  ): Promise<Calls["loadModel"]["gives"]>;
  /** What a file is, by its header; nothing is loaded. */
  recognise(takes: Calls["recognise"]["takes"]): Promise<Calls["recognise"]["gives"]>;
  /** Loads the checkpoint that takes over for the last steps, in place of an earlier one. */
  loadRefiner(
    takes: Calls["loadRefiner"]["takes"],
    onEvent: OnEvent,
  ): Promise<Calls["loadRefiner"]["gives"]>;
  dropRefiner(): Promise<Calls["dropRefiner"]["gives"]>;
  /** Adds a textual-inversion file under a name, in place of an earlier one of that name. */
  addEmbedding(takes: Calls["addEmbedding"]["takes"]): Promise<Calls["addEmbedding"]["gives"]>;
  removeEmbedding(
    takes: Calls["removeEmbedding"]["takes"],
  ): Promise<Calls["removeEmbedding"]["gives"]>;
  /** Makes a LoRA known under its file's name. */
  addLora(takes: Calls["addLora"]["takes"]): Promise<Calls["addLora"]["gives"]>;
  removeLora(takes: Calls["removeLora"]["takes"]): Promise<Calls["removeLora"]["gives"]>;
  addControlNet(
    takes: Calls["addControlNet"]["takes"],
    onEvent: OnEvent,
  ): Promise<Calls["addControlNet"]["gives"]>;
  removeControlNet(
    takes: Calls["removeControlNet"]["takes"],
  ): Promise<Calls["removeControlNet"]["gives"]>;
  /** Loads a motion module under its file's name. */
  addMotionModule(
    takes: Calls["addMotionModule"]["takes"],
    onEvent: OnEvent,
  ): Promise<Calls["addMotionModule"]["gives"]>;
  removeMotionModule(
    takes: Calls["removeMotionModule"]["takes"],
  ): Promise<Calls["removeMotionModule"]["gives"]>;
  /** Makes a motion LoRA known under its file's name. */
  addMotionLora(takes: Calls["addMotionLora"]["takes"]): Promise<Calls["addMotionLora"]["gives"]>;
  removeMotionLora(
    takes: Calls["removeMotionLora"]["takes"],
  ): Promise<Calls["removeMotionLora"]["gives"]>;
  loadVae(takes: Calls["loadVae"]["takes"], onEvent: OnEvent): Promise<Calls["loadVae"]["gives"]>;
  /** Lets a TAESD decoder paint previews, in place of an earlier one. */
  loadTaesd(takes: Calls["loadTaesd"]["takes"]): Promise<Calls["loadTaesd"]["gives"]>;
  dropTaesd(): Promise<Calls["dropTaesd"]["gives"]>;
  maskToSegs(takes: Calls["maskToSegs"]["takes"]): Promise<Calls["maskToSegs"]["gives"]>;
  /**
   * `hooks` are asked after those of the settings. Buffers of the request that are in `give` go over
   * rather than being copied.
   */
  detail(
    takes: Calls["detail"]["takes"],
    onEvent: OnEvent,
    hooks?: readonly DetailerHook[],
    give?: readonly ArrayBuffer[],
  ): Promise<Calls["detail"]["gives"]>;
  /** Asks the running `detail` to stop after its current step; it rejects with "cancelled". */
  cancel(): void;
  /** Ends the engine. Pending calls reject; a new one must be made. */
  dispose(): void;
}

/** A {@link Failure} as something to throw. */
export class EngineError extends Error {
  readonly code: string;

  constructor({ code, message }: Failure) {
    super(message);
    this.name = "EngineError";
    this.code = code;
  }
}

/** Codes after which the worker is of no more use and has to be replaced. */
const FATAL = new Set(["panic", "device_lost", "worker"]);

/** Whether the engine has to be restarted after `error`. */
export function isFatal(error: unknown): boolean {
  return error instanceof EngineError && FATAL.has(error.code);
}

/** What went wrong, as code and sentence, whatever was thrown. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof EngineError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "unexpected", message: message || "Something unexpected went wrong." };
}
