import { describe, expect, it } from "vitest";
import { aboutUrl } from "../../../www/src/engine/store/about";
import { fewStepKind } from "../../../www/src/state/few-step";
import { initialState } from "../../../www/src/state/initial";
import { keptFrom } from "../../../www/src/state/kept";
import { NO_MODELS, reduceModels, type ModelsAction } from "../../../www/src/state/models";
import { reduce } from "../../../www/src/state/reduce";

const progress = (done: number, nowMs: number, rest = {}): ModelsAction => ({
  type: "transfer-progressed",
  id: "a",
  state: "downloading",
  done,
  total: 1000,
  nowMs,
  ...rest,
});
const run = (...actions: ModelsAction[]) => actions.reduce(reduceModels, NO_MODELS);

describe("a transfer", () => {
  it("has a speed from the second news on, smoothed", () => {
    expect(run(progress(0, 0)).transfers.a?.speed).toBeNull();
    expect(run(progress(0, 0), progress(100, 1000)).transfers.a?.speed).toBe(100);
    const third = run(progress(0, 0), progress(100, 1000), progress(300, 2000));
    expect(third.transfers.a?.speed).toBeCloseTo(120);
  });

  it("has none while it retries or begins anew", () => {
    const before = [progress(0, 0), progress(100, 1000)];
    expect(
      run(...before, progress(100, 2000, { state: "retrying" })).transfers.a?.speed,
    ).toBeNull();
    expect(run(...before, progress(0, 2000)).transfers.a?.speed).toBeNull();
  });

  it("is not hidden by a tab that waits for it, and goes when it ends", () => {
    const both = run(progress(100, 0), progress(0, 1, { state: "waiting" }));
    expect(both.transfers.a).toMatchObject({ state: "downloading", done: 100 });
    expect(reduceModels(both, { type: "transfer-ended", id: "a" }).transfers).toEqual({});
  });
});

describe("what is said about models", () => {
  const said = { tone: "error", text: "No." } as const;

  it("shows over the picture while the dialog is closed, in it while it is open", () => {
    const closed = reduce(initialState({}), { type: "models-said", said });
    expect(closed.notice).toEqual(said);
    const open = reduce(initialState({}), { type: "models-opened", isOpen: true });
    const told = reduce(open, { type: "models-said", said });
    expect([told.notice, told.models.said]).toEqual([null, said]);
    expect(reduce(told, { type: "models-opened", isOpen: false }).models.said).toBeNull();
  });
});

it("the list is what the store says", () => {
  const stored = [aboutUrl({ url: "https://a.b/c" })];
  const storage = { usage: 1, quota: 2, persisted: true };
  expect(run({ type: "models-listed", stored, storage })).toMatchObject({ stored, storage });
});

it("the loaded model and the wish to keep models outlast a visit", () => {
  const kept = { keepsModels: false, storedModel: "a" };
  expect(initialState(keptFrom(kept))).toMatchObject(kept);
  expect(keptFrom({ keepsModels: 1, storedModel: {} })).toEqual({ values: {} });
});

it("models for few steps are told by their names", () => {
  const kind = (name: string) => fewStepKind(name)?.name ?? null;
  expect(kind("lcm-lora-sdv1-5.safetensors")).toBe("LCM");
  expect(kind("DreamShaper_8_LCM.safetensors")).toBe("LCM");
  expect(kind("Hyper-SD15-8steps-lora.safetensors")).toBe("Hyper-SD");
  expect(kind("sd_turbo.safetensors")).toBe("Turbo");
  expect(kind("photon_lightning_4step.safetensors")).toBe("Lightning");
  expect(kind("turbocharged.safetensors")).toBeNull();
  expect(kind("v1-5-pruned-emaonly.safetensors")).toBeNull();
});
