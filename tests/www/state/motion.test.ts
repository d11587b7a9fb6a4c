import { describe, expect, it } from "vitest";
import {
  motionField,
  motionProblems,
  motionUse,
  NO_MOTION,
  type MotionForm,
} from "../../../www/src/state/motion";
import { tables } from "../../support/tables";

const own: MotionForm = {
  ...NO_MOTION,
  modules: [
    {
      name: "own.safetensors",
      title: "Own",
      url: null,
      recommended: { beta_schedule: "use existing", context: { overlap: 6 } },
      isOwn: true,
    },
  ],
  chosen: "own.safetensors",
};

describe("what a run is told of motion", () => {
  it("is nothing without a module, unless the noise is another", () => {
    expect(motionUse(tables, NO_MOTION, 4)).toBeUndefined();
    const constant = { ...NO_MOTION, values: { noise_type: "constant" } };
    expect(motionUse(tables, constant, 4)).toEqual({
      noise_type: "constant",
      beta_schedule: "autoselect",
    });
  });

  it("is the module with what suits it, under what was typed", () => {
    const loras = [{ name: "pan.safetensors", strength: "0.5" }];
    const use = motionUse(tables, { ...own, loras, context: { length: "8" } }, 20);
    expect(use).toMatchObject({
      module: "own.safetensors",
      loras: [{ name: "pan.safetensors", strength: 0.5 }],
      beta_schedule: "use existing",
      noise_type: "default",
      scale: 1,
      context: { length: 8, overlap: 6, schedule: "standard static" },
    });
    expect(motionUse(tables, { ...own, cuts: false }, 20)?.context).toBeNull();
  });

  it("spreads several numbers over the clip", () => {
    const use = motionUse(tables, { ...own, values: { scale: "1, 2 1", effect: "0.5" } }, 5);
    expect(use?.scale).toEqual([1, 1.5, 2, 1.5, 1]);
    expect(use?.effect).toBe(0.5);
    expect(motionUse(tables, { ...own, values: { scale: "1 2" } }, 1)?.scale).toBe(1);
  });
});

describe("problems", () => {
  it("are said with the name of the field", () => {
    const problems = (form: Partial<MotionForm>) => motionProblems(tables, { ...own, ...form });
    expect(problems({})).toBeNull();
    expect(problems({ values: { scale: "1 11" } })).toBe("motion: scale must be between 0 and 10.");
    expect(problems({ values: { scale: " " } })).toBe(
      "motion: scale must be a number from 0 to 10.",
    );
    expect(problems({ context: { length: "4" } })).toBe(
      "motion: overlap must be below length, which is 4.",
    );
    expect(problems({ context: { length: "4", schedule: "batched" } })).toBeNull();
    expect(problems({ context: { length: "4" }, cuts: false })).toBeNull();
    expect(problems({ loras: [{ name: "pan", strength: "x" }] })).toBe(
      "“pan”: strength must be a number from -10 to 10.",
    );
  });
});

it("shows whose a value is", () => {
  const row = tables.motion.settings.find(({ name }) => name === "beta_schedule")!;
  expect(motionField(own, "settings", row)).toEqual({ value: "use existing", origin: "model" });
  expect(motionField({ ...own, chosen: null }, "settings", row).origin).toBe("default");
});
