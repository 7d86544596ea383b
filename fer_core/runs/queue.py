"""The queue: one training after the other, each a command in a process of its own.

What waits stands in the runs' folders, so that nothing is lost with whoever works on the queue. Who
does holds a lock, which the system takes back from who is killed; a training that goes on without
its leader is waited for by the next one.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fer_core.dataset import FER2013
from fer_core.errors import MienError, TrainingError
from fer_core.runs.faces import faces_digest
from fer_core.runs.order import TrainingOrder
from fer_core.runs.run import LOG_FILE, ORDER_FILE, RECIPE_FILE, Run
from fer_core.runs.shelf import check_own_name, list_runs, runs_folder, seed_runs, taken_names
from fer_core.storage.atomic import write_text
from fer_core.storage.lock import locked
from fer_core.zoo import find_folders, imports_root, models_roots

RESERVED = ("teachers",)
"""Folders beside the runs that are none."""

QUEUE_LOCK = ".queue.lock"
_LOOK_S = 0.5
_NICENESS = 10
"""Below the dashboard: whoever looks at a live video meanwhile comes first."""

_KILLED = (
    "It was ended by the system, perhaps for want of memory. What was learned until its last whole "
    "epoch is kept: close other programs, and let it go on."
)


def add_order(order: TrainingOrder) -> Run:
    """Put a training at the end of the queue.

    Raises:
        TrainingError: the name cannot be, or another training or network has it.
        DatasetError: the data set is not here.
        StorageError: it cannot be written.
    """
    run = Run(runs_folder() / order.name)
    _refuse_taken(order.name, [run])
    return _add(run, order)


def add_family(order: TrainingOrder, seeds: Sequence[int]) -> list[Run]:
    """Put one training for each seed at the end of the queue; see `fer_core.runs.families`.

    Args:
        order: the same for each, but for the seed.
        seeds: at least one, each once.

    Raises:
        TrainingError: the name cannot be, or another training or network has it.
        DatasetError: the data set is not here.
        StorageError: it cannot be written; what was added before that waits.
    """
    runs = [Run(seed_runs(runs_folder(), seed) / order.name, seed) for seed in seeds]
    _refuse_taken(order.name, runs)
    return [
        _add(run, order.model_copy(update={"seed": seed}))
        for run, seed in zip(runs, seeds, strict=True)
    ]


def _refuse_taken(name: str, runs: Sequence[Run]) -> None:
    check_own_name(name)
    network = find_folders(*models_roots())[0].get(name)
    folders = [run.folder for run in runs if run.folder.exists()]
    names = {name, *(run.name for run in runs)}
    if network is not None or folders or names & {*taken_names(), *RESERVED}:
        raise TrainingError(
            "there is a network or a training of this name",
            where=network or (folders or [runs_folder()])[0],
            received=name,
            remedy="Take another name, or delete that one.",
        )


def _add(run: Run, order: TrainingOrder) -> Run:
    settings = order.settings.model_dump_json(indent=2) + "\n"
    write_text(run.folder / RECIPE_FILE, settings)
    run.enter(phase="waiting", queued_at=time.time())
    # Last: a folder without an order is none of the queue's.
    write_text(run.folder / ORDER_FILE, order.model_dump_json(indent=2) + "\n")
    return run


def go_on(run: Run, *, more_epochs: int = 0, keep_best: bool = False) -> None:
    """Put a training that has ended back into the queue, to go on after its last whole epoch.

    Args:
        run: one that does not run.
        more_epochs: beyond those that were planned; the learning rate falls to zero by then.
        keep_best: learn nothing more, and make a network of the best epoch.

    Raises:
        TrainingError: it runs or waits already.
        StorageError: it cannot be written.
    """
    condition = run.condition()
    if condition not in ("finished", "failed", "killed"):
        raise TrainingError(
            "it is in the queue already",
            where=run.name,
            expected="a training that has ended",
            received=condition,
            remedy="Wait until it has ended, or stop it.",
        )
    order = run.order()
    if more_epochs:
        # After an early stop: so many more than it has got to.
        done = len(run.history()) if condition == "finished" else order.epochs
        settings = order.settings.model_copy(update={"epochs": done + more_epochs})
        order = order.model_copy(update={"settings": settings})
        write_text(run.folder / RECIPE_FILE, settings.model_dump_json(indent=2) + "\n")
        write_text(run.folder / ORDER_FILE, order.model_dump_json(indent=2) + "\n")
    run.set_wish("stop" if keep_best else "")
    run.enter(phase="waiting", queued_at=time.time(), resume=run.has_epochs(), sentence="")


def train_command(run: Run) -> list[str]:
    """The command that a training of the queue is, with this very Python."""
    order = run.order()
    words = [sys.executable, "-m", "fer_core", "train", order.network, "--name", order.name]
    words += ["--dataset", order.dataset, "--recipe", str(run.folder / RECIPE_FILE)]
    words += ["--epochs", str(order.epochs), "--seed", str(order.seed)]
    words += ["--precision", order.precision, "--runs", str(run.folder.parent), "--follow"]
    words += ["--from", order.start] if order.start else []
    return words + (["--resume"] if run.state().resume else [])


def is_led() -> bool:
    """Whether a process works on the queue at this moment."""
    if not runs_folder().is_dir():
        return False
    with locked(runs_folder() / QUEUE_LOCK) as mine:
        return not mine


def work(report: Callable[[str], None]) -> int:
    """Train what waits, one after the other, until nothing does.

    Args:
        report: takes a line when a training begins or has ended.

    Returns:
        How many failed.

    Raises:
        TrainingError: another process works on the queue.
    """
    failed = 0
    with _led():
        while (run := _next(report)) is not None:
            report(f"{run.name}: begins")
            sentence = _train(run)
            report(f"{run.name}: {sentence or 'has ended'}")
            failed += bool(sentence)
    return failed


@contextmanager
def _led() -> Iterator[None]:
    runs_folder().mkdir(parents=True, exist_ok=True)
    with locked(runs_folder() / QUEUE_LOCK) as mine:
        if not mine:
            raise TrainingError(
                "another process works on the queue",
                where=runs_folder(),
                remedy="What you added waits there, and is trained when its turn comes.",
            )
        yield


def _next(report: Callable[[str], None]) -> Run | None:
    """The next training that waits, once nothing trains any more; None where none waits."""
    told = False
    while True:
        busy, waiting = None, None
        for run in list_runs():
            with suppress(TrainingError):  # a damaged one is none of ours
                phase = run.state().phase
                busy = run if phase == "training" and run.is_held() else busy
                waiting = run if phase == "waiting" and waiting is None else waiting
        if waiting is None or busy is None:
            return waiting
        if not told:
            report(f"{waiting.name}: waits for {busy.name}, which goes on without its queue")
            told = True
        time.sleep(_LOOK_S)


def _train(run: Run) -> str:
    """Have a training done by its command; why it failed, "" where it did not."""
    try:
        _refuse_other_faces(run.order())
        with (run.folder / LOG_FILE).open("ab") as log:
            process = subprocess.Popen(
                train_command(run),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # What lies in the folder of whoever started the queue is none of the training's.
                cwd=Path(__file__).resolve().parents[2],
            )
            run.enter(phase="training", pid=process.pid, sentence="")
            if hasattr(os, "setpriority"):  # not on Windows
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
            code = process.wait()
        sentence = _sentence(run, code)
    except (MienError, OSError) as error:
        code, sentence = 1, str(error)
    with suppress(MienError):  # a full disk: who looks sees that nobody trains any more
        run.enter(phase="failed" if code else "finished", sentence=sentence)
    return sentence


def _sentence(run: Run, code: int) -> str:
    if code == 0:
        return ""
    if code < 0:
        return _KILLED
    return run.last_words() or f"It ended with {code}."


def _refuse_other_faces(order: TrainingOrder) -> None:
    """What was asked for was asked of the faces that were there then."""
    if faces_digest(order.dataset) == order.dataset_digest:
        return
    again = "FER2013.csv" if order.dataset == FER2013 else f"FOLDER --name {order.dataset}"
    raise TrainingError(
        "the data set is not the one that this training was asked for",
        where=order.dataset,
        expected=order.dataset_digest[:16],
        received=faces_digest(order.dataset)[:16],
        remedy=f"Import that one again (python -m fer_core data import {again}), or delete this "
        "training and ask for it anew.",
    )


def network_folder(name: str) -> Path:
    """Where a network of one's own goes once it is frozen."""
    return imports_root() / name
