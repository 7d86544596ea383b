"""A training of the queue becomes a network of one's own, measured on faces new to it."""

import os
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import FER2013, Fer2013, NamedDataset, Split
from fer_core.dataset.learning import learning_splits
from fer_core.errors import ModelError, TrainingError
from fer_core.evaluation.dataset_files import read_evaluation
from fer_core.evaluation.datasets import fair_rows, split_rows
from fer_core.evaluation.families import read_family
from fer_core.evaluation.imports.folder import remove_import
from fer_core.evaluation.imports.measuring import measure_import
from fer_core.evaluation.seeds import read_seed_logits
from fer_core.evaluation.summary import read_summary
from fer_core.runs.faces import DRAWN, drawn_faces
from fer_core.runs.families import RunFamily, find_family
from fer_core.runs.queue import add_family
from fer_core.runs.run import Run
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.own import freeze_own, freeze_own_seeds
from fer_core.zoo import (
    CARD_FILE,
    Own,
    check_folder,
    find_folder,
    load_classifier,
    read_card,
    read_ledger,
)
from tests.runs.made import named_faces, order_of
from tests.tiny import tiny_card, tiny_dataset, write_tiny_candidate


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fer2013:
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    monkeypatch.setenv("MIEN_MODELS", f"{tmp_path / 'models'}{os.pathsep}{tmp_path / 'own'}")
    return tiny_dataset(tmp_path / "fer2013.npz")


def trained(tmp_path: Path, data: Fer2013, dataset: str, name: str = "mine") -> Run:
    """A run that has ended, with a network that learned from ``dataset``."""
    run = Run(tmp_path / "runs" / name)
    candidate = write_tiny_candidate(run.folder, data)
    own = Own(network="triple", dataset=dataset, dataset_digest=data.fingerprint, faces={})
    card = tiny_card(name, candidate, own=own, dataset_fingerprint=data.fingerprint)
    (candidate / CARD_FILE).write_text(card.to_json())
    return run


def test_from_fer2013_it_has_its_row_and_its_look(tmp_path: Path, data: Fer2013) -> None:
    own = tmp_path / "own"
    card = freeze_own(trained(tmp_path, data, FER2013), own, data)
    assert card.own is not None
    assert card.network == "triple"
    summary = read_summary(own / "mine")
    assert summary.metrics.n == 20
    assert [look.slug for look in read_ledger(own)] == ["mine"]
    assert not (tmp_path / "models").exists()  # those that ship are left alone
    assert find_folder("mine", tmp_path / "models", own) == own / "mine"


def test_from_other_faces_both_are_measured(tmp_path: Path, data: Fer2013) -> None:
    named = named_pictures(tmp_path / "faces.npz")
    run = trained(tmp_path, data, "faces")
    card = freeze_own(run, tmp_path / "own", data)
    assert card.dataset_fingerprint == data.fingerprint
    assert (card.temperature, card.unsure_threshold) == (1.2, 0.2)  # as chosen on its own faces
    figures = read_evaluation(tmp_path / "own" / "mine", "faces")
    assert figures is not None
    kept = learning_splits(named) == 2
    assert (figures.split, figures.n) == ("test", kept.sum())
    part, rows = fair_rows(card, named, *split_rows(named))
    assert part == "test"
    assert np.array_equal(rows, np.flatnonzero(kept))
    other = card.model_copy(update={"own": None})
    assert fair_rows(other, named, *split_rows(named))[0] == "all"


def test_without_fer2013_it_serves_and_is_measured_later(tmp_path: Path, data: Fer2013) -> None:
    own = tmp_path / "own"
    card = freeze_own(trained(tmp_path, data, DRAWN), own, None)
    assert not card.is_measured
    load_classifier(own / "mine")
    with pytest.raises(ModelError, match="it was not measured"):
        read_summary(own / "mine")
    assert read_ledger(own) == []
    measure_import(own / "mine", data)
    assert read_summary(own / "mine").metrics.n == 20
    assert len(read_ledger(own)) == 1
    assert read_card(own / "mine").temperature == card.temperature
    remove_import(own / "mine")
    assert not (own / "mine").exists()
    assert len(read_ledger(own)) == 1


