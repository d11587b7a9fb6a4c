/**
 * The settings of the detailer nodes: the reference's names, defaults and ranges, one row each,
 * with the sentence the form shows. Names in lists come from the core's tables.
 */

import type { NodeName } from "../engine/protocol";
import type { SettingName } from "./state";

interface Row {
  name: SettingName;
  help: string;
  /** Shown at once; the rest is folded away. */
  common?: true;
  /** The nodes that have this setting; all when left out. */
  nodes?: readonly NodeName[];
}

export interface NumberRow extends Row {
  kind: "number";
  default: number;
  min: number;
  max: number;
  step: number;
  integer: boolean;
}

export interface SeedRow extends Row {
  kind: "seed";
  default: string;
}

export interface ChoiceRow extends Row {
  kind: "choice";
  default: string;
  /** Value and what the list shows; a table name for lists of the core. */
  options: readonly (readonly [string, string])[] | "samplers" | "schedulers";
}

export interface SwitchRow extends Row {
  kind: "switch";
  default: boolean;
}

export type SettingRow = NumberRow | SeedRow | ChoiceRow | SwitchRow;

/** Largest side the reference accepts anywhere. */
const MAX_RESOLUTION = 16384;

export const SETTINGS: readonly SettingRow[] = [
  {
    name: "denoise",
    kind: "number",
    default: 0.5,
    min: 0.0001,
    max: 1,
    step: 0.01,
    integer: false,
    common: true,
    help: "How much is redrawn: low values keep what is there, 1 starts from nothing.",
  },
  {
    name: "steps",
    kind: "number",
    default: 20,
    min: 1,
    max: 10000,
    step: 1,
    integer: true,
    common: true,
    help: "How many sampling steps each segment takes; more is slower and finer.",
  },
  {
    name: "cfg",
    kind: "number",
    default: 8,
    min: 0,
    max: 100,
    step: 0.1,
    integer: false,
    common: true,
    help: "How strictly the prompt is followed; 1 ignores the negative prompt.",
  },
  {
    name: "guide_size",
    kind: "number",
    default: 512,
    min: 64,
    max: MAX_RESOLUTION,
    step: 8,
    integer: false,
    common: true,
    help: "The region is enlarged until its shorter side has this many pixels before it is redrawn.",
  },
  {
    name: "seed",
    kind: "seed",
    default: "0",
    common: true,
    help: "Chooses the noise; the same seed and settings give the same picture again.",
  },
  {
    name: "sampler_name",
    kind: "choice",
    default: "euler",
    options: "samplers",
    help: "The method that walks from noise to picture.",
  },
  {
    name: "scheduler",
    kind: "choice",
    default: "normal",
    options: "schedulers",
    help: "How the noise levels are spread over the steps.",
  },
  {
    name: "guide_size_for",
    kind: "choice",
    default: "bbox",
    options: [
      ["bbox", "bbox: the painted area"],
      ["crop_region", "crop_region: with its surroundings"],
    ],
    help: "Which rectangle guide_size is about.",
  },
  {
    name: "max_size",
    kind: "number",
    default: 1024,
    min: 64,
    max: MAX_RESOLUTION,
    step: 8,
    integer: false,
    help: "The longer side of the enlarged region is kept at or below this.",
  },
  {
    name: "crop_factor",
    kind: "number",
    default: 3,
    min: 1,
    max: 10,
    step: 0.1,
    integer: false,
    help: "How much of the surroundings is seen along with the painted area; 1 sees none.",
  },
  {
    name: "feather",
    kind: "number",
    default: 5,
    min: 0,
    max: 100,
    step: 1,
    integer: true,
    help: "How softly the result is blended into the picture, in pixels.",
  },
  {
    name: "noise_mask",
    kind: "switch",
    default: true,
    help: "Redraws only what is painted; off, the surroundings are redrawn too and then cut away.",
  },
  {
    name: "noise_mask_feather",
    kind: "number",
    default: 0,
    min: 0,
    max: 100,
    step: 1,
    integer: true,
    help: "How softly the redrawn area ends while it is sampled, in pixels; 0 is a hard edge.",
  },
  {
    name: "force_inpaint",
    kind: "switch",
    default: true,
    nodes: ["DetailerForEach"],
    help: "Redraws a region that is already as large as guide_size instead of skipping it.",
  },
  {
    name: "drop_size",
    kind: "number",
    default: 10,
    min: 1,
    max: MAX_RESOLUTION,
    step: 1,
    integer: true,
    help: "Painted spots no larger than this on both sides, in pixels, are left out.",
  },
  {
    name: "contour_fill",
    kind: "switch",
    default: true,
    help: "Fills holes in the painted area and hardens its soft edges.",
  },
  {
    name: "bbox_fill",
    kind: "switch",
    default: false,
    help: "Redraws the whole rectangle around a painted spot.",
  },
  {
    name: "cycle",
    kind: "number",
    default: 1,
    min: 1,
    max: 10,
    step: 1,
    integer: true,
    help: "How many times each region is redrawn, each time from the last result.",
  },
];

/** The rows `node` has. */
export function rowsOf(node: NodeName): readonly SettingRow[] {
  return SETTINGS.filter(({ nodes }) => nodes === undefined || nodes.includes(node));
}
