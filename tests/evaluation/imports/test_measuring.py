"""Measured once FER2013 is here: what was known of a network on other data sets stays right."""

from pathlib import Path

import pytest

from fer_core.dataset import Fer2013, NamedDataset
from fer_core.evaluation.dataset_files import EVALUATIONS, keep_evaluation, read_evaluation
from fer_core.evaluation.datasets import (
    dataset_figures,
    dataset_logits,
    find_overlaps,
    split_rows,
)
from fer_core.evaluation.imports.measuring import measure_import
from fer_core.evaluation.seeds import SEEDS, read_seeds
from fer_core.zoo import load_classifier, read_card
from fer_core.zoo.imports import Said
from tests.evaluation.imports.test_folder import place
from tests.foreign import stripe_network
from tests.runs.made import named_faces
from tests.seeds import write_seeds
from tests.tiny import write_tiny_folder

pytestmark = pytest.mark.usefixtures("networks_run_here")


@pytest.fixture
def faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NamedDataset:
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "data" / "fer2013.npz"))
    (tmp_path / "data").mkdir()
    return named_faces(tmp_path / "data" / "theirs.npz")


def imported(tmp_path: Path, data: Fer2013 | None = None) -> Path:
    """A network that takes faces as the data set keeps them."""
    said = Said(range="0..1", labels="fer2013")
    return place(tmp_path, data, said, model=stripe_network(channels=1))


def measured(folder: Path, faces: NamedDataset) -> Path:
    """A network's figures on a data set, as `evaluate --dataset` keeps them."""
    classifier = load_classifier(folder)
    split, rows = split_rows(faces)
    logits = dataset_logits(classifier, faces, rows)
    overlaps = find_overlaps(faces, None)
    figures = dataset_figures(logits, faces, split, rows, classifier.card, overlaps)
    keep_evaluation(folder, figures, logits)
    return folder


def test_figures_elsewhere_are_those_of_the_new_temperature(
    tmp_path: Path, striped: Fer2013, faces: NamedDataset
) -> None:
    folder = measured(imported(tmp_path), faces)
    before = read_evaluation(folder, "theirs")
    assert measure_import(folder, striped) == (folder, [])
    card, now = read_card(folder), read_evaluation(folder, "theirs")
    assert before is not None
    assert now is not None
    assert card.temperature != before.temperature, "it was chosen on PublicTest only now"
    assert (now.temperature, now.unsure_threshold) == (card.temperature, card.unsure_threshold)
    assert (now.accuracy, now.log_loss, now.n) == (before.accuracy, before.log_loss, before.n)
    assert now.in_fer2013 is not None, "which pictures are FER2013's is known now"
    again = read_evaluation(measured(folder, faces), "theirs")
    assert again == now, "the same as with the network asked anew"


@pytest.mark.parametrize("gone", [True, False], ids=["not here", "imported anew"])
def test_what_cannot_be_computed_anew_is_said(
    gone: bool, tmp_path: Path, striped: Fer2013, faces: NamedDataset
) -> None:
    folder = measured(imported(tmp_path), faces)
    path = tmp_path / "data" / "theirs.npz"
    path.unlink()
    if not gone:
        named_faces(path, seed=1)
    _, (sentence,) = measure_import(folder, striped)
    assert "evaluate --dataset theirs theirs" in sentence
    assert ("not on this machine" if gone else "imported anew") in sentence
    assert read_evaluation(folder, "theirs") is None
    assert list((folder / EVALUATIONS).iterdir()) == []


def test_seeds_stay(tmp_path: Path, striped: Fer2013) -> None:
    folder = imported(tmp_path)
    other = write_seeds(write_tiny_folder(tmp_path / "other", "theirs"), {0: 0.5, 1: 0.6})
    (other / SEEDS).rename(folder / SEEDS)
    measure_import(folder, striped)
    seeds, errors = read_seeds(folder)
    assert errors == []
    assert [one.seed for one in seeds] == [0, 1]
