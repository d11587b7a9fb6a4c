/** From what is typed in the form to settings, with a sentence for whatever cannot be used. */

import type { HookTable, SettingTable, Settings } from "../engine/protocol";
import { draftTables, rowsOf } from "./rows";
import type { Form } from "./state";
import {
  fieldFrom,
  jsonFrom,
  problemWith,
  sameField,
  defaultOf,
  suits,
  type FieldValue,
} from "./values";

/** Who put a value into its field. */
export type Origin = "default" | "model" | "user";

/** The settings the form shows. */
export function shownRows({ tables, node, segs }: Form): SettingTable[] {
  return rowsOf(tables, node, segs === null);
}

/** What the field of `row` shows, and whose it is: the user's, the model's or the node's. */
export function fieldOf(form: Form, row: SettingTable): { value: FieldValue; origin: Origin } {
  const recommended = new Map(Object.entries(form.followsModel ? form.recommended : {}));
  const tables = draftTables(row, form.tables);
  return fieldOfRow(row, form.values[row.name], recommended.get(row.name), tables);
}

/** The same, from what was typed, if anything was, and what is recommended. */
export function fieldOfRow(
  row: SettingTable,
  typed: FieldValue | undefined,
  recommended: unknown,
  drafts: readonly HookTable[] = [],
): { value: FieldValue; origin: Origin } {
  const usual = defaultOf(row);
  if (typed !== undefined && suits(row.kind, typed)) {
    return { value: typed, origin: sameField(typed, usual) ? "default" : "user" };
  }
  const value = fieldFrom(row, recommended, drafts);
  return value === null || sameField(value, usual)
    ? { value: usual, origin: "default" }
    : { value, origin: "model" };
}

/** The number in the field called `name`; `fallback` when there is none. */
export function numberIn(form: Form, name: string, fallback: number): number {
  const row = shownRows(form).find((row) => row.name === name);
  const value = row ? Number(fieldOf(form, row).value) : Number.NaN;
  return Number.isFinite(value) ? value : fallback;
}

/** The problems of every field that is shown. */
export function problemsOf(form: Form): Partial<Record<string, string>> {
  const problems: Partial<Record<string, string>> = {};
  for (const row of shownRows(form)) {
    const tables = draftTables(row, form.tables);
    const problem = problemWith(row, fieldOf(form, row).value, tables);
    if (problem) problems[row.name] = problem;
  }
  return problems;
}

/** The settings `form` stands for; null as long as a field has a problem. */
export function settingsFrom(form: Form): Partial<Settings> | null {
  if (Object.keys(problemsOf(form)).length > 0) return null;
  const settings: Partial<Settings> = {};
  for (const row of shownRows(form)) {
    const value = jsonFrom(row, fieldOf(form, row).value, draftTables(row, form.tables));
    // Names and kinds are the core's own.
    Object.assign(settings, { [row.name]: value });
  }
  return settings;
}

/** A random seed the reference accepts, from 64 random bits. */
export function seedFrom(high: number, low: number): string {
  return ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
}
