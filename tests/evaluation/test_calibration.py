"""What a card says of confidence: chosen on made-up answers whose truth is known."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError
from fer_core.evaluation.calibration import (
    DEGRADED,
    DETECTED,
    SHARES,
    ReadFaces,
    choose_calibration,
    choosing_rows,
    read_degraded,
    read_detected,
    read_to_choose,
)
from fer_core.evaluation.calibration_report import (
    CALIBRATION_FILE,
    current_calibration,
    measure_calibration,
    read_calibration,
    write_calibration,
)
from fer_core.evaluation.robustness import AS_IT_IS, EVERY, SETTINGS
from fer_core.evaluation.selftest import paste_faces
from fer_core.faces import Faces
from fer_core.faces.corruptions import CONDITIONS, SMALL, condition_of
from fer_core.faces.quality import Quality
from fer_core.metrics import ece
from fer_core.zoo import Classifier, ModelCard, Predictions, load_classifier, softmax
from tests.tiny import tiny_card, write_tiny_folder

TRUE_TEMPERATURE = 2.5


def made_up(n: int, sharpness: float, seed: int) -> ReadFaces:
    """Answers 2.5 times too sure of themselves, and wrong more often on blurred faces."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 0.4 + 4 * sharpness, (n, 7))
    labels = np.array([rng.choice(7, p=row) for row in softmax(honest.astype(np.float32))])
    logits = np.stack([honest * TRUE_TEMPERATURE, honest * TRUE_TEMPERATURE / 2])
    quality = Quality(size_px=48, grey=120, white=0, sharpness=sharpness)
    return ReadFaces(logits.astype(np.float32), labels, (quality,) * n)


PARTS = {
    AS_IT_IS: made_up(4000, 0.35, 1),
    DETECTED: made_up(3000, 0.3, 2),
    DEGRADED: made_up(3000, 0.08, 3),
}

CHOSEN = choose_calibration(PARTS, "known")


