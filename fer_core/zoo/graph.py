"""Reading an ONNX graph, and cutting it down to what is asked of it."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnx.shape_inference
from numpy.typing import NDArray

KERNEL_PREFIX = "weight_"
"""Names of the kernels in a graph begin with it; the ledger's digest is over these."""


def ancestors(graph: onnx.GraphProto, outputs: Sequence[str]) -> set[str]:
    """Names of all values that ``outputs`` are computed from, themselves included."""
    makers = {name: node for node in graph.node for name in node.output}
    found: set[str] = set()
    waiting = list(outputs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in makers:
                waiting += makers[name].input
    return found


def keep_outputs(model: onnx.ModelProto, outputs: Sequence[str]) -> None:
    """Drop all other outputs, and the nodes and weights that only they need, in place.

    ONNX Runtime computes every output of the graph that it loaded, also those that a call does not
    ask for.
    """
    graph = model.graph
    needed = ancestors(graph, outputs)
    for values, wanted in (
        (graph.node, [node for node in graph.node if needed & set(node.output)]),
        (graph.initializer, [tensor for tensor in graph.initializer if tensor.name in needed]),
        (graph.output, [value for value in graph.output if value.name in outputs]),
    ):
        kept = list(wanted)
        del values[:]
        values.extend(kept)


def value_shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Static shapes of all values that inference finds; 0 where a dimension is not fixed."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    return {
        value.name: tuple(size.dim_value for size in value.type.tensor_type.shape.dim)
        for value in (*inferred.value_info, *inferred.input, *inferred.output)
    }


def random_faces(shape: Sequence[int], n: int = 8) -> NDArray[np.float32]:
    """Input to check with, (n, side, side, channels) float32: noise smoothed to blobs, 0-255."""
    side, _, channels = shape
    cells = np.random.default_rng(0).uniform(0, 255, (n, 1 + side // 4, 1 + side // 4, channels))
    return np.asarray(cells.repeat(4, axis=1).repeat(4, axis=2)[:, :side, :side], np.float32)


def stored_names(graph: onnx.GraphProto) -> dict[str, str]:
    """For each constant of a graph its initializer: itself, or what stands behind its cast."""
    stored = {tensor.name: tensor.name for tensor in graph.initializer}
    casts = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type == "Cast" and node.input[0] in stored
    }
    return stored | casts
