import { expect, it } from "vitest";
import { commonName, networksAmong } from "../../../../www/src/lib/diffusers/loose";

const split = (...kinds: string[]) => networksAmong(kinds, (kind) => kind);

it("takes one UNet and what goes with it together, and leaves the rest", () => {
  expect(split("lora", "clip_l", "unet_diffusers", "vae_diffusers", "clip_g")).toEqual({
    networks: ["clip_l", "unet_diffusers", "vae_diffusers", "clip_g"],
    rest: ["lora"],
  });
});

it("takes nothing together where it is not plain what belongs to what", () => {
  for (const kinds of [
    ["unet_diffusers", "vae_diffusers"],
    ["clip_l", "vae_diffusers"],
    ["unet_diffusers", "unet_diffusers", "clip_l"],
  ]) {
    expect(split(...kinds)).toEqual({ networks: [], rest: kinds });
  }
});

it("calls them by what their names have in common", () => {
  expect(commonName(["dream_unet.safetensors", "dream_vae.safetensors"])).toBe("dream");
  expect(commonName(["unet.safetensors", "vae.safetensors"])).toBe("unet");
  expect(commonName(["same.safetensors", "same.safetensors"])).toBe("same");
});
