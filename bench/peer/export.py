"""Writes the rows of rows.json as ONNX models for the peer: `python export.py --out models`.

Weights are seeded as ours are (bench/web/values.rs), so both sides compute the same. The graphs are
what Microsoft's exporter and optimiser make of Stable Diffusion: fused attention and GEGLU, group
normalisation as instance normalisation over groups.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx

from graph import CONTRIB, Graph

FIRST_WEIGHT_SEED = 101


def uniform(count: int, seed: int) -> np.ndarray:
    """`count` values of mean 0 and deviation 1; the same as in values.mjs and values.rs."""
    x = np.arange(count, dtype=np.uint64) + (seed * 0x9E3779B9 & 0xFFFFFFFF) & 0xFFFFFFFF
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> np.uint64(shift)
        x = x * np.uint64(factor) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return ((x / 2**32 * 2 - 1) * np.sqrt(3)).astype(np.float32)


class Row(Graph):
    """A row's graph; its weights are seeded in the order they are asked for."""

    def weight(self, *dims: int, fan_in: int = 1) -> str:
        seeded = [name for name in self.weights if name.startswith("weight")]
        values = uniform(int(np.prod(dims)), FIRST_WEIGHT_SEED + len(seeded)) / np.float32(np.sqrt(fan_in))
        return self.keep(f"weight{len(seeded)}", values.astype(np.float32).reshape(dims))


def linear(g: Row, rows: int, inputs: int, outputs: int):
    x = g.input(1, rows, inputs)
    y = g.op("Add", [g.op("MatMul", [x, g.weight(inputs, outputs, fan_in=inputs)]), g.weight(outputs)])
    return y, (1, rows, outputs)


def matmul(g: Row, side: int):
    return g.op("MatMul", [g.input(side, side), g.input(side, side)]), (side, side)


def conv(g: Row, inputs: int, outputs: int, side: int, kernel: int, stride: int):
    x = g.input(1, inputs, side, side)
    w = g.weight(outputs, inputs, kernel, kernel, fan_in=inputs * kernel**2)
    sides = {"kernel_shape": [kernel] * 2, "pads": [kernel // 2] * 4, "strides": [stride] * 2}
    return g.op("Conv", [x, w, g.weight(outputs)], **sides), (1, outputs, side // stride, side // stride)


def attention(g: Row, heads: int, queries: int, keys: int, head_dim: int):
    width = heads * head_dim
    operands = [g.input(1, queries, width), g.input(1, keys, width), g.input(1, keys, width)]
    return g.op("MultiHeadAttention", operands, CONTRIB, num_heads=heads), (1, queries, width)


def group_norm_silu(g: Row, channels: int, side: int):
    dims = (1, channels, side, side)
    x = g.op("Reshape", [g.input(*dims), g.constant([0, 32, -1], np.int64)])
    x = g.op("InstanceNormalization", [x, g.constant([1.0] * 32), g.constant([0.0] * 32)], epsilon=1e-5)
    x = g.op("Reshape", [x, g.constant(dims, np.int64)])
    x = g.op("Add", [g.op("Mul", [x, g.weight(channels, 1, 1)]), g.weight(channels, 1, 1)])
    return g.op("Mul", [x, g.op("Sigmoid", [x])]), dims


def layer_norm(g: Row, rows: int, channels: int):
    operands = [g.input(1, rows, channels), g.weight(channels), g.weight(channels)]
    return g.op("LayerNormalization", operands, epsilon=1e-5), (1, rows, channels)


def geglu(g: Row, rows: int, inputs: int):
    y = g.op("MatMul", [g.input(1, rows, inputs), g.weight(inputs, 8 * inputs, fan_in=inputs)])
    return g.op("BiasSplitGelu", [y, g.weight(8 * inputs)], CONTRIB), (1, rows, 4 * inputs)


OPERATIONS = {f.__name__: f for f in (linear, matmul, conv, attention, group_norm_silu, layer_norm, geglu)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for row in json.loads((Path(__file__).parent / "rows.json").read_text()):
        name, op = row.pop("name"), row.pop("op")
        row.pop("hardware_only", None)
        graph = Row()
        output, dims = OPERATIONS[op](graph, **row)
        onnx.save(graph.model(output, dims), out / f"{name}.onnx")
        print(name, dims, flush=True)


if __name__ == "__main__":
    main()
