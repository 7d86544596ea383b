"""Reading by an existing Ray cluster: a part is a task of Ray Core.

Ray needs a driver, which dies hard when its cluster does: it waits for minutes, or the library ends
the process. So it is a process of its own, a worker like any other to who leads, that has as many
tasks at a time as the cluster has processors. Each task runs `PartReader` in a process of the
cluster, which writes its readings itself: models, videos and the place of readings have to be
reached from there under the same names.
"""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from queue import Empty
from typing import Any, NoReturn

from fer_core.errors import StudyError
from fer_core.studies.engines import Engine, worker_command
from fer_core.studies.engines.lines import GONE, READY, Lines, Speaker
from fer_core.studies.parts import PartReader
from fer_core.studies.tasks import PartAnswer, PartTask

CONNECT_S = 60.0
"""How long is waited for a cluster to answer."""

KNOCK_S = 10.0
"""And until somebody listens at its address at all."""

_WAIT_S = 0.2
_COUNT_EVERY = 50  # times that

RETRIES = 2
"""By Ray itself, of a task whose process was killed."""

_START = "Start it (ray start --head --disable-usage-stats), or read with --engine local."

_NO_REPORTS = {"RAY_USAGE_STATS_ENABLED": "0"}
# Else Ray tells its makers what a cluster is used for, until somebody objects.

_reader: PartReader | None = None


def ray_engine(address: str, workers: int | None = None) -> Engine:
    """A cluster at an address, or ``auto`` for the one that runs on this machine.

    Args:
        address: ``host:port``.
        workers: how many parts at the same time; None: as many as the cluster has processors.

    Raises:
        StudyError: Ray is not installed here.
    """
    require_ray()
    limit = () if workers is None else ("--workers", str(workers))
    return Engine(
        name="ray",
        command=worker_command("--ray", address, *limit),
        processes=1,
        at_once=workers or 1,  # until the driver has counted
        restarts=False,
        gone=f"The cluster at {address} is gone; what was read is kept. {_START}",
    )


def require_ray() -> None:
    """Look whether Ray is installed, without loading it.

    Raises:
        StudyError: it is not.
    """
    if find_spec("ray") is None:
        raise StudyError(
            "Ray is not installed here",
            remedy="pip install -r requirements-ray.txt, or read with --engine local.",
        )


def drive(address: str, workers: int | None) -> None:
    """Answer tasks from standard input by a cluster, until the input ends; see `Lines`."""
    lines = Lines()
    with connected(lines, address) as ray:
        _Driver(ray, lines, workers).drive()


@contextmanager
def connected(speaker: Speaker, address: str) -> Iterator[Any]:
    """The library, connected to a cluster. Where that ends, so does this process.

    Its last line is then a sentence, under `GONE`.
    """
    there = threading.Event()
    threading.Thread(target=_give_up, args=(speaker, address, there), daemon=True).start()
    try:
        _knock(address)
        os.environ |= _NO_REPORTS  # read when the library is loaded
        import ray

        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"env_vars": _own_variables()},
        )
        there.set()
        yield ray
    except Exception as error:  # whatever it is, nothing can be read any more
        _end(speaker, address, f"{type(error).__name__}: {error}")


def processors_of(ray: Any, workers: int | None) -> int:
    """How many tasks a cluster takes at the same time, each with a whole processor.

    Args:
        ray: the library, connected.
        workers: the most that are wanted; None: as many as there are.

    Raises:
        RuntimeError: it has none.
    """
    processors = int(ray.cluster_resources().get("CPU", 0))
    if not processors:
        raise RuntimeError("the cluster has no processor")
    return min(workers or processors, processors)


def _knock(address: str) -> None:
    """Ray itself asks for half a minute where nobody listens.

    Raises:
        OSError: nobody does.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), KNOCK_S).close()


def _own_variables() -> dict[str, str]:
    """What a person has set for this program, and what is set for them, for the cluster too."""
    own = {name: value for name, value in os.environ.items() if name.startswith("MIEN_")}
    return own | _NO_REPORTS


def _give_up(speaker: Speaker, address: str, there: threading.Event) -> None:
    if not there.wait(CONNECT_S):
        _end(speaker, address, f"no answer for {CONNECT_S:.0f} seconds")


def _end(speaker: Speaker, address: str, received: str) -> NoReturn:
    error = StudyError(
        "the Ray cluster cannot be reached",
        where=address,
        received=received.strip().splitlines()[0][:200],
        remedy=f"What was read is kept. {_START}",
    )
    speaker.tell(**{GONE: str(error)})
    os._exit(1)  # without asking Ray, which may wait for what does not come


class _Driver:
    """Hands tasks to a cluster that is connected."""

    def __init__(self, ray: Any, lines: Lines, workers: int | None) -> None:
        self._ray, self._lines, self._workers = ray, lines, workers
        # Each takes a whole processor: with less, none would ever begin where another one waits.
        self._read = ray.remote(num_cpus=1, max_retries=RETRIES)(read_remotely)
        self._pending: dict[Any, PartTask] = {}

    def drive(self) -> None:
        for turn in count():
            if turn % _COUNT_EVERY == 0:
                self._count()
            self._submit()
            if self._pending:
                self._collect()

    def _count(self) -> None:
        """Say for how many tasks there is room: clusters grow and shrink."""
        self._lines.tell(**{READY: processors_of(self._ray, self._workers)})

    def _submit(self) -> None:
        with suppress(Empty):
            while True:
                task = self._lines.tasks.get(timeout=0 if self._pending else _WAIT_S)
                self._pending[self._read.remote(task.model_dump_json())] = task

    def _collect(self) -> None:
        done, _ = self._ray.wait(list(self._pending), timeout=_WAIT_S)
        for reference in done:
            task = self._pending.pop(reference)
            try:
                self._lines.say(self._ray.get(reference))
            except self._ray.exceptions.RayError as error:
                answer = PartAnswer(
                    recording=task.recording,
                    number=task.number,
                    error=f"The process that read this part ended: {str(error).splitlines()[0]}",
                    blame="bug",
                )
                self._lines.say(answer.model_dump_json())


def read_remotely(task: str) -> str:
    """Read a part in a process of the cluster: `PartTask` to `PartAnswer`, both as JSON."""
    global _reader  # a process of the cluster serves many tasks: what is open stays open
    if _reader is None:
        _reader = PartReader()
    return _reader.answer(PartTask.model_validate_json(task)).model_dump_json()
