/** The nodes the page offers, with a sentence each, in the order it lists them. */

import type { NodeName } from "../engine/protocol";

export const NODE_HELP: readonly { name: NodeName; help: string }[] = [
  {
    name: "MaskDetailerPipe",
    help: "Redraws every painted spot in its own crop, even if it is already large enough.",
  },
  {
    name: "DetailerForEach",
    help: "Takes each painted spot as a segment, with prompts of its own if you like.",
  },
  {
    name: "SEGSDetailer",
    help: "Redraws each segment and hands out the crops; the picture stays as it is.",
  },
  {
    name: "SEGSDetailerForAnimateDiff",
    help: "Redraws each segment over all frames of a clip and hands out the crops.",
  },
  {
    name: "DetailerForEachPipeForAnimateDiff",
    help: "Redraws each segment over all frames of a clip and pastes it into them.",
  },
];
