/** What the run bar says. Pure. */

import { hasMasks, type Chore } from "../../state/clip";
import type { Common, Phase, Progress, Result } from "../../state/state";
import { formatBytes, formatSeconds } from "../../lib/format";
import { fractionDone, secondsLeft, wholeSteps } from "../../state/progress";

/** The line above the bar while a run goes on. */
export function stageLine(progress: Progress): string {
  const { stage, segment, segments, counts, frames, windows, cancelling } = progress;
  if (cancelling) return `Cancelling after this ${windows ? "window" : "step"}`;
  const what = counts === "frame" ? "Frame" : "Segment";
  const parts = [
    ...(segments > 1 ? [`${what} ${segment + 1} of ${segments}`] : []),
    ...(frames > 1 ? [`${frames} frames`] : []),
    stage,
  ];
  return parts.join(" · ");
}

/** What is being done with a clip, and how far. */
export function choreLine({ text, done, total, cancelling }: Chore): string {
  if (cancelling) return "Cancelling";
  return total > 0 ? `${text}: ${done} of ${total}` : `${text}…`;
}

/** Steps done and time left. */
export function stepLine(progress: Progress, nowMs: number): string {
  const { windows, stepsTotal } = progress;
  const step = `Step ${wholeSteps(progress)} of ${Math.round(stepsTotal)}`;
  const steps = windows ? `${step} · window ${windows.done} of ${windows.count}` : step;
  const left = secondsLeft(progress, nowMs);
  return left === null ? steps : `${steps} · about ${formatSeconds(left)} left`;
}

/** Whole percent of the run. */
export function percent(progress: Progress): number {
  return Math.floor(fractionDone(progress) * 100);
}

/** How a finished run went. */
export function resultLine({ seconds, report }: Pick<Result, "seconds" | "report">): string {
  const detailed = report.segments.filter(({ skipped }) => skipped === null).length;
  const segments = detailed === 1 ? "1 segment" : `${detailed} segments`;
  return `${segments} redrawn in ${formatSeconds(seconds)}`;
}

/** What the bar says when no run is going on. */
export function idleLine({ engine, mask, segs, clip }: Common, phase: Phase["phase"]): string {
  switch (engine.is) {
    case "starting":
      return "Starting the engine…";
    case "loading": {
      const { done, total } = engine;
      const of = total > 0 ? `: ${formatBytes(done)} of ${formatBytes(total)}` : "…";
      return `Loading the model${of}`;
    }
    case "broken":
      return "The engine has stopped.";
    case "ready":
      if (phase === "empty") return "Open a picture to begin.";
      if (clip && hasMasks(clip)) return "";
      return mask.painted || segs ? "" : "Paint over what should be redrawn.";
  }
}
