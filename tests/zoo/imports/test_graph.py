"""Somebody else's graph: what is read from it, what is refused, and what is made of it."""

from collections.abc import Callable, Sequence

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError
from fer_core.faces import to_network_inputs
from fer_core.zoo import INPUT_NAME, OUTPUT_NAME, softmax
from fer_core.zoo.imports import (
    FLOOR,
    ClassOrder,
    ForeignNetwork,
    Preparation,
    Source,
    parse_range,
    prepared_network,
    probe,
    read_network,
    served_network,
)
from tests.foreign import stripe_network

OURS = ClassOrder.of(["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"])


def source(model: onnx.ModelProto, name: str = "theirs.onnx") -> Source:
    graph = model.SerializeToString()
    return Source(name, "ONNX", "0" * 64, len(graph), graph)


def network(model: onnx.ModelProto) -> ForeignNetwork:
    return read_network(source(model))


def run(model: onnx.ModelProto, output: str, **inputs: NDArray[np.generic]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return np.asarray(session.run([output], inputs)[0])


@pytest.mark.parametrize(
    ("layout", "channels", "sides"),
    [
        ("NCHW", 3, (48, 48)),
        ("NHWC", 3, (48, 48)),
        ("NCHW", 1, (48, 48)),
        ("NHWC", 1, (48, 48)),
        ("NHW", 1, (48, 48)),
        ("NCHW", 3, (224, 224)),
        ("NCHW", 3, ("h", "w")),
    ],
)
def test_what_a_graph_says_of_its_input(
    layout: str, channels: int, sides: tuple[int | str, int | str]
) -> None:
    side = 224 if sides == (224, 224) else 48
    found = network(stripe_network(layout=layout, channels=channels, side=side, sides=sides))
    assert (found.layout, found.channels) == (layout, channels)
    stated = sides if isinstance(sides[0], int) else (None, None)
    assert (found.height, found.width) == stated
    assert (found.outputs, found.ending) == (7, "softmax")


def test_a_file_may_name_its_labels() -> None:
    model = stripe_network()
    helper.set_model_props(model, {"id2label": "{0: 'anger', 1: 'b', 2: 'c', 3: '', 4: '', "
                                               "5: '', 10: 'last'}"})  # fmt: skip
    labels = network(model).labels
    assert labels is not None
    assert (labels[0], labels[-1]) == ("anger", "last")
    helper.set_model_props(model, {"classes": "too, few"})
    assert network(model).labels is None


def _with_node(op: str, domain: str = "", **attributes: object) -> onnx.ModelProto:
    model = stripe_network()
    model.graph.node[1].input[0] = "new"
    model.graph.node.insert(
        1, helper.make_node(op, ["first"], ["new"], domain=domain, **attributes)
    )
    if domain:
        model.opset_import.append(helper.make_opsetid(domain, 1))
    return model


def _external() -> onnx.ModelProto:
    model = stripe_network()
    kernel = next(one for one in model.graph.initializer if one.name == "kernel")
    kernel.ClearField("raw_data")
    kernel.data_location = TensorProto.EXTERNAL
    kernel.external_data.add(key="location", value="/etc/passwd")
    return model


def _hidden_external() -> onnx.ModelProto:
    """In a constant of a branch: only who looks into subgraphs finds it."""
    tensor = numpy_helper.from_array(np.zeros(3, np.float32), "inside")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["inside"], value=tensor)],
        "branch",
        [],
        [helper.make_tensor_value_info("inside", TensorProto.FLOAT, [3])],
    )
    model = stripe_network()
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    model.graph.node.append(
        helper.make_node("If", ["yes"], ["unused"], then_branch=branch, else_branch=branch)
    )
    return model


def _loop() -> onnx.ModelProto:
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"])],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, [])],
    )
    model = stripe_network()
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    model.graph.node.append(helper.make_node("Loop", ["", "yes"], [], body=body))
    return model


def _nan() -> onnx.ModelProto:
    model = stripe_network()
    bias = next(one for one in model.graph.initializer if one.name == "bias")
    bias.CopyFrom(numpy_helper.from_array(np.full(7, np.nan, np.float32), "bias"))
    return model


def _two_inputs() -> onnx.ModelProto:
    model = stripe_network()
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 48]))
    return model


def _two_answers() -> onnx.ModelProto:
    model = stripe_network()
    model.graph.output.append(helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["n", 7]))
    return model


def _text_input() -> onnx.ModelProto:
    model = stripe_network()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
    return model


