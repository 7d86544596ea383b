"""Model folders: a sound one loads; whatever is wrong with one is refused in a sentence."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError, ModelError
from fer_core.zoo import (
    Classifier,
    Predictions,
    check_folder,
    default_slug,
    graph_tensors,
    list_slugs,
    load_classifier,
    looks_by_slug,
    read_card,
    read_ledger,
    softmax,
    sound_folders,
    weights_digest,
)
from fer_core.zoo.graph import keep_outputs
from tests.tiny import SIDE, tiny_card, tiny_conv_graph, write_tiny_folder


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


def test_a_broken_folder_does_not_hide_the_others(tiny_models: Path) -> None:
    _flip_byte(tiny_models / "tiny")
    cards, errors = sound_folders(tiny_models)
    assert [card.slug for card in cards] == ["tiny_b"]
    assert len(errors) == 1
    assert "tiny/model.onnx" in str(errors[0])


def test_no_folder_at_all(tmp_path: Path) -> None:
    assert list_slugs(tmp_path) == ()
    assert sound_folders(tmp_path) == ([], [])
    assert read_ledger(tmp_path) == []
    with pytest.raises(ModelError, match="train compact"):
        default_slug(tmp_path)
    with pytest.raises(ModelError, match="no card"):
        read_card(tmp_path)


def test_a_misspelt_model_is_told_the_ones_there_are(tiny_models: Path) -> None:
    with pytest.raises(ModelError, match=r"no such model.*tiny, tiny_b.*tinny"):
        read_card(tiny_models / "tinny")


def test_a_folder_that_is_being_written_is_no_model(tiny_models: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_models / "tiny", tmp_path / "tiny")
    shutil.copytree(tiny_models / "tiny", tmp_path / ".tiny.4711")
    assert list_slugs(tmp_path) == ("tiny",)


def test_the_default_is_the_flagship_then_compact(tmp_path: Path) -> None:
    for slug in ("alpha", "compact"):
        write_tiny_folder(tmp_path, slug)
    assert default_slug(tmp_path) == "compact"
    write_tiny_folder(tmp_path, "flagship")
    assert default_slug(tmp_path) == "flagship"


def test_card_survives_the_way_to_disk_and_back(folder: Path) -> None:
    card = check_folder(folder)
    (folder / "card.json").write_text(card.to_json())
    assert read_card(folder) == card


def test_looks_are_counted_by_model() -> None:
    assert looks_by_slug([{"slug": "a"}, {"slug": "b"}, {"slug": "a"}]) == {"a": 2, "b": 1}


def test_digest_knows_weights_not_packaging() -> None:
    one = {"b": np.ones(3, np.float16), "a": np.zeros((2, 2), np.float16)}
    same = dict(reversed(one.items()))
    other = one | {"b": np.full(3, 2, np.float16)}
    assert weights_digest(one) == weights_digest(same)
    assert weights_digest(one) != weights_digest(other)


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


def test_softmax_survives_large_logits() -> None:
    rows = softmax(np.array([[1e4, 0, 0, 0, 0, 0, 0]]))
    assert rows[0, 0] == 1
    assert np.isfinite(rows).all()
    assert softmax(np.empty((0, 7))).shape == (0, 7)


def test_the_graph_may_come_as_bytes(folder: Path) -> None:
    graph = (folder / "model.onnx").read_bytes()
    assert Classifier(read_card(folder), graph).logits(_faces(2)).shape == (2, 7)


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
