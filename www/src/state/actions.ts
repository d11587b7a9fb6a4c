/** Everything that can happen to the state. */

import type {
  Backend,
  DetailResult,
  DeviceInfo,
  EngineEvent,
  Failure,
  NodeName,
  Settings,
  Tables,
} from "../engine/protocol";
import type { MaskState, Notice, Picture, Recipe, SettingName } from "./state";

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
  | { type: "model-refused"; model: string; failure: Failure }
  | { type: "engine-broken"; failure: Failure }
  | { type: "picture-opened"; picture: Picture }
  | { type: "mask-changed"; mask: Omit<MaskState, "revision"> }
  | { type: "node-chosen"; node: NodeName }
  | { type: "prompt-typed"; prompt: string }
  | { type: "negative-typed"; negative: string }
  | { type: "setting-typed"; name: SettingName; value: string | boolean }
  | { type: "settings-reset"; to: "model" | "node" }
  | { type: "run-started"; recipe: Recipe; nowMs: number }
  | { type: "run-event"; event: EngineEvent; nowMs: number }
  | { type: "run-cancelling" }
  | { type: "run-cancelled" }
  | { type: "run-failed"; failure: Failure }
  | { type: "run-done"; result: DetailResult; image: ImageData; nowMs: number }
  | { type: "result-left" }
  | { type: "noticed"; notice: Notice }
  | { type: "notice-closed" };
