/** What the section says about where segments come from. Pure. */

import type { SegsFile } from "../../state/state";

export function segmentsLine(segs: Pick<SegsFile, "name" | "segments"> | null): string {
  if (!segs) return "Every painted spot is one.";
  const count = segs.segments.length;
  const number = count === 1 ? "One" : count === 0 ? "None" : String(count);
  return `${number} from “${segs.name}”; the painted mask waits.`;
}
