import { describe, expect, it } from "vitest";
import { isGraph, recipeFromGraph } from "../../../www/src/lib/graph";
import { sharedFrom } from "../../../www/src/state/share";
import { bytesFrom, randomFrom } from "../../support/random";
import { tables } from "../../support/tables";

const text = (positive: string) => ({ class_type: "CLIPTextEncode", inputs: { text: positive } });

/** A graph as the reference tool writes it, seed beyond 2^53 and NaN included. */
const MASK_DETAILER = `{
  "4": {"inputs": {"ckpt_name": "x.safetensors"}, "class_type": "CheckpointLoaderSimple", "is_changed": [NaN]},
  "6": {"inputs": {"text": "a \\"red\\" fox, 12345678901234567890", "clip": ["4", 1]}, "class_type": "CLIPTextEncode"},
  "7": {"inputs": {"text": "blurry", "clip": ["4", 1]}, "class_type": "CLIPTextEncode"},
  "8": {"inputs": {"model": ["4", 0], "clip": ["4", 1], "vae": ["4", 2], "positive": ["6", 0], "negative": ["7", 0]},
        "class_type": "ToBasicPipe"},
  "9": {"inputs": {"guide_size": 384, "guide_size_for": false, "max_size": 1024, "mask_mode": true,
        "seed": 18446744073709551615, "steps": 20, "cfg": 7.5, "sampler_name": "dpmpp_2m", "scheduler": "karras",
        "denoise": 0.5, "feather": 5, "crop_factor": 3, "drop_size": 10, "refiner_ratio": 0.2, "batch_size": 1,
        "cycle": 2, "inpaint_model": false, "noise_mask_feather": 20, "image": ["1", 0], "mask": ["1", 1],
        "basic_pipe": ["8", 0], "detailer_hook": ["11", 0], "scheduler_func_opt": ["12", 0]},
        "class_type": "MaskDetailerPipe"},
  "10": {"inputs": {"schedule_for_cycle": "skip_start", "source": "CPU", "seed": 3, "start_strength": 2.0,
        "end_strength": 1.0}, "class_type": "NoiseInjectionDetailerHookProvider"},
  "11": {"inputs": {"hook1": ["10", 0], "hook2": ["13", 0]}, "class_type": "DetailerHookCombine"},
  "12": {"inputs": {"coeff": 1.25, "denoise": 1.0}, "class_type": "GITSSchedulerFuncProvider"},
  "13": {"inputs": {"schedule_for_cycle": "simple", "target_denoise": 0.3},
        "class_type": "DenoiseSchedulerDetailerHookProvider"}
}`;

describe("recipeFromGraph", () => {
  it("reads a MaskDetailerPipe with its pipe, hooks and schedule", () => {
    expect(recipeFromGraph(MASK_DETAILER)).toEqual({
      node: "MaskDetailerPipe",
      prompt: 'a "red" fox, 12345678901234567890',
      negative: "blurry",
      settings: {
        guide_size: 384,
        guide_size_for: "crop_region",
        max_size: 1024,
        noise_mask: true,
        seed: "18446744073709551615",
        steps: 20,
        cfg: 7.5,
        sampler_name: "dpmpp_2m",
        scheduler: "karras",
        denoise: 0.5,
        feather: 5,
        crop_factor: 3,
        drop_size: 10,
        refiner_ratio: 0.2,
        batch_size: 1,
        cycle: 2,
        inpaint_model: false,
        noise_mask_feather: 20,
        detailer_hook: [
          {
            type: "noise_injection",
            schedule_for_cycle: "skip_start",
            seed: 3,
            start_strength: 2,
            end_strength: 1,
          },
          { type: "denoise_schedule", schedule_for_cycle: "simple", target_denoise: 0.3 },
        ],
        scheduler_func_opt: { type: "GITS", coeff: 1.25, denoise: 1 },
      },
    });
  });

  it("gives what the form takes, all of it", () => {
    expect(sharedFrom(recipeFromGraph(MASK_DETAILER), tables, "it").leftOut).toEqual([]);
  });

  it.each([
    ["DetailerForEach", "DetailerForEach"],
    ["DetailerForEachPipe", "DetailerForEach"],
    ["SEGSDetailer", "SEGSDetailer"],
    ["SEGSDetailerForAnimateDiff", "SEGSDetailerForAnimateDiff"],
    ["DetailerForEachPipeForAnimateDiff", "DetailerForEachPipeForAnimateDiff"],
  ])("knows %s", (class_type, node) => {
    const graph = { 1: { class_type, inputs: { steps: 9, segs: ["2", 0] } } };
    expect(recipeFromGraph(JSON.stringify(graph))).toEqual({ node, settings: { steps: 9 } });
  });

  it("follows values and texts that lie in nodes of their own", () => {
    const graph = {
      1: {
        class_type: "DetailerForEach",
        inputs: { steps: ["2", 0], positive: ["3", 0], negative: ["5", 1] },
      },
      2: { class_type: "INTConstant", inputs: { value: 14 } },
      3: { class_type: "CLIPTextEncode", inputs: { text: ["4", 0], clip: ["9", 1] } },
      4: { class_type: "Text", inputs: { string: "a dog" } },
      5: {
        class_type: "ControlNetApplyAdvanced",
        inputs: { positive: ["3", 0], negative: ["6", 0] },
      },
      6: text("ugly"),
    };
    expect(recipeFromGraph(JSON.stringify(graph))).toEqual({
      node: "DetailerForEach",
      prompt: "a dog",
      negative: "ugly",
      settings: { steps: 14 },
    });
  });

  it("comes back from links that lead in a circle", () => {
    const graph = {
      1: {
        class_type: "DetailerForEachPipeForAnimateDiff",
        inputs: { basic_pipe: ["2", 0], detailer_hook: ["3", 0] },
      },
      2: { class_type: "EditBasicPipe", inputs: { basic_pipe: ["2", 0] } },
      3: { class_type: "DetailerHookCombine", inputs: { hook1: ["3", 0], hook2: ["3", 0] } },
    };
    expect(recipeFromGraph(JSON.stringify(graph))?.settings).toEqual({ detailer_hook: [] });
  });

  it("is null for graphs without a detailer and for what is no graph", () => {
    expect(recipeFromGraph(JSON.stringify({ 1: text("x") }))).toBeNull();
    for (const other of [
      "",
      "{",
      "[1]",
      "null",
      '{"1":{"class_type":"constructor","inputs":{}}}',
    ]) {
      expect(recipeFromGraph(other), other).toBeNull();
    }
    expect(isGraph('{"node":"SEGSDetailer","settings":{}}')).toBe(false);
  });

  it("survives any cut and any changed letter", () => {
    const random = randomFrom(7);
    for (let round = 0; round < 400; round++) {
      const cut = MASK_DETAILER.slice(0, Math.floor(random() * MASK_DETAILER.length));
      const at = Math.floor(random() * MASK_DETAILER.length);
      const letter = String.fromCharCode(32 + Math.floor(random() * 95));
      const changed = MASK_DETAILER.slice(0, at) + letter + MASK_DETAILER.slice(at + 1);
      const noise = new TextDecoder().decode(bytesFrom(random, 200));
      for (const broken of [cut, changed, noise]) {
        const recipe = recipeFromGraph(broken);
        if (recipe) expect(tables.nodes.map(({ name }) => String(name))).toContain(recipe.node);
      }
    }
  });

  it("reads a long unfinished text in no time", () => {
    const began = performance.now();
    expect(recipeFromGraph(`{"1":"${'\\"'.repeat(200_000)}`)).toBeNull();
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
