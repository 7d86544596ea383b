"""Somebody else's network as a graph: what it takes and gives."""

import ast
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import onnx
from onnx import TensorProto

from fer_core.errors import ModelError
from fer_core.zoo.imports.batches import free_batches
from fer_core.zoo.imports.classes import FEWEST, MOST
from fer_core.zoo.imports.preparation import Layout
from fer_core.zoo.imports.safety import sound_graph
from fer_core.zoo.imports.source import Source

_PASSING = ("Identity", "Cast", "Flatten", "Reshape", "Squeeze")
_LABEL_KEYS = ("labels", "classes", "class_names", "names", "id2label")
_OUTPUT_NAMES = ("logits", "output", "outputs", "scores", "probabilities", "predictions")
_PICTURES = "Import a network that takes pictures of one size: faces, height, width, channels."
_INPUT_TYPES = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.UINT8)


@dataclass(frozen=True, slots=True, eq=False)
class ForeignNetwork:
    """A checked graph, and what it says of itself; None for what it does not say.

    Attributes:
        source: the file.
        model: the graph, with its batch free and, where it ended in one, without its softmax.
        input_name, input_type: of its one input; the type is of `TensorProto`.
        layout: order of its axes.
        channels, height, width: of its input.
        output_name: the output with the classes.
        outputs: how many classes it tells apart.
        ending: the function that stood at its end: "softmax", "sigmoid", or "".
        labels: words for its outputs.
    """

    source: Source
    model: onnx.ModelProto
    input_name: str
    input_type: int
    layout: Layout | None
    channels: int | None
    height: int | None
    width: int | None
    output_name: str
    outputs: int
    ending: str
    labels: tuple[str, ...] | None


def read_network(source: Source, output: str | None = None) -> ForeignNetwork:
    """Check a graph and find out what it says of itself; nothing is run.

    Args:
        source: the file.
        output: name of the output with the classes; None: found out.

    Raises:
        ModelError: not a graph, unsafe, damaged, or no classifier of one picture.
    """
    model = sound_graph(source)
    given = _only_input(model, source.name)
    rank = len(given.type.tensor_type.shape.dim)
    if rank not in (3, 4):
        raise ModelError(
            "the network takes no pictures",
            where=source.name,
            expected="an input of three or four axes: faces, height, width and channels",
            received=_shape_text(given),
            remedy=_PICTURES,
        )
    free_batches(model)
    layout, channels, height, width = _axes(model, given)
    found = _class_output(model, output, source.name)
    ending = _without_ending(model.graph, found.name)
    return ForeignNetwork(
        source=source,
        model=model,
        input_name=given.name,
        input_type=given.type.tensor_type.elem_type,
        layout=layout,
        channels=channels,
        height=height,
        width=width,
        output_name=found.name,
        outputs=_classes_of(found) or 0,
        ending=ending,
        labels=_stated_labels(model, _classes_of(found) or 0),
    )


def _only_input(model: onnx.ModelProto, name: str) -> onnx.ValueInfoProto:
    constants = {tensor.name for tensor in model.graph.initializer}
    given: list[onnx.ValueInfoProto] = [
        value for value in model.graph.input if value.name not in constants
    ]
    if len(given) != 1:
        raise ModelError(
            "the network takes several inputs" if given else "the network takes no input",
            where=name,
            expected="one input: faces",
            received=", ".join(f"{value.name} {_shape_text(value)}" for value in given)[:200],
            remedy="Write only the part that reads a picture, with the rest fixed.",
        )
    if given[0].type.tensor_type.elem_type not in _INPUT_TYPES:
        raise ModelError(
            "the network takes no pictures",
            where=name,
            expected="float32, float16, float64 or uint8",
            received=TensorProto.DataType.Name(given[0].type.tensor_type.elem_type),
            remedy=_PICTURES,
        )
    del model.graph.input[:]  # an old writer lists the weights among them
    model.graph.input.append(given[0])
    return given[0]


def dimensions(value: onnx.ValueInfoProto) -> list[int | None]:
    """The axes of a value; None where one is free."""
    return [
        size.dim_value if size.HasField("dim_value") and size.dim_value > 0 else None
        for size in value.type.tensor_type.shape.dim
    ]


def _shape_text(value: onnx.ValueInfoProto) -> str:
    return f"({', '.join('?' if size is None else str(size) for size in dimensions(value))})"


