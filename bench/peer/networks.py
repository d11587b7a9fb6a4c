"""Writes SD 1.5's networks for both sides: `python networks.py --out models [--rows unet_64,clip] [--narrow]`.

For the peer ONNX models with the operators that Microsoft's exporter and optimiser
(`onnxruntime.transformers`) leave of Stable Diffusion, as far as ONNX Runtime Web 1.30 has WebGPU
kernels for them: fused attention, skip and layer normalisation, GEGLU and bias; group normalisation as
instance normalisation over groups. For ours the same numbers as one checkpoint,
`networks.safetensors`. Weights are random under a seed. `networks.json` lists the rows.
"""

from __future__ import annotations

import argparse
import json
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto

from graph import CONTRIB, Graph, Shards

BATCH, TOKENS = 2, 77
# Room for the checkpoint's header, filled up with spaces.
HEADER_BYTES = 1 << 20


class Checkpoint:
    """The weights by their name in a single-file checkpoint, written once each."""

    def __init__(self, path: Path) -> None:
        self.file, self.header, self.known = open(path, "wb"), {}, {}
        self.file.write(bytes(8 + HEADER_BYTES))

    def values(self, key: str, dims: tuple[int, ...]) -> np.ndarray:
        """Uniform, of a deviation that keeps activations near 1."""
        if key not in self.known:
            rng = np.random.Generator(np.random.SFC64(zlib.crc32(key.encode())))
            values = rng.random(int(np.prod(dims)), np.float32)
            values -= np.float32(0.5)
            values *= np.float32(3.4 / np.sqrt(np.prod(dims[1:])) if len(dims) > 1 else 0.1)
            if len(dims) == 1 and key.endswith("weight"):
                values += np.float32(1)
            if key.startswith("cond_stage_model"):
                # Ours, as the reference, keeps the text encoder's weights in half precision.
                values = values.astype(np.float16).astype(np.float32)
            at = self.file.tell() - 8 - HEADER_BYTES
            self.header[key] = {"dtype": "F32", "shape": dims, "data_offsets": [at, at + values.nbytes]}
            values.tofile(self.file)
            self.known[key] = values.reshape(dims)
        return self.known[key]

    def close(self) -> None:
        text = json.dumps(self.header).encode().ljust(HEADER_BYTES)
        self.file.seek(0)
        self.file.write(struct.pack("<Q", len(text)) + text)
        self.file.close()


