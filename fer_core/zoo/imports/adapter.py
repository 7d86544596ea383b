"""The graph that is served: somebody else's network with its preparation in front and our classes
behind it.

Only operators whose meaning is the same in every opset that is read, so that the network's own
needs no conversion. What is done is what a person would have done in front of the network: divided
by 255, not multiplied by 1/255, so that its answers are the same to the last bit.
"""

import json
from typing import Any

import numpy as np
import onnx
import onnx.compose
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.zoo.classifier import INPUT_NAME, OUTPUT_NAME
from fer_core.zoo.graph import KERNEL_PREFIX, keep_outputs
from fer_core.zoo.imports.classes import ClassOrder
from fer_core.zoo.imports.foreign import ForeignNetwork
from fer_core.zoo.imports.preparation import Preparation
from fer_core.zoo.imports.safety import newest_opset

SCORES_NAME = "scores"
"""Output of a network with its preparation, before its classes are ours."""

FLOOR = 1e-12
"""Probability of a class that a network does not know: the least that stays apart from 0."""

_RESIZE_FROM_OPSET = 11


class _Chain:
    """Nodes one after the other; each takes what the one before it gave."""

    def __init__(self, start: str, prefix: str) -> None:
        self.value = start
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._prefix = prefix

    def add(self, kind: str, words: str, *more: NDArray[Any] | str, **attributes: Any) -> str:
        """Append a node: its first input is the chain's value, the others are given."""
        name = f"{self._prefix}{words}"
        inputs = [self.value]
        for number, item in enumerate(more):
            if isinstance(item, str):
                inputs.append(item)
            else:
                inputs.append(f"{name}/by_{number}")
                self.constants.append(numpy_helper.from_array(item, inputs[-1]))
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        self.value = name
        return name


def prepared_network(network: ForeignNetwork, preparation: Preparation) -> onnx.ModelProto:
    """A network with its preparation: `faces` (n, side, side, c), 0-255 -> `SCORES_NAME` (n, k).

    Raises:
        ModelError: another picture size is to be made in a graph that is too old for it.
    """
    # Names of its own, so that none is ours.
    model = onnx.compose.add_prefix(network.model, "network/")
    graph = model.graph
    chain = _Chain(INPUT_NAME, "prepare/")
    _prepare(chain, preparation, newest_opset(model), network.source.name)
    if network.input_type != TensorProto.FLOAT:
        chain.add("Cast", "cast", to=network.input_type)
    chain.add("Identity", "face")
    _rename(graph, f"network/{network.input_name}", chain.value)
    nodes = [*chain.nodes, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(chain.constants)
    side, channels = preparation.side_px, preparation.cut_channels
    del graph.input[:]
    graph.input.append(
        helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["n", side, side, channels])
    )
    _scores(model, f"network/{network.output_name}", network.outputs)
    _name_kernels(graph)
    return model


def _prepare(chain: _Chain, preparation: Preparation, opset: int, name: str) -> None:
    values, side = preparation.values, preparation.side_px
    if preparation.colours == "grey3":
        chain.add("Concat", "grey_three_times", chain.value, chain.value, axis=3)
    elif preparation.colours == "bgr":
        chain.add("Gather", "rgb_to_bgr", np.array([2, 1, 0], np.int64), axis=3)
    if values.per_face:
        _standardise(chain)
    else:
        for kind, words, numbers, nothing in (
            ("Div", "divide", (values.divisor,), 1.0),
            ("Sub", "subtract_mean", values.mean, 0.0),
            ("Div", "divide_by_std", values.std, 1.0),
        ):
            if any(number != nothing for number in numbers):
                chain.add(kind, words, np.array(numbers, np.float32))
    resized = (preparation.height, preparation.width) != (side, side)
    if preparation.layout == "NCHW" or resized:
        chain.add("Transpose", "channels_first", perm=[0, 3, 1, 2])
    if resized:
        _resize(chain, preparation, opset, name)
        if preparation.layout != "NCHW":
            chain.add("Transpose", "channels_last", perm=[0, 2, 3, 1])
    if preparation.layout == "NHW":
        sizes = np.array([-1, preparation.height, preparation.width], np.int64)
        chain.add("Reshape", "without_channels", sizes)


def _standardise(chain: _Chain) -> None:
    """Each face less its own mean and by its own deviation; pooled, as means are written otherwise
    in each opset."""
    one_row = np.array([0, 1, -1, 1], np.int64)
    face = chain.value
    chain.add("Reshape", "in_a_row", one_row)
    mean = chain.add("GlobalAveragePool", "own_mean")
    chain.value = face
    centred = chain.add("Sub", "subtract_own_mean", mean)
    chain.add("Mul", "squared", centred)
    chain.add("Reshape", "squares_in_a_row", one_row)
    chain.add("GlobalAveragePool", "own_variance")
    chain.add("Add", "never_zero", np.array(1e-6, np.float32))
    deviation = chain.add("Sqrt", "own_deviation")
    chain.value = centred
    chain.add("Div", "divide_by_own_deviation", deviation)


