/** What the settings beside a pipeline's networks say that the networks do not. Pure. */

import type { Manifest } from "../../engine/protocol";

/** The settings of a folder, by their paths in it: whatever stands in those files. */
export type Settings = Readonly<Record<string, unknown>>;

export const INDEX = "model_index.json";
export const SCHEDULER = "scheduler/scheduler_config.json";
export const TEXT = "text_encoder/config.json";

/** Files that are read. */
export const SETTINGS = [INDEX, SCHEDULER, TEXT] as const;

/** What the scheduler's name for it means; it is the noise where none is given. */
const PREDICTIONS: Readonly<Record<string, NonNullable<Manifest["prediction"]>>> = {
  epsilon: "epsilon",
  v_prediction: "v",
};

/** The schedule that spaces its steps in this way. */
const SPACINGS: Readonly<Record<string, string>> = { trailing: "sgm_uniform" };

/** Values of a head in the text encoders that were published. */
const HEAD = 64;

/** A manifest of what the settings say; or why the pipeline cannot be sampled, as a sentence. */
export function manifestFrom(
  name: string,
  settings: Settings,
): { manifest: Manifest } | { problem: string } {
  const scheduler = recordOf(settings[SCHEDULER]);
  const said = scheduler.prediction_type;
  const prediction = typeof said === "string" ? PREDICTIONS[said] : undefined;
  if (typeof said === "string" && !prediction) {
    const problem = `Its UNet predicts “${said}” by ${SCHEDULER}; models that predict the noise or its velocity can be sampled.`;
    return { problem };
  }
  if (/^EDM/.test(textOf(scheduler._class_name))) {
    const problem = `It is made for ${textOf(scheduler._class_name)}; EDM models cannot be sampled.`;
    return { problem };
  }
  const schedule = SPACINGS[textOf(scheduler.timestep_spacing)];
  const heads = headsOf(settings);
  const manifest: Manifest = {
    name,
    file: "",
    ...(heads !== null && { clip_heads: heads }),
    ...(prediction && { prediction }),
    ...(scheduler.rescale_betas_zero_snr === true && { zero_terminal_snr: true }),
    ...(schedule && { recommended: { scheduler: schedule } }),
  };
  return { manifest };
}

/** The class of diffusers that runs the pipeline; empty where nothing says so. */
export function classOf(settings: Settings): string {
  return textOf(recordOf(settings[INDEX])._class_name);
}

/** Whether the index says that there is such a part; null without an index. */
export function hasPart(settings: Settings, part: string): boolean | null {
  if (!settings[INDEX]) return null;
  const listed = recordOf(settings[INDEX])[part];
  return Array.isArray(listed) && listed[1] != null;
}

/** The last part of the name or path it was made from. */
export function originOf(settings: Settings): string {
  return textOf(recordOf(settings[INDEX])._name_or_path).split(/[\\/]/).findLast(Boolean) ?? "";
}

/** Heads of the only text encoder where they are not as wide as usual; with two the rule has to do. */
function headsOf(settings: Settings): number | null {
  const { num_attention_heads: heads, hidden_size: width } = recordOf(settings[TEXT]);
  if (typeof heads !== "number" || typeof width !== "number") return null;
  if (hasPart(settings, "text_encoder_2")) return null;
  return Number.isInteger(heads) && heads > 0 && heads * HEAD !== width ? heads : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
