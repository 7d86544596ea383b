"""The queue loses nothing, whoever is killed, and trains one at a time."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fer_core.errors import MienError, StorageError, TrainingError
from fer_core.runs import queue
from fer_core.runs.queue import add_order, go_on, is_led, train_command, work
from fer_core.runs.run import ORDER_FILE, STATE_FILE, Run
from fer_core.runs.shelf import find_run, list_runs
from fer_core.runs.snapshot import Snapshot
from tests.runs.made import named_faces, order_of
from tests.waiting import wait_for

HOLD = """
import sys, time
from pathlib import Path
from fer_core.runs.run import Run
with Run(Path(sys.argv[1])).hold():
    while Run(Path(sys.argv[1])).wish() != "stop":
        time.sleep(0.02)
"""


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("MIEN_MODELS", f"{tmp_path / 'models'}{os.pathsep}{tmp_path / 'own'}")
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))


def trains_by(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put a short program in the place of the command that trains."""
    monkeypatch.setattr(
        queue, "train_command", lambda run: [sys.executable, "-c", code, str(run.folder)]
    )


def lines() -> tuple[list[str], threading.Thread]:
    said: list[str] = []
    return said, threading.Thread(target=lambda: work(said.append))


def test_each_is_trained_in_its_turn_and_one_that_fails_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = """
import sys
print('{"epoch": 1}')
sys.exit('a: the loss is no number.' if sys.argv[1].endswith('first') else None)
"""
    trains_by(monkeypatch, code)
    first, second = add_order(order_of("first")), add_order(order_of("second"))
    assert [run.name for run in list_runs()] == ["first", "second"]
    said: list[str] = []
    assert work(said.append) == 1
    assert said[0] == "first: begins"
    assert first.condition() == "failed"
    assert first.state().sentence == "a: the loss is no number."
    assert second.condition() == "finished"
    assert not is_led()


@pytest.mark.slow
def test_two_at_once_have_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    trains_by(monkeypatch, HOLD)
    run = add_order(order_of())
    _, leader = lines()
    leader.start()
    wait_for(run.is_held)
    assert is_led()
    # Another process, as locks of one process do not tell its threads apart everywhere.
    code = "from fer_core.runs.queue import work; work(print)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "another process works on the queue" in other.stderr
    with pytest.raises(TrainingError, match="it is in the queue already"):
        go_on(run)
    with pytest.raises(TrainingError, match="being trained by another process"):
        run.delete()
    run.set_wish("stop")
    leader.join()
    assert run.condition() == "finished"


@pytest.mark.slow
def test_a_training_that_is_killed_is_said_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    trains_by(monkeypatch, HOLD)
    run = add_order(order_of())
    _, leader = lines()
    leader.start()
    wait_for(run.is_held)
    assert run.condition() == "starting"
    run.write_snapshot(Snapshot(epoch=1, epochs=2, step=3, steps=10))
    assert run.condition() == "learning"
    os.kill(run.state().pid, signal.SIGKILL)
    leader.join()
    assert run.condition() == "failed"
    assert "ended by the system" in run.state().sentence
    (run.folder / "checkpoint-0001.npz").write_bytes(b"")
    go_on(run)
    assert run.state().resume
    assert run.condition() == "waiting"
    assert "--resume" in train_command(run)


def test_nobody_alive_is_seen_whatever_was_entered() -> None:
    run = add_order(order_of())
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True)  # fmt: skip
    run.enter(phase="training", pid=int(gone.stdout))
    assert run.condition() == "killed"
    # A number that another process has by now, long after.
    run.enter(phase="training", pid=os.getpid(), since=time.time() - 3600)
    assert run.condition() == "killed"
    run.enter(phase="training", pid=os.getpid())
    assert run.condition() == "starting"


@pytest.mark.slow
def test_a_training_without_its_leader_goes_on_and_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = add_order(order_of("first"))
    orphan = subprocess.Popen([sys.executable, "-c", HOLD, str(first.folder)])
    wait_for(first.is_held)
    first.enter(phase="training", pid=orphan.pid)
    second = add_order(order_of("second"))
    trains_by(monkeypatch, "pass")
    said, leader = lines()
    leader.start()
    wait_for(lambda: said)
    assert said == ["second: waits for first, which goes on without its queue"]
    assert second.condition() == "waiting"
    first.set_wish("stop")
    assert orphan.wait() == 0
    leader.join()
    assert second.condition() == "finished"


def test_a_data_set_that_changed_or_went_while_it_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trains_by(monkeypatch, "raise SystemExit('was trained')")
    named_faces(tmp_path / "faces.npz")
    orders = [
        order_of(name, dataset="faces", dataset_digest=queue.faces_digest("faces"))
        for name in ("changed", "gone")
    ]
    changed, gone = map(add_order, orders)
    named_faces(tmp_path / "faces.npz", seed=1)
    gone.enter(queued_at=time.time() + 60)
    assert work(lambda line: None) == 2
    assert "not the one that this training was asked for" in changed.state().sentence
    (tmp_path / "faces.npz").unlink()
    go_on(gone)
    work(lambda line: None)
    assert "there is no such data set" in gone.state().sentence


def test_more_epochs_begin_where_it_ended() -> None:
    run = add_order(order_of())
    run.enter(phase="finished")
    row = {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.0, "val_accuracy": 0.5}
    rows = [{"epoch": n, **row, "learning_rate": 0.1, "seconds": 1.0} for n in (1, 2)]
    run.write_history(rows)
    (run.folder / "checkpoint-0002.npz").write_bytes(b"")
    go_on(run, more_epochs=3)
    assert run.order().epochs == 5
    words = train_command(run)
    assert words[words.index("--epochs") + 1] == "5"
    assert "--resume" in words
    run.enter(phase="failed")
    go_on(run, keep_best=True)
    assert run.wish() == "stop"


def test_names_that_are_taken_or_cannot_be() -> None:
    add_order(order_of())
    for name in ("mine", "teachers"):
        with pytest.raises(TrainingError, match="of this name"):
            add_order(order_of(name))
    with pytest.raises(TrainingError, match="cannot be called this"):
        add_order(order_of("../up"))


def test_one_damaged_folder_loses_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = add_order(order_of("bad")), add_order(order_of("good"))
    for name in (STATE_FILE, ORDER_FILE):
        (bad.folder / name).write_text("{")
    with pytest.raises(TrainingError, match="folder is damaged"):
        bad.condition()
    trains_by(monkeypatch, "pass")
    assert work(lambda line: None) == 0
    assert good.condition() == "finished"
    bad.delete()
    assert [run.name for run in list_runs()] == ["good"]
    with pytest.raises(TrainingError, match="there is no such training"):
        find_run("bad")


def test_no_room_is_a_sentence_and_leaves_no_half_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unlucky import room_for

    with room_for(100), pytest.raises(StorageError, match="cannot be written"):
        add_order(order_of())
    assert list_runs() == []


def test_what_cannot_be_read_of_a_run_is_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path / "runs" / "none")
    assert run.snapshot() is None
    assert run.faces() is None
    assert len(run.history()) == 0
    assert run.last_words() == run.wish() == ""
    assert not run.is_held()
    with pytest.raises(MienError):
        run.order()