def _resize(chain: _Chain, preparation: Preparation, opset: int, name: str) -> None:
    if opset < _RESIZE_FROM_OPSET:
        raise ModelError(
            "the picture's size cannot be changed in so old a graph",
            where=name,
            expected=f"opset {_RESIZE_FROM_OPSET} or newer",
            received=f"opset {opset}",
            remedy="Bring it up to date: onnx.version_converter.convert_version(model, 13).",
        )
    scales = np.array(
        [1, 1, preparation.height / preparation.side_px, preparation.width / preparation.side_px],
        np.float32,
    )
    chain.add("Resize", "resize", np.array([], np.float32), scales, mode="linear")


def _scores(model: onnx.ModelProto, output: str, outputs: int) -> None:
    """One output (n, k) float32, without axes of one."""
    graph = model.graph
    chain = _Chain(output, "scores/")
    chain.add("Flatten", "list", axis=1)
    chain.add("Cast", "float32", to=TensorProto.FLOAT)
    chain.nodes[-1].output[0] = SCORES_NAME
    graph.node.extend(chain.nodes)
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info(SCORES_NAME, TensorProto.FLOAT, ["n", outputs])
    )
    keep_outputs(model, [SCORES_NAME])


def served_network(
    prepared: onnx.ModelProto, order: ClassOrder, *, probabilities: bool
) -> onnx.ModelProto:
    """The same with our classes: `faces` -> `logits` (n, 7).

    A class that the network does not know gets the probability `FLOOR`, so that it is never the
    answer; an output that is none of ours is left out, so that the others share all probability.

    Args:
        prepared: of `prepared_network`.
        order: what its outputs mean.
        probabilities: its scores are probabilities, whose logarithm is taken.
    """
    model = onnx.ModelProto()
    model.CopyFrom(prepared)
    chain = _Chain(SCORES_NAME, "classes/")
    if probabilities:
        chain.add("Add", "never_zero", np.array(FLOOR, np.float32))
        chain.add("Log", "logarithm")
    columns = order.columns()
    if order.missing:
        chain.add("Gather", "known", np.array(order.known, np.int64), axis=1)
        chain.add("LogSoftmax", "among_known", axis=1)
        places = [order.known.index(column) if column is not None else None for column in columns]
        matrix = np.zeros((len(order.known), len(LABELS)), np.float32)
        floors = np.full(len(LABELS), np.log(FLOOR), np.float32)
        for emotion, place in enumerate(places):
            if place is not None:
                matrix[place, emotion], floors[emotion] = 1, 0
        chain.add("MatMul", "in_our_order", matrix)
        chain.add("Add", "unknown_classes", floors)
    elif columns != list(range(len(order.words))):
        chain.add("Gather", "in_our_order", np.array(columns, np.int64), axis=1)
    chain.add("Identity", OUTPUT_NAME)
    chain.nodes[-1].output[0] = OUTPUT_NAME
    graph = model.graph
    graph.node.extend(chain.nodes)
    graph.initializer.extend(chain.constants)
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["n", len(LABELS)])
    )
    helper.set_model_props(model, {"labels": json.dumps(LABELS)})
    return model


def _rename(graph: onnx.GraphProto, old: str, new: str) -> None:
    """Another name for a value, in subgraphs too."""
    for node in graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                _rename(inner, old, new)
    for value in graph.output:
        value.name = new if value.name == old else value.name


def _name_kernels(graph: onnx.GraphProto) -> None:
    """Name kernels as our own networks' are, which the ledger's digest is over.

    Those of a network that was ours keep theirs, so that its digest is what it was.
    """
    order = {name: row for row, node in enumerate(graph.node) for name in reversed(node.input)}
    kernels = [
        tensor
        for tensor in graph.initializer
        if len(tensor.dims) > 1 and tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16)
    ]
    own = [tensor.name.removeprefix("network/") for tensor in kernels]
    ours = all(name.startswith(KERNEL_PREFIX) for name in own)
    in_order = sorted(kernels, key=lambda tensor: order.get(tensor.name, len(order)))
    for number, tensor in enumerate(kernels if ours else in_order):
        new = own[number] if ours else f"{KERNEL_PREFIX}{number:03d}"
        _rename(graph, tensor.name, new)
        tensor.name = new
