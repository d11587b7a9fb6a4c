/** Named settings: a few that come with the page, and the user's own. */

import type { NodeName } from "../engine/protocol";
import { FEW_STEP } from "./few-step";
import type { Values } from "./values";

export interface Preset {
  name: string;
  /** Null leaves the node as it is. */
  node: NodeName | null;
  /** What is not here takes the model's recommendation or the node's default. */
  values: Values;
  followsModel: boolean;
}

const builtIn = (name: string, values: Values): Preset => {
  return { name, node: null, values, followsModel: true };
};

export const BUILT_IN: readonly Preset[] = [
  builtIn("Touch up", { denoise: "0.3", feather: "8" }),
  builtIn("Redraw", { denoise: "0.55", steps: "28" }),
  builtIn("Replace", { denoise: "0.85", steps: "30", noise_mask_feather: "10" }),
  builtIn("Soft seam", { denoise: "0.5", feather: "20", noise_mask_feather: "20" }),
  builtIn("Quick look", { steps: "8", sampler_name: "dpmpp_2m", scheduler: "karras" }),
  ...FEW_STEP.map(({ name, values }) => builtIn(name, values)),
];

/** `own` with `preset`, in place of one of the same name. */
export function withPreset(own: readonly Preset[], preset: Preset): readonly Preset[] {
  return [...own.filter(({ name }) => name !== preset.name), preset].sort((one, other) =>
    one.name.localeCompare(other.name),
  );
}

/** Why `name` cannot be given to a preset, as a sentence; null when it can. */
export function nameProblem(name: string): string | null {
  if (name.trim() === "") return "Give the preset a name.";
  if (name.trim().length > 60) return "Give the preset a name of at most 60 letters.";
  if (BUILT_IN.some((preset) => preset.name === name.trim())) {
    return `“${name.trim()}” comes with the page. Choose another name.`;
  }
  return null;
}
