/** What is asked for when a checkpoint is loaded. */

import type { Manifest, ModelSource } from "./protocol";

/**
 * How weights are kept on a graphics card. "auto" changes no number: f16 for files in half precision,
 * f32 for others. Arithmetic is in f32 whatever it is, and on the processor weights are, too.
 */
export type Precision = "auto" | "f32" | "f16" | "int8" | "int4";

/** A checkpoint to be loaded. */
export interface LoadRequest {
  manifest: Manifest | null;
  source: ModelSource;
  /** "auto" unless given. VAEs and ControlNets that are added later are kept in the same way. */
  precision?: Precision;
}
