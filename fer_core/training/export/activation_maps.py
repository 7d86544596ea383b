"""Class activation maps as further outputs of an exported graph: one for each that has scores.

The maps are written out in ONNX behind the finished graph, so that nothing that the logits need
changes by a bit: neither names, nor weights, nor the digest in the ledger.

From the logits back to the last feature maps every exported network is a chain of matrix products,
additions, scalings (BatchNorm) and ReLUs, whose gradient is again a chain of matrix products: the
weights transposed, BatchNorm's scale, and for a ReLU a mask of the units that are above zero. The
chain ends where the network pools globally or flattens; the feature maps there, after any pooling
between the last convolution and the flattening, are the maps' target.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_core.emotions import LABELS
from fer_core.errors import TrainingError
from fer_core.zoo import MAPS_NAME, OUTPUT_NAME
from fer_core.zoo.graph import keep_outputs, stored_names, value_shapes
from fer_core.zoo.voters import VOTERS_MAPS_NAME, VOTERS_NAME

_MAPS = {OUTPUT_NAME: MAPS_NAME, VOTERS_NAME: VOTERS_MAPS_NAME}


class _Builder:
    """Appends nodes to a graph under names of their own, which begin with the maps'."""

    def __init__(self, graph: onnx.GraphProto, maps: str) -> None:
        self.graph, self.maps = graph, maps
        self._count = 0

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{self.maps}/{kind.lower()}_{self._count}"

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Append one node; returns the name of its output."""
        output = self._name(kind)
        self.graph.node.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, values: NDArray[np.generic]) -> str:
        """Append a constant; returns its name."""
        name = self._name("constant")
        self.graph.initializer.append(numpy_helper.from_array(values, name))
        return name

    def integers(self, *values: int) -> str:
        """Append a constant of int64, for axes and shapes."""
        return self.constant(np.array(values, np.int64))


def add_activation_maps(
    model: onnx.ModelProto, answers: Sequence[str] = (OUTPUT_NAME, VOTERS_NAME)
) -> None:
    """Give an exported graph the maps of its answers, `MAPS_NAME` and `VOTERS_MAPS_NAME`; in place.

    Args:
        model: a graph as `export.export_onnx` makes it, `faces` -> `logits`, perhaps with a second
            answer. Maps that it has already are made anew.
        answers: which of them stay in the graph, if they are there.

    Raises:
        TrainingError: between features and scores stands something whose gradient is not known.
    """
    keep_outputs(model, answers)
    for scores in [value.name for value in model.graph.output]:
        _add_maps(model, scores, _MAPS[scores])


def _add_maps(model: onnx.ModelProto, scores: str, maps: str) -> None:
    graph = model.graph
    shapes = value_shapes(model)
    constants = stored_names(graph)
    makers = {name: node for node in graph.node for name in node.output}
    build = _Builder(graph, maps)

    value, gradient = scores, ""  # gradient: (7, units) or (n, 7, units)
    while True:
        node = makers.get(value)
        kind = node.op_type if node is not None else "the graph's input"
        if node is None:
            raise _unknown(kind)
        inputs = [name for name in node.input if name not in constants]
        fixed = [name for name in node.input if name in constants]
        if kind == "MatMul" and len(inputs) == len(fixed) == 1 and node.input[1] == fixed[0]:
            source = makers.get(inputs[0])
            if source is not None and source.op_type == "Reshape":
                features, kernel = _flattened(build, source, fixed[0], makers, shapes)
                gradient = _times(build, gradient, kernel)
                break
            gradient = _times(build, gradient, build.node("Transpose", fixed[0], perm=[1, 0]))
        elif kind == "Add" and len(inputs) == len(fixed) == 1:
            pass
        elif kind == "Mul" and len(inputs) == len(fixed) == 1 and gradient:
            gradient = build.node("Mul", gradient, fixed[0])
        elif kind == "Relu" and gradient:
            gradient = _masked(build, gradient, value)
        elif (
            kind == "Squeeze" and gradient and makers[node.input[0]].op_type == "GlobalAveragePool"
        ):
            features = makers[node.input[0]].input[0]
            break
        else:
            raise _unknown(kind)
        value = inputs[0]
    _weigh(build, features, gradient, shapes)


def _unknown(kind: str) -> TrainingError:
    return TrainingError(
        "no activation maps can be made for this network",
        where="its exported graph",
        expected="dense layers, BatchNorm and ReLU between the last feature maps and the logits",
        received=kind,
        remedy="Let the network end in these, or teach activation_maps.py the operation.",
    )


def _times(build: _Builder, gradient: str, matrix: str) -> str:
    """``gradient @ matrix``; at the logits the gradient is the identity."""
    return build.node("MatMul", gradient, matrix) if gradient else matrix


def _masked(build: _Builder, gradient: str, output: str) -> str:
    """A ReLU lets the gradient of those units pass that are above zero: (n, 7, units)."""
    alive = build.node(
        "Cast", build.node("Greater", output, build.constant(np.array(0, np.float32))),
        to=TensorProto.FLOAT,
    )  # fmt: skip
    return build.node("Mul", gradient, build.node("Unsqueeze", alive, build.integers(1)))


def _flattened(
    build: _Builder,
    reshape: onnx.NodeProto,
    kernel: str,
    makers: dict[str, onnx.NodeProto],
    shapes: dict[str, tuple[int, ...]],
) -> tuple[str, str]:
    """The feature maps before a flattening, and the dense kernel behind it, summed over positions.

    Returns:
        Name of the features, (n, c, h, w), and of the transposed sum, (units, c).
    """
    before = reshape.input[0]
    order = makers.get(before)
    if order is not None and order.op_type == "Transpose":
        if list(order.attribute[0].ints) != [0, 2, 3, 1]:
            raise _unknown("a flattening in another order than height, width, channels")
        features = order.input[0]
    elif shapes.get(before, ())[2:] == (1, 1):  # one position: there is no order to restore
        features = before
    else:
        raise _unknown("a flattening in another order than height, width, channels")
    _, channels, height, width = shapes[features]
    by_position = build.node("Reshape", kernel, build.integers(height * width, channels, -1))
    summed = build.node("ReduceSum", by_position, build.integers(0), keepdims=0)
    return features, build.node("Transpose", summed, perm=[1, 0])


def _weigh(
    build: _Builder, features: str, weights: str, shapes: dict[str, tuple[int, ...]]
) -> None:
    """Append the output: ``weights`` (7, c) or (n, 7, c) times ``features`` (n, c, h, w)."""
    _, channels, height, width = shapes[features]
    classes = len(LABELS)
    flat = build.node("Reshape", features, build.integers(-1, channels, height * width))
    added = build.node("MatMul", weights, flat)
    shape = build.integers(-1, classes, height, width)
    build.graph.node.append(helper.make_node("Reshape", [added, shape], [build.maps]))
    build.graph.output.append(
        helper.make_tensor_value_info(build.maps, TensorProto.FLOAT, ["n", classes, height, width])
    )
