import { describe, expect, it } from "vitest";
import {
  hasPart,
  INDEX,
  manifestFrom,
  originOf,
  SCHEDULER,
  TEXT,
} from "../../../../www/src/lib/diffusers/settings";

const bare = { manifest: { name: "a", file: "" } };

describe("the settings beside a pipeline's networks", () => {
  it("leave to the file what they do not say", () => {
    for (const settings of [{}, { [SCHEDULER]: [] }, { [SCHEDULER]: null, [TEXT]: "x" }]) {
      expect(manifestFrom("a", settings)).toEqual(bare);
    }
  });

  it("say what the UNet predicts, how far its noise goes, and how its steps are spaced", () => {
    const scheduler = {
      prediction_type: "v_prediction",
      rescale_betas_zero_snr: true,
      timestep_spacing: "trailing",
    };
    expect(manifestFrom("a", { [SCHEDULER]: scheduler })).toEqual({
      manifest: {
        name: "a",
        file: "",
        prediction: "v",
        zero_terminal_snr: true,
        recommended: { scheduler: "sgm_uniform" },
      },
    });
    const usual = { prediction_type: "epsilon", timestep_spacing: "leading" };
    expect(manifestFrom("a", { [SCHEDULER]: usual })).toEqual({
      manifest: { ...bare.manifest, prediction: "epsilon" },
    });
  });

  it("say the heads of a text encoder that is not as usual, unless there are two", () => {
    const narrow = { [TEXT]: { num_attention_heads: 4, hidden_size: 64 } };
    expect(manifestFrom("a", narrow)).toMatchObject({ manifest: { clip_heads: 4 } });
    const usual = { [TEXT]: { num_attention_heads: 12, hidden_size: 768 } };
    expect(manifestFrom("a", usual)).toEqual(bare);
    const two = { ...narrow, [INDEX]: { text_encoder_2: ["transformers", "CLIP"] } };
    expect(manifestFrom("a", two)).toEqual(bare);
  });

  it("refuse what is sampled in another way", () => {
    const edm = { [SCHEDULER]: { _class_name: "EDMEulerScheduler" } };
    expect(manifestFrom("a", edm)).toHaveProperty("problem");
  });

  it("say which parts there are, and where they come from", () => {
    const index = { [INDEX]: { unet: ["diffusers", "U"], text_encoder: [null, null] } };
    expect(["unet", "text_encoder", "vae"].map((part) => hasPart(index, part))).toEqual([
      true,
      false,
      false,
    ]);
    expect(hasPart({}, "unet")).toBeNull();
    expect(originOf({ [INDEX]: { _name_or_path: "C:\\models\\real\\" } })).toBe("real");
    expect(originOf({ [INDEX]: { _name_or_path: 1 } })).toBe("");
  });
});