REFUSED: dict[str, tuple[Callable[[], onnx.ModelProto], str]] = {
    "operator of another maker": (
        lambda: _with_node("Inverse", "com.somebody"),
        r"operator that is not ONNX's own.*Inverse of com\.somebody",
    ),
    "external data": (_external, r"weights lie in another file.*kernel in /etc/passwd.*onnx\.save"),
    "external data in a branch": (_hidden_external, r"another file.*inside in \.\./secret"),
    "a loop": (_loop, "a loop, which may have no end.*Loop"),
    "NaN weights": (_nan, "a weight is not a number.*NaN or infinity in bias"),
    "two inputs": (_two_inputs, r"several inputs.*picture \(\?, 3, 48, 48\), mask \(1, 48\)"),
    "two answers": (_two_answers, r"several outputs could be the classes.*answer.*flat.*--output"),
    "a thousand classes": (
        lambda: stripe_network([None] * 1000),
        r"no classifier of our seven.*one output of 2 to 12 classes.*answer \(\?, 1000\)",
    ),
    "no pictures": (
        lambda: stripe_network(layout="NCHW", channels=5),
        r"takes no pictures.*one or three channels.*\(\?, 5, 48, 48\)",
    ),
    "numbers that are no pixels": (_text_input, "takes no pictures.*float32.*INT64|damaged"),
    "an old graph": (lambda: stripe_network(opset=6), r"very old ONNX.*opset 6.*convert_version"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_unsafe_or_no_classifier_is_refused_in_a_sentence(what: str) -> None:
    make, words = REFUSED[what]
    with pytest.raises(ModelError, match=words) as refused:
        network(make())
    assert str(refused.value).startswith(("theirs.onnx: ", "picture: "))
    assert refused.value.remedy


def test_one_of_two_answers_is_named() -> None:
    assert read_network(source(_two_answers()), "flat").output_name == "flat"
    with pytest.raises(ModelError, match=r"no classifier.*, nobody"):
        read_network(source(_two_answers()), "nobody")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.95, 0.9999])
def test_a_cut_off_file_is_refused(keep: float) -> None:
    whole = stripe_network().SerializeToString()
    part = whole[: int(keep * len(whole))]
    with pytest.raises(ModelError):
        read_network(Source("half.onnx", "ONNX", "0" * 64, len(part), part))


def test_what_is_no_graph_is_refused() -> None:
    for content in (b"\x00" * 100, b"no network at all", np.random.default_rng(0).bytes(5000)):
        with pytest.raises(ModelError, match=r"no network|part of one"):
            read_network(Source("junk", "ONNX", "0" * 64, len(content), content))


def _levels(faces: NDArray[np.uint8], text: str) -> NDArray[np.float32]:
    """What a person would write in front of a network, channels last."""
    x = faces.astype(np.float32)
    means, deviations = np.float32(0.5), np.float32(0.5)
    if text == "0..255":
        return x
    if text == "per-face":
        axes = (1, 2, 3)
        return np.asarray((x - x.mean(axes, keepdims=True)) / x.std(axes, keepdims=True))
    if text == "0..1":
        return x / np.float32(255)
    if text == "imagenet":
        means = np.array([0.485, 0.456, 0.406], np.float32)
        deviations = np.array([0.229, 0.224, 0.225], np.float32)
    return np.asarray((x / np.float32(255) - means) / deviations)


@pytest.mark.parametrize("text", ["0..255", "0..1", "-1..1", "imagenet", "per-face"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_prepared_network_gets_what_a_person_would_have_given_it(text: str, layout: str) -> None:
    """One that hands its picture through: the mean of each of the rows' first seven."""
    axis = 1 if layout == "NCHW" else 3
    shape = ["n", 3, 16, 16] if axis == 1 else ["n", 16, 16, 3]
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["in"], ["list"], axis=1),
            helper.make_node("Gather", ["list", "some"], ["out"], axis=1),
        ],
        "through",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 7])],
        [numpy_helper.from_array(np.array([0, 5, 99, 256, 400, 513, 767]), "some")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    preparation = Preparation(layout, "rgb", parse_range(text), 16, 16)  # type: ignore[arg-type]
    prepared = prepared_network(network(model), preparation)
    faces = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 3), np.uint8)
    expected = _levels(faces, text)
    if layout == "NCHW":
        expected = expected.transpose(0, 3, 1, 2)
    got = run(prepared, "scores", faces=faces.astype(np.float32))
    wanted = expected.reshape(4, -1)[:, [0, 5, 99, 256, 400, 513, 767]]
    if text == "per-face":
        np.testing.assert_allclose(got, wanted, atol=1e-5)
    else:
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(
    ("colours", "expected"), [("rgb", [9, 5, 1]), ("bgr", [1, 5, 9]), ("grey3", [5, 5, 5])]
)
def test_colours_come_in_the_order_that_was_said(colours: str, expected: list[int]) -> None:
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["in"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["out"], axis=1),
        ],
        "mean",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    preparation = Preparation("NCHW", colours, parse_range("0..255"), 8, 8)  # type: ignore[arg-type]
    faces = np.full((1, 8, 8, 3), [9, 5, 1], np.float32)
    if preparation.cut_channels == 1:
        faces = faces[..., 1:2]
    assert run(prepared_network(network(model), preparation), "scores", faces=faces).tolist() == [
        expected
    ]


