import { expect, it } from "vitest";
import { peek } from "../../../www/src/engine/peek";

function file(header: string) {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  const read = (offset: number, length: number) => bytes.slice(offset, offset + length);
  return { name: "x.safetensors", size: bytes.length, read };
}
const withTensor = (name: string) =>
  file(JSON.stringify({ __metadata__: {}, [name]: { dtype: "F16", shape: [2, 3] } }));

it.each([
  ["model.diffusion_model.out.2.weight", "checkpoint"],
  ["lora_unet_mid_block.lora_up.weight", "lora"],
  ["control_model.input_hint_block.0.weight", "controlnet"],
  ["down_blocks.0.motion_modules.0.pe", "motion"],
  ["first_stage_model.decoder.conv_in.weight", "vae"],
  ["emb_params", "embedding"],
  ["something.else", null],
])("a file with %s is of use as %s", (name, usable_as) => {
  expect(peek(withTensor(name))).toMatchObject({ usable_as });
});

it("says kind, type and size", () => {
  const { sentence, parameters } = peek(withTensor("lora_te_text_model.lora_down.weight"));
  expect(sentence).toBe("“x.safetensors” is a LoRA in F16, 0 kB.");
  expect(parameters).toBe(6);
});

it("says that a file without a header is nothing it knows", () => {
  for (const header of ["", "{", "null", "[1]"]) expect(peek(file(header)).usable_as).toBeNull();
  const huge = { ...file("{}"), read: () => new Uint8Array(8).fill(255) };
  expect(peek(huge)).toMatchObject({ kind: "unknown", usable_as: null });
});
