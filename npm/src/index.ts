/**
 * Burnish as a library: the engine of the page, without the page.
 *
 * Loads a model and details pictures in a worker of its own. Draws nothing and keeps nothing.
 */

import { embeddedModel as embedded } from "../../www/src/engine/embedded";
import { EngineError, type OnEvent } from "../../www/src/engine/engine";
import type { DetailerHook } from "../../www/src/engine/hooks";
import { probe } from "../../www/src/engine/probe";
import type {
  Backend,
  ControlNetUse,
  DetailRequest,
  DetailResult,
  DeviceInfo,
  LoraInfo,
  MaskPixels,
  ModelInfo,
  MotionInfo,
  MotionUse,
  NodeName,
  Pixels,
  Precision,
  Recognised,
  Settings,
  Tables,
} from "../../www/src/engine/protocol";
import { createWorkerEngine } from "../../www/src/engine/worker-engine";
import { maskFrom } from "./mask";
import { modelFrom, sourceOf, type Model, type ModelInput } from "./model";

export { EngineError };
export type * from "../../www/src/engine/protocol";
export type * from "../../www/src/engine/hooks";
export type { FileInput, Model, ModelInput, PartsInput } from "./model";
export type { OnEvent };

export interface DetailOptions {
  /** A still; or `frames`. */
  image?: Pixels | ImageData;
  /** A clip, for the nodes whose names end in AnimateDiff. */
  frames?: readonly (Pixels | ImageData)[];
  /** One byte a pixel, or a picture whose red channel counts; 0 keeps, 255 redraws. */
  mask?: MaskPixels | ImageData;
  /** A mask for each frame, in place of `mask`. */
  frame_masks?: readonly (MaskPixels | ImageData)[];
  /** Segments as a JSON document, in place of a mask. */
  segs?: string;
  prompt?: string;
  negative?: string;
  /** "MaskDetailerPipe" unless given; its title "MaskDetailer" will do, too. */
  node?: NodeName | "MaskDetailer";
  /** ControlNets that guide every segment, one after the other. */
  control_nets?: ControlNetUse[];
  /** A motion module between the frames of a clip, by its file's name. */
  motion?: MotionUse;
  /** A run that is cancelled gives the segments it has finished, if any, instead of rejecting. */
  keep_finished?: boolean;
  /** Wildcard files: their text by their name, which ends in .txt or .yaml. */
  wildcards?: Record<string, string>;
  /** What is left out takes the model's recommendation, then the node's default. */
  settings?: Partial<Settings>;
  /** Objects with methods under the reference's names, asked after `settings.detailer_hook`. */
  hooks?: readonly DetailerHook[];
}

export interface LoadOptions {
  /** How weights are kept on a graphics card; "auto", unless given, changes no number. */
  precision?: Precision;
  on_event?: OnEvent;
}

export interface Burnish {
  readonly device: DeviceInfo;
  load_pipe(model: ModelInput, options?: LoadOptions): Promise<void>;
  /** Loads the checkpoint that runs the last steps (`refiner_ratio`); null gives it up. */
  load_refiner(model: ModelInput | null, options?: LoadOptions): Promise<void>;
  /** What a model file is, by its header; nothing is loaded. Its sentence counts on `precision`. */
  recognise(model: ModelInput, options?: { precision?: Precision }): Promise<Recognised>;
  /** Lets prompts say `<lora:name:1>`; told of the loaded checkpoint's tensors it changes. */
  add_lora(model: ModelInput): Promise<LoraInfo>;
  remove_lora(name: string): Promise<void>;
  /** Lets prompts say `embedding:name`. */
  add_embedding(name: string, model: ModelInput): Promise<{ tokens: number }>;
  remove_embedding(name: string): Promise<void>;
  /** Loads a ControlNet for requests to name in `control_nets`. */
  add_control_net(model: ModelInput, options?: { on_event?: OnEvent }): Promise<ModelInfo>;
  remove_control_net(name: string): Promise<void>;
  /** Loads a motion module for requests to name in `motion`. */
  add_motion_module(model: ModelInput, options?: { on_event?: OnEvent }): Promise<MotionInfo>;
  remove_motion_module(name: string): Promise<void>;
  /** Makes a motion LoRA known, for requests to name in `motion.loras`. */
  add_motion_lora(model: ModelInput): Promise<ModelInfo>;
  remove_motion_lora(name: string): Promise<void>;
  /** Puts a VAE in place of the checkpoint's own, until another checkpoint is loaded. */
  load_vae(model: ModelInput, options?: { on_event?: OnEvent }): Promise<void>;
  /** Lets a TAESD decoder paint the previews that `on_event` is told of; null gives it up. */
  load_taesd(model: ModelInput | null): Promise<void>;
  /** Segments of a mask as a JSON document, by the settings crop_factor, drop_size and so on. */
  mask_to_segs(mask: MaskPixels | ImageData, settings?: Partial<Settings>): Promise<string>;
  /** Names, defaults and ranges of everything there is. */
  readonly tables: Tables;
  detail_segs(
    request: DetailOptions,
    options?: { on_event?: OnEvent; signal?: AbortSignal },
  ): Promise<DetailResult>;
  /** Ends the worker; what is pending rejects. */
  dispose(): void;
}

