/** What the settings form shows for a state. Pure. */

import type { SettingTable } from "../../engine/protocol";
import type { Origin } from "../../state/form";
import { GROUPS, SETTING_HELP, type Group } from "../../state/help";
import { defaultOf, type Draft } from "../../state/values";

/** The options of a list; a value the list lacks stays visible. */
export function optionsOf(names: readonly string[], value: string): readonly string[] {
  return names.includes(value) ? names : [value, ...names];
}

/** Where a value comes from, when it is not the node's default. */
export function originOf(row: SettingTable, origin: Origin): string | null {
  const usual = defaultOf(row);
  // That a list or a text is empty by default goes without saying.
  if (origin === "default" || usual === "" || typeof usual === "object") return null;
  const shown = `default ${typeof usual === "boolean" ? (usual ? "on" : "off") : usual}`;
  return origin === "model" ? `Recommended by the model · node ${shown}` : `Node ${shown}`;
}

/** The rows of each group, in the order of the help; what has no help comes last. */
export function grouped(rows: readonly SettingTable[]): Map<Group, SettingTable[]> {
  const order = Object.keys(SETTING_HELP);
  const place = (name: string): number => (order.indexOf(name) + order.length) % order.length;
  const sorted = [...rows].sort((one, other) => place(one.name) - place(other.name));
  const groups = new Map<Group, SettingTable[]>(GROUPS.map(([group]) => [group, []]));
  for (const row of sorted) groups.get(SETTING_HELP[row.name]?.group ?? "passes")?.push(row);
  return groups;
}

/** `drafts` with the one at `from` moved to `to`; unchanged when that is no place. */
export function moved(drafts: readonly Draft[], from: number, to: number): readonly Draft[] {
  const draft = drafts[from];
  if (!draft || to < 0 || to >= drafts.length) return drafts;
  const rest = drafts.filter((_, at) => at !== from);
  return [...rest.slice(0, to), draft, ...rest.slice(to)];
}
