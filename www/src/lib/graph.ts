/**
 * Reads settings from the graph that the reference tool writes into its PNGs: JSON under the keyword
 * "prompt", `{ id: { class_type, inputs } }`, where an input is a value or a link `[id, output]`.
 */

import type { Typed } from "../engine/protocol";

/** What a graph says about its detailer, under our names. */
export interface GraphRecipe {
  node: string;
  prompt?: string;
  negative?: string;
  settings: Record<string, unknown>;
}

interface GraphNode {
  type: string;
  inputs: Record<string, unknown>;
}

type Graph = Map<string, GraphNode>;

/** The detailers of the reference tool, and ours that does the same. */
const DETAILERS: Readonly<Record<string, string>> = {
  MaskDetailerPipe: "MaskDetailerPipe",
  DetailerForEach: "DetailerForEach",
  DetailerForEachPipe: "DetailerForEach",
  SEGSDetailer: "SEGSDetailer",
  SEGSDetailerForAnimateDiff: "SEGSDetailerForAnimateDiff",
  DetailerForEachPipeForAnimateDiff: "DetailerForEachPipeForAnimateDiff",
};

const HOOKS: Readonly<Record<string, string>> = {
  NoiseInjectionDetailerHookProvider: "noise_injection",
  VariationNoiseDetailerHookProvider: "variation_noise",
  UnsamplerDetailerHookProvider: "unsampler",
  DenoiseSchedulerDetailerHookProvider: "denoise_schedule",
  CoreMLDetailerHookProvider: "coreml",
  PreviewDetailerHookProvider: "preview",
  BlackPatchRetryHookProvider: "black_patch_retry",
};

/** Inputs that carry no setting of ours. */
const NOT_OURS = new Set(["source", "quality", "unique_id"]);

/** Links longer than this lead in a circle, or nowhere we can follow. */
const FARTHEST = 24;

/** The first detailer of the graph `text`; null when there is none or it is no graph. */
export function recipeFromGraph(text: string): GraphRecipe | null {
  const graph = graphFrom(text);
  for (const { type, inputs } of graph.values()) {
    const node = Object.hasOwn(DETAILERS, type) ? DETAILERS[type] : undefined;
    if (node === undefined) continue;
    const prompt = conditioning(graph, inputs, "positive");
    const negative = conditioning(graph, inputs, "negative");
    return {
      node,
      settings: settingsFrom(graph, inputs),
      ...(prompt !== null && { prompt }),
      ...(negative !== null && { negative }),
    };
  }
  return null;
}

/** Whether `text` is such a graph at all. */
export function isGraph(text: string): boolean {
  return graphFrom(text).size > 0;
}

function graphFrom(text: string): Graph {
  const graph: Graph = new Map();
  try {
    const parsed: unknown = JSON.parse(strictJson(text));
    if (!isRecord(parsed)) return graph;
    for (const [id, node] of Object.entries(parsed)) {
      if (!isRecord(node) || typeof node.class_type !== "string" || !isRecord(node.inputs))
        continue;
      graph.set(id, { type: node.class_type, inputs: node.inputs });
    }
  } catch {
    // Not JSON, so not a graph.
  }
  return graph;
}

/** Python writes NaN, which JSON has not, and seeds beyond 2^53, which numbers here cannot hold. */
function strictJson(text: string): string {
  const tokens =
    /"[^"\\]*(?:\\[^][^"\\]*)*"?|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?\b(?:NaN|Infinity)\b/g;
  return text.replace(tokens, (token) => {
    if (/^\d{16,}$/.test(token)) return `"${token}"`;
    return /^-?[NI]/.test(token) ? "null" : token;
  });
}

function settingsFrom(graph: Graph, inputs: Record<string, unknown>): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, input] of Object.entries(inputs)) {
    const value = isLink(input) ? literal(graph, input) : input;
    if (name === "detailer_hook") settings[name] = hooks(graph, input, FARTHEST);
    else if (name === "scheduler_func_opt") settings[name] = schedulerFunc(graph, input);
    else if (isValue(value) && !NOT_OURS.has(name)) Object.assign(settings, ours(name, value));
  }
  return settings;
}

/** A value under our name and in our form. */
function ours(name: string, value: unknown): Record<string, unknown> {
  if (name === "guide_size_for" && typeof value === "boolean") {
    return { guide_size_for: value ? "bbox" : "crop_region" };
  }
  return { [name === "mask_mode" ? "noise_mask" : name]: value };
}

function hooks(graph: Graph, input: unknown, left: number): Typed[] {
  const node = follow(graph, input);
  if (!node || left === 0) return [];
  if (node.type === "DetailerHookCombine") {
    const { hook1, hook2 } = node.inputs;
    // Half the way each, so that a knot of combined hooks cannot grow without end.
    return [hook1, hook2].flatMap((hook) => hooks(graph, hook, left >> 1));
  }
  const type = Object.hasOwn(HOOKS, node.type) ? HOOKS[node.type] : undefined;
  if (type === undefined) return [];
  const values = Object.entries(node.inputs).filter(
    ([name, value]) => isValue(value) && !NOT_OURS.has(name),
  );
  return [{ ...Object.fromEntries(values), type }];
}

function schedulerFunc(graph: Graph, input: unknown): Typed | null {
  const node = follow(graph, input);
  if (node?.type !== "GITSSchedulerFuncProvider") return null;
  const values = Object.entries(node.inputs).filter(([, value]) => isValue(value));
  return { ...Object.fromEntries(values), type: "GITS" };
}

/** The text a conditioning was made from, followed back through pipes and what changes it. */
function conditioning(
  graph: Graph,
  inputs: Record<string, unknown>,
  side: "positive" | "negative",
): string | null {
  let at: Record<string, unknown> | undefined = inputs;
  for (let left = FARTHEST; at && left > 0; left--) {
    const link: unknown = at[side] ?? at.basic_pipe ?? at.conditioning ?? at.conditioning_1;
    const node = follow(graph, link);
    if (node && "text" in node.inputs && !("basic_pipe" in node.inputs)) {
      const { text } = node.inputs;
      const value = isLink(text) ? literal(graph, text) : text;
      return typeof value === "string" ? value : null;
    }
    at = node?.inputs;
  }
  return null;
}

/** The value a link to a node that only holds one stands for. */
function literal(graph: Graph, link: unknown): unknown {
  const inputs = follow(graph, link)?.inputs ?? {};
  for (const name of ["value", "seed", "text", "string", "int", "float"]) {
    if (isValue(inputs[name])) return inputs[name];
  }
  return undefined;
}

function follow(graph: Graph, link: unknown): GraphNode | undefined {
  return isLink(link) ? graph.get(String(link[0])) : undefined;
}

function isLink(input: unknown): input is [string | number, number] {
  return Array.isArray(input) && input.length === 2 && typeof input[1] === "number";
}

function isValue(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
