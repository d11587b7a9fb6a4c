/** The core's tables as recorded, for tests without a core. */

import type { Tables } from "../../www/src/engine/protocol";
import recorded from "../../www/src/engine/recorded-tables.json";
import { initialState } from "../../www/src/state/initial";
import type { State } from "../../www/src/state/state";
import type { FieldValue } from "../../www/src/state/values";

export const tables = recorded as Tables;

/** A page whose engine has told its tables; `values` are typed. */
export function formWith(
  values: Record<string, FieldValue> = {},
  rest: Partial<State> = {},
): State {
  return { ...initialState({}), tables, values, ...rest };
}
