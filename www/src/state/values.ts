/** Between what is in a field and what it stands for. */

import type { HookTable, SettingTable, Typed } from "../engine/protocol";

/** A hook or function in the making: its name and what is in its fields. */
export interface Draft {
  type: string;
  values: Values;
}

/** What is in a field. Numbers stay text as typed: what cannot be read must not be lost. */
export type FieldValue = string | boolean | readonly Draft[];

/** Fields by the name of their setting. */
export type Values = Readonly<Record<string, FieldValue>>;

export type Json = string | number | boolean | null | Typed | Typed[];

type Kind = SettingTable["kind"];

/** The text in a field; empty in one that holds none. */
export function textIn(value: FieldValue): string {
  return typeof value === "string" ? value : "";
}

/** Whether `value` is what a field of `kind` holds. */
export function suits(kind: Kind, value: FieldValue): boolean {
  if (kind === "flag") return typeof value === "boolean";
  return typeof value === (kind === "hooks" || kind === "scheduler_func" ? "object" : "string");
}

/** What `value` looks like in the field of `row`; null when it is nothing for it. */
export function fieldFrom(
  row: SettingTable,
  value: unknown,
  drafts: readonly HookTable[],
): FieldValue | null {
  switch (row.kind) {
    case "number":
      return typeof value === "number" && Number.isFinite(value) ? String(value) : null;
    case "flag":
      return typeof value === "boolean" ? value : null;
    case "seed":
      if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : null;
      return typeof value === "string" ? value : null;
    case "choice":
      return typeof value === "string" && row.names.includes(value) ? value : null;
    case "text":
      return typeof value === "string" ? value : value === null ? "" : null;
    case "scheduler_func":
      return value === null ? [] : draftsFrom([value], drafts);
    case "hooks":
      return Array.isArray(value) ? draftsFrom(value, drafts) : null;
  }
}

/** The default of `row` as its field shows it. */
export function defaultOf(row: SettingTable): FieldValue {
  const empty = row.kind === "flag" ? false : row.kind === "hooks" ? [] : "";
  return fieldFrom(row, row.default, []) ?? empty;
}

/** A draft with nothing typed yet. */
export function newDraft(type: string): Draft {
  return { type, values: {} };
}

function draftsFrom(list: readonly unknown[], tables: readonly HookTable[]): Draft[] | null {
  const drafts = list.map((item) => draftFrom(item, tables));
  return drafts.every((draft) => draft !== null) ? drafts : null;
}

function draftFrom(item: unknown, tables: readonly HookTable[]): Draft | null {
  if (typeof item !== "object" || item === null || !("type" in item)) return null;
  const table = tables.find(({ name }) => name === item.type);
  if (!table) return null;
  const given: Record<string, unknown> = { ...item };
  const values: Record<string, FieldValue> = {};
  for (const row of table.settings) {
    if (!(row.name in given)) continue;
    const value = fieldFrom(row, given[row.name], []);
    if (value === null) return null;
    if (!sameField(value, defaultOf(row))) values[row.name] = value;
  }
  return { type: table.name, values };
}

/** What the field of `row` stands for; its problems have been looked at. */
export function jsonFrom(row: SettingTable, value: FieldValue, drafts: readonly HookTable[]): Json {
  switch (row.kind) {
    case "number":
      return Number(textIn(value));
    case "flag":
      return value === true;
    case "seed":
      return textIn(value).trim();
    case "text":
      return value === "" && row.default === null ? null : textIn(value);
    case "choice":
      return textIn(value);
    case "scheduler_func":
      return typedFrom(value, drafts)[0] ?? null;
    case "hooks":
      return typedFrom(value, drafts);
  }
}

function typedFrom(value: FieldValue, tables: readonly HookTable[]): Typed[] {
  if (typeof value !== "object") return [];
  return value.map(({ type, values }) => {
    const draft: Typed = { type };
    for (const row of rowsOfDraft(type, tables)) {
      draft[row.name] = jsonFrom(row, valueOf(row, values), []);
    }
    return draft;
  });
}

/** The settings of a draft of `type`. */
export function rowsOfDraft(type: string, tables: readonly HookTable[]): readonly SettingTable[] {
  return tables.find(({ name }) => name === type)?.settings ?? [];
}

/** What the field of `row` shows: what is in it, or the default. */
export function valueOf(row: SettingTable, values: Values): FieldValue {
  const value = values[row.name];
  return value !== undefined && suits(row.kind, value) ? value : defaultOf(row);
}

/** Whether two fields show the same. */
export function sameField(one: FieldValue, other: FieldValue): boolean {
  if (typeof one !== "object") return one === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What is wrong with `value` in the field of `row`, as a sentence; null when it can be used. */
export function problemWith(
  row: SettingTable,
  value: FieldValue,
  drafts: readonly HookTable[] = [],
): string | null {
  switch (row.kind) {
    case "number":
      return numberProblem(row.name, row, textIn(value));
    case "seed":
      return seedProblem(row.name, textIn(value));
    case "choice":
      return row.names.includes(textIn(value))
        ? null
        : `${row.name} cannot be “${textIn(value)}” here. Choose another.`;
    case "scheduler_func":
    case "hooks":
      return typeof value === "object" ? draftProblem(row.name, value, drafts) : null;
    default:
      return null;
  }
}

/** Steps of one are for what is counted. */
export function isCount({ step }: { step: number }): boolean {
  return step === 1;
}

function numberProblem(
  name: string,
  { min, max, step }: { min: number; max: number; step: number },
  typed: string,
): string | null {
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  if (!Number.isFinite(value)) return `${name} must be a number from ${min} to ${max}.`;
  if (value < min || value > max) return `${name} must be between ${min} and ${max}.`;
  if (isCount({ step }) && !Number.isInteger(value)) return `${name} must be a whole number.`;
  return null;
}

function seedProblem(name: string, typed: string): string | null {
  const ok = /^\d{1,20}$/.test(typed.trim()) && BigInt(typed.trim()) < 1n << 64n;
  return ok ? null : `${name} must be a whole number from 0 to 18446744073709551615.`;
}

function draftProblem(
  name: string,
  drafts: readonly Draft[],
  tables: readonly HookTable[],
): string | null {
  for (const [at, { type, values }] of drafts.entries()) {
    for (const row of rowsOfDraft(type, tables)) {
      const problem = problemWith(row, valueOf(row, values));
      if (problem) return `${name} ${at + 1}, ${type}: ${problem}`;
    }
  }
  return null;
}
