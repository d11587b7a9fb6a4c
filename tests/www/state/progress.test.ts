import { beforeAll, describe, expect, it } from "vitest";
import {
  fractionDone,
  progressFrom,
  secondsLeft,
  startProgress,
} from "../../../www/src/state/progress";
import { stubImageData } from "../../support/image-data";

beforeAll(stubImageData);

const settings = { steps: 4, cycle: 2 };
const step = (segment: number, cycle: number, step: number) =>
  ({ type: "step", segment, cycle, step, steps: 4 }) as const;

describe("progressFrom", () => {
  it("counts steps over segments and cycles", () => {
    let progress = startProgress(settings, 0);
    expect(progress.stepsTotal).toBe(8);
    progress = progressFrom(progress, { type: "segment", index: 0, count: 3 }, 10);
    expect(progress.stepsTotal).toBe(24);
    progress = progressFrom(progress, step(0, 1, 1), 20);
    expect(progress.stepsDone).toBe(6);
    progress = progressFrom(progress, { type: "segment", index: 2, count: 3 }, 30);
    expect(progress.stepsDone).toBe(16);
    progress = progressFrom(progress, step(2, 1, 3), 40);
    expect(fractionDone(progress)).toBe(1);
  });

  it("drops the preview of a segment when the next begins", () => {
    const preview = {
      type: "preview",
      width: 1,
      height: 1,
      rgba: new Uint8ClampedArray(4),
    } as const;
    const first = progressFrom(startProgress(settings, 0), preview, 1);
    expect(first.preview).not.toBeNull();
    const next = { type: "segment", index: 1, count: 2, crop_region: [1, 2, 3, 4] } as const;
    expect(progressFrom(first, next, 2)).toMatchObject({ preview: null, region: [1, 2, 3, 4] });
  });
});

describe("secondsLeft", () => {
  it("says nothing before there is a pace", () => {
    const one = progressFrom(startProgress(settings, 0), step(0, 0, 0), 500);
    expect(secondsLeft(one, 600)).toBeNull();
  });

  it("goes by the steps so far, not by what came before the first", () => {
    let progress = startProgress(settings, 0);
    // Ten seconds of preparation, then a step a second.
    for (const at of [0, 1, 2])
      progress = progressFrom(progress, step(0, 0, at), 10000 + at * 1000);
    expect(secondsLeft(progress, 12000)).toBeCloseTo(5);
    expect(secondsLeft(progress, 12500)).toBeCloseTo(4.5);
    expect(secondsLeft(progress, 99000)).toBe(0);
  });
});

describe("windows of a step", () => {
  const window = (index: number) =>
    ({ type: "window", segment: 0, cycle: 0, index, count: 4 }) as const;

  it("count as parts of it, and give a pace before it is done", () => {
    let progress = progressFrom(startProgress(settings, 0), window(0), 1000);
    expect(secondsLeft(progress, 1000)).toBeNull();
    progress = progressFrom(progress, window(1), 2000);
    expect(progress).toMatchObject({ stepsDone: 0.5, windows: { done: 2, count: 4 } });
    // A window a second, 30 of 32 to go.
    expect(secondsLeft(progress, 2000)).toBeCloseTo(30);
    progress = progressFrom(progress, window(3), 4000);
    expect(progress.stepsDone).toBeLessThan(1);
    // A sampler may look twice in a step: what is done stays done.
    expect(progressFrom(progress, window(0), 5000).stepsDone).toBe(progress.stepsDone);
    progress = progressFrom(progress, step(0, 0, 0), 5000);
    expect(progress).toMatchObject({ stepsDone: 1, windows: null });
    expect(progressFrom(progress, window(1), 6000).stepsDone).toBe(1.5);
  });
});
