"""A training that is followed: what it writes down, and what a person can do with it meanwhile."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.errors import StorageError, TrainingError
from fer_core.runs.run import Run
from fer_core.training.artifacts.candidate import write_candidate
from fer_core.training.loop.fit import train
from fer_core.training.loop.follow import Follower
from fer_core.training.loop.job import TrainingJob
from fer_core.training.loop.observer import Observer
from fer_core.training.networks import get_architecture
from tests.training.drawn import RECIPE, drawn_faces
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def data() -> Fer2013:
    return drawn_faces()


def followed(folder: Path, observer: Observer, **changes: object) -> TrainingJob:
    job = TrainingJob(
        get_architecture("triple"),
        RECIPE,
        0,
        folder,
        precision="float32",
        name="mine",
        report=lambda line: None,
        observer=observer,
    )
    return replace(job, **changes)


def test_it_says_how_far_it_is(tmp_path: Path, data: Fer2013, monkeypatch: object) -> None:
    said: list[str] = []
    run = Run(tmp_path / "mine")
    follower = Follower(run, said.append)
    trained = train(followed(run.folder, follower), data)
    assert [json.loads(line)["epoch"] for line in said] == [1, 2, 3]
    assert run.history()["val_accuracy"].tolist() == pytest.approx(
        [row["val_accuracy"] for row in trained.progress.history]
    )
    now = run.snapshot()
    assert now is not None
    assert (now.doing, now.epoch, now.epochs, now.share) == ("finishing", 3, 3, 1.0)
    # The confusion matrix of the last epoch has every validation face, in its own row.
    assert now.confusion is not None
    assert now.confusion.epoch == 3
    labels = data.part(Split.PUBLIC_TEST)[1]
    assert [sum(row) for row in now.confusion.counts] == np.bincount(labels, minlength=7).tolist()
    right = np.trace(np.array(now.confusion.counts)) / len(labels)
    assert right == pytest.approx(trained.progress.history[-1]["val_accuracy"])


def test_the_faces_are_those_of_its_own_batch(tmp_path: Path, data: Fer2013) -> None:
    run = Run(tmp_path / "mine")
    job = followed(run.folder, Follower(run, lambda line: None), until=1)
    train(job, data)
    found = run.faces()
    assert found is not None
    from fer_core.training.loop.training_set import read_training_set

    batch, targets = read_training_set(job, data).batches(0)[0]
    np.testing.assert_array_equal(found[0], np.rint(batch[:12]).astype(np.uint8))
    np.testing.assert_array_equal(found[1], targets[:12])


class _AtBatch(Follower):
    """Wishes something at a batch of an epoch, as a person would who looks."""

    def __init__(self, run: Run, epoch: int, wish: str) -> None:
        super().__init__(run, lambda line: None)
        self._at, self._wanted, self._epoch = epoch, wish, 0

    def on_epoch_begin(self, epoch: int, epochs: int, steps: int) -> None:
        self._epoch = epoch
        super().on_epoch_begin(epoch, epochs, steps)

    def on_batch(self, number: int, *arguments: object, **more: object) -> None:
        if (self._epoch, number) == (self._at, 2):
            self._run.set_wish(self._wanted)  # type: ignore[arg-type]
        self._looked_s = 0.0  # a person is not faster than its looks
        super().on_batch(number, *arguments, **more)  # type: ignore[arg-type]


def test_stopped_it_keeps_the_best_epoch(tmp_path: Path, data: Fer2013) -> None:
    run = Run(tmp_path / "mine")
    job = followed(run.folder, _AtBatch(run, 3, "stop"))
    trained = train(job, data)
    assert trained.stopped
    assert trained.progress.epoch == 2
    whole = train(followed(tmp_path / "whole", Observer(), until=2), data)
    for one, two in zip(trained.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(one, two)
    # And goes on later with the very bits of one that was never stopped.
    run.set_wish("")
    later = train(followed(run.folder, Follower(run, lambda line: None)), data, resume=True)
    never = train(followed(tmp_path / "never", Observer()), data)
    for one, two in zip(later.model.weights, never.model.weights, strict=True):
        np.testing.assert_array_equal(one, two)


def test_stopped_before_there_is_anything_it_says_so(tmp_path: Path, data: Fer2013) -> None:
    run = Run(tmp_path / "mine")
    with pytest.raises(TrainingError, match="there is nothing to keep"):
        train(followed(run.folder, _AtBatch(run, 1, "stop")), data)


def test_paused_it_learns_nothing_and_the_time_is_not_counted(
    tmp_path: Path, data: Fer2013
) -> None:
    run = Run(tmp_path / "mine")
    follower = _AtBatch(run, 2, "pause")
    learning = threading.Thread(target=train, args=(followed(run.folder, follower), data))
    learning.start()

    def is_paused() -> bool:
        now = run.snapshot()
        return now is not None and now.doing == "paused"

    wait_for(is_paused)
    waited = threading.Event()
    waited.wait(1.5)
    assert len(run.history()) == 1
    run.set_wish("")
    learning.join()
    assert follower.waited_s > 1.4
    history = run.history()
    assert len(history) == 3
    assert history["seconds"][1] < follower.waited_s + history["seconds"][2]


def test_no_room_for_a_checkpoint_ends_it_and_for_a_snapshot_does_not(
    tmp_path: Path, data: Fer2013, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(tmp_path / "mine")

    def full(*arguments: object, **more: object) -> None:
        raise StorageError("cannot be written", received="No space left on device")

    monkeypatch.setattr(Run, "write_snapshot", full)
    monkeypatch.setattr(Run, "write_faces", full)
    monkeypatch.setattr(Run, "write_history", full)
    train(followed(run.folder, Follower(run, lambda line: None), until=1), data)
    monkeypatch.setattr("fer_core.training.loop.fit.save_checkpoint", full)
    with pytest.raises(StorageError, match="No space left"):
        train(followed(tmp_path / "other", Follower(run, lambda line: None)), data)


def test_its_network_says_what_it_was_made_of(
    tmp_path: Path, data: Fer2013, yunet_cache: Path
) -> None:
    run = Run(tmp_path / "mine")
    job = followed(run.folder, Observer(), until=1, dataset="faces")
    card_at = write_candidate(job, train(job, data), data)
    from fer_core.zoo import read_card

    card = read_card(card_at, slug="mine")
    assert card.own is not None
    assert (card.network, card.own.dataset, card.published) == ("triple", "faces", None)
    assert card.own.dataset_digest == data.fingerprint
    assert card.own.faces["Training"] == 48
    assert "FER2013" not in card.limits + card.licence.weights


def test_what_it_costs_is_timed_and_nothing_of_it_is_kept(
    tmp_path: Path, data: Fer2013, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fer_core.training.loop.queue import time_order

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    cost = time_order("triple", RECIPE, data, "drawn", report=lambda line: None)
    assert cost.step_s > 0
    assert cost.peak_megabytes is None or cost.peak_megabytes > 100
    # 48 faces in batches of 16, and 24 to choose on.
    assert cost.epoch_s(RECIPE, 48, 24) == pytest.approx(3 * cost.step_s + 24 * cost.face_s)
    assert list(tmp_path.iterdir()) == []
    sides = RECIPE.model_copy(update={"sides_px": (32, 48)})
    with pytest.raises(TrainingError, match="changes the input's side"):
        time_order("triple", sides, data, "drawn", report=lambda line: None)
    large = RECIPE.model_copy(update={"batch_size": 64})
    with pytest.raises(TrainingError, match="fewer faces to learn from"):
        time_order("triple", large, data, "drawn", report=lambda line: None)
