/** Everything the page knows, as one value. Pixels of the mask live in its `MaskDocument`. */

import type { Control } from "./controls";
import type { MotionForm } from "./motion";
import type { SegsPart } from "./jobs";
import type { Chore, ClipState } from "./clip";
import type { ModelsState } from "./models";
import type { SegsSummary } from "../lib/segs";
import { nodeOf } from "./rows";
import type { Preset } from "./presets";
import type { Values } from "./values";
import type {
  Backend,
  ControlNetUse,
  DeviceInfo,
  DetailResult,
  Failure,
  MotionUse,
  NodeName,
  Precision,
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

/** What the form is made from. */
export interface Form {
  tables: Tables;
  node: NodeName;
  /** What the user put in; the rest shows the model's recommendation or the node's default. */
  values: Values;
  recommended: Partial<Settings>;
  followsModel: boolean;
  /** Segments from a file, in place of the mask; null while the mask counts. */
  segs: SegsFile | null;
}

/** A SEGS document that was opened. */
export interface SegsFile extends SegsSummary {
  name: string;
  text: string;
}

/** The checkpoint for the last steps. */
export type Refiner = { is: "none" } | { is: "loading" | "ready"; name: string };

/** How far a run is. Times are `performance.now()` milliseconds. */
export interface Progress {
  startedMs: number;
  stage: string;
  segment: number;
  segments: number;
  /** Steps done over all segments and cycles, and how many there will be. */
  stepsDone: number;
  stepsTotal: number;
  /** The windows of the step that is being done: which is finished, and how many there are. */
  windows: { done: number; count: number } | null;
  /** When the first step or window was finished, and the steps done by then. */
  firstStepMs: number | null;
  firstDone: number;
  lastStepMs: number | null;
  /** The crop the engine is at, when it says so, and what it looks like so far. */
  region: Region | null;
  preview: ImageData | null;
  cancelling: boolean;
  /** What is counted as a segment: those of a picture, or the frames of a clip one by one. */
  counts: "segment" | "frame";
  /** How many frames each is redrawn over; 1 for a still. */
  frames: number;
}

/** What a result says about itself. */
export type Report = Pick<
  DetailResult,
  "segments" | "timings" | "max_change_outside_mask" | "heap_bytes"
>;

/** The lists of crops a run gives, segment by segment. */
export type Crops = Pick<DetailResult, "refined" | "enhanced_alpha" | "cropped">;

export interface Result {
  /** A picture for each pass; none for a clip, whose frames are the clip worker's. */
  images: readonly ImageData[];
  /** Whether the picture changed, or only segments came out. */
  pastes: boolean;
  crops: Crops;
  /** Segments with their new crops, as JSON documents; a clip's run gives several, or none. */
  segs: readonly SegsPart[];
  report: Report;
  seconds: number;
  /** What was asked for, for the file's metadata. */
  recipe: Recipe;
}

/** What a picture was made with. */
export interface Recipe {
  node: NodeName;
  prompt: string;
  negative: string;
  settings: Partial<Settings>;
  /** ControlNets, without their pictures. */
  control_nets?: Omit<ControlNetUse, "image">[];
  motion?: MotionUse;
  model: string;
  device: DeviceInfo;
}

export type NoticeAction =
  "restart" | "open-smaller" | "use-settings" | "undo-settings" | "use-few-steps" | "show-models";

/** Something to tell the user, with at most one thing to do about it. */
export interface Notice {
  tone: "info" | "error";
  text: string;
  /** What settles it: the notice goes once this changes. */
  about?: "mask" | "settings";
  action?: { label: string; run: NoticeAction };
}

/** Where the work on the picture stands. */
export type Phase =
  | { phase: "empty" }
  | { phase: "ready"; picture: Picture }
  | { phase: "running"; picture: Picture; progress: Progress; recipe: Recipe }
  /** `after` is what was redrawn of a clip's frame on screen. */
  | { phase: "done"; picture: Picture; result: Result; after: ImageData | null }
  | { phase: "failed"; picture: Picture; failure: Failure };

/** An embedding or a LoRA at hand, or what paints previews. */
export interface Addition {
  kind: "embedding" | "lora" | "taesd";
  name: string;
  /** What the file is called. */
  file: string;
  /** Its id in the store; null for any other. */
  stored: string | null;
  /** What to write in a prompt to use it, or what it does. */
  text: string;
  /** What there is to know of it; may be empty. */
  detail: string;
}

/** What is there in every phase. */
export interface Common extends Form {
  engine: EngineState;
  backend: Backend;
  /** Why the CPU is used and what to do about it; null on WebGPU. */
  advice: string | null;
  /** Counts what was opened so far. */
  opened: number;
  /** The clip that is open; null for a single picture. */
  clip: ClipState | null;
  /** Opening, following or saving a clip. */
  chore: Chore | null;
  /** Which of the clip, or of the result's pictures, is on screen. */
  frame: number;
  mask: MaskState;
  prompt: string;
  negative: string;
  /** Wildcard files: their text by their name. */
  wildcards: Readonly<Record<string, string>>;
  refiner: Refiner;
  models: ModelsState;
  /** Whether a model from the disk is kept for next time. */
  keepsModels: boolean;
  /** How the weights of models that are loaded from now on are kept. */
  precision: Precision;
  /** The id of the stored model that is loaded; null for any other. */
  storedModel: string | null;
  /** Files that prompts can use by name, and what paints previews. */
  additions: readonly Addition[];
  /** The ids of those that are stored, so that a reload has them again. */
  inUse: readonly string[];
  /** ControlNets that guide a run, the first evaluated first. */
  controls: readonly Control[];
  /** What works between the frames of a clip. */
  motion: MotionForm;
  /** The user's own. */
  presets: readonly Preset[];
  /** Prompts the model answers well. */
  examples: readonly string[];
  notice: Notice | null;
}

export type State = Common & { work: Phase };

/** The picture being worked on, whatever the phase. */
export function pictureOf(state: State): Picture | null {
  return state.work.phase === "empty" ? null : state.work.picture;
}

/** How many pictures there are to look through. */
export function framesIn({ work, clip }: State): number {
  if (clip) return clip.film.times.length;
  return work.phase === "done" ? work.result.images.length : 1;
}

/** The picture of the result that is on screen. */
export function shownResult({ work, frame }: State): ImageData | null {
  if (work.phase !== "done") return null;
  return work.after ?? work.result.images[frame] ?? work.result.images[0] ?? null;
}

/** Whether a run goes through the frames of a clip one by one: a node for stills that pastes. */
export function isFrameByFrame({ clip, tables, node }: State): boolean {
  const table = nodeOf(tables, node);
  return clip?.scope === "span" && table?.pictures === "one" && table.pastes;
}
