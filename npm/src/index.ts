/**
 * Burnish as a library: the engine of the page, without the page.
 *
 * Loads a model and details pictures in a worker of its own. Draws nothing and keeps nothing.
 */

import { embeddedModel as embedded } from "../../www/src/engine/embedded";
import { EngineError, type OnEvent } from "../../www/src/engine/engine";
import { probe } from "../../www/src/engine/probe";
import type {
  Backend,
  DetailRequest,
  DetailResult,
  DeviceInfo,
  Manifest,
  MaskPixels,
  ModelSource,
  NodeName,
  Pixels,
  Settings,
} from "../../www/src/engine/protocol";
import { createWorkerEngine } from "../../www/src/engine/worker-engine";
import { formFrom, settingsFrom } from "../../www/src/state/form";
import { maskFrom } from "./mask";

export { EngineError };
export type * from "../../www/src/engine/protocol";
export type { OnEvent };

/** A model and where its bytes are; without a manifest it is a plain Stable Diffusion 1.x file. */
export interface Model {
  manifest: Manifest | null;
  source: ModelSource;
}

export interface DetailOptions {
  image: Pixels | ImageData;
  /** One byte a pixel, or a picture whose red channel counts; 0 keeps, 255 redraws. */
  mask: MaskPixels | ImageData;
  prompt?: string;
  negative?: string;
  /** "MaskDetailer" unless given. */
  node?: NodeName;
  /** What is left out takes the model's recommendation, then the node's default. */
  settings?: Partial<Settings>;
}

export interface Burnish {
  readonly device: DeviceInfo;
  load_pipe(model: Model | File, options?: { on_event?: OnEvent }): Promise<void>;
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
  const { device } = await engine.start(backend);
  let recommended: Partial<Settings> = {};

  return {
    device,
    async load_pipe(model, { on_event = () => {} } = {}) {
      const { manifest, source } =
        model instanceof File
          ? { manifest: null, source: { from: "file", file: model } as const }
          : model;
      await engine.loadModel({ manifest, source }, on_event);
      recommended = manifest?.recommended ?? {};
    },
    async detail_segs(options, { on_event = () => {}, signal } = {}) {
      signal?.throwIfAborted();
      const cancel = (): void => engine.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      try {
        return await engine.detail(requestFrom(options, recommended), on_event);
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    },
    dispose: () => engine.dispose(),
  };
}

function requestFrom(options: DetailOptions, recommended: Partial<Settings>): DetailRequest {
  const { image, mask, prompt = "", negative = "", node = "MaskDetailer" } = options;
  const defaults = settingsFrom(formFrom({}), node);
  if (!defaults)
    throw new EngineError({ code: "bad_request", message: "The defaults are broken." });
  const data = new Uint8ClampedArray(image.data);
  return {
    node,
    image: { data, width: image.width, height: image.height },
    mask: maskFrom(mask),
    prompt,
    negative,
    // The core checks every value and names what it cannot use.
    settings: { ...defaults, ...recommended, ...options.settings },
  };
}
