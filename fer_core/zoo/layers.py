"""The layers of a served network, read from its graph, and what they answer to a face."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_core.errors import ModelError, in_one_line
from fer_core.onnx_session import open_session
from fer_core.zoo.classifier import INPUT_NAME, OUTPUT_NAME
from fer_core.zoo.graph import keep_outputs, stored_names, value_shapes

_KERNELS = ("Conv", "MatMul", "Gemm")
_SCALINGS = ("Add", "Mul", "BatchNormalization")
_POOLS = {
    "MaxPool": "max pooling",
    "AveragePool": "average pooling",
    "GlobalAveragePool": "global average pooling",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer; additions, BatchNorm and ReLU behind it belong to it.

    Attributes:
        kind: ``convolution``, ``depthwise convolution``, ``dense``, or a kind of pooling.
        window: height and width of the kernel or pooling window; () for dense layers.
        shape: of the output for one face: (channels, height, width) or (units,).
        relu: whether a ReLU follows.
        parameters: as served: BatchNorm may be folded into the kernel.
        multiply_accumulates: for one face, of kernels only.
        value: name of the output in the graph.
    """

    kind: str
    window: tuple[int, ...]
    shape: tuple[int, ...]
    relu: bool
    parameters: int
    multiply_accumulates: int
    value: str


def read_layers(graph: Path) -> tuple[Layer, ...]:
    """The layers between `INPUT_NAME` and `OUTPUT_NAME`, in the order of computation.

    Args:
        graph: a checked ``model.onnx``.
    """
    return layers_of(onnx.load(graph))


def layers_of(model: onnx.ModelProto) -> tuple[Layer, ...]:
    """The same for a graph in memory, which is cut down to its logits.

    What nobody can know before it is run, such as a product of two values, is left out.
    """
    keep_outputs(model, [OUTPUT_NAME])
    shapes, stored = value_shapes(model), stored_names(model.graph)
    sizes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    takers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)

    def size_of(name: str) -> tuple[int, ...]:
        return sizes[stored[name]] if name in stored else ()

    found = []
    for node in model.graph.node:
        pooling = node.op_type in _POOLS
        is_kernel = node.op_type in _KERNELS and node.input[1] in stored
        shape = shapes.get(node.output[0], ())[1:]
        if not (pooling or is_kernel) or not shape:
            continue
        parameters = sum(math.prod(size_of(name)) for name in node.input if name in stored)
        value, relu = node.output[0], False
        while len(takers.get(value, [])) == 1:
            (after,) = takers[value]
            fixed = [name for name in after.input if name in stored]
            if after.op_type not in (*_SCALINGS, "Relu", "Clip") or (
                after.op_type in _SCALINGS and not fixed
            ):
                break
            if after.op_type in _SCALINGS:
                parameters += sum(math.prod(size_of(name)) for name in fixed)
            relu |= after.op_type in ("Relu", "Clip")
            value = after.output[0]
        kernel = size_of(node.input[1]) if is_kernel else ()
        found.append(
            Layer(
                kind=_kind(node, kernel),
                window=kernel[2:] or _window(node),
                shape=shape if not node.op_type.startswith("Global") else shape[:1],
                relu=relu,
                parameters=parameters,
                multiply_accumulates=math.prod(kernel) * _places(node, shape) if kernel else 0,
                value=value,
            )
        )
    return tuple(found)


def _places(node: onnx.NodeProto, shape: tuple[int, ...]) -> int:
    """How often a kernel is used for one face."""
    return math.prod(shape[1:] if node.op_type == "Conv" else shape[:-1])


def graph_cost(model: onnx.ModelProto) -> tuple[int, int]:
    """A graph's numbers, and its multiply-accumulates for one face, of kernels only."""
    own = onnx.ModelProto()
    own.CopyFrom(model)
    parameters = sum(
        math.prod(tensor.dims)
        for tensor in model.graph.initializer
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE)
    )
    return parameters, sum(layer.multiply_accumulates for layer in layers_of(own))


def _kind(node: onnx.NodeProto, kernel: tuple[int, ...]) -> str:
    if node.op_type in ("MatMul", "Gemm"):
        return "dense"
    if node.op_type == "Conv":
        groups = next((a.i for a in node.attribute if a.name == "group"), 1)
        return "depthwise convolution" if groups > 1 and kernel[1] == 1 else "convolution"
    return _POOLS[node.op_type]


def _window(node: onnx.NodeProto) -> tuple[int, ...]:
    return next((tuple(a.ints) for a in node.attribute if a.name == "kernel_shape"), ())


def first_filters(graph: Path) -> NDArray[np.float32] | None:
    """Kernels of the first convolution, (filters, channels, height, width); None without one."""
    model = onnx.load(graph)
    stored = stored_names(model.graph)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Conv" and node.input[1] in stored:
            return np.asarray(numpy_helper.to_array(tensors[stored[node.input[1]]]), np.float32)
    return None


class FeatureReader:
    """What one layer answers: the graph up to there and no further."""

    def __init__(self, graph: Path, layer: Layer) -> None:
        """Open a session on a part of a graph.

        Raises:
            ModelError: the graph has no such layer.
        """
        model = onnx.load(graph)
        model.graph.output.append(
            helper.make_tensor_value_info(layer.value, TensorProto.FLOAT, None)
        )
        keep_outputs(model, [layer.value])
        try:
            self._session = open_session(model.SerializeToString())
        except Exception as error:  # ONNX Runtime raises a dozen unrelated types here
            raise ModelError(
                "the layer cannot be read",
                where=graph.parent.name,
                received=in_one_line(error),
                remedy="Choose another layer.",
            ) from error
        self._value = layer.value

    def read(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The layer's answer to one (side, side, channels) uint8 face: (c, h, w) or (units,)."""
        (values,) = self._session.run([self._value], {INPUT_NAME: crop[None].astype(np.float32)})
        return np.asarray(values[0], np.float32)