@pytest.mark.parametrize(
    ("layout", "channels", "side", "sides", "batch"),
    [
        ("NCHW", 3, 224, None, "n"),
        ("NHWC", 1, 48, None, 1),
        ("NHW", 1, 48, None, "n"),
        ("NCHW", 3, 600, None, 1),  # larger than any face that is cut
        ("NCHW", 1, 48, ("h", "w"), "n"),
    ],
)
def test_what_is_served_reads_faces_as_they_are_cut(
    striped: Fer2013,
    layout: str,
    channels: int,
    side: int,
    sides: tuple[int | str, int | str] | None,
    batch: int | str,
) -> None:
    """Faces of 0-255 in, logits in our order out, whatever the network itself wants."""
    shuffled = [3, 5, 0, 6, 1, 2, 4]
    model = stripe_network(
        shuffled, layout=layout, channels=channels, side=side, sides=sides, batch=batch
    )
    colours = "grey" if channels == 1 else "rgb"
    preparation = Preparation(layout, colours, parse_range("0..1"), side, side)  # type: ignore[arg-type]
    order = ClassOrder.of([OURS.words[kind] for kind in shuffled])
    prepared = prepared_network(network(model), preparation)
    assert probe(prepared, "theirs.onnx").same_alone
    served = served_network(prepared, order, probabilities=False)
    onnx.checker.check_model(served, full_check=True)
    pixels, labels = striped.part(Split.PUBLIC_TEST)
    spec = preparation.input_spec(0.0)
    assert spec.side_px <= 512
    faces = to_network_inputs(pixels[:42], spec).astype(np.float32)
    logits = run(served, OUTPUT_NAME, **{INPUT_NAME: faces})
    assert (logits.argmax(axis=1) == labels[:42]).mean() == pytest.approx(
        (labels[:42] == np.arange(42) % 7).mean()
    )


@pytest.mark.parametrize("probabilities", [False, True])
def test_a_missing_class_is_never_the_answer_and_a_further_one_is_left_out(
    striped: Fer2013, probabilities: bool
) -> None:
    theirs: Sequence[int | None] = [6, 0, None, 2, 3, 4, 5]  # without disgust, with contempt
    model = stripe_network(theirs, channels=1)
    words = ["none" if kind is None else OURS.words[kind] for kind in theirs]
    order = ClassOrder.of(words)
    preparation = Preparation("NCHW", "grey", parse_range("0..1"), 48, 48)
    found = network(model)
    prepared = prepared_network(found, preparation)
    if probabilities:  # as of a network whose softmax could not be taken off
        prepared.graph.node.append(
            helper.make_node("Softmax", ["scores"], ["shares"], axis=1, name="again")
        )
        prepared.graph.output[0].name = "shares"
        for node in prepared.graph.node:
            node.input[:] = [n if n != "scores" else "raw" for n in node.input]
            node.output[:] = ["scores" if n == "shares" else "raw" if n == "scores" else n
                              for n in node.output]  # fmt: skip
        prepared.graph.output[0].name = "scores"
    served = served_network(prepared, order, probabilities=probabilities)
    pixels, labels = striped.part(Split.PUBLIC_TEST)
    faces = pixels[..., None].astype(np.float32)
    logits = run(served, OUTPUT_NAME, faces=faces)
    shares = softmax(logits)
    np.testing.assert_allclose(shares[:, 1], FLOOR, rtol=1e-2)
    assert order.accuracy(run(prepared, "scores", faces=faces), labels) == pytest.approx(
        (logits.argmax(axis=1) == labels).mean()
    )


def test_names_explain_themselves() -> None:
    preparation = Preparation("NCHW", "grey3", parse_range("imagenet"), 224, 224)
    served = served_network(
        prepared_network(network(stripe_network(side=224)), preparation), OURS, probabilities=False
    )
    names = [node.name for node in served.graph.node]
    assert names[:4] == [
        "prepare/grey_three_times",
        "prepare/divide",
        "prepare/subtract_mean",
        "prepare/divide_by_std",
    ]
    assert "network/look" in names
    assert served.graph.input[0].name == INPUT_NAME


def test_size_is_changed_only_where_the_graph_can_say_so() -> None:
    preparation = Preparation("NCHW", "grey", parse_range("0..1"), 600, 600)
    with pytest.raises(ModelError, match=r"opset 11 or newer.*opset 10.*convert_version"):
        prepared_network(network(stripe_network(channels=1, side=600, opset=10)), preparation)
