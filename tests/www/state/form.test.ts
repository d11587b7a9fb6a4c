import { describe, expect, it } from "vitest";
import type { NodeName } from "../../../www/src/engine/protocol";
import {
  fieldOf,
  problemsOf,
  seedFrom,
  settingsFrom,
  shownRows,
} from "../../../www/src/state/form";
import type { State } from "../../../www/src/state/state";
import { formWith, tables } from "../../support/tables";

const names = (state: State) => shownRows(state).map(({ name }) => name);
const row = (state: State, name: string) => shownRows(state).find((row) => row.name === name)!;
const segs = { name: "s.json", text: "{}", size: { width: 1, height: 1 }, segments: [] };

describe("settingsFrom", () => {
  it("gives the node's defaults where nothing is typed", () => {
    expect(settingsFrom(formWith())).toEqual({
      guide_size: 512,
      guide_size_for: "bbox",
      max_size: 1024,
      seed: "0",
      steps: 20,
      cfg: 8,
      sampler_name: "euler",
      scheduler: "normal",
      noise_mode: "current",
      stop_at_clip_layer: -1,
      scheduler_func_opt: null,
      denoise: 0.5,
      feather: 5,
      noise_mask: true,
      noise_mask_feather: 0,
      inpaint_model: false,
      refiner_ratio: 0.2,
      batch_size: 1,
      detailer_hook: [],
      crop_factor: 3,
      drop_size: 10,
      cycle: 1,
      contour_fill: true,
      bbox_fill: false,
    });
  });

  it("takes each node's own defaults", () => {
    const sizeOf = (node: NodeName) => settingsFrom(formWith({}, { node }))?.max_size;
    expect(tables.nodes.map(({ name }) => [name, sizeOf(name)])).toEqual([
      ["MaskDetailerPipe", 1024],
      ["DetailerForEach", 1024],
      ["SEGSDetailer", 768],
      ["SEGSDetailerForAnimateDiff", 768],
      ["DetailerForEachPipeForAnimateDiff", 1024],
    ]);
  });

  it("gives hooks and functions with all their settings", () => {
    const hook = { type: "denoise_schedule", values: { target_denoise: "0.2" } };
    const func = { type: "GITS", values: {} };
    expect(
      settingsFrom(formWith({ detailer_hook: [hook], scheduler_func_opt: [func] })),
    ).toMatchObject({
      detailer_hook: [{ type: "denoise_schedule", target_denoise: 0.2 }],
      scheduler_func_opt: { type: "GITS", coeff: 1.2, denoise: 1 },
    });
  });

  it("is null while a field has a problem", () => {
    expect(settingsFrom(formWith({ steps: "many" }))).toBeNull();
  });
});

describe("shownRows", () => {
  it("adds how a mask becomes segments to nodes that have no such settings, but not with segments from a file", () => {
    const node = "SEGSDetailer";
    expect(names(formWith({}, { node }))).toContain("crop_factor");
    expect(names(formWith({}, { node, segs }))).not.toContain("crop_factor");
    expect(names(formWith({}, { segs }))).toContain("crop_factor");
  });

  it("leaves force_inpaint and wildcard to the nodes that have them", () => {
    expect(names(formWith())).not.toContain("force_inpaint");
    expect(names(formWith({}, { node: "DetailerForEach" }))).toEqual(
      expect.arrayContaining(["force_inpaint", "wildcard"]),
    );
  });

  it("is empty before the engine has told what there is", () => {
    expect(names(formWith({}, { tables: { ...tables, nodes: [] } }))).toEqual([]);
  });
});

describe("fieldOf", () => {
  const recommended = { guide_size: 128, sampler_name: "no_such_sampler" };

  it("tells typed, recommended and usual values apart", () => {
    const state = formWith({ cfg: "5", steps: "20" }, { recommended });
    const field = (name: string) => fieldOf(state, row(state, name));
    expect(field("cfg")).toEqual({ value: "5", origin: "user" });
    expect(field("steps")).toEqual({ value: "20", origin: "default" });
    expect(field("guide_size")).toEqual({ value: "128", origin: "model" });
    expect(field("sampler_name")).toEqual({ value: "euler", origin: "default" });
  });

  it("leaves out what the model recommends where the node's defaults are wanted", () => {
    const state = formWith({}, { recommended, followsModel: false });
    expect(fieldOf(state, row(state, "guide_size")).value).toBe("512");
  });

  it("does not trust what has another kind", () => {
    const state = formWith({ cfg: true, detailer_hook: "x" });
    expect(fieldOf(state, row(state, "cfg")).value).toBe("8");
    expect(fieldOf(state, row(state, "detailer_hook")).value).toEqual([]);
  });
});

describe("problemsOf", () => {
  it("names what cannot be read as a number", () => {
    for (const value of ["", "  ", "NaN", "abc", "1e999", "--3", "0x"]) {
      expect(problemsOf(formWith({ cfg: value })).cfg, value).toBe(
        "cfg must be a number from 0 to 100.",
      );
    }
  });

  it("names what lies outside the range", () => {
    const cases: [string, string, string][] = [
      ["guide_size", "0", "guide_size must be between 64 and 16384."],
      ["denoise", "0", "denoise must be between 0.0001 and 1."],
      ["steps", "10001", "steps must be between 1 and 10000."],
      ["feather", "-1", "feather must be between 0 and 100."],
      ["cycle", "1.5", "cycle must be a whole number."],
    ];
    for (const [name, value, sentence] of cases) {
      expect(problemsOf(formWith({ [name]: value }))[name]).toBe(sentence);
    }
  });

  it("takes seeds up to 2^64 - 1 and no further", () => {
    expect(problemsOf(formWith({ seed: "18446744073709551615" }))).toEqual({});
    for (const value of ["18446744073709551616", "-1", "1.5", "", "0x10"]) {
      expect(problemsOf(formWith({ seed: value })).seed, value).toBeDefined();
    }
  });

  it("says which hook has which problem", () => {
    const hooks = [
      { type: "preview", values: {} },
      { type: "noise_injection", values: { start_strength: "999" } },
    ];
    expect(problemsOf(formWith({ detailer_hook: hooks })).detailer_hook).toBe(
      "detailer_hook 2, noise_injection: start_strength must be between 0 and 200.",
    );
  });

  it("does not look at settings the node does not have", () => {
    expect(problemsOf(formWith({ batch_size: "x" }, { node: "DetailerForEach" }))).toEqual({});
  });
});

it("seedFrom spans the 64 bits", () => {
  expect(seedFrom(0, 7)).toBe("7");
  expect(seedFrom(-1, -1)).toBe("18446744073709551615");
});
