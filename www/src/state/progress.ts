/** How far a run is, from the engine's events. */

import type { EngineEvent, Settings } from "../engine/protocol";
import type { Progress } from "./state";

const STAGES: Record<string, string> = {
  cut: "Cutting out the frames",
  encode: "Reading the region",
  sample: "Redrawing",
  decode: "Developing the result",
  paste: "Pasting back",
};

const ONE_PICTURE = { counts: "segment", frames: 1, segments: 1 } as const;

/** A run that has just begun. Until the engine says otherwise there is one segment. */
export function startProgress(
  settings: Partial<Settings>,
  nowMs: number,
  counts: Pick<Progress, "counts" | "frames" | "segments"> = ONE_PICTURE,
): Progress {
  const { steps = 1, cycle = 1 } = settings;
  return {
    startedMs: nowMs,
    stage: "Starting",
    segment: 0,
    ...counts,
    stepsDone: 0,
    stepsTotal: steps * cycle * counts.segments,
    windows: null,
    firstStepMs: null,
    firstDone: 0,
    lastStepMs: null,
    region: null,
    preview: null,
    cancelling: false,
  };
}

/** `progress` after `event`. */
export function progressFrom(progress: Progress, event: EngineEvent, nowMs: number): Progress {
  const perSegment = progress.stepsTotal / progress.segments;
  switch (event.type) {
    case "segment":
      return {
        ...progress,
        segment: event.index,
        segments: Math.max(event.count, 1),
        stepsDone: event.index * perSegment,
        stepsTotal: perSegment * Math.max(event.count, 1),
        windows: null,
        region: event.crop_region ?? null,
        preview: null,
      };
    case "stage":
      return { ...progress, stage: STAGES[event.name] ?? event.name };
    case "step": {
      const cycles = Math.max(1, Math.round(perSegment / event.steps));
      const done = event.segment * perSegment + event.cycle * event.steps + event.step + 1;
      const stepsDone = Math.min(done, (event.segment + 1) * event.steps * cycles);
      return { ...paced(progress, stepsDone, nowMs), windows: null };
    }
    case "window": {
      // A step that goes through its windows twice is not done before it says so.
      const { index, count } = event;
      const whole = Math.floor(progress.stepsDone + ROUNDING);
      const within = Math.min((index + 1) / count, 1 - 1 / (2 * count));
      const stepsDone = Math.max(progress.stepsDone, whole + within);
      return { ...paced(progress, stepsDone, nowMs), windows: { done: index + 1, count } };
    }
    case "preview":
      return { ...progress, preview: new ImageData(event.rgba, event.width, event.height) };
    // Nothing of it shows; nor does what a newer core may tell besides.
    default:
      return progress;
  }
}

/** Shares of a step are not exact. */
const ROUNDING = 1e-6;

function paced(progress: Progress, stepsDone: number, nowMs: number): Progress {
  const { firstStepMs, firstDone } = progress;
  const isFirst = firstStepMs === null;
  return {
    ...progress,
    stepsDone,
    firstStepMs: firstStepMs ?? nowMs,
    firstDone: isFirst ? stepsDone : firstDone,
    lastStepMs: nowMs,
  };
}

/** Steps that are done as a whole. */
export const wholeSteps = ({ stepsDone }: Progress): number => Math.floor(stepsDone + ROUNDING);

/** Share of the run that is done, 0 to 1. */
export function fractionDone({ stepsDone, stepsTotal }: Progress): number {
  return stepsTotal > 0 ? Math.min(stepsDone / stepsTotal, 1) : 0;
}

/** Seconds left by the pace of the steps, or windows, so far; null until two of them are done. */
export function secondsLeft(progress: Progress, nowMs: number): number | null {
  const { firstStepMs, firstDone, lastStepMs, stepsDone, stepsTotal } = progress;
  if (firstStepMs === null || lastStepMs === null || stepsDone <= firstDone) return null;
  const secondsPerStep = (lastStepMs - firstStepMs) / (stepsDone - firstDone) / 1000;
  const sinceLast = (nowMs - lastStepMs) / 1000;
  return Math.max(0, (stepsTotal - stepsDone) * secondsPerStep - sinceLast);
}