def faces(n: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, 48, 48), np.uint8)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A tiny network with a calibration on its card."""
    folder = write_tiny_folder(tmp_path_factory.mktemp("models"))
    card = tiny_card("tiny", folder).calibrated(CHOSEN)
    (folder / "card.json").write_text(card.to_json())
    return load_classifier(folder)


@pytest.fixture(scope="module")
def data() -> Fer2013:
    """Forty made-up faces in PublicTest, two of them the same."""
    pixels = faces(40)
    pixels[5] = pixels[EVERY]
    return Fer2013(pixels, np.arange(40) % 7, np.ones(40, np.uint8))


def test_what_is_chosen_on_is_not_what_is_stated_on(data: Fer2013) -> None:
    rows = choosing_rows(data)
    stated = data.rows(Split.PUBLIC_TEST)[::EVERY]
    assert not set(rows) & set(stated)
    assert 5 not in rows, "a copy of one that is stated on"
    assert len(rows) == 40 - len(stated) - 1


def test_the_temperature_is_the_true_one_for_each_number_of_views() -> None:
    found = CHOSEN
    assert found.one_view.temperature == pytest.approx(TRUE_TEMPERATURE, rel=0.03)
    assert found.two_views.temperature == pytest.approx(TRUE_TEMPERATURE / 2, rel=0.03)
    assert found.shares == SHARES
    assert found.faces == {name: len(part) for name, part in PARTS.items()}
    assert found == choose_calibration(PARTS, "known"), "drawn by a seed"


@pytest.mark.parametrize("views", [1, 2])
def test_each_kind_of_faces_gets_what_is_promised_on_others_of_it(views: int) -> None:
    found = CHOSEN
    told = found.one_view if views == 1 else found.two_views
    for seed, sharpness in ((11, 0.35), (12, 0.3), (13, 0.08)):
        other = made_up(3000, sharpness, seed)
        p = softmax(other.logits[views - 1], told.temperature)
        predictions = Predictions.of(p, told, views)
        expected, sets = predictions.expected_right(other.qualities), predictions.sets
        assert expected is not None
        assert sets is not None
        right = p.argmax(axis=1) == other.labels
        assert expected.mean() == pytest.approx(right.mean(), abs=0.04)
        assert sets[np.arange(3000), other.labels].mean() >= 0.88
        assert ece(p, other.labels) <= 0.05
        sure = ~predictions.unsure
        assert not sure.any() or right[sure].mean() >= right.mean()


def test_a_part_without_faces_leaves_its_share_to_the_others() -> None:
    parts = PARTS | {DETECTED: made_up(0, 0.3, 0)}
    found = choose_calibration(parts, "blind")
    assert DETECTED not in found.faces
    assert sum(found.shares.values()) == pytest.approx(1, abs=1e-3)
    assert found.shares[AS_IT_IS] / found.shares[DEGRADED] == pytest.approx(
        SHARES[AS_IT_IS] / SHARES[DEGRADED], rel=1e-3
    )


def test_a_small_face_is_known_as_one(classifier: Classifier) -> None:
    small = condition_of(SMALL)
    assert small is not None
    read = read_degraded(classifier, faces(3), np.arange(3), small, 16)
    assert {quality.size_px for quality in read.qualities} == {16}
    blurred = read_degraded(classifier, faces(3), np.arange(3), CONDITIONS[0], 3)
    assert {quality.size_px for quality in blurred.qualities} == {48}
    sharp = read_degraded(classifier, faces(3), np.arange(3), CONDITIONS[0], 0)
    pairs = zip(blurred.qualities, sharp.qualities, strict=True)
    assert all(one.sharpness < other.sharpness for one, other in pairs)


class Finder:
    """Finds every other pasted face, less surely than perfectly, and something else beside it."""

    name = "known"

    def __init__(self, pasted: NDArray[np.uint8]) -> None:
        self._squares = iter([each.square for each in paste_faces(pasted)])
        self._count = 0

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        square, self._count = next(self._squares), self._count + 1
        if self._count % 2:
            return Faces.none()
        boxes = np.stack([np.array([0, 0, 4, 4], np.float32), square])
        return Faces.from_boxes(boxes, np.array([0.9, 0.7], np.float32))


def test_only_what_was_found_is_read(classifier: Classifier) -> None:
    pasted = faces(6)
    read = read_detected(classifier, Finder(pasted), pasted, np.arange(6))
    assert read.labels.tolist() == [1, 3, 5]
    assert read.logits.shape == (2, 3, 7)
    assert {quality.score for quality in read.qualities} == {np.float32(0.7)}
    np.testing.assert_allclose(
        [quality.size_px for quality in read.qualities],
        [each.square[2] for each in paste_faces(pasted)][1::2],
    )


class Blind:
    """Finds nothing."""

    name = "blind"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        return Faces.none()


def test_each_face_is_read_under_each_condition_once(classifier: Classifier, data: Fer2013) -> None:
    steps: list[tuple[int, int]] = []
    parts = read_to_choose(classifier, Blind(), data, progress=lambda *at: steps.append(at))
    n = len(choosing_rows(data))
    assert {name: len(part) for name, part in parts.items()} == {
        AS_IT_IS: n,
        DETECTED: 0,
        DEGRADED: n * len(CONDITIONS),
    }
    assert steps[-1] == (len(CONDITIONS) + 2,) * 2
    found = choose_calibration(parts, "blind")
    assert set(found.faces) == {AS_IT_IS, DEGRADED}


def test_measured_rows_belong_to_a_graph_and_a_choice(
    classifier: Classifier, data: Fer2013, tmp_path: Path
) -> None:
    rows = measure_calibration(classifier, Blind(), data)
    assert [row.views for row in rows[:2]] == [1, 2]
    assert len(rows) == 2 * (SETTINGS + 1)  # all degraded ones together; none was detected
    assert {row.n for row in rows if row.condition != DEGRADED} == {10}
    assert write_calibration(tmp_path, rows) == tmp_path / CALIBRATION_FILE
    write_calibration(tmp_path, rows)
    assert read_calibration(tmp_path) == rows
    card = classifier.card
    assert current_calibration(rows, [card]) == rows
    assert current_calibration(rows, [_colder(card)]) == []


def _colder(card: ModelCard) -> ModelCard:
    return card.model_copy(update={"temperature": card.temperature / 2})


def test_nothing_measured_is_no_row_and_damage_is_a_sentence(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) == []
    (tmp_path / CALIBRATION_FILE).write_text("slug,views\ntiny,7\n")
    with pytest.raises(ModelError, match="calibrate"):
        read_calibration(tmp_path)
