/** From what is typed in the form to settings, with a sentence for whatever cannot be used. */

import type { NodeName, Settings } from "../engine/protocol";
import { rowsOf, SETTINGS, type NumberRow, type SettingRow } from "./settings-table";
import type { Form, SettingName } from "./state";

/** Values that replace the defaults. */
export type FormSource = Partial<Settings>;

/** A form filled with the defaults and what `source` replaces. */
export function formFrom(source: FormSource): Form {
  const field = (name: SettingName): Form[SettingName] => {
    const given = source[name];
    if (given === undefined) return { value: asTyped(defaultOf(name)), origin: "default" };
    return { value: asTyped(given), origin: "model" };
  };
  return {
    guide_size: field("guide_size"),
    guide_size_for: field("guide_size_for"),
    max_size: field("max_size"),
    seed: field("seed"),
    steps: field("steps"),
    cfg: field("cfg"),
    sampler_name: field("sampler_name"),
    scheduler: field("scheduler"),
    denoise: field("denoise"),
    feather: field("feather"),
    noise_mask: field("noise_mask"),
    force_inpaint: field("force_inpaint"),
    crop_factor: field("crop_factor"),
    drop_size: field("drop_size"),
    cycle: field("cycle"),
    noise_mask_feather: field("noise_mask_feather"),
    contour_fill: field("contour_fill"),
    bbox_fill: field("bbox_fill"),
  };
}

/** The node's own default. */
export function defaultOf(name: SettingName): string | number | boolean {
  const row = SETTINGS.find((row) => row.name === name);
  return row ? row.default : "";
}

/** What is wrong with `value` in the field of `row`, as a sentence; null when it can be used. */
export function problemWith(row: SettingRow, value: string | boolean): string | null {
  if (row.kind === "number") return numberProblem(row, String(value));
  if (row.kind === "seed") return seedProblem(String(value));
  return null;
}

/** The problems of every field `node` has. */
export function problemsOf(form: Form, node: NodeName): Partial<Record<SettingName, string>> {
  const problems: Partial<Record<SettingName, string>> = {};
  for (const row of rowsOf(node)) {
    const problem = problemWith(row, form[row.name].value);
    if (problem) problems[row.name] = problem;
  }
  return problems;
}

/** The settings `form` stands for; null as long as a field has a problem. */
export function settingsFrom(form: Form, node: NodeName): Settings | null {
  if (Object.keys(problemsOf(form, node)).length > 0) return null;
  const number = (name: SettingName): number => Number(form[name].value);
  const text = (name: SettingName): string => String(form[name].value).trim();
  return {
    guide_size: number("guide_size"),
    guide_size_for: text("guide_size_for") === "bbox" ? "bbox" : "crop_region",
    max_size: number("max_size"),
    seed: text("seed"),
    steps: number("steps"),
    cfg: number("cfg"),
    sampler_name: text("sampler_name"),
    scheduler: text("scheduler"),
    denoise: number("denoise"),
    feather: number("feather"),
    noise_mask: form.noise_mask.value === true,
    // The MaskDetailer has no such setting: it always redraws.
    force_inpaint: node === "MaskDetailer" || form.force_inpaint.value === true,
    crop_factor: number("crop_factor"),
    drop_size: number("drop_size"),
    cycle: number("cycle"),
    noise_mask_feather: number("noise_mask_feather"),
    contour_fill: form.contour_fill.value === true,
    bbox_fill: form.bbox_fill.value === true,
  };
}

/** A random seed the reference accepts, from 64 random bits. */
export function seedFrom(high: number, low: number): string {
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
}

function asTyped(value: string | number | boolean): string | boolean {
  return typeof value === "boolean" ? value : String(value);
}

function numberProblem({ name, min, max, integer }: NumberRow, typed: string): string | null {
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  if (!Number.isFinite(value)) {
    return `${name} must be a number from ${min} to ${max}.`;
  }
  if (value < min || value > max) return `${name} must be between ${min} and ${max}.`;
  if (integer && !Number.isInteger(value)) return `${name} must be a whole number.`;
  return null;
}

function seedProblem(typed: string): string | null {
  const ok = /^\d{1,20}$/.test(typed.trim()) && BigInt(typed.trim()) < 1n << 64n;
  return ok ? null : "seed must be a whole number from 0 to 18446744073709551615.";
}
