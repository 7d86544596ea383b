"""Activation maps, hidden parts and layers say what is true of a network whose answer is known."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fer_core import charts
from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.evaluation.explanation import (
    FACE_PX,
    PATCH_PX,
    Perturbation,
    face_maps,
    occlusion_map,
    occlusion_over_face,
    overlay,
    read_face,
    tiles,
)
from fer_core.faces import InputSpec
from fer_core.synthetic.face import POSES, cropped_face
from fer_core.zoo import MODELS, Classifier, list_slugs, load_classifier, read_card
from fer_core.zoo.layers import FeatureReader, first_filters, read_layers
from tests.tiny import SIDE, tiny_card, tiny_conv_graph, write_tiny_folder

FACE = cropped_face(POSES[Emotion.SURPRISE])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_folder(tmp_path, "mapped", graph=tiny_conv_graph())


def _corner_network(tmp_path: Path) -> Classifier:
    """Says happy as far as the top left quarter of a face is bright, and looks nowhere else."""
    weights = np.zeros((FACE_PX, FACE_PX, 7), np.float32)
    weights[:24, :24, Emotion.HAPPY] = 6 / (255 * 24 * 24)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["faces"], ["flat"]),
            helper.make_node("MatMul", ["flat", "kernel"], ["logits"]),
        ],
        "corner",
        [helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", FACE_PX, FACE_PX, 1])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 7])],
        [numpy_helper.from_array(weights.reshape(-1, 7), "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    card = tiny_card("corner", tmp_path, input=InputSpec(FACE_PX, 1, 0.0))
    return Classifier(card, model.SerializeToString())


def test_hiding_what_a_network_looks_at_costs_and_the_rest_does_not(tmp_path: Path) -> None:
    network = _corner_network(tmp_path)
    face = np.full((FACE_PX, FACE_PX), 250, np.uint8)
    losses = occlusion_map(network, face, Emotion.HAPPY)
    assert losses.shape == (10, 10)
    assert losses[:4, :4].min() > 0.01
    np.testing.assert_allclose(losses[6:], 0, atol=1e-6)
    assert occlusion_map(network, face, Emotion.SAD).min() < -0.001  # what happy loses, others gain
    hidden = face.copy()
    hidden[4 : 4 + PATCH_PX, 8 : 8 + PATCH_PX] = 128
    expected = read_face(network, face) - read_face(network, hidden)
    assert losses[1, 2] == pytest.approx(expected[Emotion.HAPPY], abs=1e-6)
    spread = occlusion_over_face(losses)
    assert spread.shape == face.shape
    assert spread[:12, :12].min() > 0.01
    np.testing.assert_allclose(spread[36:], 0, atol=1e-6)


def test_maps_of_a_face(folder: Path) -> None:
    assert face_maps(load_classifier(folder, maps=True), FACE).shape == (7, 11, 11)
    with pytest.raises(ContractError, match="one face"):
        face_maps(load_classifier(folder, maps=True), FACE[:24])


def test_overlay_is_blue_for_and_orange_against() -> None:
    grey = np.full((FACE_PX, FACE_PX), 128, np.uint8)
    picture = overlay(grey, np.array([[1.0, -1.0]], np.float32), 1.0, side_px=96)
    assert picture.shape == (96, 96, 3)
    left, right = picture[48, 4].astype(int), picture[48, -4].astype(int)
    assert left[2] > left[0] + 40
    assert right[0] > right[2] + 40
    np.testing.assert_array_equal(overlay(grey, np.zeros((3, 3), np.float32), 1.0), 128)


def test_tiles_stand_in_rows_with_gaps_that_are_clear() -> None:
    maps = np.arange(5 * 4, dtype=np.float32).reshape(5, 2, 2)
    picture = tiles(maps, tile_px=10, columns=3, gap_px=2)
    assert picture.shape == (22, 34, 4)
    assert picture[0, 0].tolist() == [0, 0, 0, 255]
    assert picture[9, 9].tolist() == [255, 255, 255, 255]
    assert picture[0, 10, 3] == 0
    assert picture[15, 30, 3] == 0  # a sixth tile there is none
    signed = tiles(np.array([[[0.0, 1.0]]], np.float32), tile_px=4, columns=1, signed=True)
    assert (signed[0, 0, 0], signed[0, 3, 0]) == (127, 255)


def test_perturbation_does_what_it_says_and_by_default_nothing() -> None:
    np.testing.assert_array_equal(Perturbation().apply(FACE), FACE)
    np.testing.assert_array_equal(Perturbation(cover_y=1).apply(FACE), FACE)
    for harder in (
        Perturbation(blur_px=1),
        Perturbation(noise_levels=10),
        Perturbation(light=0.5),
        Perturbation(degrees=-10),
        Perturbation(covered=0.1),
    ):
        seen = harder.apply(FACE)
        assert seen.shape == FACE.shape
        assert np.abs(seen.astype(int) - FACE).mean() > 1
        np.testing.assert_array_equal(seen, harder.apply(FACE))


def test_layers_of_a_known_graph(folder: Path) -> None:
    graph = folder / "model.onnx"
    conv, pool, dense = read_layers(graph)
    assert (conv.kind, conv.window, conv.shape, conv.relu) == (
        "convolution",
        (3, 3),
        (4, 11, 11),
        True,
    )
    assert (conv.parameters, conv.multiply_accumulates) == (36, 36 * 121)
    assert (pool.kind, pool.shape, pool.parameters) == ("global average pooling", (4,), 0)
    assert (dense.kind, dense.shape, dense.parameters) == ("dense", (7,), 28 + 7)
    filters = first_filters(graph)
    assert filters is not None
    crop = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 1), np.uint8)
    found = FeatureReader(graph, conv).read(crop)
    assert found.shape == conv.shape
    window = crop[4:7, 6:9, 0] / 255
    assert found[1, 2, 3] == pytest.approx(max(0, (window * filters[1, 0]).sum()), abs=1e-4)
    figure = charts.layers_figure([conv, pool, dense])
    assert [list(trace.y) for trace in figure.data] == [[4 * 121], [4], [7]]
    assert not charts.layers_figure([]).data


@pytest.mark.parametrize("slug", list_slugs())
def test_shipped_layers_add_up_to_the_card(slug: str) -> None:
    layers = read_layers(MODELS / slug / "model.onnx")
    card = read_card(MODELS / slug)
    assert sum(layer.multiply_accumulates for layer in layers) == card.multiply_accumulates
    assert layers[-1].shape == (7,)
    assert layers[-1].value == "logits"


def test_a_graph_without_convolution_has_no_filters(tmp_path: Path) -> None:
    folder = write_tiny_folder(tmp_path)
    assert first_filters(folder / "model.onnx") is None
    (dense,) = read_layers(folder / "model.onnx")
    assert dense.kind == "dense"
    assert onnx.load(folder / "model.onnx").graph.output[0].name == dense.value
