/** The wasm core's module, one of two builds with the same exports. Worker only. */

import type {
  Backend,
  Calls,
  DetailRequest,
  DetailResult,
  DeviceInfo,
  EngineEvent,
  LoraInfo,
  Manifest,
  ModelInfo,
  MotionInfo,
  Precision,
  Recognised,
  Tables,
} from "./protocol";
import { EngineError } from "./engine";
import type { OpenSource } from "./model-source";

export interface Burnish {
  device(): DeviceInfo;
  load_pipe(
    manifest: Manifest | null,
    source: OpenSource,
    onEvent: (event: EngineEvent) => void,
    precision?: Precision,
  ): Promise<ModelInfo>;
  load_refiner(
    manifest: Manifest | null,
    source: OpenSource,
    onEvent: (event: EngineEvent) => void,
    precision?: Precision,
  ): Promise<ModelInfo>;
  drop_refiner(): void;
  add_embedding(name: string, source: OpenSource): number;
  remove_embedding(name: string): void;
  add_lora(source: OpenSource): LoraInfo;
  remove_lora(name: string): boolean;
  add_control_net(source: OpenSource, onEvent: (event: EngineEvent) => void): ModelInfo;
  remove_control_net(name: string): boolean;
  add_motion_module(source: OpenSource, onEvent: (event: EngineEvent) => void): MotionInfo;
  remove_motion_module(name: string): boolean;
  add_motion_lora(source: OpenSource): ModelInfo;
  remove_motion_lora(name: string): boolean;
  load_vae(source: OpenSource, onEvent: (event: EngineEvent) => void): void;
  load_taesd(source: OpenSource): void;
  drop_taesd(): void;
  /** Here the hooks are objects with the methods themselves. */
  detail_segs(
    request: Omit<DetailRequest, "hooks"> & { hooks: object[] },
    onEvent: (event: EngineEvent) => void,
  ): Promise<DetailResult>;
  cancel(): void;
}

export interface Core {
  /** Fetches and instantiates the wasm that lies beside the module. */
  default(): Promise<unknown>;
  Burnish: {
    create(backend: Backend): Promise<Burnish>;
    tables(): Tables;
    /** What a file is, by its header. */
    recognise(source: OpenSource, precision?: Precision): Recognised;
    /** The JSON document. */
    mask_to_segs(request: Calls["maskToSegs"]["takes"]): string;
  };
}

/** The builds that are there; each is a chunk of its own, fetched when asked for. */
const builds = import.meta.glob<Core>("../wasm/*/burnish.js");

/** Loads and instantiates the build for `backend`. */
export async function loadCore(backend: Backend): Promise<Core> {
  const load = builds[`../wasm/${backend}/burnish.js`];
  if (!load)
    throw new EngineError({
      code: "no_build",
      message: `This copy of the page has no ${backend} build.`,
    });
  const core = await load();
  await core.default();
  return core;
}
