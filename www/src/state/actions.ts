/** Everything that can happen to the state. */

import type {
  Backend,
  DetailResult,
  DeviceInfo,
  EngineEvent,
  Failure,
  NodeName,
  Precision,
  Settings,
  Tables,
} from "../engine/protocol";
import type {
  Addition,
  MaskState,
  Notice,
  Picture,
  Progress,
  Recipe,
  Refiner,
  SegsFile,
  State,
} from "./state";
import type { Control } from "./controls";
import type { ClipAction, ClipState } from "./clip";
import type { SegsPart } from "./jobs";
import type { ModelsAction } from "./models";
import type { MotionForm } from "./motion";
import type { Preset } from "./presets";
import type { FieldValue } from "./values";

/** What comes with a preset or with settings from a file. */
export type Taken = "node" | "values" | "prompt" | "negative" | "followsModel";

/** What the segments of a run are, and how many. */
export type Counts = Pick<Progress, "counts" | "frames" | "segments">;

export type Action =
  | { type: "engine-starting"; backend: Backend; advice: string | null }
  | { type: "engine-started"; device: DeviceInfo; tables: Tables; name: string }
  | { type: "model-loading"; name: string; done: number; total: number }
  | {
      type: "model-loaded";
      name: string;
      recommended: Partial<Settings>;
      examples: readonly string[];
    }
  | { type: "stored-model-chosen"; id: string | null }
  | { type: "keeping-chosen"; keeps: boolean }
  | { type: "precision-chosen"; precision: Precision }
  | ModelsAction
  | { type: "model-refused"; model: string; failure: Failure }
  | { type: "engine-broken"; failure: Failure }
  | { type: "picture-opened"; picture: Picture; clip: ClipState | null }
  /** One of several results; of a clip, with its pixels and what was redrawn of them. */
  | { type: "frame-shown"; frame: number; look?: { picture: Picture; after: ImageData | null } }
  | ClipAction
  | { type: "mask-changed"; mask: Omit<MaskState, "revision"> }
  | { type: "node-chosen"; node: NodeName }
  | { type: "prompt-typed"; prompt: string }
  | { type: "negative-typed"; negative: string }
  | { type: "setting-typed"; name: string; value: FieldValue }
  | { type: "settings-taken"; taken: Partial<Pick<State, Taken>> }
  | { type: "presets-changed"; presets: readonly Preset[] }
  | { type: "wildcards-changed"; wildcards: Readonly<Record<string, string>> }
  | { type: "segs-opened"; segs: SegsFile | null }
  | { type: "refiner-changed"; refiner: Refiner }
  | { type: "additions-changed"; additions: readonly Addition[] }
  | { type: "controls-changed"; controls: readonly Control[] }
  | { type: "motion-changed"; motion: MotionForm }
  | { type: "settings-reset"; to: "model" | "node" }
  | { type: "run-started"; recipe: Recipe; nowMs: number; counts?: Counts }
  | { type: "run-event"; event: EngineEvent; nowMs: number }
  | { type: "run-cancelling" }
  | { type: "run-cancelled" }
  | { type: "run-failed"; failure: Failure }
  | {
      type: "run-done";
      result: DetailResult;
      images: readonly ImageData[];
      /** What was redrawn of a clip's frame on screen. */
      after?: ImageData | null;
      /** Its segments, where they are not those of `result`. */
      segs?: readonly SegsPart[];
      nowMs: number;
    }
  | { type: "result-left" }
  | { type: "noticed"; notice: Notice }
  | { type: "notice-closed" };
