"""Model folders: a sound one loads; whatever is wrong with one is refused in a sentence."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from scipy import special

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError, ModelError
from fer_core.zoo import (
    Classifier,
    Predictions,
    check_folder,
    graph_tensors,
    load_classifier,
    read_card,
    softmax,
)
from fer_core.zoo.graph import keep_outputs
from tests.tiny import SIDE, tiny_card, tiny_conv_graph, tiny_graph, write_tiny_folder


def _faces(n: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, SIDE, SIDE, 1), np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_folder(tmp_path / "models")


def test_a_sound_folder_loads_and_answers(folder: Path) -> None:
    model = load_classifier(folder)
    found = model.predict(_faces(5))
    assert found.probabilities.shape == (5, 7)
    np.testing.assert_allclose(
        found.probabilities, softmax(model.logits(_faces(5)), model.card.temperature)
    )
    assert model.card.labels == LABELS


def test_batches_and_single_faces_agree(folder: Path) -> None:
    model = load_classifier(folder)
    faces = _faces(4)
    together = model.logits(faces)
    alone = np.concatenate([model.logits(faces[row : row + 1]) for row in range(4)])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_no_face_keeps_its_shape(folder: Path) -> None:
    found = load_classifier(folder).predict(_faces(0))
    assert found.probabilities.shape == (0, 7)
    assert found.emotions == ()
    assert found.unsure.shape == (0,)


@pytest.mark.parametrize(
    "faces",
    [
        np.zeros((1, SIDE + 1, SIDE, 1), np.uint8),
        np.zeros((1, SIDE, SIDE, 3), np.uint8),
        np.zeros((1, SIDE, SIDE, 1), np.float32),
        np.zeros((SIDE, SIDE, 1), np.uint8),
    ],
)
def test_other_crops_are_refused(folder: Path, faces: np.ndarray) -> None:
    with pytest.raises(ContractError, match="crops do not fit"):
        load_classifier(folder).logits(faces)


def _flip_byte(folder: Path) -> None:
    path = folder / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _rehash(folder: Path, **changes: object) -> None:
    (folder / "card.json").write_text(tiny_card(folder.name, folder, **changes).to_json())


def _nan_weights(folder: Path) -> None:
    path = folder / "model.onnx"
    model = onnx.load(path)
    tensor = next(t for t in model.graph.initializer if t.name == "dense/kernel")
    values = numpy_helper.to_array(tensor).copy()
    values[3, 3] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    onnx.save(model, path)
    _rehash(folder)


def _permute_labels(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    card["labels"][0], card["labels"][6] = card["labels"][6], card["labels"][0]
    (folder / "card.json").write_text(json.dumps(card))


def _edit_card(field: str, value: object) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        card = json.loads((folder / "card.json").read_text())
        card[field] = value
        (folder / "card.json").write_text(json.dumps(card))

    return edit


def _other_graph(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no graph at all")
    _rehash(folder)


def _wrong_input(folder: Path) -> None:
    _edit_card("input", {"side_px": 48, "channels": 1, "crop_margin": 0.0, "alignment": "none"})(
        folder
    )


def _edit_entry(name: str, **changes: object) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        card = json.loads((folder / "card.json").read_text())
        card["files"][name] |= changes
        (folder / "card.json").write_text(json.dumps(card))

    return edit


def _folder_for_file(folder: Path) -> None:
    path = folder / "history.csv"
    path.unlink()
    path.mkdir()
    _edit_entry("history.csv", bytes=path.stat().st_size)(folder)


def _sparse(name: str) -> Callable[[Path], None]:
    def extend(folder: Path) -> None:
        with (folder / name).open("r+b") as stream:
            stream.truncate(1_000_000_001)
        if name != "card.json":
            _edit_entry(name, bytes=1_000_000_001)(folder)

    return extend


def _pipe_for_card(folder: Path) -> None:
    (folder / "card.json").unlink()
    os.mkfifo(folder / "card.json")


def _folder_for_card(folder: Path) -> None:
    (folder / "card.json").unlink()
    (folder / "card.json").mkdir()


def _link_outside(folder: Path) -> None:
    outside = folder.parent / "secret.csv"
    (folder / "history.csv").rename(outside)
    (folder / "history.csv").symlink_to(outside)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_flip_byte, "not the one that was written"),
        (_nan_weights, "NaN or infinity in dense/kernel"),
        (lambda folder: (folder / "history.csv").unlink(), "no history.csv"),
        (lambda folder: (folder / "card.json").write_text("{"), "card is not valid"),
        (lambda folder: (folder / "card.json").write_text("[" * 100_000), "card is not valid"),
        (lambda folder: (folder / "card.json").write_bytes(b'{"\xff'), "card is not valid"),
        (_sparse("card.json"), r"received 1,000\.0 MB \(is too large"),
        (_pipe_for_card, r"received a pipe \(is not read\)"),
        (_folder_for_card, r"received a folder \(is not read\)"),
        (_sparse("predictions.npz"), r"files\.predictions\.npz\.bytes: Input should be less"),
        (_folder_for_file, "received no file"),
        (_permute_labels, "labels"),
        (_other_graph, "not an ONNX graph"),
        (_wrong_input, "something else than its card says"),
        (_edit_card("temperature", 0), "temperature"),
        (_edit_card("surprise", 1), "surprise"),
        (_edit_card("licence", {"code": "Apache-2.0"}), "licence.weights"),
        (_edit_card("slug", "other"), "another model"),
        (_edit_card("files", {}), "missing"),
        (_link_outside, "outside of its folder"),
    ],
)
def test_a_damaged_folder_is_refused(
    folder: Path, damage: Callable[[Path], object], words: str
) -> None:
    damage(folder)
    with pytest.raises(ModelError, match=words):
        load_classifier(folder)


def test_card_survives_the_way_to_disk_and_back(folder: Path) -> None:
    card = check_folder(folder)
    (folder / "card.json").write_text(card.to_json())
    assert read_card(folder) == card


def test_threshold_makes_faces_unsure() -> None:
    rows = np.array([[0.9, 0.1, 0, 0, 0, 0, 0], [0.4, 0.3, 0.3, 0, 0, 0, 0]], np.float32)
    found = Predictions(rows, 0.5)
    assert found.emotions == (Emotion.ANGRY, Emotion.ANGRY)
    assert found.unsure.tolist() == [False, True]


@pytest.mark.parametrize(
    "rows",
    [
        np.full((1, 7), 1 / 7, np.float64),
        np.full((1, 6), 1 / 6, np.float32),
        np.full((1, 7), 0.2, np.float32),
        np.full((1, 7), np.nan, np.float32),
        np.array([[1.5, -0.5, 0, 0, 0, 0, 0]], np.float32),
    ],
)
def test_what_is_no_distribution_is_refused(rows: np.ndarray) -> None:
    with pytest.raises(ContractError):
        Predictions(rows)


def test_softmax_is_scipys_to_the_bit() -> None:
    logits = np.random.default_rng(0).normal(0, 4, (200, 7)).astype(np.float32)
    for temperature in (1.0, 1.37):
        theirs = special.softmax(logits.astype(np.float64) / temperature, axis=1)
        np.testing.assert_array_equal(softmax(logits, temperature), theirs.astype(np.float32))


def test_softmax_survives_large_logits() -> None:
    rows = softmax(np.array([[1e4, 0, 0, 0, 0, 0, 0]]))
    assert rows[0, 0] == 1
    assert np.isfinite(rows).all()
    assert softmax(np.empty((0, 7))).shape == (0, 7)


def test_the_graph_may_come_as_bytes(folder: Path) -> None:
    graph = (folder / "model.onnx").read_bytes()
    assert Classifier(read_card(folder), graph).logits(_faces(2)).shape == (2, 7)


def _answering(node: onnx.NodeProto) -> onnx.ModelProto:
    """A graph that does something more to its answer, without changing what it promises."""
    graph = tiny_graph()
    graph.graph.node[-1].output[0] = "answer"
    graph.graph.node.append(node)
    one_face = np.array([1, len(LABELS)], np.int64)
    graph.graph.initializer.append(numpy_helper.from_array(one_face, "one_face"))
    return graph


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (
            onnx.helper.make_node("Reshape", ["answer", "one_face"], ["logits"]),
            "fails when it reads a face",
        ),
        (
            onnx.helper.make_node("Concat", ["answer", "answer"], ["logits"], axis=0),
            r"another shape than it promised \(expected \(2, 7\), received \(4, 7\)",
        ),
    ],
)
def test_a_graph_that_fails_only_when_it_is_run_is_a_sentence(
    tmp_path: Path, node: onnx.NodeProto, words: str
) -> None:
    network = load_classifier(write_tiny_folder(tmp_path, "late", graph=_answering(node)))
    with pytest.raises(ModelError, match=f"late: .*{words}"):
        network.predict(_faces(2))


@pytest.fixture
def with_maps(tmp_path: Path) -> Path:
    """A folder whose graph has activation maps."""
    return write_tiny_folder(tmp_path, "mapped", graph=tiny_conv_graph())


def test_maps_cost_nothing_unless_asked_for(with_maps: Path) -> None:
    assert load_classifier(with_maps).outputs == ("logits",)
    model = onnx.load(with_maps / "model.onnx")
    assert [value.name for value in model.graph.output] == ["logits", "maps"]
    before = len(model.graph.node), len(model.graph.initializer)
    keep_outputs(model, ["logits"])
    assert len(model.graph.node) == 8  # as `tiny_conv_graph` draws them
    assert len(model.graph.initializer) == 5
    assert before > (8, 5)
    onnx.checker.check_model(model, full_check=True)


def test_maps_of_a_network_that_pools_add_up_to_its_logits(with_maps: Path) -> None:
    network = load_classifier(with_maps, maps=True)
    assert network.outputs == ("logits", "maps")
    faces = np.random.default_rng(5).integers(0, 256, (3, SIDE, SIDE, 1), np.uint8)
    logits, maps = network.activation_maps(faces)
    assert (logits.shape, maps.shape, maps.dtype) == ((3, 7), (3, 7, 11, 11), np.float32)
    np.testing.assert_array_equal(logits, load_classifier(with_maps).logits(faces))
    bias = graph_tensors(with_maps / "model.onnx")["bias"]
    np.testing.assert_allclose(maps.mean(axis=(2, 3)) + bias, logits, atol=1e-4)
    with pytest.raises(ContractError, match="crops do not fit"):
        network.activation_maps(faces[..., 0])


def test_maps_that_are_not_there_are_refused_with_a_remedy(folder: Path) -> None:
    with pytest.raises(ModelError, match=f"fer_core repackage {folder.name}"):
        load_classifier(folder, maps=True)
