import { beforeAll, describe, expect, it } from "vitest";
import type { DetailResult, DeviceInfo } from "../../../www/src/engine/protocol";
import type { Action } from "../../../www/src/state/actions";
import { fieldOf } from "../../../www/src/state/form";
import { initialState } from "../../../www/src/state/initial";
import { reduce } from "../../../www/src/state/reduce";
import type { Film } from "../../../www/src/clip/film";
import { newClip } from "../../../www/src/state/clip";
import {
  pictureOf,
  shownResult,
  type Picture,
  type Recipe,
  type State,
} from "../../../www/src/state/state";
import { stubImageData } from "../../support/image-data";
import { tables } from "../../support/tables";

beforeAll(stubImageData);

const device: DeviceInfo = { kind: "cpu", name: "CPU", detail: "" };
const recipe: Recipe = {
  node: "MaskDetailerPipe",
  prompt: "",
  negative: "",
  settings: { steps: 4 },
  model: "m",
  device: { kind: "cpu", name: "CPU", detail: "" },
};
const result: DetailResult = {
  image: { data: new Uint8ClampedArray(4), width: 1, height: 1 },
  images: [{ data: new Uint8ClampedArray(4), width: 1, height: 1 }],
  segs: "{}",
  refined: [],
  cnet_images: [],
  enhanced_alpha: [],
  cropped: [],
  segments: [{ label: "A", crop_region: [0, 0, 1, 1], bbox: [0, 0, 1, 1], skipped: null }],
  timings: [],
  max_change_outside_mask: 0,
  heap_bytes: 1,
  cancelled: false,
};

const picture = (): Picture => ({
  name: "a.png",
  pixels: new ImageData(2, 2),
  blob: new Blob([]),
});
const run = (state: State, ...actions: Action[]): State => actions.reduce(reduce, state);
const started = (): State =>
  run(
    initialState({}),
    { type: "engine-started", device, tables, name: "m" },
    { type: "model-loaded", name: "m", recommended: { guide_size: 128 }, examples: [] },
    { type: "picture-opened", picture: picture(), clip: null },
  );
const running = (): State => run(started(), { type: "run-started", recipe, nowMs: 1000 });

describe("a run", () => {
  it("goes from ready over running to done", () => {
    expect(started().work.phase).toBe("ready");
    expect(running().work.phase).toBe("running");
    const images = [new ImageData(2, 2)];
    const { work } = run(running(), { type: "run-done", result, images, nowMs: 5000 });
    expect(work).toMatchObject({ phase: "done", result: { images, seconds: 4, recipe } });
  });

  it("cannot be started twice", () => {
    const state = running();
    expect(run(state, { type: "run-started", recipe, nowMs: 2000 }).work).toBe(state.work);
  });

  it("goes back to painting when cancelled, with a word about it", () => {
    const state = run(running(), { type: "run-cancelling" }, { type: "run-cancelled" });
    expect(state.work.phase).toBe("ready");
    expect(state.notice?.text).toContain("Cancelled");
  });

  it("keeps picture and settings when it fails", () => {
    const before = running();
    const failure = { code: "x", message: "The checkpoint has no tensor." };
    const state = run(before, { type: "run-failed", failure });
    expect(state.work).toMatchObject({ phase: "failed", failure });
    expect(state.values).toBe(before.values);
    expect(state.notice).toEqual({ tone: "error", text: failure.message });
  });

  it("says which segments were skipped and when nothing was found at all", () => {
    const end = (segments: DetailResult["segments"]) =>
      run(running(), {
        type: "run-done",
        result: { ...result, segments },
        images: [new ImageData(1, 1)],
        nowMs: 1,
      }).notice?.text;
    expect(end([{ ...result.segments[0]!, skipped: "large enough" }])).toBe(
      "1 of 1 segments were left as they were: large enough",
    );
    expect(end([])).toContain("drop_size");
    expect(end(result.segments)).toBeUndefined();
  });

  it("does not take events once it has ended", () => {
    const state = started();
    const event = { type: "stage", name: "sample" } as const;
    expect(run(state, { type: "run-event", event, nowMs: 0 }).work).toBe(state.work);
  });
});

