import { describe, expect, it } from "vitest";
import { settingsFrom } from "../../../www/src/state/form";
import { sharedFrom, sharedText, ShareError, valuesOf } from "../../../www/src/state/share";
import { formWith, tables } from "../../support/tables";

const read = (document: unknown) => sharedFrom(document, tables, "“a.json”");
const refusal = (document: unknown) => {
  try {
    return read(document) && "none";
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    return error.message;
  }
};

describe("a document", () => {
  it("brings back every setting, prompt and node", () => {
    const hook = { type: "noise_injection", values: { seed: "18446744073709551615" } };
    const state = formWith(
      { steps: "12", detailer_hook: [hook], wildcard: "{a|b} [SEP] c", noise_mask: false },
      { node: "DetailerForEach", prompt: "a cat", negative: "dull" },
    );
    const text = sharedText(state) ?? "";
    const { node, values, prompt, negative, leftOut } = read(JSON.parse(text));
    expect({ node, prompt, negative, leftOut }).toEqual({
      node: "DetailerForEach",
      prompt: "a cat",
      negative: "dull",
      leftOut: [],
    });
    expect(settingsFrom({ ...state, values })).toEqual(settingsFrom(state));
  });

  it("is not made from what cannot be used", () => {
    expect(sharedText(formWith({ cfg: "?" }))).toBeNull();
  });

  it("leaves out, by name, what cannot be used here", () => {
    const settings = {
      steps: 7,
      cfg: "high",
      denoise: 4,
      no_such: 1,
      sampler_name: "unknown",
      detailer_hook: [{ type: "no_such_hook" }],
    };
    const { values, leftOut } = read({ node: "MaskDetailer", settings });
    expect(values).toEqual({ steps: "7" });
    expect(leftOut).toEqual(["cfg", "denoise", "no_such", "sampler_name", "detailer_hook"]);
  });

  it("that is something else is refused with a sentence", () => {
    expect(refusal(null)).toBe("“a.json” holds no settings of Burnish.");
    expect(refusal([])).toBe("“a.json” holds no settings of Burnish.");
    expect(refusal({ schema: "burnish.segs", settings: {} })).toBe(
      "“a.json” holds something else: burnish.segs.",
    );
    expect(refusal({ schema: "burnish.settings", version: 2, settings: {} })).toContain(
      "is of version 2, this page reads version 1.",
    );
    expect(refusal({ node: "KSampler", settings: {} })).toBe(
      "“a.json” is for a node that Burnish does not have.",
    );
  });
});

it("a preset holds what the model recommends, too", () => {
  const state = formWith({ cfg: "5" }, { recommended: { guide_size: 128 } });
  expect(valuesOf(state)).toEqual({ cfg: "5", guide_size: "128" });
});
