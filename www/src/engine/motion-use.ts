/** What a request may say about motion between the frames of a clip. */

import type { MaskPixels } from "./protocol";

/**
 * How strongly motion counts: a number, one for each frame, or by masks, of which one serves all
 * frames; a mask leads from `min` (0 unless given) to `max` (1 unless given).
 */
export type Multival = number | number[] | { min?: number; max?: number; masks: MaskPixels[] };

/** How a clip is cut into windows that a motion module sees one by one. */
export interface MotionContext {
  schedule: string;
  length: number;
  overlap: number;
  stride: number;
  closed_loop: boolean;
  fuse_method: string;
  use_on_equal_length: boolean;
}

/** How a motion module is used; what is left out has its default. */
export interface MotionUse {
  /** The file's name. Without it only `context`, `noise_type` and `beta_schedule` count. */
  module?: string;
  /** Motion LoRAs by their files' names; strength 1 unless given. */
  loras?: { name: string; strength?: number }[];
  /** Null, or left out: the module sees all frames at once. */
  context?: Partial<MotionContext> | null;
  scale?: Multival;
  effect?: Multival;
  beta_schedule?: string;
  noise_type?: string;
}