def test_what_cannot_be_frozen_says_why(tmp_path: Path, data: Fer2013) -> None:
    own = tmp_path / "own"
    with pytest.raises(TrainingError, match="there is nothing to freeze yet"):
        freeze_own(Run(tmp_path / "runs" / "none"), own, data)
    run = trained(tmp_path, data, DRAWN)
    (run.folder / CANDIDATE / "history.csv").write_text("damaged")
    with pytest.raises(ModelError, match="the candidate is damaged"):
        freeze_own(run, own, data)
    assert not own.exists()


def test_no_other_network_is_replaced(tmp_path: Path, data: Fer2013) -> None:
    from tests.tiny import write_tiny_folder

    write_tiny_folder(tmp_path / "own", "mine")
    with pytest.raises(TrainingError, match="another network has this name"):
        freeze_own(trained(tmp_path, data, DRAWN), tmp_path / "own", data)
    assert check_folder(tmp_path / "own" / "mine").own is None


def named_pictures(path: Path) -> NamedDataset:
    """A named data set whose pictures can be opened, too."""
    import io
    from dataclasses import replace

    from PIL import Image

    data = named_faces(path)
    files = []
    for face in data.faces:
        stream = io.BytesIO()
        Image.fromarray(face).save(stream, "PNG")
        files.append(np.frombuffer(stream.getvalue(), np.uint8))
    whole = replace(
        data,
        encoded=np.concatenate(files),
        offsets=np.concatenate([[0], np.cumsum([len(file) for file in files])]).astype(np.int64),
    )
    whole.save(path)
    return whole


def family_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Fer2013, dataset: str
) -> RunFamily:
    """Two seeds of the queue that have ended, and one that waits."""
    monkeypatch.setenv("MIEN_RUNS", str(tmp_path / "runs"))
    for run in add_family(order_of("mine", dataset=dataset), (0, 1, 2))[:2]:
        seed = run.order().seed
        candidate = write_tiny_candidate(run.folder, data, seed)
        own = Own(network="triple", dataset=dataset, dataset_digest=data.fingerprint, faces={})
        card = tiny_card(
            "mine",
            candidate,
            own=own,
            seed=seed,
            dataset_fingerprint=data.fingerprint,
            recipe=run.order().settings.model_dump(mode="json") | {"best_epoch": 1},
        )
        (candidate / CARD_FILE).write_text(card.to_json())
        run.enter(phase="finished")
    return find_family("mine")


def test_a_family_of_the_queue_is_one_network_with_its_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Fer2013
) -> None:
    family, own = family_of(tmp_path, monkeypatch, data, FER2013), tmp_path / "own"
    said: list[str] = []
    assert freeze_own_seeds(family, own, data, report=said.append) == []
    frozen = read_family(own / "mine")
    assert frozen is not None
    assert frozen.numbers == (0, 1), "what waits is left for another time"
    assert frozen.shipped_seed == frozen.best.seed
    assert {look.weights_sha256 for look in read_ledger(own)} == {
        one.weights_sha256 for one in frozen.seeds
    }
    check_folder(own / "mine")
    assert "PrivateTest" in said[0]
    assert freeze_own_seeds(family, own, data, report=said.append) == []
    assert "measured before" in said[-1]
    assert len(read_ledger(own)) == 2


def test_a_family_of_other_faces_is_measured_on_those_that_were_kept_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Fer2013
) -> None:
    faces = drawn_faces(140)
    monkeypatch.setattr("fer_core.training.artifacts.own.load_faces", lambda name: faces)
    family, own = family_of(tmp_path, monkeypatch, faces, DRAWN), tmp_path / "own"
    said: list[str] = []
    assert freeze_own_seeds(family, own, None, report=said.append) == []
    frozen = read_family(own / "mine")
    assert frozen is not None
    labels = faces.part(Split.PRIVATE_TEST)[1]
    for one in frozen.seeds:
        answers = read_seed_logits(own / "mine", one)["private_logits"].argmax(axis=1)
        assert one.private_test.accuracy == (answers == labels).mean()
    assert read_ledger(own) == [], "no look at FER2013's PrivateTest"
    assert "kept back of drawn" in said[0]
    assert "PrivateTest" not in frozen.text()


def test_a_family_that_cannot_be_frozen_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: Fer2013
) -> None:
    family = family_of(tmp_path, monkeypatch, data, FER2013)
    for run in family.runs[:2]:
        run.enter(phase="waiting")
    with pytest.raises(TrainingError, match=r"nothing to freeze yet.*seed whose training"):
        freeze_own_seeds(family, tmp_path / "own", data)
