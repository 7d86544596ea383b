"""A training of the queue becomes a network of one's own, measured on faces new to it."""

import os
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import FER2013, Fer2013, NamedDataset
from fer_core.dataset.learning import learning_splits
from fer_core.errors import ModelError, TrainingError
from fer_core.evaluation.dataset_files import read_evaluation
from fer_core.evaluation.datasets import fair_rows, split_rows
from fer_core.evaluation.imports.folder import measure_import, remove_import
from fer_core.evaluation.summary import read_summary
from fer_core.runs.faces import DRAWN
from fer_core.runs.run import Run
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.own import freeze_own
from fer_core.zoo import (
    CARD_FILE,
    Own,
    check_folder,
    find_folder,
    load_classifier,
    read_card,
    read_ledger,
)
from tests.runs.made import named_faces
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
