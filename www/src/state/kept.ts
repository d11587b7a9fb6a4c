/** Reads what an earlier visit left, and takes only what has the right shape. Pure. */

import type { NodeName } from "../engine/protocol";
import type { Kept } from "./initial";
import { PRECISIONS } from "./precision";
import type { Preset } from "./presets";
import { NODE_HELP } from "./nodes";
import type { Draft, FieldValue, Values } from "./values";

export function keptFrom(kept: unknown): Kept {
  if (!isRecord(kept)) return {};
  const node = nodeFrom(kept.node);
  const { prompt, negative, followsModel, presets, keepsModels, storedModel, inUse } = kept;
  const precision = PRECISIONS.find(({ name }) => name === kept.precision)?.name;
  return {
    values: valuesFrom(kept.values),
    ...(node && { node }),
    ...(typeof prompt === "string" && { prompt }),
    ...(typeof negative === "string" && { negative }),
    ...(typeof followsModel === "boolean" && { followsModel }),
    ...(typeof keepsModels === "boolean" && { keepsModels }),
    ...(precision && { precision }),
    ...(typeof storedModel === "string" && { storedModel }),
    ...(Array.isArray(inUse) && { inUse: inUse.filter((id) => typeof id === "string") }),
    ...(Array.isArray(presets) && { presets: presets.flatMap(presetFrom) }),
  };
}

/** Texts by name; anything else is dropped. */
export function textsFrom(kept: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(isRecord(kept) ? kept : {})) {
    if (typeof text === "string") texts[name] = text;
  }
  return texts;
}

function presetFrom(kept: unknown): Preset[] {
  if (!isRecord(kept) || typeof kept.name !== "string") return [];
  const { name, followsModel } = kept;
  const values = valuesFrom(kept.values);
  return [{ name, node: nodeFrom(kept.node), values, followsModel: followsModel !== false }];
}

function valuesFrom(kept: unknown): Values {
  const values: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(isRecord(kept) ? kept : {})) {
    const field = fieldFrom(value);
    if (field !== null) values[name] = field;
  }
  return values;
}

function fieldFrom(kept: unknown): FieldValue | null {
  if (typeof kept === "string" || typeof kept === "boolean") return kept;
  return Array.isArray(kept) ? kept.flatMap(draftFrom) : null;
}

function draftFrom(kept: unknown): Draft[] {
  if (!isRecord(kept) || typeof kept.type !== "string") return [];
  return [{ type: kept.type, values: valuesFrom(kept.values) }];
}

function nodeFrom(kept: unknown): NodeName | null {
  return NODE_HELP.find(({ name }) => name === kept)?.name ?? null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
