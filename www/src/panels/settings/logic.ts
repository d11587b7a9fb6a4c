/** What the settings form shows for a state. Pure. */

import type { Tables } from "../../engine/protocol";
import { defaultOf } from "../../state/form";
import type { ChoiceRow, SettingRow } from "../../state/settings-table";
import type { FieldState } from "../../state/state";

/** Value and label of each option of `row`; a value the table lacks stays visible. */
export function optionsOf(
  row: ChoiceRow,
  tables: Tables,
  value: string,
): readonly (readonly [string, string])[] {
  if (typeof row.options !== "string") return row.options;
  const names = tables[row.options];
  const all = names.includes(value) ? names : [value, ...names];
  return all.map((name) => [name, name] as const);
}

/** Where a value comes from, when it is not the node's default. */
export function originOf(row: SettingRow, field: FieldState): string | null {
  if (String(field.value) === String(defaultOf(row.name))) return null;
  const shown = row.kind === "switch" ? (row.default ? "on" : "off") : String(row.default);
  if (field.origin === "model") return `Recommended by the model · node default ${shown}`;
  return field.origin === "user" ? `Node default ${shown}` : null;
}
