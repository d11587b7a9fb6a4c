/** What a safetensors file is, by the names in its header; for builds of the core without `recognise`. */

import { formatBytes } from "../lib/format";
import type { Recognised } from "./protocol";

/** Longest header that is read, in bytes; the format allows 100 MB. */
const LONGEST = 100e6;

interface Readable {
  name: string;
  size: number;
  read(offset: number, length: number): Uint8Array;
}

const KINDS: readonly [Recognised["usable_as"], string, RegExp][] = [
  ["checkpoint", "checkpoint", /^model\.diffusion_model\./],
  ["lora", "LoRA", /^lora_(unet|te)|\.lora_(up|down|A|B)\.|\.lora\.(up|down)\./],
  ["controlnet", "ControlNet", /^(control_model|controlnet_cond_embedding|input_hint_block)\b/],
  ["motion", "motion module", /motion_modules\./],
  ["vae", "VAE", /^(first_stage_model\.)?(encoder|decoder)\.(conv_in|mid|up|down)/],
  ["embedding", "embedding", /^(emb_params|clip_[lg]|<.*>)$/],
];

/** Reads the header of `source`; kind null, with a sentence, when it has none. */
export function peek(source: Readable): Recognised {
  const header = headerOf(source);
  if (!header) return recognisedFrom(null, source.name, source.size, "", 0);
  const tensors = Object.entries(header).filter(([key]) => key !== "__metadata__");
  const first = tensors.map(([, tensor]) => tensor).find(isTensor);
  const parameters = tensors.reduce((sum, [, tensor]) => sum + parametersOf(tensor), 0);
  const keys = tensors.map(([key]) => key);
  return recognisedFrom(keys, source.name, source.size, first?.dtype ?? "", parameters);
}

/** `keys` are the tensors' names; none at all stands for a checkpoint, null for no model. */
export function recognisedFrom(
  keys: readonly string[] | null,
  name: string,
  bytes: number,
  dtype: string,
  parameters: number,
): Recognised {
  const found = keys && (keys.length === 0 ? KINDS[0] : kindOf(keys));
  const [usable_as, kind] = found ?? [null, "unknown"];
  const article = /^[aeiou]/i.test(kind) ? "an" : "a";
  const what =
    usable_as === null
      ? "is nothing that Burnish knows"
      : `is ${article} ${kind}${dtype && ` in ${dtype}`}`;
  return {
    kind,
    family: "",
    title: kind,
    sentence: `“${name}” ${what}, ${formatBytes(bytes)}.`,
    bytes,
    dtype,
    parameters,
    usable_as,
    needs: [],
    gpu_bytes: { f32: parameters * 4, f16: parameters * 2 },
  };
}

function kindOf(keys: readonly string[]): (typeof KINDS)[number] | undefined {
  return KINDS.find(([, , pattern]) => keys.some((key) => pattern.test(key)));
}

function headerOf(source: Readable): Record<string, unknown> | null {
  if (source.size < 10) return null;
  const view = new DataView(Uint8Array.from(source.read(0, 8)).buffer);
  const length = Number(view.getBigUint64(0, true));
  if (length < 2 || length > Math.min(LONGEST, source.size - 8)) return null;
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(source.read(8, length)));
    return typeof header === "object" && header !== null
      ? (header as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function isTensor(value: unknown): value is { dtype: string; shape: number[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "dtype" in value &&
    typeof value.dtype === "string"
  );
}

function parametersOf(tensor: unknown): number {
  if (!isTensor(tensor) || !Array.isArray(tensor.shape)) return 0;
  return tensor.shape.reduce((product, size) => product * size, 1);
}
