"""A second answer in a graph leaves the first one as it is."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from fer_core.errors import TrainingError
from fer_core.onnx_session import open_session
from fer_core.training.export.voters import add_voters, features_name
from fer_core.zoo.graph import random_faces
from fer_core.zoo.ledger import stored_weights_digest
from tests.tiny import SIDE, tiny_conv_graph

FACES = random_faces((SIDE, SIDE, 1))


def _answers(model: onnx.ModelProto, *outputs: str) -> list[NDArray[np.float32]]:
    found: list[NDArray[np.float32]] = open_session(model.SerializeToString()).run(
        list(outputs), {"faces": FACES}
    )
    return found


def test_the_first_answer_stays_to_the_bit(tmp_path: Path) -> None:
    model, bare = tiny_conv_graph(), tiny_conv_graph()
    digests = []
    for name, graph in (("bare", bare), ("with", model)):
        if name == "with":
            add_voters(graph, np.ones((4, 7)), np.zeros(7))
        (tmp_path / name).mkdir()
        onnx.save(graph, tmp_path / name / "model.onnx")
        digests.append(stored_weights_digest(tmp_path / name))
    assert digests[0] == digests[1]
    for before, after in zip(
        _answers(bare, "logits", "maps"), _answers(model, "logits", "maps"), strict=True
    ):
        np.testing.assert_array_equal(before, after)


def test_it_is_a_dense_layer_on_the_same_features() -> None:
    model = tiny_conv_graph()
    kernel, bias = np.random.default_rng(0).normal(0, 1, (2, 4, 7))
    add_voters(model, kernel, bias[0])
    onnx.checker.check_model(model, full_check=True)
    model.graph.output.append(helper.make_empty_tensor_value_info(features_name(model)))
    features, voters, maps = _answers(model, features_name(model), "voters", "voters_maps")
    np.testing.assert_allclose(voters, features @ kernel + bias[0], atol=1e-5)
    # Global pooling: the mean of a map and the bias are the score.
    np.testing.assert_allclose(maps.mean(axis=(2, 3)) + bias[0], voters, atol=1e-5)


def test_an_earlier_one_is_replaced() -> None:
    once, twice = tiny_conv_graph(), tiny_conv_graph()
    add_voters(twice, np.ones((4, 7)), np.ones(7))
    for graph in (once, twice):
        add_voters(graph, np.full((4, 7), 0.5), np.zeros(7))
    assert twice.SerializeToString() == once.SerializeToString()


def test_a_network_that_ends_otherwise_is_refused() -> None:
    model = tiny_conv_graph()
    (last,) = [node for node in model.graph.node if "logits" in node.output]
    last.output[0] = "before"
    model.graph.node.append(helper.make_node("Relu", ["before"], ["logits"]))
    with pytest.raises(TrainingError, match="second answer"):
        features_name(model)


def test_a_network_that_ends_in_a_sum_of_two_branches_is_refused() -> None:
    model = tiny_conv_graph()
    (last,) = [node for node in model.graph.node if "logits" in node.output]
    last.input[1] = last.input[0]
    with pytest.raises(TrainingError, match="second answer"):
        features_name(model)
