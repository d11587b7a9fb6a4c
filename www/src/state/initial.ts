/** The state the page begins in. */

import { NO_MODELS } from "./models";
import { NO_MOTION } from "./motion";
import { NO_TABLES } from "./rows";
import type { State } from "./state";

/** What stays over a reload, apart from pictures and files. */
export type Kept = Partial<Pick<State, (typeof KEPT)[number]>>;

export const KEPT = [
  "node",
  "prompt",
  "negative",
  "values",
  "followsModel",
  "presets",
  "keepsModels",
  "precision",
  "storedModel",
  "inUse",
] as const;

/** `kept` is what an earlier visit left behind. */
export function initialState(kept: Kept): State {
  return {
    work: { phase: "empty" },
    engine: { is: "starting" },
    backend: "webgpu",
    advice: null,
    tables: NO_TABLES,
    opened: 0,
    clip: null,
    chore: null,
    frame: 0,
    mask: { revision: 0, painted: false, canUndo: false, canRedo: false },
    node: "MaskDetailerPipe",
    prompt: "",
    negative: "",
    values: {},
    recommended: {},
    followsModel: true,
    segs: null,
    wildcards: {},
    refiner: { is: "none" },
    models: NO_MODELS,
    keepsModels: true,
    precision: "auto",
    storedModel: null,
    additions: [],
    inUse: [],
    controls: [],
    motion: NO_MOTION,
    presets: [],
    examples: [],
    notice: null,
    ...kept,
  };
}
