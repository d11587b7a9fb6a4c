import { expect, it } from "vitest";
import {
  choreLine,
  idleLine,
  percent,
  stageLine,
  stepLine,
} from "../../../../www/src/panels/run/logic";
import { initialState } from "../../../../www/src/state/initial";
import { startProgress } from "../../../../www/src/state/progress";

const settings = { steps: 10 };
const device = { kind: "cpu", name: "CPU", detail: "" } as const;

it("says where a run is", () => {
  const progress = { ...startProgress(settings, 0), stage: "Redrawing", stepsDone: 3 };
  expect(stageLine(progress)).toBe("Redrawing");
  expect(stageLine({ ...progress, segment: 1, segments: 3 })).toBe("Segment 2 of 3 · Redrawing");
  expect(stageLine({ ...progress, cancelling: true })).toBe("Cancelling after this step");
  expect(stepLine(progress, 0)).toBe("Step 3 of 10");
  const paced = { ...progress, firstStepMs: 1000, firstDone: 1, lastStepMs: 3000 };
  expect(stepLine(paced, 3000)).toBe("Step 3 of 10 · about 7 s left");
  expect(percent(progress)).toBe(30);
  const within = { ...progress, stepsDone: 3.5, windows: { done: 2, count: 4 } };
  expect(stepLine(within, 0)).toBe("Step 3 of 10 · window 2 of 4");
  expect(stageLine({ ...within, cancelling: true })).toBe("Cancelling after this window");
});

it("says what is being waited for when nothing runs", () => {
  const state = initialState({});
  expect(idleLine(state, "empty")).toBe("Starting the engine…");
  const loading = { is: "loading", device, name: "m", done: 5e6, total: 2e7 } as const;
  expect(idleLine({ ...state, engine: loading }, "ready")).toBe(
    "Loading the model: 5.0 MB of 20.0 MB",
  );
  const engine = { is: "ready", device, model: "m" } as const;
  expect(idleLine({ ...state, engine }, "ready")).toBe("Paint over what should be redrawn.");
});

it("counts the frames of a clip, or says over how many each segment goes", () => {
  const progress = startProgress({ steps: 4 }, 0);
  const of = { ...progress, segments: 3, segment: 1, stage: "Redrawing" };
  expect(stageLine({ ...of, counts: "frame" })).toBe("Frame 2 of 3 · Redrawing");
  expect(stageLine({ ...of, frames: 48 })).toBe("Segment 2 of 3 · 48 frames · Redrawing");
});

it("says what is done with a clip and how far it is", () => {
  const chore = { text: "Saving the clip", done: 3, total: 150, cancelling: false };
  expect(choreLine(chore)).toBe("Saving the clip: 3 of 150");
  expect(choreLine({ ...chore, total: 0 })).toBe("Saving the clip…");
  expect(choreLine({ ...chore, cancelling: true })).toBe("Cancelling");
});
