/**
 * What the page asks of the engine and what comes back. Requests and replies are derived from
 * {@link Calls}, so a wrong payload does not compile. No code here, only shapes.
 */

import type { MotionUse } from "./motion-use";
import type { HookAnswer, HookMethod, HookQuestion } from "./hooks";
import type { LoadRequest, Precision } from "./load";
import type { ModelSource } from "./source";

export type { LoadRequest, Precision };

export type { ByteRange, FileSource, ModelSource, PartsSource } from "./source";

export type { MotionContext, MotionUse, Multival } from "./motion-use";

export type Backend = "webgpu" | "cpu";

/** Where the arithmetic runs, as the core reports it. */
export interface DeviceInfo {
  kind: "gpu" | "software" | "cpu";
  name: string;
  detail: string;
}

/** What a setting may be, as the core's tables say. */
export type Domain =
  | { kind: "number"; min: number; max: number; step: number }
  | { kind: "flag" }
  | { kind: "seed" }
  | { kind: "text" }
  | { kind: "choice"; names: readonly string[] }
  | { kind: "scheduler_func" }
  | { kind: "hooks" };

export type SettingTable = { name: string; default: unknown } & Domain;

export interface NodeTable {
  name: NodeName;
  /** What it works on: one picture, or the frames of a clip at once. */
  pictures: "one" | "frames";
  /** Whether new crops go back into the picture; if not, they are only handed out as segments. */
  pastes: boolean;
  settings: readonly SettingTable[];
}

export interface HookTable {
  name: string;
  settings: readonly SettingTable[];
}

/** What goes for motion modules; see {@link MotionUse}. */
export interface MotionTable {
  settings: readonly SettingTable[];
  /** The sliding windows. */
  context: readonly SettingTable[];
  /** Each motion LoRA. */
  lora: readonly SettingTable[];
}

/** Everything the form is made from, in the order the page lists it. */
export interface Tables {
  samplers: readonly string[];
  schedulers: readonly string[];
  nodes: readonly NodeTable[];
  hooks: readonly HookTable[];
  motion: MotionTable;
}

export type NodeName =
  | "MaskDetailerPipe"
  | "DetailerForEach"
  | "SEGSDetailer"
  | "SEGSDetailerForAnimateDiff"
  | "DetailerForEachPipeForAnimateDiff";

/** A hook or a function by its name, with its settings. */
export interface Typed {
  type: string;
  [setting: string]: unknown;
}

/** Settings of the detailer nodes, under the reference's names. A node uses those it lists. */
export interface Settings {
  guide_size: number;
  guide_size_for: "bbox" | "crop_region";
  max_size: number;
  /** Decimal, 0 to 2^64 - 1; a number could not hold it. */
  seed: string;
  steps: number;
  cfg: number;
  sampler_name: string;
  scheduler: string;
  noise_mode: "current" | "same_seed" | "mid2024";
  /** The text encoder's layer prompts are read from, counted from its end: -1 is the last. */
  stop_at_clip_layer: number;
  denoise: number;
  feather: number;
  noise_mask: boolean;
  noise_mask_feather: number;
  force_inpaint: boolean;
  cycle: number;
  inpaint_model: boolean;
  /** Wildcard text; prompts for single segments begin with `[LAB]` and the like. */
  wildcard: string;
  /** Share of the steps that the refiner runs, if one is loaded. */
  refiner_ratio: number;
  /** `{ type: "GITS", coeff, denoise }`, or null for `scheduler`. */
  scheduler_func_opt: Typed | null;
  /** Hooks of the tables, run in this order. */
  detailer_hook: Typed[];
  /** Nodes for clips: whether hooks see all, not the pasted frames alone. */
  hooks_see_all: boolean;
  crop_factor: number;
  drop_size: number;
  contour_fill: boolean;
  bbox_fill: boolean;
  batch_size: number;
}

