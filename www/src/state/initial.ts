/** The state the page begins in. */

import { formFrom } from "./form";
import type { State } from "./state";

/** `kept` is what an earlier visit left behind. */
export function initialState(
  kept: Partial<Pick<State, "node" | "prompt" | "negative" | "form">>,
): State {
  return {
    work: { phase: "empty" },
    engine: { is: "starting" },
    backend: "webgpu",
    advice: null,
    tables: { samplers: ["euler"], schedulers: ["normal"] },
    mask: { revision: 0, painted: false, canUndo: false, canRedo: false },
    node: "MaskDetailer",
    prompt: "",
    negative: "",
    form: formFrom({}),
    recommended: {},
    examples: [],
    notice: null,
    ...kept,
  };
}
