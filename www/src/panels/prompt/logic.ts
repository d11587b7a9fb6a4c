/** The nodes the page offers, with a sentence each. */

import type { NodeName } from "../../engine/protocol";

export const NODES: readonly { name: NodeName; help: string }[] = [
  {
    name: "MaskDetailer",
    help: "Redraws every painted spot in its own crop, even if it is already large enough.",
  },
  {
    name: "DetailerForEach",
    help: "Takes each painted spot as a segment; without force_inpaint, large ones are skipped.",
  },
];
