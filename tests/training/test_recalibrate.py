"""Choosing a shipped network's calibration anew changes what is said, and nothing that it does."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import Emotion
from fer_core.errors import ModelError
from fer_core.evaluation.calibration import ReadFaces, choose_calibration
from fer_core.evaluation.imports.folder import Naming, write_import
from fer_core.evaluation.imports.plan import plan_import
from fer_core.evaluation.robustness import AS_IT_IS
from fer_core.evaluation.summary import read_logits, read_metrics
from fer_core.faces import Faces
from fer_core.faces.quality import Quality
from fer_core.metrics import ece
from fer_core.metrics.calibration import TEMPERATURE_RANGE
from fer_core.training.artifacts.recalibrate import recalibrate
from fer_core.zoo import CARD_FILE, METRICS_FILE, check_folder, read_card, softmax
from fer_core.zoo.imports import FLOOR, Said
from tests.foreign import stripe_network, write_network
from tests.tiny import N, tiny_card, write_tiny_folder

SAME = ("model.onnx", "predictions.npz", "history.csv", "confusion_matrix.csv")


class Blind:
    """Finds nothing."""

    name = "blind"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        return Faces.none()


@pytest.fixture(scope="module")
def data() -> Fer2013:
    """As many faces in each split as the tiny networks have answers."""
    rng = np.random.default_rng(0)
    splits = np.repeat(np.arange(3, dtype=np.uint8), N)
    return Fer2013(
        rng.integers(0, 256, (3 * N, 48, 48), np.uint8), rng.integers(0, 7, 3 * N), splits
    )


@pytest.fixture
def folder(tmp_path: Path, data: Fer2013) -> Path:
    """A network measured on these faces, and on a data set of somebody's own."""
    folder = write_tiny_folder(tmp_path)
    card = tiny_card("tiny", folder, dataset_fingerprint=data.fingerprint)
    (folder / CARD_FILE).write_text(card.to_json())
    (folder / "evaluations").mkdir()
    (folder / "evaluations" / "mine.json").write_text("{}")
    return folder


def test_only_what_is_said_changes(folder: Path, data: Fer2013) -> None:
    before = {name: (folder / name).read_bytes() for name in SAME}
    old = read_card(folder)
    new = recalibrate(folder, Blind(), data)
    assert {name: (folder / name).read_bytes() for name in SAME} == before
    assert check_folder(folder) == new
    assert new.calibration is not None
    assert new.temperature != old.temperature
    changed = {"temperature", "unsure_threshold", "calibration", "files"}
    assert new.model_dump(exclude=changed) == old.model_dump(exclude=changed)
    assert (folder / "evaluations" / "mine.json").read_text() == "{}"
    stored, labels = read_logits(folder)["private_logits"], data.part(Split.PRIVATE_TEST)[1]
    figures = read_metrics(folder)
    assert figures.ece_calibrated == pytest.approx(
        ece(softmax(stored, new.temperature), labels), abs=1e-5
    )
    assert figures.ece == pytest.approx(ece(softmax(stored), labels), abs=1e-5)
    again = recalibrate(folder, Blind(), data)
    assert again == new


def test_private_test_is_not_read(folder: Path, data: Fer2013, tmp_path: Path) -> None:
    other = write_tiny_folder(tmp_path / "other")
    pixels = data.pixels.copy()
    pixels[data.rows(Split.PRIVATE_TEST)] = 0
    hidden = Fer2013(pixels, data.labels, data.splits)
    card = tiny_card("tiny", other, dataset_fingerprint=hidden.fingerprint)
    (other / CARD_FILE).write_text(card.to_json())
    seen, unseen = recalibrate(folder, Blind(), data), recalibrate(other, Blind(), hidden)
    assert seen.calibration == unseen.calibration


def test_another_data_set_is_refused_and_nothing_changes(folder: Path, data: Fer2013) -> None:
    before = (folder / METRICS_FILE).read_bytes(), (folder / CARD_FILE).read_bytes()
    other = Fer2013(data.pixels[::-1].copy(), data.labels, data.splits)
    with pytest.raises(ModelError, match="another copy of the data set"):
        recalibrate(folder, Blind(), other)
    assert ((folder / METRICS_FILE).read_bytes(), (folder / CARD_FILE).read_bytes()) == before


def test_an_imported_network_that_does_not_know_a_class(striped: Fer2013, tmp_path: Path) -> None:
    model = stripe_network([0, 2, 3, 4, 5, 6], channels=1)
    said = Said(range="0..1", labels="angry,fear,happy,sad,surprise,neutral")
    plan = plan_import(write_network(tmp_path / "six.onnx", model), said, striped)
    folder = write_import(plan, Naming("six"), tmp_path / "imports", striped)
    before = read_metrics(folder)
    card = recalibrate(folder, Blind(), striped)
    assert card.calibration is not None
    for chosen in (card.calibration.one_view, card.calibration.two_views):
        # With faces of the unknown class it would be the highest that there is.
        assert chosen.temperature < TEMPERATURE_RANGE[1] / 2
    after = read_metrics(folder)
    assert after.accuracy == before.accuracy
    logits = read_logits(folder)["public_logits"]
    assert softmax(logits, card.temperature)[:, Emotion.DISGUST].max() < 0.01


def test_a_face_of_a_class_that_is_not_known_says_nothing_of_temperature_and_sets() -> None:
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(7), 40)
    logits = rng.normal(0, 1, (2, len(labels), 7)).astype(np.float32)
    logits[:, np.arange(len(labels)), labels] += 2
    logits[:, :, Emotion.HAPPY] = np.log(FLOOR)
    known = np.array([0, 1, 2, 4, 5, 6])
    quality = Quality(size_px=48, grey=128.0, white=0.0, sharpness=0.1, turn=0.0, score=0.9)
    faces = ReadFaces(logits, labels, (quality,) * len(labels))
    told = np.isin(labels, known)
    own = ReadFaces(logits[:, told], labels[told], (quality,) * int(told.sum()))
    found, without, unguarded = (
        choose_calibration({AS_IT_IS: part}, "blind", classes).one_view
        for part, classes in ((faces, known), (own, known), (faces, np.arange(7)))
    )
    assert found.temperature == pytest.approx(without.temperature, rel=0.02)
    assert found.set_threshold == pytest.approx(without.set_threshold, rel=0.1)
    assert unguarded.temperature > 2 * found.temperature
