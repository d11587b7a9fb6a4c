/** What works between the frames of a clip, as it stands in the form. Pure. */

import type { MotionUse, SettingTable, Tables } from "../engine/protocol";
import { fieldOfRow, type Origin } from "./form";
import {
  defaultOf,
  jsonFrom,
  problemWith,
  sameField,
  textIn,
  type FieldValue,
  type Json,
  type Values,
} from "./values";

/** A motion module at hand. */
export interface MotionModule {
  /** The file's name. */
  name: string;
  title: string;
  /** Where to load it from when it is first used; null once it is loaded. */
  url: string | null;
  /** What suits it, over the defaults. */
  recommended: Omit<MotionUse, "module" | "loras">;
  /** Whether it came with the model, and goes with it. */
  isOwn: boolean;
}

/** A motion LoRA and its strength, as it was typed. */
export interface MotionLora {
  name: string;
  strength: string;
}

/** The form. */
export interface MotionForm {
  modules: readonly MotionModule[];
  /** The name of the one that is used; null leaves the frames to themselves. */
  chosen: string | null;
  loras: readonly MotionLora[];
  /** What the user typed; the rest shows what suits the module, or the default. */
  values: Values;
  /** Whether a long clip is seen in windows. */
  cuts: boolean;
  context: Values;
}

export const NO_MOTION: MotionForm = {
  modules: [],
  chosen: null,
  loras: [],
  values: {},
  cuts: true,
  context: {},
};

/** The settings that may differ from frame to frame. */
const PER_FRAME = new Set(["scale", "effect"]);

export const isPerFrame = ({ name }: SettingTable): boolean => PER_FRAME.has(name);

export type MotionPart = "settings" | "context";

/** What counts without a motion module. */
const WITHOUT_MODULE = new Set(["noise_type", "beta_schedule"]);

/** The rows of a part that count now. */
export function motionRows(
  { motion }: Tables,
  form: MotionForm,
  part: MotionPart,
): readonly SettingTable[] {
  if (part === "context") return form.cuts ? motion.context : [];
  return motion.settings.filter(({ name }) => form.chosen !== null || WITHOUT_MODULE.has(name));
}

/** The module that is used. */
export function chosenModule({ modules, chosen }: MotionForm): MotionModule | undefined {
  return modules.find(({ name }) => name === chosen);
}

/** What the field of a row shows, and whose it is. */
export function motionField(
  form: MotionForm,
  part: MotionPart,
  row: SettingTable,
): { value: FieldValue; origin: Origin } {
  const recommended = chosenModule(form)?.recommended ?? {};
  const of = part === "settings" ? recommended : (recommended.context ?? {});
  const typed = part === "settings" ? form.values : form.context;
  return fieldOfRow(row, typed[row.name], new Map(Object.entries(of)).get(row.name));
}

/** What is wrong with a field, as a sentence; null when nothing is. */
export function motionProblem(
  form: MotionForm,
  part: MotionPart,
  row: SettingTable,
): string | null {
  const { value } = motionField(form, part, row);
  if (!isPerFrame(row)) return problemWith(row, value);
  const each = numbersIn(textIn(value));
  if (each.length === 0) return problemWith(row, "");
  return each.map((one) => problemWith(row, one)).find((problem) => problem !== null) ?? null;
}

/** What is wrong with the strength of a motion LoRA. */
export function loraProblem({ motion }: Tables, lora: MotionLora): string | null {
  const row = motion.lora[0];
  return row ? problemWith(row, lora.strength) : null;
}

/** What is wrong with the first field that has a problem. */
export function motionProblems(tables: Tables, form: MotionForm): string | null {
  for (const part of ["settings", "context"] as const) {
    for (const row of motionRows(tables, form, part)) {
      const problem = motionProblem(form, part, row);
      if (problem) return `motion: ${problem}`;
    }
  }
  const loras = form.chosen === null ? [] : form.loras;
  const problems = loras.map((lora) => loraProblem(tables, lora) && lora.name);
  const odd = problems.find((name) => name !== null);
  if (odd)
    return `“${odd}”: ${loraProblem(
      tables,
      loras.find(({ name }) => name === odd)!,
    )}`;
  const number = (name: string): number => {
    const row = tables.motion.context.find((row) => row.name === name);
    return row ? Number(motionField(form, "context", row).value) : NaN;
  };
  const schedule = tables.motion.context.find(({ name }) => name === "schedule");
  const isBatched = schedule && motionField(form, "context", schedule).value === "batched";
  if (form.cuts && !isBatched && number("overlap") >= number("length")) {
    return `motion: overlap must be below length, which is ${number("length")}.`;
  }
  return null;
}

/** What a run over `frames` frames is told; nothing where all is as without. */
export function motionUse(tables: Tables, form: MotionForm, frames: number): MotionUse | undefined {
  const module = chosenModule(form);
  const given = (part: MotionPart): Record<string, Json | number[]> =>
    Object.fromEntries(
      motionRows(tables, form, part).map((row) => {
        const { value } = motionField(form, part, row);
        return [row.name, isPerFrame(row) ? spread(value, frames) : jsonFrom(row, value, [])];
      }),
    );
  const isUsual = motionRows(tables, form, "settings").every((row) =>
    sameField(motionField(form, "settings", row).value, defaultOf(row)),
  );
  // Without a module every frame is sampled for itself, and windows change nothing.
  if (!module) return isUsual ? undefined : given("settings");
  const loras = form.loras.map(({ name, strength }) => ({ name, strength: Number(strength) }));
  return {
    module: module.name,
    ...(loras.length > 0 && { loras }),
    ...given("settings"),
    context: form.cuts ? given("context") : null,
  };
}

/** One number for all frames; several are spread over them evenly, with straight lines between. */
function spread(value: FieldValue, frames: number): number | number[] {
  const keys = numbersIn(textIn(value)).map(Number);
  const [first = 1] = keys;
  if (keys.length < 2 || frames < 2) return first;
  return Array.from({ length: frames }, (_, at) => {
    const place = (at / (frames - 1)) * (keys.length - 1);
    const before = Math.min(Math.floor(place), keys.length - 2);
    const [from = first, to = first] = [keys[before], keys[before + 1]];
    return Number((from + (to - from) * (place - before)).toFixed(4));
  });
}

const numbersIn = (typed: string): string[] => typed.split(/[\s,;]+/).filter(Boolean);
