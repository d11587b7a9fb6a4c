import { beforeAll, expect, it } from "vitest";
import { controlsProblem, newControl, numberProblem, useOf } from "../../../www/src/state/controls";
import { stubImageData } from "../../support/image-data";

beforeAll(stubImageData);

it("begins with a full strength and what the file's name asks for", () => {
  const control = newControl("control_v11p_sd15_Canny_fp16.safetensors");
  expect(control).toMatchObject({ strength: "1", start: "0", end: "1", preparation: "canny" });
  expect(newControl("control_v11f1e_sd15_tile.safetensors").preparation).toBe("tile");
  expect(newControl("pose.safetensors").preparation).toBe("none");
});

it("says what is wrong with a number, and with whose", () => {
  const control = newControl("pose.safetensors");
  const cases = [
    ["strength", "", "strength must be a number from 0 to 10."],
    ["strength", "10.1", "strength must be a number from 0 to 10."],
    ["start", "-0.1", "start must be a number from 0 to 1."],
    ["end", "x", "end must be a number from 0 to 1."],
    ["strength", "0,5", null],
  ] as const;
  for (const [number, typed, problem] of cases) {
    expect(numberProblem({ ...control, [number]: typed }, number)).toBe(problem);
  }
  expect(numberProblem({ ...control, start: "0.6", end: "0.5" }, "end")).toBe(
    "end must not be before start.",
  );
  expect(controlsProblem([control])).toBeNull();
  expect(controlsProblem([control, { ...control, name: "b", end: "2" }])).toBe(
    "“b”: end must be a number from 0 to 1.",
  );
});

it("hands on what was typed, and a picture where one was chosen", () => {
  const control = { ...newControl("pose.safetensors"), strength: "0,5", start: "0.1", end: "0.9" };
  expect(useOf(control, null)).toEqual({
    name: "pose.safetensors",
    strength: 0.5,
    start_percent: 0.1,
    end_percent: 0.9,
  });
  const hint = { data: new Uint8ClampedArray(4), width: 1, height: 1 };
  expect(useOf({ ...control, preparation: "canny" }, hint)).toMatchObject({
    preprocessor: { type: "canny" },
    image: hint,
  });
});
