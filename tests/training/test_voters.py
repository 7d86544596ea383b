"""Learning the second answer: what voters name, from features that the labels have made."""

from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import VOTES, Fer2013, Split, voted_labels
from fer_core.dataset.ferplus import VOTE_WORDS
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError, ModelError
from fer_core.evaluation.evaluate import grey_logits
from fer_core.faces import InputSpec
from fer_core.training.artifacts.voters import learn_voters
from fer_core.zoo import CARD_FILE, AnswersAs, check_folder, load_classifier
from tests.tiny import tiny_card, tiny_conv_graph, write_tiny_folder
from tests.training.test_recalibrate import Blind

EACH = 120
SHIFT = 3
"""Voters name each picture three classes further than its label."""


@pytest.fixture(scope="module")
def data() -> Fer2013:
    """Flat pictures, a grey for each class, with a little noise; labels and voters disagree."""
    rng = np.random.default_rng(0)
    labels = np.arange(3 * EACH) % len(LABELS)
    greys = 20 + 33 * labels[:, None, None]
    pixels = (greys + rng.integers(0, 20, (3 * EACH, 48, 48))).astype(np.uint8)
    votes = np.zeros((3 * EACH, len(VOTES)), np.uint8)
    words = [VOTE_WORDS[name] for name in VOTES]
    columns = [words.index(LABELS[(label + SHIFT) % 7]) for label in labels]
    votes[np.arange(3 * EACH), columns] = 8
    votes[:, VOTES.index("unknown")] = 2
    votes[:4, :] = 0  # nobody has a word for them
    splits = np.repeat(np.arange(3, dtype=np.uint8), EACH)
    return Fer2013(pixels, labels, splits, votes)


@pytest.fixture
def folder(tmp_path: Path, data: Fer2013) -> Path:
    folder = write_tiny_folder(tmp_path, graph=tiny_conv_graph(side=48))
    card = tiny_card(
        "tiny",
        folder,
        dataset_fingerprint=data.fingerprint,
        input=InputSpec(side_px=48, channels=1, crop_margin=0.0),
    )
    (folder / CARD_FILE).write_text(card.to_json())
    return folder


def test_it_names_what_voters_name(folder: Path, data: Fer2013) -> None:
    before = load_classifier(folder)
    public = data.rows(Split.PUBLIC_TEST)
    logits = grey_logits(before, data.pixels[public])
    other = folder / "predictions.npz", folder / "metrics.json", folder / "confusion_matrix.csv"
    kept = [path.read_bytes() for path in other]
    told: list[tuple[int, int]] = []
    card = learn_voters(folder, Blind(), data, progress=lambda *step: told.append(step))
    assert card == check_folder(folder)
    assert card.voters is not None
    assert card.voters.faces == EACH - 4
    assert card.voters.n == EACH
    assert card.calibration == before.card.calibration
    assert card.temperature == before.card.temperature
    assert told[2] == (3 * (EACH - 4), 3 * (EACH - 4))
    assert [path.read_bytes() for path in other] == kept
    np.testing.assert_array_equal(grey_logits(load_classifier(folder), data.pixels[public]), logits)
    second = load_classifier(folder, answers_as=AnswersAs.VOTERS)
    said = grey_logits(second, data.pixels[public]).argmax(axis=1)
    right = said == voted_labels(data)[public]
    assert right.mean() > 0.6, "four features and degraded pictures tell most of seven greys"
    assert card.voters.accuracy == pytest.approx(right.mean())
    assert (said == data.labels[public]).mean() < 0.2
    assert card.voters.calibration.risk == 0.1


def test_learned_again_it_is_the_same(folder: Path, data: Fer2013) -> None:
    once = learn_voters(folder, Blind(), data)
    assert learn_voters(folder, Blind(), data) == once


def test_it_needs_the_votes_and_the_same_pictures(folder: Path, data: Fer2013) -> None:
    before = (folder / CARD_FILE).read_bytes()
    with pytest.raises(DatasetError, match="votes"):
        learn_voters(folder, Blind(), Fer2013(data.pixels, data.labels, data.splits))
    with pytest.raises(ModelError, match="another copy"):
        learn_voters(folder, Blind(), Fer2013(data.pixels[::-1].copy(), data.labels, data.splits))
    assert (folder / CARD_FILE).read_bytes() == before