/** The small model in this package; it redraws drawn portraits. */
export function embeddedModel(): Model {
  const model = embedded();
  if (!model) {
    throw new EngineError({ code: "no_model", message: "This copy of burnish has no model." });
  }
  const { manifest, modelUrl } = model;
  return { manifest, source: { from: "url", name: manifest.file, url: modelUrl } };
}

/** Starts the engine, on `backend` or on whichever there is. */
export async function createBurnish(options: { backend?: Backend } = {}): Promise<Burnish> {
  const { backend } = await probe(navigator.gpu, options.backend ?? null, isSecureContext);
  const worker = new Worker(new URL("../../www/src/engine/engine.worker.ts", import.meta.url), {
    type: "module",
    name: "burnish",
  });
  const engine = createWorkerEngine(worker);
  const { device, tables } = await engine.start(backend);
  let recommended: Partial<Settings> = {};

  return {
    device,
    tables,
    async load_pipe(model, { precision = "auto", on_event = () => {} } = {}) {
      const { manifest, source } = modelFrom(model);
      await engine.loadModel({ manifest, source, precision }, on_event);
      recommended = manifest?.recommended ?? {};
    },
    async load_refiner(model, { precision = "auto", on_event = () => {} } = {}) {
      if (model) await engine.loadRefiner({ ...modelFrom(model), precision }, on_event);
      else await engine.dropRefiner();
    },
    recognise: (model, { precision = "auto" } = {}) =>
      engine.recognise({ ...sourceOf(model), precision }),
    add_lora: (model) => engine.addLora(sourceOf(model)),
    async remove_lora(name) {
      await engine.removeLora({ name });
    },
    add_embedding: (name, model) => engine.addEmbedding({ name, ...sourceOf(model) }),
    async remove_embedding(name) {
      await engine.removeEmbedding({ name });
    },
    add_control_net: (model, { on_event = () => {} } = {}) =>
      engine.addControlNet(sourceOf(model), on_event),
    async remove_control_net(name) {
      await engine.removeControlNet({ name });
    },
    add_motion_module: (model, { on_event = () => {} } = {}) =>
      engine.addMotionModule(sourceOf(model), on_event),
    async remove_motion_module(name) {
      await engine.removeMotionModule({ name });
    },
    add_motion_lora: (model) => engine.addMotionLora(sourceOf(model)),
    async remove_motion_lora(name) {
      await engine.removeMotionLora({ name });
    },
    async load_vae(model, { on_event = () => {} } = {}) {
      await engine.loadVae(sourceOf(model), on_event);
    },
    async load_taesd(model) {
      if (model) await engine.loadTaesd(sourceOf(model));
      else await engine.dropTaesd();
    },
    async mask_to_segs(mask, settings = {}) {
      const all = { ...recommended, ...settings };
      const node = "MaskDetailerPipe";
      const { segs } = await engine.maskToSegs({ node, mask: maskFrom(mask), settings: all });
      return segs;
    },
    async detail_segs(options, { on_event = () => {}, signal } = {}) {
      signal?.throwIfAborted();
      const cancel = (): void => engine.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        return await engine.detail(requestFrom(options, recommended), on_event, options.hooks);
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
    dispose: () => engine.dispose(),
  };
}

/** The core checks every value and names what it cannot use; what is left out has its default. */
function requestFrom(options: DetailOptions, recommended: Partial<Settings>): DetailRequest {
  const { image, frames, mask, frame_masks, segs, settings } = options;
  const { control_nets, motion, wildcards, keep_finished } = options;
  const { node = "MaskDetailerPipe", prompt = "", negative = "" } = options;
  return {
    node: node === "MaskDetailer" ? "MaskDetailerPipe" : node,
    ...(image && { image: pixelsFrom(image) }),
    ...(frames && { frames: frames.map(pixelsFrom) }),
    ...(mask && { mask: maskFrom(mask) }),
    ...(frame_masks && { frame_masks: frame_masks.map(maskFrom) }),
    ...(segs !== undefined && { segs }),
    ...(control_nets && { control_nets }),
    ...(motion && { motion }),
    ...(keep_finished && { keep_finished }),
    ...(wildcards && { wildcards }),
    prompt,
    negative,
    settings: { ...recommended, ...settings },
  };
}

function pixelsFrom({ data, width, height }: Pixels | ImageData): Pixels {
  return { data: new Uint8ClampedArray(data), width, height };
}