class Network(Graph):
    """Layers of one network; pictures are `[batch, channels, height, width]`, `at` their shape."""

    def __init__(self, checkpoint: Checkpoint, prefix: str) -> None:
        super().__init__()
        self.checkpoint, self.prefix, self.dims = checkpoint, prefix, {}

    def weight(self, key: str, *dims: int, name: str = "", shape=None) -> str:
        """A tensor of the checkpoint; `shape` makes of it what the peer wants."""
        name = name or key
        if name not in self.weights:
            values = self.checkpoint.values(f"{self.prefix}.{key}", dims)
            self.keep(name, np.ascontiguousarray(shape(values)) if shape else values)
        return name

    def conv(self, x: str, key: str, outputs: int, kernel: int = 3, stride: int = 1, pads=None) -> str:
        batch, inputs, height, width = self.dims[x]
        w = self.weight(f"{key}.weight", outputs, inputs, kernel, kernel)
        b = self.weight(f"{key}.bias", outputs)
        sides = {"kernel_shape": [kernel] * 2, "pads": pads or [kernel // 2] * 4, "strides": [stride] * 2}
        y = self.op("Conv", [x, w, b], **sides)
        self.dims[y] = (batch, outputs, height // stride, width // stride)
        self.flops += 2 * inputs * kernel**2 * int(np.prod(self.dims[y]))
        return y

    def silu(self, x: str) -> str:
        return self.op("Mul", [x, self.op("Sigmoid", [x])])

    def group_norm(self, x: str, key: str, eps: float, silu: bool = True) -> str:
        dims = self.dims[x]
        y = self.op("Reshape", [x, self.constant([0, 32, -1], np.int64)])
        y = self.op("InstanceNormalization", [y, self.constant([1.0] * 32), self.constant([0.0] * 32)], epsilon=eps)
        y = self.op("Reshape", [y, self.constant(dims, np.int64)])
        gamma, beta = (
            self.weight(f"{key}.{part}", dims[1], shape=lambda v: v.reshape(-1, 1, 1)) for part in ("weight", "bias")
        )
        y = self.op("Add", [self.op("Mul", [y, gamma]), beta])
        y = self.silu(y) if silu else y
        self.dims[y] = dims
        return y

    def product(self, x: str, key: str, rows: int, inputs: int, outputs: int) -> str:
        self.flops += 2 * rows * inputs * outputs
        return self.op("MatMul", [x, self.weight(f"{key}.weight", outputs, inputs, shape=np.transpose)])

    def linear(self, x: str, key: str, rows: int, inputs: int, outputs: int) -> str:
        return self.op("Add", [self.product(x, key, rows, inputs, outputs), self.weight(f"{key}.bias", outputs)])

    def norm(self, key: str, channels: int) -> list[str]:
        return [self.weight(f"{key}.weight", channels), self.weight(f"{key}.bias", channels)]

    def skip_norm(self, x: str, skip: str, key: str, channels: int, bias: str) -> tuple[str, str]:
        """`x + skip + bias`, normalised and as it is."""
        operands = [x, skip, *self.norm(key, channels), self.weight(bias, channels)]
        return self.op("SkipLayerNormalization", operands, CONTRIB, outputs=4, epsilon=1e-5)

    def picture(self, tokens: str, dims) -> str:
        batch, channels, height, width = dims
        y = self.op("Reshape", [tokens, self.constant([batch, height, width, channels], np.int64)])
        y = self.op("Transpose", [y], perm=[0, 3, 1, 2])
        self.dims[y] = dims
        return y

    def tokens(self, x: str) -> str:
        batch, channels, height, width = self.dims[x]
        y = self.op("Transpose", [x], perm=[0, 2, 3, 1])
        return self.op("Reshape", [y, self.constant([batch, height * width, channels], np.int64)])

    def added(self, x: str, y: str) -> str:
        z = self.op("Add", [x, y])
        self.dims[z] = self.dims[x]
        return z

    def doubled(self, x: str, key: str) -> str:
        batch, channels, height, width = self.dims[x]
        modes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        y = self.op("Resize", [x, "", self.constant([1.0, 1.0, 2.0, 2.0])], **modes)
        self.dims[y] = (batch, channels, 2 * height, 2 * width)
        return self.conv(y, key, channels)


def transformer(g: Network, x: str, key: str, context: str, width: int, heads: int) -> str:
    """Attention to the picture and to the text, GEGLU."""
    dims = g.dims[x]
    batch, c, tokens = dims[0], dims[1], dims[2] * dims[3]
    rows, block = batch * tokens, f"{key}.transformer_blocks.0"
    h = g.tokens(g.conv(g.group_norm(x, f"{key}.norm", 1e-6, silu=False), f"{key}.proj_in", c, kernel=1))
    y = g.op("LayerNormalization", [h, *g.norm(f"{block}.norm1", c)], epsilon=1e-5)
    parts = [g.checkpoint.values(f"{g.prefix}.{block}.attn1.to_{part}.weight", (c, c)).T for part in "qkv"]
    packed = g.keep(f"{block}.attn1.qkv", np.ascontiguousarray(np.concatenate(parts, 1)))
    y = g.op("Attention", [y, packed, g.constant([0.0] * 3 * c)], CONTRIB, num_heads=heads)
    g.flops += 6 * rows * c * c + 4 * batch * tokens**2 * c
    y = g.product(y, f"{block}.attn1.to_out.0", rows, c, c)
    y, h = g.skip_norm(y, h, f"{block}.norm2", c, f"{block}.attn1.to_out.0.bias")
    q = g.product(y, f"{block}.attn2.to_q", rows, c, c)
    k, v = (g.product(context, f"{block}.attn2.to_{part}", batch * TOKENS, width, c) for part in "kv")
    y = g.op("MultiHeadAttention", [q, k, v], CONTRIB, num_heads=heads)
    g.flops += 4 * batch * tokens * TOKENS * c
    y = g.product(y, f"{block}.attn2.to_out.0", rows, c, c)
    y, h = g.skip_norm(y, h, f"{block}.norm3", c, f"{block}.attn2.to_out.0.bias")
    y = g.product(y, f"{block}.ff.net.0.proj", rows, c, 8 * c)
    y = g.op("BiasSplitGelu", [y, g.weight(f"{block}.ff.net.0.proj.bias", 8 * c)], CONTRIB)
    y = g.product(y, f"{block}.ff.net.2", rows, 4 * c, c)
    y = g.op("BiasAdd", [y, g.weight(f"{block}.ff.net.2.bias", c), h], CONTRIB)
    return g.added(g.conv(g.picture(y, dims), f"{key}.proj_out", c, kernel=1), x)


def unet(checkpoint: Checkpoint, side: int, narrow: bool):
    widths, width = ([32, 64, 128, 128], 64) if narrow else ([320, 640, 1280, 1280], 768)
    g, model = Network(checkpoint, "model.diffusion_model"), widths[0]
    x, time_, context = g.input(BATCH, 4, side, side), g.input(BATCH), g.input(BATCH, TOKENS, width)
    g.dims[x] = (BATCH, 4, side, side)
    rates = np.exp(-np.log(10000) * np.arange(model // 2) / (model // 2)).astype(np.float32)
    angles = g.op("Mul", [g.op("Reshape", [time_, g.constant([BATCH, 1], np.int64)]), g.constant(rates)])
    emb = g.op("Concat", [g.op("Cos", [angles]), g.op("Sin", [angles])], axis=1)
    emb = g.silu(g.linear(emb, "time_embed.0", BATCH, model, 4 * model))
    emb = g.silu(g.linear(emb, "time_embed.2", BATCH, 4 * model, 4 * model))

    def resnet(x: str, key: str, outputs: int) -> str:
        inputs = g.dims[x][1]
        h = g.conv(g.group_norm(x, f"{key}.in_layers.0", 1e-5), f"{key}.in_layers.2", outputs)
        shift = g.linear(emb, f"{key}.emb_layers.1", BATCH, 4 * model, outputs)
        h = g.added(h, g.op("Reshape", [shift, g.constant([BATCH, outputs, 1, 1], np.int64)]))
        h = g.conv(g.group_norm(h, f"{key}.out_layers.0", 1e-5), f"{key}.out_layers.3", outputs)
        return g.added(h, x if inputs == outputs else g.conv(x, f"{key}.skip_connection", outputs, kernel=1))

    attend = lambda x, key: transformer(g, x, key, context, width, 8)
    h, number = g.conv(x, "input_blocks.0.0", model), 1
    skips = [h]
    for level, outputs in enumerate(widths):
        for _ in range(2):
            h = resnet(h, f"input_blocks.{number}.0", outputs)
            h = attend(h, f"input_blocks.{number}.1") if level < 3 else h
            skips.append(h)
            number += 1
        if level < 3:
            h = g.conv(h, f"input_blocks.{number}.0.op", outputs, stride=2)
            skips.append(h)
            number += 1
    h = resnet(h, "middle_block.0", widths[-1])
    h = resnet(attend(h, "middle_block.1"), "middle_block.2", widths[-1])
    number = 0
    for level, outputs in reversed(list(enumerate(widths))):
        for turn in range(3):
            skip, key = skips.pop(), f"output_blocks.{number}"
            both = g.op("Concat", [h, skip], axis=1)
            g.dims[both] = (BATCH, g.dims[h][1] + g.dims[skip][1], *g.dims[h][2:])
            h = resnet(both, f"{key}.0", outputs)
            h = attend(h, f"{key}.1") if level < 3 else h
            if turn == 2 and level > 0:
                h = g.doubled(h, f"{key}.{2 if level < 3 else 1}.conv")
            number += 1
    y = g.conv(g.group_norm(h, "out.0", 1e-5), "out.2", 4)
    return g, y, [{"dims": g.dims[x]}, {"dims": [BATCH], "fill": 500}, {"dims": [BATCH, TOKENS, width]}]


def vae_resnet(g: Network, x: str, key: str, outputs: int) -> str:
    h = g.conv(g.group_norm(x, f"{key}.norm1", 1e-6), f"{key}.conv1", outputs)
    h = g.conv(g.group_norm(h, f"{key}.norm2", 1e-6), f"{key}.conv2", outputs)
    same = g.dims[x][1] == outputs
    return g.added(h, x if same else g.conv(x, f"{key}.nin_shortcut", outputs, kernel=1))


def vae_middle(g: Network, x: str, key: str) -> str:
    x = vae_resnet(g, x, f"{key}.block_1", g.dims[x][1])
    dims, at = g.dims[x], f"{key}.attn_1"
    c, tokens = dims[1], dims[2] * dims[3]
    h = g.tokens(g.group_norm(x, f"{at}.norm", 1e-6, silu=False))
    q, k, v = (g.linear(h, f"{at}.{part}", tokens, c, c) for part in "qkv")
    q = g.op("Mul", [q, g.constant(c**-0.5)])
    h = g.op("Softmax", [g.op("MatMul", [q, g.op("Transpose", [k], perm=[0, 2, 1])])], axis=-1)
    g.flops += 4 * tokens**2 * c
    h = g.picture(g.linear(g.op("MatMul", [h, v]), f"{at}.proj_out", tokens, c, c), dims)
    return vae_resnet(g, g.added(h, x), f"{key}.block_2", c)


def decode(checkpoint: Checkpoint, side: int, narrow: bool):
    widths, g = [32, 64, 64, 64] if narrow else [128, 256, 512, 512], Network(checkpoint, "first_stage_model")
    x = g.input(1, 4, side, side)
    g.dims[x] = (1, 4, side, side)
    h = g.conv(g.conv(x, "post_quant_conv", 4, kernel=1), "decoder.conv_in", widths[-1])
    h = vae_middle(g, h, "decoder.mid")
    for level, outputs in reversed(list(enumerate(widths))):
        for block in range(3):
            h = vae_resnet(g, h, f"decoder.up.{level}.block.{block}", outputs)
        if level > 0:
            h = g.doubled(h, f"decoder.up.{level}.upsample.conv")
    y = g.conv(g.group_norm(h, "decoder.norm_out", 1e-6), "decoder.conv_out", 3)
    return g, y, [{"dims": g.dims[x]}]


def encode(checkpoint: Checkpoint, side: int, narrow: bool):
    widths, g = [32, 64, 64, 64] if narrow else [128, 256, 512, 512], Network(checkpoint, "first_stage_model")
    x = g.input(1, 3, 8 * side, 8 * side)
    g.dims[x] = (1, 3, 8 * side, 8 * side)
    h = g.conv(x, "encoder.conv_in", widths[0])
    for level, outputs in enumerate(widths):
        for block in range(2):
            h = vae_resnet(g, h, f"encoder.down.{level}.block.{block}", outputs)
        if level < 3:
            h = g.conv(h, f"encoder.down.{level}.downsample.conv", outputs, stride=2, pads=[0, 0, 1, 1])
    h = g.group_norm(vae_middle(g, h, "encoder.mid"), "encoder.norm_out", 1e-6)
    h = g.conv(g.conv(h, "encoder.conv_out", 8), "quant_conv", 8, kernel=1)
    y = g.op("Slice", [h, *(g.constant([v], np.int64) for v in (0, 4, 1))])
    g.dims[y] = (1, 4, side, side)
    return g, y, [{"dims": g.dims[x]}]


def clip(checkpoint: Checkpoint, side: int, narrow: bool):
    words, c, layers, heads = (512, 64, 3, 4) if narrow else (49408, 768, 12, 12)
    g = Network(checkpoint, "cond_stage_model.transformer.text_model")
    ids = g.input(1, TOKENS, kind=TensorProto.INT32)
    table = g.weight("embeddings.token_embedding.weight", words, c)
    places = g.weight("embeddings.position_embedding.weight", TOKENS, c)
    h = g.op("Add", [g.op("Gather", [table, ids]), places])
    hidden = g.constant(np.triu(np.full((1, 1, TOKENS, TOKENS), -1e9), 1))
    at = "encoder.layers.0"
    y = g.op("LayerNormalization", [h, *g.norm(f"{at}.layer_norm1", c)], epsilon=1e-5)
    for layer in range(layers):
        at = f"encoder.layers.{layer}"
        q, k, v = (g.linear(y, f"{at}.self_attn.{part}_proj", TOKENS, c, c) for part in "qkv")
        y = g.op("MultiHeadAttention", [q, k, v, "", "", hidden], CONTRIB, num_heads=heads)
        g.flops += 4 * TOKENS**2 * c
        y = g.product(y, f"{at}.self_attn.out_proj", TOKENS, c, c)
        y, h = g.skip_norm(y, h, f"{at}.layer_norm2", c, f"{at}.self_attn.out_proj.bias")
        y = g.linear(y, f"{at}.mlp.fc1", TOKENS, c, 4 * c)
        y = g.op("QuickGelu", [y], CONTRIB, alpha=1.702)
        y = g.product(y, f"{at}.mlp.fc2", TOKENS, 4 * c, c)
        last = layer == layers - 1
        norm = "final_layer_norm" if last else f"encoder.layers.{layer + 1}.layer_norm1"
        y, h = g.skip_norm(y, h, norm, c, f"{at}.mlp.fc2.bias")
    g.dims[y] = (1, TOKENS, c)
    return g, y, [{"dims": [1, TOKENS], "ids": words}]


NETWORKS = {f.__name__: f for f in (unet, decode, encode, clip)}
# The most telling first: where time runs out, the rest is missing.
ROWS = "unet_64 unet_16 decode_64 clip unet_32 unet_8 encode_64 decode_16 encode_16".split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--narrow", action="store_true", help="a tenth of the channels, to try it out")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint, shards, rows, began = Checkpoint(args.out / "networks.safetensors"), {}, [], time.time()
    for name in args.rows.split(","):
        kind, _, side = name.partition("_")
        graph, output, inputs = NETWORKS[kind](checkpoint, int(side or 0), args.narrow)
        files = shards.setdefault(kind, Shards(args.out, kind))
        onnx.save(graph.model(output, graph.dims[output], files), args.out / f"{name}.onnx")
        row = {"name": name, "op": kind, "inputs": inputs, "flops": graph.flops, "shards": files.names}
        rows.append({**row, "side": int(side or 0)})
        print(f"{name}: {graph.flops / 1e9:.1f} GFLOP, {time.time() - began:.0f} s", flush=True)
    for files in shards.values():
        files.close()
    checkpoint.close()
    (args.out / "networks.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
