import { beforeAll, describe, expect, it } from "vitest";
import { refusalOf, resultName } from "../../../www/src/commands/detail";
import type { State } from "../../../www/src/state/state";
import { stubImageData } from "../../support/image-data";
import { formWith } from "../../support/tables";

beforeAll(stubImageData);

function readyState(): State {
  const picture = { name: "a.png", pixels: new ImageData(2, 2), blob: new Blob([]) };
  return {
    ...formWith(),
    engine: { is: "ready", device: { kind: "cpu", name: "CPU", detail: "" }, model: "m" },
    work: { phase: "ready", picture },
    mask: { revision: 1, painted: true, canUndo: false, canRedo: false },
  };
}

describe("refusalOf", () => {
  it("lets a run start when all is there", () => {
    expect(refusalOf(readyState())).toBeNull();
  });

  it("gives each reason as a sentence", () => {
    const state = readyState();
    const failure = { code: "panic", message: "x" };
    const cases: [Partial<State>, string][] = [
      [{ work: { phase: "empty" } }, "Open a picture first."],
      [{ engine: { is: "starting" } }, "The model is still being loaded. Try again in a moment."],
      [
        { engine: { is: "broken", device: null, failure } },
        "The engine has stopped. Restart it first.",
      ],
      [
        { mask: { ...state.mask, painted: false } },
        "Nothing is painted. Paint over what should be redrawn.",
      ],
      [{ values: { cfg: "NaN" } }, "cfg must be a number from 0 to 100."],
    ];
    for (const [change, text] of cases) {
      expect(refusalOf({ ...state, ...change })?.text).toBe(text);
    }
  });
});

it("names the result after the picture", () => {
  expect(resultName("holiday.2024.jpeg")).toBe("holiday.2024-burnished.png");
  expect(resultName(".png")).toBe("picture-burnished.png");
});
