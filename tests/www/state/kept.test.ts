import { expect, it } from "vitest";
import { keptFrom, textsFrom } from "../../../www/src/state/kept";

it("takes what has the right shape and drops the rest", () => {
  const values = {
    cfg: "5",
    noise_mask: false,
    steps: 12,
    detailer_hook: [{ type: "preview", values: {} }, { values: {} }, null],
  };
  const kept = {
    node: "KSampler",
    prompt: "a cat",
    negative: 3,
    inUse: ["a", 3],
    values,
    presets: [{ name: "mine", node: "SEGSDetailer", values: { cfg: "4" } }, "x", {}],
  };
  expect(keptFrom(JSON.parse(JSON.stringify(kept)))).toEqual({
    prompt: "a cat",
    inUse: ["a"],
    values: { cfg: "5", noise_mask: false, detailer_hook: [{ type: "preview", values: {} }] },
    presets: [{ name: "mine", node: "SEGSDetailer", values: { cfg: "4" }, followsModel: true }],
  });
});

it("makes do with anything at all", () => {
  for (const kept of [null, 1, "x", [], { values: 3, presets: {} }]) {
    expect(keptFrom(kept).values ?? {}).toEqual({});
    expect(textsFrom(kept)).not.toHaveProperty("a");
  }
});
