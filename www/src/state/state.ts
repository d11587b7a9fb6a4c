/** Everything the page knows, as one value. Pixels of the mask live in its `MaskDocument`. */

import type {
  Backend,
  DeviceInfo,
  DetailResult,
  Failure,
  NodeName,
  Region,
  Settings,
  Tables,
} from "../engine/protocol";

/** An opened picture. */
export interface Picture {
  name: string;
  pixels: ImageData;
  /** What was opened, so that a reload can open it again. */
  blob: Blob;
}

/** What the mask allows right now; `revision` changes with every change of its pixels. */
export interface MaskState {
  revision: number;
  painted: boolean;
  canUndo: boolean;
  canRedo: boolean;
}

/** The core and the model in it. */
export type EngineState =
  | { is: "starting" }
  | { is: "loading"; device: DeviceInfo; name: string; done: number; total: number }
  | { is: "ready"; device: DeviceInfo; model: string }
  | { is: "broken"; device: DeviceInfo | null; failure: Failure };

/** One entry of the form: what is in the field, and who put it there. */
export interface FieldState {
  /** Text as typed, for numbers too: what cannot be read must not be lost. */
  value: string | boolean;
  origin: "default" | "model" | "user";
}

export type SettingName = keyof Settings;
export type Form = Record<SettingName, FieldState>;

/** How far a run is. Times are `performance.now()` milliseconds. */
export interface Progress {
  startedMs: number;
  stage: string;
  segment: number;
  segments: number;
  /** Steps done over all segments and cycles, and how many there will be. */
  stepsDone: number;
  stepsTotal: number;
  firstStepMs: number | null;
  lastStepMs: number | null;
  /** The crop the engine is at, when it says so, and what it looks like so far. */
  region: Region | null;
  preview: ImageData | null;
  cancelling: boolean;
}

export interface Result {
  image: ImageData;
  report: Omit<DetailResult, "image">;
  seconds: number;
  /** What was asked for, for the file's metadata. */
  recipe: Recipe;
}

/** What a picture was made with. */
export interface Recipe {
  node: NodeName;
  prompt: string;
  negative: string;
  settings: Settings;
  model: string;
  device: DeviceInfo;
}

/** Something to tell the user, with at most one thing to do about it. */
export interface Notice {
  tone: "info" | "error";
  text: string;
  /** What settles it: the notice goes once this changes. */
  about?: "mask" | "settings";
  action?: { label: string; run: "restart" | "open-smaller" };
}

/** Where the work on the picture stands. */
export type Phase =
  | { phase: "empty" }
  | { phase: "ready"; picture: Picture }
  | { phase: "running"; picture: Picture; progress: Progress; recipe: Recipe }
  | { phase: "done"; picture: Picture; result: Result }
  | { phase: "failed"; picture: Picture; failure: Failure };

/** What is there in every phase. */
export interface Common {
  engine: EngineState;
  backend: Backend;
  /** Why the CPU is used and what to do about it; null on WebGPU. */
  advice: string | null;
  tables: Tables;
  mask: MaskState;
  node: NodeName;
  prompt: string;
  negative: string;
  form: Form;
  recommended: Partial<Settings>;
  /** Prompts the model answers well. */
  examples: readonly string[];
  notice: Notice | null;
}

export type State = Common & { work: Phase };

/** The picture being worked on, whatever the phase. */
export function pictureOf(state: State): Picture | null {
  return state.work.phase === "empty" ? null : state.work.picture;
}
