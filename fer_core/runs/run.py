"""A run: the folder of one training of the queue, whoever works on it."""

import csv
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from fer_core.errors import MienError, StorageError, TrainingError
from fer_core.evaluation.summary import HISTORY_COLUMNS, History, read_history
from fer_core.runs.order import TrainingOrder
from fer_core.runs.snapshot import Snapshot
from fer_core.storage.atomic import write_npz, write_text
from fer_core.storage.lock import locked
from fer_core.storage.reading import fault, read_bytes, read_npz
from fer_core.zoo import HISTORY_FILE

ORDER_FILE, STATE_FILE, SNAPSHOT_FILE = "order.json", "state.json", "progress.json"
FACES_FILE, LOG_FILE, RECIPE_FILE, WISH_FILE = "faces.npz", "train.log", "recipe.json", "wish"
CANDIDATE = "candidate"
"""Folder inside of a training's run, until `freeze` measures it and moves it to a models folder."""

LOCK_FILE = ".lock"
_LIMIT_BYTES = 4_000_000
_STARTING_S = 60.0
"""From being handed out until a training holds its lock; it imports nothing large before that."""

Phase = Literal["waiting", "training", "finished", "failed"]
Wish = Literal["", "pause", "stop"]
Condition = Literal[
    "waiting", "starting", "learning", "validating", "finishing", "paused", "finished", "failed",
    "killed",
]  # fmt: skip
"""As a person sees it: what is entered, corrected by who is really alive."""

Entry = TypeVar("Entry", bound=BaseModel)


