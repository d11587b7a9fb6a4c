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
