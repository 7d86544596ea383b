"""An imported network is a model folder like any other: measured, in a ledger, on every page."""

import csv
from pathlib import Path

import onnx
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import Emotion
from fer_core.errors import ModelError
from fer_core.evaluation.evaluate import evaluate_folder
from fer_core.evaluation.imports.folder import (
    Naming,
    check_place,
    remove_import,
    write_import,
)
from fer_core.evaluation.imports.measuring import measure_import
from fer_core.evaluation.imports.plan import plan_import
from fer_core.evaluation.summary import read_summaries, read_summary
from fer_core.faces import to_network_inputs
from fer_core.zoo import (
    GRAPH_FILE,
    load_classifier,
    read_ledger,
    sound_folders,
    stored_weights_digest,
)
from fer_core.zoo.imports import Said
from fer_core.zoo.layers import read_layers
from tests.foreign import DOUBTED, stripe_network, write_network
from tests.tiny import write_tiny_folder

pytestmark = pytest.mark.usefixtures("networks_run_here")

ALL = Said(range="0..1", labels="alphabetical")
ALPHABETICAL = (0, 1, 2, 3, 6, 4, 5)


def place(
    tmp_path: Path,
    data: Fer2013 | None,
    said: Said = ALL,
    *,
    model: onnx.ModelProto | None = None,
    naming: Naming = Naming("theirs"),  # noqa: B008  # frozen
) -> Path:
    """Import a network, in alphabetical order if none is named, into ``imports``."""
    model = model or stripe_network(ALPHABETICAL, side=64, batch=1)
    path = write_network(tmp_path / "theirs.onnx", model)
    plan = plan_import(path, said, data)
    return write_import(plan, naming, tmp_path / "imports", data)


def test_it_serves_and_is_measured_like_those_that_ship(tmp_path: Path, striped: Fer2013) -> None:
    told: list[tuple[int, int]] = []
    path = write_network(tmp_path / "theirs.onnx", stripe_network(ALPHABETICAL, side=64, batch=1))
    naming = Naming("theirs", "Ours, they say", "MIT")
    folder = write_import(
        plan_import(path, ALL, striped), naming, tmp_path / "imports", striped,
        lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told[-1] == (840, 840)
    summary = read_summary(folder)
    card = summary.card
    assert (card.origin, card.title, card.licence.weights) == ("imported", "Ours, they say", "MIT")
    assert card.input.shape == (64, 64, 3)
    assert summary.metrics.accuracy == pytest.approx(1 - 1 / DOUBTED, abs=0.05)
    assert summary.metrics.public_test.n == summary.metrics.n == 420
    assert len(summary.history) == 0
    assert card.parameters == 7 * 3 * 64 * 64 + 7 + 1 + 1  # kernel, bias, a half, 255
    assert card.multiply_accumulates == 7 * 3 * 64 * 64
    assert evaluate_folder(folder, striped).differences == {}
    pixels, labels = striped.part(Split.PRIVATE_TEST)
    said = load_classifier(folder).predict(to_network_inputs(pixels, card.input))
    right = said.probabilities.argmax(axis=1) == labels
    assert right.mean() == pytest.approx(summary.metrics.accuracy)
    assert [layer.kind for layer in read_layers(folder / GRAPH_FILE)] == ["convolution"]


def test_the_look_stands_in_a_ledger_of_its_own(tmp_path: Path, striped: Fer2013) -> None:
    folder = place(tmp_path, striped)
    (look,) = read_ledger(tmp_path / "imports")
    summary = read_summary(folder)
    assert (look.slug, look.weights_sha256) == ("theirs", stored_weights_digest(folder))
    assert look.private_accuracy == pytest.approx(summary.metrics.accuracy, abs=1e-5)
    place(tmp_path, striped)  # the same network again tells nothing new
    assert len(read_ledger(tmp_path / "imports")) == 1
    place(tmp_path, striped, Said(range="0..255", labels="fer2013"))
    assert len(read_ledger(tmp_path / "imports")) == 2


def test_without_fer2013_it_serves_and_is_measured_later(tmp_path: Path, striped: Fer2013) -> None:
    folder = place(tmp_path, None)
    card = load_classifier(folder).card
    assert not card.is_measured
    assert read_ledger(tmp_path / "imports") == []
    cards, errors = sound_folders(tmp_path / "imports")
    assert ([card.slug for card in cards], errors) == (["theirs"], [])
    summaries, errors = read_summaries(tmp_path / "imports")
    assert summaries == []
    assert "theirs: it was not measured" in str(errors[0])
    assert "models measure theirs" in str(errors[0])
    measure_import(folder, striped)
    assert read_summary(folder).metrics.accuracy > 0.8
    assert len(read_ledger(tmp_path / "imports")) == 1
    with pytest.raises(ModelError, match=r"nothing to measure.*evaluate theirs"):
        measure_import(folder, striped)


def test_a_class_that_it_does_not_know_is_scored_as_wrong(tmp_path: Path, striped: Fer2013) -> None:
    model = stripe_network([0, 2, 3, 4, 5, 6], channels=1)
    said = Said(range="0..1", labels="angry,fear,happy,sad,surprise,neutral")
    folder = place(tmp_path, striped, said, model=model)
    summary = read_summary(folder)
    assert summary.metrics.per_class["disgust"].recall == 0
    assert summary.confusion[:, Emotion.DISGUST].sum() == 0
    assert summary.metrics.accuracy < 0.8
    assert summary.card.temperature < 5  # fitted on what it knows
    assert any("does not know disgust" in note for note in summary.card.imported.notes)  # type: ignore[union-attr]


def test_doubts_stay_on_the_card(tmp_path: Path, striped: Fer2013) -> None:
    said = Said(range="0..1", labels="sad,happy,fear,neutral,angry,surprise,disgust")
    card = read_summary(place(tmp_path, striped, said)).card
    assert any("With the labels named" in note for note in card.imported.notes)  # type: ignore[union-attr]


def test_a_name_that_is_taken_is_refused(tmp_path: Path, striped: Fer2013) -> None:
    shipped = tmp_path / "models"
    write_tiny_folder(shipped, "tiny")
    imports = place(tmp_path, striped).parent
    check_place("free", imports, shipped)
    with pytest.raises(ModelError, match=r"network of this name.*tiny.*Take another name\.$"):
        check_place("tiny", imports, shipped, replacing=True)
    with pytest.raises(ModelError, match="or replace it with --replace"):
        check_place("theirs", imports, shipped)
    check_place("theirs", imports, shipped, replacing=True)
    with pytest.raises(ModelError, match="lower-case"):
        check_place("../elsewhere", imports, shipped)


def test_only_what_was_imported_is_removed(tmp_path: Path, striped: Fer2013) -> None:
    shipped = write_tiny_folder(tmp_path / "models", "tiny")
    with pytest.raises(ModelError, match="only imported networks and those that you trained"):
        remove_import(shipped)
    folder = place(tmp_path, striped)
    remove_import(folder)
    assert not folder.exists()
    assert shipped.exists()
    with (tmp_path / "imports" / "looks.csv").open(newline="") as stream:
        assert [row["slug"] for row in csv.DictReader(stream)] == ["theirs"]