class RunState(BaseModel):
    """What was entered of a run.

    Attributes:
        phase: since ``since``, seconds of the system's clock.
        sentence: why it failed, or what is worth knowing of how it ended.
        pid: of who trains.
        queued_at: its place in the queue, seconds of the system's clock.
        resume: whether it shall go on after its last whole epoch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    phase: Phase = "waiting"
    since: float
    sentence: str = ""
    pid: int = 0
    queued_at: float
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One training's folder.

    Attributes:
        folder: where it is; its name is what the result is called.
        seed: where it is one of a family's; see `fer_core.runs.families`.
    """

    folder: Path
    seed: int | None = None

    @property
    def name(self) -> str:
        """What the training is called, no other one like it."""
        return self.folder.name if self.seed is None else f"{self.folder.name}_s{self.seed}"

    @property
    def network(self) -> str:
        """What the network is called that comes of it, or of its family."""
        return self.folder.name

    @property
    def family(self) -> str:
        """What its family is called, and the network that comes of it; "" for one training."""
        return "" if self.seed is None else self.folder.name

    # --- what is there ---

    def order(self) -> TrainingOrder:
        """What was asked for.

        Raises:
            TrainingError: it cannot be read.
        """
        return self._read(ORDER_FILE, TrainingOrder)

    def state(self) -> RunState:
        """What was entered last.

        Raises:
            TrainingError: it cannot be read.
        """
        return self._read(STATE_FILE, RunState)

    def snapshot(self) -> Snapshot | None:
        """How far it is; None before its first step, or where that cannot be read."""
        with suppress(TrainingError):
            return self._read(SNAPSHOT_FILE, Snapshot)
        return None

    def history(self) -> History:
        """Its epochs so far; empty before the first, or where they cannot be read."""
        with suppress(MienError):
            return read_history(self.folder)
        return History({name: np.empty(0) for name in HISTORY_COLUMNS})

    def faces(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | None:
        """Training faces as the network got them.

        Returns:
            (k, side, side, channels) uint8 and their targets (k, 7); None where there are none.
        """
        with suppress(OSError, StorageError, KeyError):
            found = read_npz(self.folder / FACES_FILE, _LIMIT_BYTES)
            return found["faces"].astype(np.uint8), found["targets"].astype(np.float32)
        return None

    def has_network(self) -> bool:
        """Whether it has ended with a network that `freeze` takes."""
        return (self.folder / CANDIDATE).is_dir()

    def has_epochs(self) -> bool:
        """Whether there is a whole epoch to go on from."""
        return any(self.folder.glob("checkpoint-*.npz"))

    def last_words(self) -> str:
        """The last line that the training's process said; "" where it said none."""
        with suppress(OSError):
            size = (self.folder / LOG_FILE).stat().st_size
            with (self.folder / LOG_FILE).open("rb") as stream:
                stream.seek(max(0, size - 8192))
                lines = stream.read().decode(errors="replace").strip().splitlines()
            said = [line for line in lines if line.strip() and not line.startswith("{")]
            return said[-1] if said else ""
        return ""

    # --- who works on it ---

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the one that trains, until the end of the block or of this process.

        Raises:
            TrainingError: another process does.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / LOCK_FILE) as mine:
            if not mine:
                raise TrainingError(
                    "it is being trained by another process",
                    where=self.folder,
                    remedy="Wait until that has ended, or stop it.",
                )
            yield

    def is_held(self) -> bool:
        """Whether a process trains at this moment, whatever a killed one left behind."""
        if not self.folder.is_dir():
            return False
        with locked(self.folder / LOCK_FILE) as mine:
            return not mine

    def condition(self) -> Condition:
        """How it is, as a person sees it.

        Raises:
            TrainingError: what was entered cannot be read.
        """
        state = self.state()
        if state.phase != "training":
            return state.phase
        if self.is_held():
            snapshot = self.snapshot()
            return snapshot.doing if snapshot else "starting"
        just_begun = 0 <= time() - state.since < _STARTING_S
        return "starting" if just_begun and _is_alive(state.pid) else "killed"

    # --- changing it ---

    def enter(self, **changes: Any) -> None:
        """Enter a new state; what is not named stays.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            before = self.state().model_dump()
        except TrainingError:
            before = {"queued_at": time()}
        state = RunState.model_validate(before | {"since": time()} | changes)
        write_text(self.folder / STATE_FILE, state.model_dump_json(indent=2))

    def wish(self) -> Wish:
        """What a person wants of it now."""
        with suppress(OSError, StorageError, UnicodeDecodeError):
            text = read_bytes(self.folder / WISH_FILE, 100).decode().strip()
            if text in ("pause", "stop"):
                return text  # type: ignore[return-value]  # just compared
        return ""

    def set_wish(self, wish: Wish) -> None:
        """Pause, stop and keep the best, or go on; the training looks at it after each batch.

        Raises:
            StorageError: it cannot be written.
        """
        write_text(self.folder / WISH_FILE, wish)

    def write_snapshot(self, snapshot: Snapshot) -> None:
        """Say how far it is.

        Raises:
            StorageError: it cannot be written.
        """
        write_text(self.folder / SNAPSHOT_FILE, snapshot.model_dump_json())

    def write_history(self, rows: list[dict[str, float]]) -> None:
        """Replace its learning curves.

        Raises:
            StorageError: they cannot be written.
        """
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, HISTORY_COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(self.folder / HISTORY_FILE, text.getvalue())

    def write_faces(self, faces: NDArray[np.uint8], targets: NDArray[np.float32]) -> None:
        """Keep (k, side, side, channels) faces and targets (k, 7) to be looked at.

        Raises:
            StorageError: they cannot be written.
        """
        write_npz(self.folder / FACES_FILE, {"faces": faces, "targets": targets})

    def delete(self) -> None:
        """Remove all of it; a network that was frozen from it stays.

        Raises:
            TrainingError: it is being trained.
            StorageError: the system refuses.
        """
        with self.hold():
            aside = self.folder.with_name(f".{self.name}.removed")
            shutil.rmtree(aside, ignore_errors=True)
            try:
                self.folder.rename(aside)  # gone at once, for whoever looks
            except OSError as error:
                raise StorageError(
                    "cannot be removed",
                    where=self.folder,
                    received=error.strerror or error,
                    remedy="Close what has files of it open, see who may write there, try again.",
                ) from error
        shutil.rmtree(aside, ignore_errors=True)

    def _read(self, name: str, kind: type[Entry]) -> Entry:
        try:
            return kind.model_validate_json(read_bytes(self.folder / name, _LIMIT_BYTES))
        except (OSError, StorageError, ValidationError) as error:
            raise TrainingError(
                "the training's folder is damaged",
                where=f"{self.name}/{name}",
                received=fault(error),
                remedy=f"Delete it: python -m fer_core queue delete {self.name}",
            ) from error


def _is_alive(pid: int) -> bool:
    # Whether there is a process of this number; only ever asked in its first minute.
    if pid <= 0 or os.name == "nt":
        return pid > 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
