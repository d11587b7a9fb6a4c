/** The embedded model in the layout of diffusers: the same numbers under other names. */

import { readFile } from "node:fs/promises";

const MODEL = "models/portrait/portrait.safetensors";

interface Tensor {
  dtype: string;
  shape: number[];
  bytes: Buffer;
}

type Tensors = Map<string, Tensor>;

/** Entries of a level of the UNet: two residual blocks and a resampling. */
const LEVEL = 3;
/** The VAE's last level. */
const LAST = 3;

const OUTSIDE: Readonly<Record<string, string>> = {
  "input_blocks.0.0": "conv_in",
  "time_embed.0": "time_embedding.linear_1",
  "time_embed.2": "time_embedding.linear_2",
  "out.0": "conv_norm_out",
  "out.2": "conv_out",
};

const RESNET: Readonly<Record<string, string>> = {
  "in_layers.0": "norm1",
  "in_layers.2": "conv1",
  "emb_layers.1": "time_emb_proj",
  "out_layers.0": "norm2",
  "out_layers.3": "conv2",
  skip_connection: "conv_shortcut",
};

const VAE: readonly (readonly [string, string])[] = [
  [".mid.block_1.", ".mid_block.resnets.0."],
  [".mid.block_2.", ".mid_block.resnets.1."],
  [".mid.attn_1.norm.", ".mid_block.attentions.0.group_norm."],
  [".mid.attn_1.q.", ".mid_block.attentions.0.to_q."],
  [".mid.attn_1.k.", ".mid_block.attentions.0.to_k."],
  [".mid.attn_1.v.", ".mid_block.attentions.0.to_v."],
  [".mid.attn_1.proj_out.", ".mid_block.attentions.0.to_out.0."],
  [".downsample.", ".downsamplers.0."],
  [".upsample.", ".upsamplers.0."],
  [".nin_shortcut.", ".conv_shortcut."],
  [".norm_out.", ".conv_norm_out."],
  [".block.", ".resnets."],
  ["encoder.down.", "encoder.down_blocks."],
];

/** Settings as a hub has them; the model's text encoder has 4 heads of 16 values. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  "model_index.json": {
    _class_name: "StableDiffusionPipeline",
    scheduler: ["diffusers", "PNDMScheduler"],
    text_encoder: ["transformers", "CLIPTextModel"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
    safety_checker: [null, null],
  },
  "scheduler/scheduler_config.json": { _class_name: "PNDMScheduler", prediction_type: "epsilon" },
  "text_encoder/config.json": { num_attention_heads: 4, hidden_size: 64 },
  "tokenizer/vocab.json": {},
};

/** The files of the pipeline's folder, by their paths in it. */
export async function portraitPipeline(): Promise<Record<string, Buffer>> {
  const tensors = read(await readFile(MODEL));
  const below = (prefix: string, renamed: (path: string) => string): Buffer =>
    written(
      [...tensors].flatMap(([path, tensor]) =>
        path.startsWith(prefix) ? [[renamed(path.slice(prefix.length)), tensor] as const] : [],
      ),
    );
  const settings = Object.entries(SETTINGS).map(
    ([path, value]) => [path, Buffer.from(JSON.stringify(value))] as const,
  );
  return {
    ...Object.fromEntries(settings),
    "unet/diffusion_pytorch_model.safetensors": below("model.diffusion_model.", unetName),
    "vae/diffusion_pytorch_model.safetensors": below("first_stage_model.", vaeName),
    "text_encoder/model.safetensors": below("cond_stage_model.transformer.", (path) => path),
  };
}

function unetName(path: string): string {
  const leaf = path.split(".").at(-1) ?? "";
  const layer = path.slice(0, -leaf.length - 1);
  const outside = OUTSIDE[layer];
  if (outside) return `${outside}.${leaf}`;
  const [side = "", number = "", ...rest] = layer.split(".");
  if (side === "middle_block") {
    const kind = number === "1" ? "attentions.0" : `resnets.${Number(number) / 2}`;
    return `mid_block.${kind}.${inner(kind, rest)}.${leaf}`;
  }
  const isDown = side === "input_blocks";
  const count = Number(number) - (isDown ? 1 : 0);
  const [at, index] = [Math.floor(count / LEVEL), count % LEVEL];
  const block = `${isDown ? "down" : "up"}_blocks.${at}`;
  const [place, ...layers] = rest;
  if (layers[0] === "op") return `${block}.downsamplers.0.conv.${leaf}`;
  if (layers[0] === "conv") return `${block}.upsamplers.0.conv.${leaf}`;
  const kind = place === "0" ? `resnets.${index}` : `attentions.${index}`;
  return `${block}.${kind}.${inner(kind, layers)}.${leaf}`;
}

function inner(kind: string, layers: readonly string[]): string {
  const path = layers.join(".");
  return kind.startsWith("resnets") ? (RESNET[path] ?? path) : path;
}

function vaeName(path: string): string {
  const named = VAE.reduce((all, [ours, theirs]) => all.replace(ours, theirs), path);
  return named.replace(
    /^decoder\.up\.(\d)\./,
    (_, at: string) => `decoder.up_blocks.${LAST - Number(at)}.`,
  );
}

function read(file: Buffer): Tensors {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const data = file.subarray(8 + length);
  const tensors: Tensors = new Map();
  for (const [path, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (path === "__metadata__") continue;
    tensors.set(path, { dtype, shape, bytes: data.subarray(...data_offsets) });
  }
  return tensors;
}

function written(tensors: readonly (readonly [string, Tensor])[]): Buffer {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [path, { dtype, shape, bytes }] of tensors) {
    header[path] = { dtype, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...tensors.map(([, { bytes }]) => bytes)]);
}
