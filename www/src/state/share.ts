/** Settings as a document: to be copied, saved, kept as a preset and read back. Pure. */

import type { NodeName, SettingTable, Tables } from "../engine/protocol";
import { fieldOf, settingsFrom, shownRows } from "./form";
import { draftTables, rowsOf } from "./rows";
import type { State } from "./state";
import { fieldFrom, problemWith, type FieldValue, type Values } from "./values";

const SCHEMA = "burnish.settings";
const VERSION = 1;

/** Why a document cannot be used, as a sentence. */
export class ShareError extends Error {}

/** What a document asks for. */
export interface Shared {
  node: NodeName;
  values: Values;
  prompt?: string;
  negative?: string;
  /** Names of settings that were there but cannot be used. */
  leftOut: readonly string[];
}

/** The document of what the form holds; null as long as a field has a problem. */
export function sharedText(state: State): string | null {
  const settings = settingsFrom(state);
  if (!settings) return null;
  const { node, prompt, negative } = state;
  const document = { schema: SCHEMA, version: VERSION, node, prompt, negative, settings };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** What is in the fields, model recommendations included, so that it means the same elsewhere. */
export function valuesOf(state: State): Values {
  const fields = shownRows(state).map((row) => [row.name, fieldOf(state, row)] as const);
  const changed = fields.filter(([, { origin }]) => origin !== "default");
  return Object.fromEntries(changed.map(([name, { value }]) => [name, value]));
}

/** Reads a document, or what a PNG of ours says. `source` is what the user calls it. */
export function sharedFrom(document: unknown, tables: Tables, source: string): Shared {
  if (!isRecord(document) || !isRecord(document.settings)) {
    throw new ShareError(`${source} holds no settings of Burnish.`);
  }
  if ("schema" in document && document.schema !== SCHEMA) {
    throw new ShareError(`${source} holds something else: ${String(document.schema)}.`);
  }
  if ("version" in document && document.version !== VERSION) {
    const version = String(document.version);
    throw new ShareError(
      `${source} is of version ${version}, this page reads version ${VERSION}. Reload the page to get the newest.`,
    );
  }
  const node = nodeNamed(document.node, tables);
  if (!node) throw new ShareError(`${source} is for a node that Burnish does not have.`);
  const { prompt, negative } = document;
  return {
    node,
    ...read(document.settings, rowsOf(tables, node, true), tables),
    ...(typeof prompt === "string" && { prompt }),
    ...(typeof negative === "string" && { negative }),
  };
}

/** The node of that name; MaskDetailerPipe also goes by its title. */
export function nodeNamed(name: unknown, tables: Tables): NodeName | null {
  const own = name === "MaskDetailer" ? "MaskDetailerPipe" : name;
  return tables.nodes.find((node) => node.name === own)?.name ?? null;
}

function read(
  settings: Record<string, unknown>,
  rows: readonly SettingTable[],
  tables: Tables,
): Pick<Shared, "values" | "leftOut"> {
  const values: Record<string, FieldValue> = {};
  const leftOut: string[] = [];
  for (const [name, given] of Object.entries(settings)) {
    const row = rows.find((row) => row.name === name);
    const drafts = row ? draftTables(row, tables) : [];
    const value = row ? fieldFrom(row, given, drafts) : null;
    if (!row || value === null || problemWith(row, value, drafts)) leftOut.push(name);
    else values[name] = value;
  }
  return { values, leftOut };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
