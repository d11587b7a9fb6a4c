/** ControlNets at hand and how each is to guide a run. Pure. */

import type { ControlNetUse, Pixels } from "../engine/protocol";

/** What a ControlNet's picture is made of. */
export type Preparation = "none" | "canny" | "invert" | "blur" | "tile";

/** A ControlNet and its part of the form, as it was typed. */
export interface Control {
  /** The file's name. */
  name: string;
  strength: string;
  start: string;
  end: string;
  preparation: Preparation;
  /** A picture to follow in place of the one that is detailed. */
  hint: { name: string; pixels: ImageData } | null;
}

/** What can be typed. */
export type ControlNumber = "strength" | "start" | "end";

/** The numbers of the form, with the ranges the core holds them to. */
export const NUMBERS: readonly { name: ControlNumber; label: string; max: number; help: string }[] =
  [
    { name: "strength", label: "strength", max: 10, help: "How much it counts." },
    { name: "start", label: "start", max: 1, help: "From here, 0 being the first step." },
    { name: "end", label: "end", max: 1, help: "Up to here, 1 being the last step." },
  ];

/** Ways to prepare the picture, and what each is for. */
export const PREPARATIONS: readonly { name: Preparation; label: string; help: string }[] = [
  { name: "none", label: "as it is", help: "For pictures that are prepared already." },
  { name: "canny", label: "its edges", help: "White edges on black, for canny ControlNets." },
  { name: "invert", label: "inverted", help: "White lines on black, of a drawing on paper." },
  { name: "blur", label: "blurred", help: "For ControlNets that sharpen." },
  { name: "tile", label: "without details", help: "For tile ControlNets, which add details." },
];

/** A ControlNet that was just added. */
export function newControl(name: string): Control {
  const preparation = PREPARATIONS.find(({ name: known }) => name.toLowerCase().includes(known));
  return {
    name,
    strength: "1",
    start: "0",
    end: "1",
    preparation: preparation?.name ?? "none",
    hint: null,
  };
}

/** What is wrong with a number, as a sentence; null when nothing is. */
export function numberProblem(control: Control, number: ControlNumber): string | null {
  const { label, max } = NUMBERS.find(({ name }) => name === number)!;
  const value = valueOf(control[number]);
  if (!(value >= 0 && value <= max)) return `${label} must be a number from 0 to ${max}.`;
  if (number === "end" && value < valueOf(control.start)) return "end must not be before start.";
  return null;
}

/** What is wrong with the first ControlNet that has a problem. */
export function controlsProblem(controls: readonly Control[]): string | null {
  for (const control of controls) {
    for (const { name } of NUMBERS) {
      const problem = numberProblem(control, name);
      if (problem) return `“${control.name}”: ${problem}`;
    }
  }
  return null;
}

/** As the engine takes it; `hint` is its picture at the size of the one that is detailed. */
export function useOf(control: Control, hint: Pixels | null): ControlNetUse {
  const { name, preparation } = control;
  return {
    name,
    strength: valueOf(control.strength),
    start_percent: valueOf(control.start),
    end_percent: valueOf(control.end),
    ...(preparation !== "none" && { preprocessor: { type: preparation } }),
    ...(hint && { image: hint }),
  };
}

/** An empty field is no number. */
const valueOf = (typed: string): number =>
  typed.trim() === "" ? NaN : Number(typed.trim().replace(",", "."));
