import { describe, expect, it } from "vitest";
import { sorted, type Dropped } from "../../../../www/src/lib/diffusers/sort";

function dropped(...paths: string[]): Dropped[] {
  return paths.map((path) => {
    const type = /\.png$/.test(path) ? "image/png" : "";
    return { path, file: new File(["x"], path.split("/").at(-1)!, { type }) };
  });
}

const named = (files: readonly File[]): string[] => files.map(({ name }) => name);

describe("what was dropped", () => {
  it("has a pipeline where an index or a UNet's file lies, however deep", () => {
    const { folders, models, others } = sorted(
      dropped(
        "sd/model_index.json",
        "sd/unet/diffusion_pytorch_model.safetensors",
        "sd/readme.md",
        "hub/models--a--b/snapshots/12/unet/config.json",
        "hub/models--a--b/snapshots/12/vae/diffusion_pytorch_model.safetensors",
      ),
    );
    expect(folders.map(({ path, files }) => [path, [...files.keys()]])).toEqual([
      [
        "hub/models--a--b/snapshots/12",
        ["unet/config.json", "vae/diffusion_pytorch_model.safetensors"],
      ],
      ["sd", ["model_index.json", "unet/diffusion_pytorch_model.safetensors", "readme.md"]],
    ]);
    expect([models, others]).toEqual([[], []]);
  });

  it("has a pipeline without a name where its folders themselves were dropped", () => {
    const { folders } = sorted(dropped("unet/config.json", "vae/config.json", "model_index.json"));
    expect(folders.map(({ path, files }) => [path, files.size])).toEqual([["", 3]]);
  });

  it("has models one by one, of a folder without their variants, pickles and what lies beside", () => {
    const { folders, models, others } = sorted(
      dropped(
        "loras/style.v1.safetensors",
        "loras/style.v2.safetensors",
        "loras/.cache/x.safetensors",
        "loras/preview.png",
        "control/model.safetensors",
        "control/model.fp16.safetensors",
        "control/model.bin",
        "alone.ckpt",
        "photo.png",
      ),
    );
    expect(folders).toEqual([]);
    expect(named(models)).toEqual([
      "alone.ckpt",
      "style.v1.safetensors",
      "style.v2.safetensors",
      "model.fp16.safetensors",
    ]);
    expect(named(others)).toEqual(["photo.png"]);
  });

  it("has the pictures of a folder without models, and pickles where there is nothing else", () => {
    const frames = sorted(dropped("clip/1.png", "clip/2.png", "clip/notes.txt"));
    expect(named(frames.others)).toEqual(["1.png", "2.png"]);
    expect(named(sorted(dropped("old/model.bin")).models)).toEqual(["model.bin"]);
  });

  it("has a single network where only its folder was dropped", () => {
    const { folders, models } = sorted(dropped("vae/config.json", "vae/model.safetensors"));
    expect(folders).toEqual([]);
    expect(named(models)).toEqual(["model.safetensors"]);
    expect(sorted(dropped("unet/flux.safetensors")).folders).toEqual([]);
  });
});