/** RGBA, 8 bits a channel, row by row. */
export interface Pixels {
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** One byte a pixel: 0 keeps the picture, 255 is fully painted. */
export interface MaskPixels {
  data: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
}

export interface DetailRequest {
  node: NodeName;
  /** A still; or `frames`. */
  image?: Pixels;
  /** A clip, for nodes whose `pictures` are "frames". */
  frames?: Pixels[];
  /** One mask for all; or `frame_masks`, or `segs`. */
  mask?: MaskPixels;
  /** A mask for each frame. */
  frame_masks?: MaskPixels[];
  /** Segments as a JSON document of the schema "burnish.segs". */
  segs?: string;
  /** ControlNets that guide every segment, one after the other. */
  control_nets?: ControlNetUse[];
  /** A motion module between the frames of a clip. */
  motion?: MotionUse;
  prompt: string;
  negative: string;
  /** Wildcard files: their text by their name, which ends in .txt or .yaml. */
  wildcards?: Record<string, string>;
  settings: Partial<Settings>;
  /** A run that is cancelled gives the segments it has finished, if any, instead of failing. */
  keep_finished?: boolean;
  /** The methods of each hook of the caller's own, see `hooks.ts`. */
  hooks?: HookMethod[][];
}

/** How a ControlNet is used. */
export interface ControlNetUse {
  /** The file's name. */
  name: string;
  /** 0 to 10; 1 unless given. */
  strength?: number;
  /** The stretch of the schedule it counts in, from 0 (full noise) to 1 (none). */
  start_percent?: number;
  end_percent?: number;
  /** What makes its picture of each crop: type "canny", "invert", "blur" or "tile", with its settings. */
  preprocessor?: Typed;
  /** A picture to follow, as large as the image, in place of the image itself. */
  image?: Pixels;
}

/** Pixels of the full picture, half open: x1, y1, x2, y2. */
export type Region = readonly [number, number, number, number];

export interface SegmentReport {
  label: string;
  crop_region: Region;
  bbox: Region;
  /** Why the segment was left as it was; null when it was detailed. */
  skipped: string | null;
}

export interface DetailResult {
  /** The first of `images`. */
  image: Pixels;
  /** A picture for each pass, or for each frame. */
  images: Pixels[];
  /** Segments with their new crops, as a JSON document. */
  segs: string;
  /** What was cut out, frame by frame, before anything was painted over it. */
  cropped: Pixels[];
  /** The new crops. */
  refined: Pixels[];
  /** What ControlNets were shown, crop by crop. */
  cnet_images: Pixels[];
  /** The new crops with the masks they were pasted by as alpha. */
  enhanced_alpha: Pixels[];
  segments: SegmentReport[];
  timings: { stage: string; seconds: number }[];
  /** Whether it was cancelled on the way; see `keep_finished`. */
  cancelled: boolean;
  /** Largest change of any byte outside the feathered mask. */
  max_change_outside_mask: number;
  /** Size of the wasm memory in bytes. It never shrinks, so this is its peak. */
  heap_bytes: number;
}

export interface ModelInfo {
  name: string;
}

/** A LoRA that has been made known, against the checkpoint that is loaded. */
export interface LoraInfo {
  /** The file's name. */
  name: string;
  /** How many of the checkpoint's tensors it changes; null without a checkpoint. */
  changed: number | null;
  /** Its tensors that belong to nothing there. */
  unmatched: string[] | null;
}

/** A motion module that has been loaded. */
export interface MotionInfo {
  /** The file's name. */
  name: string;
  version: "v1" | "v2" | "v3";
  /** Most frames it sees at once. */
  frames: number;
}

/** What a model file is, by its header. */
export interface Recognised {
  kind: string;
  family: string | null;
  title: string;
  /** All of it as one sentence for the user. */
  sentence: string;
  bytes: number;
  dtype: string | null;
  parameters: number;
  usable_as:
    | "checkpoint"
    | "vae"
    | "lora"
    | "controlnet"
    | "embedding"
    | "motion"
    | "motion_lora"
    | "taesd"
    | null;
  /** What it cannot do without, each as a phrase. */
  needs: string[];
  /** Memory its weights take on the device, in bytes, by how they are kept. */
  gpu_bytes: Record<Precision, number>;
  /** Why they do not fit as asked for, as a sentence; null where they do or nobody can tell. */
  problem: string | null;
}

/** One model of `models/*.json`. The core reads more of it than the page does. */
export interface Manifest {
  name: string;
  /** What the page calls it. */
  title?: string;
  file: string;
  /** Attention heads of the text encoder, where they are not 64 values wide. */
  clip_heads?: number;
  /** What the UNet predicts; left out, the file decides. */
  prediction?: "epsilon" | "v";
  /** Whether it was trained up to pure noise; left out, the file decides. */
  zero_terminal_snr?: boolean;
  /** Settings this model was made for; the rest stays at the node's defaults. */
  recommended?: Partial<Settings>;
  sample?: Sample;
  /** A motion module made for this model; `file` is relative to the manifest. */
  motion?: {
    file: string;
    title?: string;
    bytes?: number;
    sha256?: string;
    /** What suits it, over the defaults. */
    recommended?: Omit<MotionUse, "module" | "loras">;
  };
  /** Prompts it answers well. */
  prompts?: string[];
}

/** A picture to try the model on; paths are relative to the manifest. */
export interface Sample {
  image: string;
  mask: string;
  prompt?: string;
  negative?: string;
}

/** What happens while a call runs. All indices count from 0; a step is told once it is done. */
export type EngineEvent =
  | { type: "loading"; done: number; total: number }
  | { type: "segment"; index: number; count: number; crop_region?: Region }
  | { type: "stage"; name: string }
  | { type: "step"; segment: number; cycle: number; step: number; steps: number }
  /** One of several windows of a step, a few frames of a clip, is finished. */
  | { type: "window"; segment: number; cycle: number; index: number; count: number }
  | { type: "preview"; width: number; height: number; rgba: Uint8ClampedArray<ArrayBuffer> }
  | { type: "skipped"; segment: number; reason: string }
  /** Something is not as it was asked for. */
  | { type: "note"; segment: number; note: string };

/** A failed call: `code` for the page to act on, `message` a sentence for the user. */
export interface Failure {
  code: string;
  message: string;
}

/** Every call the worker answers. */
export interface Calls {
  start: { takes: { backend: Backend }; gives: { device: DeviceInfo; tables: Tables } };
  loadModel: { takes: LoadRequest; gives: ModelInfo };
  loadRefiner: { takes: LoadRequest; gives: ModelInfo };
  /** What a file is; nothing is loaded. */
  recognise: { takes: { source: ModelSource; precision?: Precision }; gives: Recognised };
  dropRefiner: { takes: Record<string, never>; gives: null };
  /** Lets prompts say `embedding:name`; gives the tokens it takes in a prompt. */
  addEmbedding: { takes: { name: string; source: ModelSource }; gives: { tokens: number } };
  removeEmbedding: { takes: { name: string }; gives: null };
  /** Lets prompts say `<lora:name:1>`. */
  addLora: { takes: { source: ModelSource }; gives: LoraInfo };
  removeLora: { takes: { name: string }; gives: null };
  /** Loads a ControlNet for requests to name. */
  addControlNet: { takes: { source: ModelSource }; gives: ModelInfo };
  removeControlNet: { takes: { name: string }; gives: null };
  /** Loads a motion module for requests to name in `motion`. */
  addMotionModule: { takes: { source: ModelSource }; gives: MotionInfo };
  removeMotionModule: { takes: { name: string }; gives: null };
  /** Makes a motion LoRA known, for requests to name in `motion.loras`. */
  addMotionLora: { takes: { source: ModelSource }; gives: ModelInfo };
  removeMotionLora: { takes: { name: string }; gives: null };
  /** Puts a VAE in place of the checkpoint's own, until another checkpoint is loaded. */
  loadVae: { takes: { source: ModelSource }; gives: null };
  /** Lets a TAESD decoder paint previews, for this checkpoint and later ones it belongs to. */
  loadTaesd: { takes: { source: ModelSource }; gives: null };
  dropTaesd: { takes: Record<string, never>; gives: null };
  /** Segments of a mask, as a JSON document. */
  maskToSegs: {
    takes: { node: NodeName; mask: MaskPixels; settings: Partial<Settings> };
    gives: { segs: string };
  };
  detail: { takes: DetailRequest; gives: DetailResult };
}

export type CallName = keyof Calls;

/** Page to worker. `cancel` has no reply: the running call rejects with code "cancelled". */
export type Request =
  | { [K in CallName]: { id: number; call: K; takes: Calls[K]["takes"] } }[CallName]
  | { cancel: true }
  | { answer: HookAnswer };

/** Worker to page. */
export type Reply =
  | { id: number; event: EngineEvent }
  | { id: number; ask: HookQuestion }
  | { id: number; gives: Calls[CallName]["gives"] }
  | { id: number; failure: Failure };