def _axes(
    model: onnx.ModelProto, given: onnx.ValueInfoProto
) -> tuple[Layout | None, int | None, int | None, int | None]:
    """Layout, channels, height and width of the input, as far as the graph fixes them.

    Raises:
        ModelError: they are fixed, and not as a picture's.
    """
    _, *sizes = dimensions(given)
    if len(sizes) == 2:
        return "NHW", 1, sizes[0], sizes[1]
    first, last = sizes[0] in (1, 3), sizes[2] in (1, 3)
    layout: Layout | None = None
    if first != last:
        layout = "NCHW" if first else "NHWC"
    elif not first and None not in (sizes[0], sizes[2]):
        raise ModelError(
            "the network takes no pictures",
            where=given.name,
            expected="one or three channels, first or last",
            received=_shape_text(given),
            remedy=_PICTURES,
        )
    else:
        layout = _by_first_layer(model, given.name)
    if layout is None:
        return None, None, None, None
    channels, height, width = sizes if layout == "NCHW" else (sizes[2], *sizes[:2])
    return layout, channels or _kernel_channels(model, given.name), height, width


def _by_first_layer(model: onnx.ModelProto, name: str) -> Layout | None:
    """Channels first where a convolution reads the input itself, last where it is turned before."""
    for node in model.graph.node:
        if name in node.input:
            if node.op_type == "Conv":
                return "NCHW"
            turned = [list(a.ints) for a in node.attribute if a.name == "perm"]
            return "NHWC" if turned == [[0, 3, 1, 2]] else None
    return None


def _kernel_channels(model: onnx.ModelProto, name: str) -> int | None:
    sizes = {tensor.name: tensor.dims for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Conv" and name in node.input and node.input[1] in sizes:
            return int(sizes[node.input[1]][1])
    return None


def _classes_of(value: onnx.ValueInfoProto) -> int | None:
    """How many classes an output tells apart; None where it is no list of scores."""
    _, *sizes = dimensions(value) or [None]
    if not sizes or any(size != 1 for size in sizes[1:]):
        return None
    return sizes[0]


def _class_output(model: onnx.ModelProto, wanted: str | None, name: str) -> onnx.ValueInfoProto:
    inferred: dict[str, onnx.ValueInfoProto] = {
        value.name: value for value in _inferred(model).graph.output
    }
    fitting = [value for value in inferred.values() if FEWEST <= (_classes_of(value) or 0) <= MOST]
    if wanted is not None:
        fitting = [value for value in fitting if value.name == wanted]
    elif len(fitting) > 1:
        fitting = [value for value in fitting if value.name.lower() in _OUTPUT_NAMES] or fitting
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f"{value.name} {_shape_text(value)}" for value in inferred.values())
    if fitting:
        raise ModelError(
            "several outputs could be the classes",
            where=name,
            received=listed[:200],
            remedy="Say which one: --output NAME.",
        )
    raise ModelError(
        "the network is no classifier of our seven",
        where=name,
        expected=f"one output of {FEWEST} to {MOST} classes" + (f", {wanted}" if wanted else ""),
        received=listed[:200],
        remedy="Import the whole classifier with its last layer; one output of several is named "
        "with --output.",
    )


def _inferred(model: onnx.ModelProto) -> onnx.ModelProto:
    with suppress(Exception):  # what cannot be inferred stays as it is stated
        return onnx.shape_inference.infer_shapes(model, data_prop=True)
    return model


def _without_ending(graph: onnx.GraphProto, output: str) -> str:
    """Take a softmax or sigmoid away from the end, in place: what is before it are the logits."""
    makers = {name: node for node in graph.node for name in node.output}
    node = makers.get(output)
    while node is not None and node.op_type in _PASSING:
        node = makers.get(node.input[0])
    if node is None or node.op_type not in ("Softmax", "Sigmoid"):
        return ""
    ending = str(node.op_type).lower()
    node.op_type = "Identity"
    del node.attribute[:]
    return ending


def _stated_labels(model: onnx.ModelProto, outputs: int) -> tuple[str, ...] | None:
    """Words for the outputs from the file's own notes, under one of the names that others use."""
    notes = {entry.key.lower(): entry.value for entry in model.metadata_props}
    for key in _LABEL_KEYS:
        words = _words(notes.get(key, ""))
        if len(words) == outputs:
            return tuple(words)
    return None


def _words(text: str) -> Sequence[str]:
    value: object = None
    for read in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            value = read(text)
            break
    if isinstance(value, dict):
        with suppress(ValueError):
            return [str(value[key]) for key in sorted(value, key=int)]
    if isinstance(value, list | tuple):
        return [str(word) for word in value]
    return [word.strip() for word in text.split(",")]
