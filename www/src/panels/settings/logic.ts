/** What the settings form shows for a state. Pure. */

import type { SettingTable } from "../../engine/protocol";
import type { Origin } from "../../state/form";
import { GROUPS, SETTING_HELP, type Group } from "../../state/help";
import { defaultOf, type Draft, type FieldValue } from "../../state/values";

/** Value and label of each option; a value the list lacks stays visible. */
export function optionsOf(
  names: readonly string[],
  value: string,
  meanings: Readonly<Record<string, string>> = {},
): readonly (readonly [string, string])[] {
  const all = names.includes(value) ? names : [value, ...names];
  return all.map((name) => [name, meanings[name] ? `${name}: ${meanings[name]}` : name] as const);
}

/** Where a value comes from, when it is not the node's default. */
export function originOf(row: SettingTable, origin: Origin): string | null {
  if (origin === "default") return null;
  const shown = `default ${shownValue(defaultOf(row))}`;
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

function shownValue(value: FieldValue): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "object") return value.length === 0 ? "none" : String(value.length);
  return value === "" ? "empty" : value;
}
