import { describe, expect, it } from "vitest";
import {
  defaultOf,
  formFrom,
  problemsOf,
  seedFrom,
  settingsFrom,
} from "../../../www/src/state/form";
import { rowsOf, SETTINGS } from "../../../www/src/state/settings-table";
import type { Form, SettingName } from "../../../www/src/state/state";

const typed = (name: SettingName, value: string | boolean): Form => ({
  ...formFrom({}),
  [name]: { value, origin: "user" },
});

describe("formFrom", () => {
  it("holds the nodes' defaults", () => {
    expect(settingsFrom(formFrom({}), "MaskDetailer")).toEqual({
      guide_size: 512,
      guide_size_for: "bbox",
      max_size: 1024,
      seed: "0",
      steps: 20,
      cfg: 8,
      sampler_name: "euler",
      scheduler: "normal",
      denoise: 0.5,
      feather: 5,
      noise_mask: true,
      force_inpaint: true,
      crop_factor: 3,
      drop_size: 10,
      cycle: 1,
      noise_mask_feather: 0,
      contour_fill: true,
      bbox_fill: false,
    });
  });

  it("has a field for every row, and a row for every field", () => {
    expect(Object.keys(formFrom({})).sort()).toEqual(SETTINGS.map(({ name }) => name).sort());
  });

  it("marks what a model recommends", () => {
    const form = formFrom({ guide_size: 128 });
    expect(form.guide_size).toEqual({ value: "128", origin: "model" });
    expect(defaultOf("guide_size")).toBe(512);
  });
});

describe("problemsOf", () => {
  it("names what cannot be read as a number", () => {
    for (const value of ["", "  ", "NaN", "abc", "1e999", "--3", "0x"]) {
      expect(problemsOf(typed("cfg", value), "MaskDetailer").cfg, value).toBe(
        "cfg must be a number from 0 to 100.",
      );
    }
  });

  it("names what lies outside the range", () => {
    const cases: [SettingName, string, string][] = [
      ["guide_size", "0", "guide_size must be between 64 and 16384."],
      ["denoise", "0", "denoise must be between 0.0001 and 1."],
      ["steps", "10001", "steps must be between 1 and 10000."],
      ["feather", "-1", "feather must be between 0 and 100."],
      ["cycle", "1.5", "cycle must be a whole number."],
    ];
    for (const [name, value, sentence] of cases) {
      expect(problemsOf(typed(name, value), "MaskDetailer")[name]).toBe(sentence);
    }
  });

  it("takes seeds up to 2^64 - 1 and no further", () => {
    expect(problemsOf(typed("seed", "18446744073709551615"), "MaskDetailer")).toEqual({});
    for (const value of ["18446744073709551616", "-1", "1.5", "", "0x10"]) {
      expect(problemsOf(typed("seed", value), "MaskDetailer").seed, value).toBeDefined();
    }
  });

  it("does not look at settings the node does not have", () => {
    const form = typed("force_inpaint", false);
    expect(settingsFrom(form, "MaskDetailer")?.force_inpaint).toBe(true);
    expect(settingsFrom(form, "DetailerForEach")?.force_inpaint).toBe(false);
  });

  it("keeps settings from being read while there is one", () => {
    expect(settingsFrom(typed("steps", "many"), "MaskDetailer")).toBeNull();
  });
});

describe("the table", () => {
  it("explains every setting in one sentence", () => {
    for (const { name, help } of SETTINGS) expect(help, name).toMatch(/^[A-Z][^.]*\.$/);
  });

  it("leaves force_inpaint to DetailerForEach", () => {
    const names = (node: "MaskDetailer" | "DetailerForEach") => rowsOf(node).map((row) => row.name);
    expect(names("MaskDetailer")).not.toContain("force_inpaint");
    expect(names("DetailerForEach")).toContain("force_inpaint");
  });
});

it("seedFrom spans the 64 bits", () => {
  expect(seedFrom(0, 7)).toBe("7");
  expect(seedFrom(-1, -1)).toBe("18446744073709551615");
});
