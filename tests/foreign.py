"""Networks as others write them, and faces that they can read: drawn, and nobody's.

A face's class is the height of a dark grey stripe on black and white halves. The network looks for
levels between 0 and 1 at each height, so that with any other range of pixel values it sees nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fer_core.dataset import SIDE_PX, Fer2013
from fer_core.emotions import LABELS

EACH = 60
"""Faces of each class and split."""

DOUBTED = 8
"""One of so many faces, by chance, has another class's label: nobody is right on all."""


def striped_faces(path: Path) -> Fer2013:
    """Faces with stripes, the same number of each class in each split, as the compact file."""
    rng = np.random.default_rng(7)
    classes = np.tile(np.arange(len(LABELS)), 3 * EACH)
    faces = np.zeros((len(classes), SIDE_PX, SIDE_PX), np.uint8)
    for face, kind in zip(faces, classes, strict=True):
        half = slice(SIDE_PX // 2) if rng.random() < 0.5 else slice(SIDE_PX // 2, None)
        face[:, half] = 255
        face[_rows(kind, SIDE_PX)] = rng.integers(44, 85, SIDE_PX)
    labels = classes.astype(np.int64)
    doubted = rng.random(len(labels)) < 1 / DOUBTED
    labels[doubted] = (labels[doubted] + 1) % len(LABELS)
    splits = np.repeat(np.arange(3, dtype=np.uint8), EACH * len(LABELS))
    data = Fer2013(faces, labels, splits)
    data.save(path)
    return data


def _rows(kind: int, side: int) -> slice:
    return slice(side * kind // len(LABELS), side * (kind + 1) // len(LABELS))


def stripe_network(
    classes: Sequence[int | None] = tuple(range(len(LABELS))),
    *,
    layout: str = "NCHW",
    channels: int = 3,
    side: int = SIDE_PX,
    sides: Sequence[int | str] | None = None,
    batch: int | str = "batch",
    ending: str = "Softmax",
    opset: int = 17,
) -> onnx.ModelProto:
    """A network that names the stripe.

    Args:
        classes: what each output means, of ours; None: an eighth class that is hardly ever said.
        layout: NCHW, NHWC, or NHW for one channel without an axis.
        channels: of its input.
        side: of its input, pixels.
        sides: as the file states them; ``side`` twice if not named.
        batch: as the file states it.
        ending: operator at the end; "" for logits.
        opset: ONNX's version.
    """
    kernel = np.zeros((len(classes), channels, side, side), np.float32)
    bias = np.full(len(classes), -9, np.float32)
    for row, kind in enumerate(classes):
        if kind is not None:
            stripe = _rows(kind, side)
            # Not where black, white and grey meet: resized, they pass through every level.
            edge = 2 * side // SIDE_PX
            inner = slice(stripe.start + edge, stripe.stop - edge)
            kernel[row, :, inner] = 40 / (channels * side * (inner.stop - inner.start))
            kernel[row, :, :, side // 2 - edge : side // 2 + edge] = 0
            bias[row] = 0
    height, width = sides or (side, side)
    shapes = {
        "NCHW": [batch, channels, height, width],
        "NHWC": [batch, height, width, channels],
        "NHW": [batch, height, width],
    }
    nodes = [
        helper.make_node("Sub", ["first", "half"], ["centred"]),
        helper.make_node("Abs", ["centred"], ["away"]),
        helper.make_node("Sub", ["half", "away"], ["near"]),
        helper.make_node("Relu", ["near"], ["grey"]),
        helper.make_node("Conv", ["grey", "kernel", "bias"], ["columns"], name="look"),
        helper.make_node("Flatten", ["columns"], ["flat"], axis=1),
        helper.make_node(ending or "Identity", ["flat"], ["answer"], name="end"),
    ]
    values = {"half": np.array(0.5, np.float32), "kernel": kernel, "bias": bias}
    first = {
        "NCHW": helper.make_node("Identity", ["picture"], ["first"]),
        "NHWC": helper.make_node("Transpose", ["picture"], ["first"], perm=[0, 3, 1, 2]),
        "NHW": helper.make_node("Reshape", ["picture", "sizes"], ["first"]),
    }
    values |= {"sizes": np.array([-1, 1, side, side], np.int64)} if layout == "NHW" else {}
    graph = helper.make_graph(
        [first[layout], *nodes],
        "somebody's",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shapes[layout])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [batch, len(classes)])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="a test"
    )


def write_network(path: Path, model: onnx.ModelProto | None = None) -> Path:
    """Write a network of `stripe_network`, or another; gives ``path``."""
    onnx.save(model or stripe_network(), path)
    return path
