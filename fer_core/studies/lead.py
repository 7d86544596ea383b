"""Leading a study: parts are handed out until none is missing, and what came of each is entered."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from sqlalchemy import update

from fer_core.errors import MienError
from fer_core.studies.assemble import assemble_all
from fer_core.studies.engines import Engine
from fer_core.studies.engines.process import Event, Worker
from fer_core.studies.queue import Queue
from fer_core.studies.results import grid_of
from fer_core.studies.schema import RunRow, StudyRow
from fer_core.studies.store import Study
from fer_core.studies.sums import study_sums
from fer_core.studies.tasks import PartAnswer, PartTask

LOOK_EVERY_S = 1.0
"""How often it is looked what others changed: a pause, priorities, new recordings."""

SILENT_S = 90.0
"""A worker says every few seconds that it is alive; one that has not for so long hangs."""

_START_S = 300.0
# Until it says so first: its libraries may come over a network.

_SLOW_S, _TIMES_SLOWER = 900.0, 120.0
# No part takes longer than this and so many times its own length: whoever reads it hangs.


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Attributes:
        sentence: why before everything was read; "" where all was that can be.
        paused: whether somebody paused it.
        parts: how many were read in this run.
    """

    sentence: str = ""
    paused: bool = False
    parts: int = 0


class _CannotGoOn(Exception):
    """Nothing can be read any more, with the sentence why."""


def run_study(study: Study, engine: Engine, *, tell: Callable[[], None] | None = None) -> Ended:
    """Read all missing parts of a study, and return when none is missing or it is paused.

    It goes on where it ended whatever ended it, and takes in what is added meanwhile.

    Args:
        study: to be read.
        engine: who reads.
        tell: called about once in `LOOK_EVERY_S`.

    Raises:
        StudyError: another process leads this study.
        StorageError: the place of its readings cannot be looked at.
    """
    with study.lead():
        with study.database.write() as session:
            session.get_one(StudyRow, 1).paused = False
        run = _Run(study, engine, tell)
        try:
            ended = run.until_read()
        except BaseException as error:
            # Also when it is ended from the keyboard: whoever looks must not think that it runs.
            sentence = str(error) if isinstance(error, MienError) else "It was ended."
            run.close(sentence)
            raise
        run.close(ended.sentence)
        assemble_all(study)
        with suppress(MienError):  # nobody is in the sheet yet, or the place cannot be read
            study_sums(study, grid_of(study))
        return ended


class _Run:
    """A run that goes on."""

    def __init__(self, study: Study, engine: Engine, tell: Callable[[], None] | None) -> None:
        self._study, self._engine, self._tell = study, engine, tell
        self._queue = Queue(study)
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._workers: list[Worker] = []
        self._begun_at: dict[tuple[str, int], float] = {}
        self._parts = 0
        with study.database.write() as session:
            row = RunRow(
                engine=engine.name,
                workers=engine.workers,
                pid=os.getpid(),
                host=socket.gethostname(),
                started_at=time.time(),
                seen_at=time.time(),
                ended_at=None,
                sentence="",
            )
            session.add(row)
            session.flush()
            self._id = row.id

    def until_read(self) -> Ended:
        self._queue.recover()
        self._queue.refresh()
        with ExitStack() as stack:
            stack.callback(self._stop_workers)
            try:
                return self._until_read()
            except _CannotGoOn as end:
                for worker in self._workers:
                    for task in worker.tasks.values():
                        self._queue.put_back(task)
                return Ended(str(end), parts=self._parts)

    def _until_read(self) -> Ended:
        looked_at = 0.0
        while True:
            if monotonic() - looked_at >= LOOK_EVERY_S:
                looked_at = monotonic()
                self._look()
            if not self._queue.paused:
                self._hand_out()
            busy = any(worker.tasks for worker in self._workers)
            if not busy and (self._queue.paused or not self._queue.missing):
                return Ended(paused=self._queue.paused, parts=self._parts)
            try:
                event = self._events.get(timeout=LOOK_EVERY_S / 4)
            except Empty:
                continue
            if event.answer is None:
                self._buried(event.worker)
            else:
                self._answered(event.worker, event.answer)

    def _look(self) -> None:
        """See what others changed, and say that this run is alive."""
        self._queue.refresh()
        with self._study.database.write() as session:
            session.execute(update(RunRow).where(RunRow.id == self._id).values(seen_at=time.time()))
        for worker in self._workers:
            self._end_if_it_hangs(worker)
        if self._tell is not None:
            self._tell()

    def _end_if_it_hangs(self, worker: Worker) -> None:
        now = monotonic()
        too_slow = any(
            now - self._begun_at[key] > _SLOW_S + _TIMES_SLOWER * _seconds(task)
            for key, task in worker.tasks.items()
        )
        silent = now - worker.heard_at > (SILENT_S if worker.ready else _START_S)
        if worker.tasks and (too_slow or silent):
            worker.kill()  # its end comes as an event

    def _hand_out(self) -> None:
        if not self._queue.missing:
            return
        while len(self._workers) < self._engine.processes:
            self._workers.append(Worker(self._engine.command, self._engine.at_once, self._events))
        for worker in self._workers:
            while len(worker.tasks) < worker.at_once:
                task = self._queue.take(after=worker.last)
                if task is None:
                    return
                self._begun_at[task.recording, task.number] = monotonic()
                worker.give(task)

    def _answered(self, worker: Worker, answer: PartAnswer) -> None:
        task = worker.tasks.pop((answer.recording, answer.number), None)
        if task is None:
            return
        if not answer.error:
            self._queue.enter(answer)
            self._parts += 1
        elif answer.blame in ("video", "bug"):
            self._queue.put_back(task, answer.error, counts=True)
        else:
            self._queue.put_back(task)
            raise _CannotGoOn(answer.error)

    def _buried(self, worker: Worker) -> None:
        """A worker has ended by itself, or was killed."""
        self._workers.remove(worker)
        words = worker.gone or worker.last_words
        worker.stop()
        lost, worker.tasks = list(worker.tasks.values()), {}
        if worker.gone or not worker.ready or not self._engine.restarts:
            for task in lost:
                self._queue.put_back(task)
            what = words or "it said nothing"
            raise _CannotGoOn(worker.gone or f"A worker ended ({what}). {self._engine.gone}")
        for task in lost:
            self._queue.put_back(task, _killed(worker, words), counts=True)

    def _stop_workers(self) -> None:
        for worker in self._workers:
            worker.stop()

    def close(self, sentence: str) -> None:
        """Enter that the run has ended, and how."""
        with self._study.database.write() as session:
            row = session.get_one(RunRow, self._id)
            row.ended_at, row.seen_at, row.sentence = time.time(), time.time(), sentence


def _seconds(task: PartTask) -> float:
    part = task.index.parts[0]
    return part.end_s - part.begin_s


def _killed(worker: Worker, words: str) -> str:
    if worker.was_killed or not words:
        return (
            "The process that read this part was ended by the system, perhaps for want of memory. "
            "Read with fewer workers, or close other programs."
        )
    return f"The process that read this part ended: {words}"
