/** Which settings the form shows, from the core's tables. */

import type { HookTable, NodeName, NodeTable, SettingTable, Tables } from "../engine/protocol";

/** Before the core has told what it has. */
export const NO_TABLES: Tables = {
  samplers: [],
  schedulers: [],
  nodes: [],
  hooks: [],
  motion: { settings: [], context: [], lora: [] },
};

/** How a mask becomes segments. Nodes without these of their own take them for their painted mask. */
const OF_MASKS = new Set(["crop_factor", "drop_size", "contour_fill", "bbox_fill"]);

/**
 * What `scheduler_func_opt` may be. The core describes it as one kind of value; names and ranges are
 * those of its `SchedulerFunc`.
 */
export const SCHEDULER_FUNCS: readonly HookTable[] = [
  {
    name: "GITS",
    settings: [
      { name: "coeff", default: 1.2, kind: "number", min: 0.8, max: 1.5, step: 0.05 },
      { name: "denoise", default: 1, kind: "number", min: 0, max: 1, step: 0.01 },
    ],
  },
];

export function nodeOf(tables: Tables, node: NodeName): NodeTable | undefined {
  return tables.nodes.find(({ name }) => name === node);
}

/** The settings of `node`; with a painted mask also those that turn it into segments. */
export function rowsOf(tables: Tables, node: NodeName, hasMask: boolean): SettingTable[] {
  const own = nodeOf(tables, node)?.settings ?? [];
  const names = new Set(own.map(({ name }) => name));
  const ofMasks = tables.nodes
    .flatMap(({ settings }) => settings)
    .filter(({ name }) => OF_MASKS.has(name));
  const added = ofMasks.filter(({ name }) => {
    const isNew = hasMask && !names.has(name);
    names.add(name);
    return isNew;
  });
  return [...own, ...added];
}

/** The rows of a list of drafts: hooks, or functions that make a schedule. */
export function draftTables(row: SettingTable, tables: Tables): readonly HookTable[] {
  return row.kind === "hooks" ? tables.hooks : SCHEDULER_FUNCS;
}