describe("a model", () => {
  it("sets what it recommends and leaves what the user typed", () => {
    const state = run(
      initialState({}),
      { type: "engine-started", device, tables, name: "m" },
      { type: "setting-typed", name: "cfg", value: "5" },
      { type: "model-loaded", name: "m", recommended: { guide_size: 128, cfg: 3 }, examples: [] },
    );
    const field = (name: string) =>
      fieldOf(
        state,
        tables.nodes[0]!.settings.find((row) => row.name === name)!,
      );
    expect(field("guide_size")).toEqual({ value: "128", origin: "model" });
    expect(field("cfg")).toEqual({ value: "5", origin: "user" });
    expect(field("max_size")).toEqual({ value: "1024", origin: "default" });
  });

  it("that is refused leaves the picture and says why", () => {
    const failure = { code: "checkpoint", message: "It has no tensor “x”." };
    const state = run(started(), { type: "model-refused", model: "m", failure });
    expect(state.engine).toEqual({ is: "ready", device, model: "m" });
    expect(state.notice?.text).toBe(failure.message);
    expect(state.work.phase).toBe("ready");
  });
});

describe("a clip", () => {
  const film: Film = {
    ...{ name: "a.mp4", kind: "video", width: 2, height: 2, duration: 1, audio: null },
    times: [0, 0.3, 0.6],
  };
  const opened = (): State =>
    run(started(), { type: "picture-opened", picture: picture(), clip: newClip(film, []) });
  const look = (after: ImageData | null = null) => ({ picture: picture(), after });

  it("shows the frame that is asked for and no other", () => {
    const second = look();
    const state = run(opened(), { type: "frame-shown", frame: 1, look: second });
    expect(state.frame).toBe(1);
    expect(pictureOf(state)).toBe(second.picture);
    for (const frame of [-1, 3])
      expect(run(opened(), { type: "frame-shown", frame, look: look() }).frame).toBe(0);
    // Without its pixels a frame cannot be shown.
    expect(run(opened(), { type: "frame-shown", frame: 1 }).frame).toBe(0);
  });

  it("shows what was redrawn of each frame, and nothing where nothing was", () => {
    const [first, other] = [new ImageData(2, 2), new ImageData(2, 2)];
    const state = run(
      opened(),
      { type: "frame-shown", frame: 1, look: look() },
      { type: "run-started", recipe, nowMs: 0 },
      { type: "run-done", result, images: [], after: first, nowMs: 1 },
    );
    expect([state.frame, shownResult(state)]).toEqual([1, first]);
    const next = run(state, { type: "frame-shown", frame: 2, look: look(other) });
    expect(shownResult(next)).toBe(other);
    const last = run(next, { type: "frame-shown", frame: 0, look: look() });
    expect(shownResult(last)).toBeNull();
    expect(run(next, { type: "result-left" }).frame).toBe(2);
  });

  it("keeps its span inside it", () => {
    const state = run(opened(), { type: "clip-changed", change: { span: [2, 99] } });
    expect(state.clip?.span).toEqual([2, 3]);
    expect(run(started(), { type: "clip-changed", change: { span: [0, 1] } }).clip).toBeNull();
  });

  it("counts frames or segments in a run, as it is told", () => {
    const counts = { counts: "frame", frames: 1, segments: 3 } as const;
    const state = run(opened(), { type: "run-started", recipe, nowMs: 0, counts });
    expect(state.work).toMatchObject({ progress: { ...counts, stepsTotal: 12 } });
  });
});

it("leafs through several results of one picture, which stays", () => {
  const images = [new ImageData(2, 2), new ImageData(2, 2)];
  const before = running();
  const state = run(
    before,
    { type: "run-done", result, images, nowMs: 1 },
    { type: "frame-shown", frame: 1 },
  );
  expect(shownResult(state)).toBe(images[1]);
  expect(pictureOf(state)).toBe(pictureOf(before));
  expect(run(state, { type: "result-left" }).frame).toBe(0);
});

describe("a notice", () => {
  it("about the mask goes when the mask changes, others stay", () => {
    const mask = { painted: true, canUndo: true, canRedo: false };
    const about = (about?: "mask") =>
      run(
        started(),
        { type: "noticed", notice: { tone: "error", text: "x", ...(about && { about }) } },
        { type: "mask-changed", mask },
      ).notice;
    expect(about("mask")).toBeNull();
    expect(about()?.text).toBe("x");
  });

  it("about a crash offers the restart", () => {
    const failure = { code: "panic", message: "It stopped." };
    const { notice, engine } = run(started(), { type: "engine-broken", failure });
    expect(engine).toMatchObject({ is: "broken", device });
    expect(notice?.action).toEqual({ label: "Restart the engine", run: "restart" });
  });
});

it("knows which stored files are in use, also while the engine starts again", () => {
  const about = { name: "a", file: "a", text: "", detail: "" };
  const state = run(started(), {
    type: "additions-changed",
    additions: [
      { ...about, kind: "lora", stored: "1" },
      { ...about, kind: "taesd", stored: null },
    ],
  });
  expect(state.inUse).toEqual(["1"]);
  const again = run(state, { type: "engine-started", device, tables, name: "m" });
  expect([again.additions, again.inUse]).toEqual([[], ["1"]]);
});
