import { describe, expect, it } from "vitest";
import { pipelineIn } from "../../../../www/src/lib/diffusers/folder";

const INDEX = {
  _class_name: "StableDiffusionPipeline",
  text_encoder: ["transformers", "CLIPTextModel"],
  unet: ["diffusers", "UNet2DConditionModel"],
};
const NETWORKS = [
  "unet/diffusion_pytorch_model.safetensors",
  "vae/diffusion_pytorch_model.safetensors",
  "text_encoder/model.safetensors",
];

/** The pipeline in a folder with these files; settings are given as values. */
async function made(
  paths: readonly string[],
  settings: Record<string, unknown> = {},
  path = "models/dream",
) {
  const texts = Object.entries(settings).map(
    ([at, value]) => [at, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  const files = [...paths.map((at) => [at, "x"] as const), ...texts];
  const entries = files.map(([at, text]) => [at, new File([text], at.split("/").at(-1)!)] as const);
  return pipelineIn({ path, files: new Map(entries) });
}

async function problem(...given: Parameters<typeof made>): Promise<string> {
  const found = await made(...given);
  return "problem" in found ? found.problem : "none";
}

describe("a folder of a pipeline", () => {
  it("is its networks, under its name", async () => {
    const found = await made([...NETWORKS, "safety_checker/model.safetensors"], {
      "model_index.json": INDEX,
    });
    expect(found).toMatchObject({
      name: "dream",
      className: "StableDiffusionPipeline",
      manifest: { name: "dream", file: "" },
    });
    expect("parts" in found && found.parts.map(({ name }) => name)).toEqual(NETWORKS);
  });

  it("is called after what it was made from where the folder has no name", async () => {
    const index = { ...INDEX, _name_or_path: "someone/photo-real" };
    const settings = { "model_index.json": index };
    expect(await made(NETWORKS, settings, "")).toMatchObject({ name: "photo-real" });
    expect(await made(NETWORKS, {}, "")).toMatchObject({ name: "pipeline" });
    const cached = "hub/models--someone--real/snapshots/0123";
    expect(await made(NETWORKS, settings, cached)).toMatchObject({ name: "real" });
  });

  it("has one of each network's variants, in half precision if there is one", async () => {
    const others = [
      "unet/diffusion_pytorch_model.fp16.safetensors",
      "unet/diffusion_pytorch_model.non_ema.safetensors",
      "vae/diffusion_pytorch_model.bin",
      "text_encoder/model.bf16.safetensors",
    ];
    const found = await made([...others, ...NETWORKS]);
    expect("parts" in found && found.parts.map(({ name }) => name)).toEqual([
      others[0],
      ...NETWORKS.slice(1),
    ]);
  });

  it("of the refiner of XL needs the second text encoder alone", async () => {
    const refiner = [...NETWORKS.slice(0, 2), "text_encoder_2/model.safetensors"];
    const index = { text_encoder: [null, null], text_encoder_2: ["transformers", "CLIP"] };
    expect(await problem(refiner, { "model_index.json": index })).toBe("none");
    expect(await problem(refiner)).toBe("none");
    expect(await problem(NETWORKS, { "model_index.json": { ...INDEX, ...index } })).toContain(
      "text_encoder_2/model.safetensors is missing",
    );
  });
});

describe("a folder that cannot be loaded", () => {
  const cases: [string, Parameters<typeof made>, RegExp][] = [
    [
      "lacks networks",
      [NETWORKS.slice(0, 1)],
      /^“dream” cannot be loaded\. vae\/.*\.safetensors and text_encoder\/model\.safetensors are missing: drop the whole folder/,
    ],
    [
      "has a UNet in pieces",
      [
        [
          "unet/diffusion_pytorch_model-00002-of-00002.safetensors",
          "unet/diffusion_pytorch_model-00001-of-00002.safetensors",
          ...NETWORKS.slice(1),
        ],
      ],
      /UNet is cut into pieces \(unet\/diffusion_pytorch_model-00001-of-00002.safetensors and so on\).*fp16/,
    ],
    [
      "has pickles",
      [["unet/diffusion_pytorch_model.bin", ...NETWORKS.slice(1)]],
      /UNet is there only as unet\/diffusion_pytorch_model\.bin, which can run any program.*as \.safetensors/,
    ],
    [
      "is for other software",
      [["unet/model.onnx", "vae/config.json", "text_encoder/model.onnx"]],
      /only as unet\/model\.onnx, which is for other software/,
    ],
    [
      "is of another kind",
      [
        ["transformer/diffusion_pytorch_model.safetensors", ...NETWORKS.slice(1)],
        { "model_index.json": { _class_name: "FluxPipeline" } },
      ],
      /It is a FluxPipeline: pipelines of Stable Diffusion 1\.x, 2\.x and XL can be loaded\.$/,
    ],
    [
      "has damaged settings",
      [NETWORKS, { "scheduler/scheduler_config.json": "{" }],
      /scheduler\/scheduler_config\.json is damaged: download it again/,
    ],
    [
      "predicts something else",
      [NETWORKS, { "scheduler/scheduler_config.json": { prediction_type: "sample" } }],
      /predicts “sample” by scheduler\/scheduler_config\.json/,
    ],
    [
      "has a single file beside",
      [["unet/diffusion_pytorch_model.bin", "v1-5.safetensors", ...NETWORKS.slice(1)]],
      /Beside it lies “v1-5\.safetensors”: try that file alone\.$/,
    ],
  ];
  it.each(cases)("%s", async (_, given, sentence) => {
    expect(await problem(...given)).toMatch(sentence);
  });
});
