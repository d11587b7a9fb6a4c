"""ONNX graphs under construction, as rows.json and the networks need them."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CONTRIB = "com.microsoft"
# Chromium refuses an ArrayBuffer of 2 GiB, and a protobuf file ends there too.
SHARD_BYTES = 1 << 30
# Weights smaller than this stay inside the .onnx file.
EXTERNAL_BYTES = 1 << 12


class Graph:
    """A model under construction; counts the operations of its products as it goes."""

    def __init__(self) -> None:
        self.nodes, self.inputs, self.weights, self.flops = [], [], {}, 0

    def input(self, *dims: int, kind: int = TensorProto.FLOAT) -> str:
        name = f"input{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims))
        return name

    def constant(self, values, dtype=np.float32) -> str:
        values = np.array(values, dtype)
        return self.keep(f"constant{zlib.crc32(values.tobytes())}_{'x'.join(map(str, values.shape))}", values)

    def keep(self, name: str, values: np.ndarray) -> str:
        self.weights[name] = values
        return name

    def op(self, kind: str, inputs: list[str], domain: str = "", outputs: int = 1, **attributes):
        """The name of what comes out; of the first and the last output, where there are more."""
        names = [f"value{len(self.nodes)}_{at}" if at in (0, outputs - 1) else "" for at in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else (names[0], names[-1])

    def model(self, output: str, dims, shards: Shards | None = None) -> onnx.ModelProto:
        info = helper.make_tensor_value_info(output, TensorProto.FLOAT, dims)
        tensor = shards.tensor if shards else numpy_helper.from_array
        weights = [tensor(values, name) for name, values in self.weights.items()]
        graph = helper.make_graph(self.nodes, "row", self.inputs, [info], weights)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


class Shards:
    """Files beside the models that hold their large weights; models share what they have in common."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.folder, self.stem, self.names, self.file, self.places = folder, stem, [], None, {}

    def tensor(self, values: np.ndarray, name: str) -> onnx.TensorProto:
        if values.nbytes < EXTERNAL_BYTES:
            return numpy_helper.from_array(values, name)
        if name not in self.places:
            self.places[name] = self.write(values)
        shard, offset = self.places[name]
        kind = helper.np_dtype_to_tensor_dtype(values.dtype)
        tensor = onnx.TensorProto(name=name, dims=values.shape, data_type=kind)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", shard), ("offset", offset), ("length", values.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        return tensor

    def write(self, values: np.ndarray) -> tuple[str, int]:
        if self.file is None or self.file.tell() + values.nbytes > SHARD_BYTES:
            self.close()
            self.names.append(f"{self.stem}.data{len(self.names)}")
            self.file = open(self.folder / self.names[-1], "wb")
        at = self.file.tell()
        values.tofile(self.file)
        self.file.write(bytes(-self.file.tell() % 4096))
        return self.names[-1], at

    def close(self) -> None:
        if self.file:
            self.file.close()
