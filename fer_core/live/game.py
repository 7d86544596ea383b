"""The game "Show me surprise": the page asks for expressions, and counts what it reads meanwhile.

What comes out is one's own confusion matrix: asked by read. It says how well this network and this
person understand each other, and nothing about what a person feels or can do.
"""

import json
import math
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.faces import crop_square
from fer_core.pipeline.stream import StreamFrame

DURATION_S = 120.0
TIMES_EACH = 2
TURNS = TIMES_EACH * len(LABELS)
TURN_S = DURATION_S / TURNS
"""8.6 s: each expression is asked for twice in two minutes."""

READY_S = 2.0
"""At the start of a turn, to read the word and make the face; not counted."""

READINGS_A_SECOND = 5.0
MOMENTS = math.ceil((TURN_S - READY_S) * READINGS_A_SECOND)
"""Readings of a turn in which the face is seen all the time."""

FACE_PX = 200
"""Side of the one face that is kept."""

COLUMNS = ("seconds", "turn", "asked", "read", "confidence", "unsure", "model", *LABELS)
"""Columns of `game_csv`."""


def turn_order(seed: int) -> tuple[Emotion, ...]:
    """The expressions in the order in which they are asked for.

    Returns:
        `TURNS` of them, each as often as the others and never twice in a row, which would look
        like one long turn.
    """
    rng = random.Random(seed)
    order: list[Emotion] = []
    for _ in range(TIMES_EACH):
        block = list(Emotion)
        rng.shuffle(block)
        if order and block[0] == order[-1]:
            block.append(block.pop(0))
        order += block
    return tuple(order)


@dataclass(frozen=True, slots=True, eq=False)
class Confusing:
    """The face of a game that the network was surest about, and wrong.

    Attributes:
        rgb: (`FACE_PX`, `FACE_PX`, 3) uint8.
        asked: what the person was asked to show.
        read: what the network took it for.
        confidence: how sure it was, 0 to 1.
    """

    rgb: NDArray[np.uint8]
    asked: Emotion
    read: Emotion
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class GameResult:
    """A game that was played to its end: m readings of the largest face, by time.

    Attributes:
        order: what was asked for in each turn.
        seconds: (m,) float64 from the start.
        turns: (m,) int64, the turn of each, from 0.
        probabilities: (m, 7) float32, as they were shown.
        unsure: (m,) bool.
        models: m slugs of the network that read.
        seed: of the order.
        confusing: the face that confused the network most; None where all was read as asked.

    Raises:
        ContractError: on construction, where the arrays differ in length.
    """

    order: tuple[Emotion, ...]
    seconds: NDArray[np.float64]
    turns: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    unsure: NDArray[np.bool_]
    models: tuple[str, ...]
    seed: int
    confusing: Confusing | None = None

    def __post_init__(self) -> None:
        m = len(self.seconds)
        shapes = (self.turns.shape, self.probabilities.shape, self.unsure.shape, len(self.models))
        if shapes != ((m,), (m, len(LABELS)), (m,), m):
            raise ContractError(
                "each reading needs a time, a turn, seven probabilities and a network",
                where="GameResult",
                expected=f"{m} of each",
                received=shapes,
            )

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def asked(self) -> NDArray[np.int64]:
        """(m,) int64: the class asked for at each reading."""
        return np.asarray(self.order, np.int64)[self.turns]

    @property
    def read(self) -> NDArray[np.int64]:
        """(m,) int64: the likeliest class of each reading, sure or not."""
        return np.asarray(self.probabilities.argmax(axis=1), np.int64)

    @property
    def counts(self) -> NDArray[np.int64]:
        """(7, 7) readings: rows asked, columns read."""
        table = np.zeros((len(LABELS), len(LABELS)), np.int64)
        np.add.at(table, (self.asked, self.read), 1)
        return table

    @property
    def share(self) -> float:
        """Readings that were what was asked for, as a fraction; NaN without any."""
        return float(np.mean(self.asked == self.read)) if len(self) else float("nan")

    @property
    def moments(self) -> int:
        """Readings there would be, had the face been seen and the video been quick all the time."""
        return len(self.order) * MOMENTS

    @property
    def turns_read(self) -> tuple[Emotion | None, ...]:
        """What each turn was mostly read as; None where no face was seen in it."""
        return tuple(
            Emotion(int(np.bincount(self.read[self.turns == turn], minlength=len(LABELS)).argmax()))
            if (self.turns == turn).any()
            else None
            for turn in range(len(self.order))
        )

    @property
    def turns_right(self) -> int:
        """Turns that were mostly read as what was asked for."""
        return sum(asked == read for asked, read in zip(self.order, self.turns_read, strict=True))


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a game that runs is.

    Attributes:
        asked: the expression to show now.
        number: of this turn, from 1.
        seconds_left: of this turn.
        counting: False in the first `READY_S`.
        progress: of the whole game, 0 to 1.
        face_seen: whether a face was read within the last second.
    """

    asked: Emotion
    number: int
    seconds_left: float
    counting: bool
    progress: float
    face_seen: bool


_Kept = tuple[float, NDArray[np.float32], bool, str]
"""A reading: seconds from the start, (7,) probabilities, whether unsure, the network's slug."""


class Game:
    """One viewer's game; an `Observer`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """No game yet; ``clock`` must be the session's."""
        self._clock = clock
        self._lock = threading.Lock()
        self._started_s: float | None = None
        self._seed = 0
        self._order: tuple[Emotion, ...] = ()
        self._readings: dict[tuple[int, int], _Kept] = {}
        self._confusing: Confusing | None = None
        self._seen_s = -float("inf")
        self._result: GameResult | None = None
        self._broken_off = False

    def start(self, seed: int) -> None:
        """Begin a game; the result of the one before stays until this one ends."""
        with self._lock:
            self._started_s, self._seed = self._clock(), seed
            self._order, self._readings, self._confusing = turn_order(seed), {}, None
            self._broken_off = False

    def stop(self) -> None:
        """Break off the game that runs; nothing of it is kept."""
        with self._lock:
            self._started_s = self._confusing = None

    def discard(self) -> None:
        """Forget the result."""
        with self._lock:
            self._result = None

    def on_end(self) -> None:
        """The video ended, and the game with it: half a game has no equal counts."""
        with self._lock:
            self._broken_off |= self._started_s is not None
            self._started_s = self._confusing = None

    @property
    def seed(self) -> int:
        """Of the last game that was started."""
        with self._lock:
            return self._seed

    @property
    def broken_off(self) -> bool:
        """Whether the video ended in the middle of the last game."""
        with self._lock:
            return self._broken_off

    @property
    def result(self) -> GameResult | None:
        """Of the last game that was played to its end, until `discard`."""
        with self._lock:
            self._finish_in_time()
            return self._result

    def turn(self) -> Turn | None:
        """What is asked for now; None where no game runs."""
        with self._lock:
            self._finish_in_time()
            if self._started_s is None:
                return None
            now = self._clock()
            passed = now - self._started_s
            number = min(int(passed / TURN_S), TURNS - 1)  # not one more by rounding
            within = passed - number * TURN_S
            return Turn(
                asked=self._order[number],
                number=number + 1,
                seconds_left=TURN_S - within,
                counting=within >= READY_S,
                progress=passed / DURATION_S,
                face_seen=now - self._seen_s < 1.0,
            )

    def on_frame(self, frame: StreamFrame) -> None:
        """Keep what is read on the largest face, a few times a second."""
        with self._lock:
            self._finish_in_time()
            if self._started_s is None or not frame.shown.track_ids:
                return
            self._seen_s = frame.time_s
            passed = frame.time_s - self._started_s
            turn, within = divmod(passed, TURN_S)
            if 0 <= passed < DURATION_S and within >= READY_S:
                # One for each fifth of a second, whatever the frame rate: turns weigh the same.
                moment = int(turn), int((within - READY_S) * READINGS_A_SECOND)
                if moment not in self._readings:
                    self._keep(moment, passed, frame)

    def _keep(self, moment: tuple[int, int], passed: float, frame: StreamFrame) -> None:
        shown = frame.shown.predictions
        # Not the frame itself: hundreds of images would be kept with it.
        self._readings[moment] = (
            passed,
            shown.probabilities[0],
            bool(shown.unsure[0]),
            frame.shown.model,
        )
        asked, read = self._order[moment[0]], shown.emotions[0]
        confidence = float(shown.confidences[0])
        surest = self._confusing.confidence if self._confusing else 0.0
        if read != asked and confidence > surest:  # a dozen times a game, 0.1 ms each
            face = crop_square(frame.image, frame.shown.faces.boxes[0], 0.2)
            small = cv2.resize(face, (FACE_PX, FACE_PX), interpolation=cv2.INTER_AREA)
            self._confusing = Confusing(np.asarray(small, np.uint8), asked, read, confidence)

    def _finish_in_time(self) -> None:
        if self._started_s is None or self._clock() - self._started_s < DURATION_S:
            return
        self._started_s = None
        turns = [turn for turn, _ in self._readings]
        kept, self._readings = list(self._readings.values()), {}
        self._result = GameResult(
            order=self._order,
            seconds=np.array([row[0] for row in kept], np.float64),
            turns=np.array(turns, np.int64),
            probabilities=np.array([row[1] for row in kept], np.float32).reshape(-1, len(LABELS)),
            unsure=np.array([row[2] for row in kept], np.bool_),
            models=tuple(row[3] for row in kept),
            seed=self._seed,
            confusing=self._confusing,
        )
        self._confusing = None


def game_csv(result: GameResult) -> bytes:
    """One row a reading, `COLUMNS`, UTF-8; turns count from 1."""
    table = pd.DataFrame(
        {
            "seconds": result.seconds.round(3),
            "turn": result.turns + 1,
            "asked": [LABELS[column] for column in result.asked],
            "read": [LABELS[column] for column in result.read],
            "confidence": result.probabilities.max(axis=1, initial=0.0).round(4),
            "unsure": result.unsure,
            "model": result.models,
            **{
                label: result.probabilities[:, column].round(4)
                for column, label in enumerate(LABELS)
            },
        },
        columns=list(COLUMNS),
    )
    return table.to_csv(index=False, lineterminator="\n").encode()


def game_json(result: GameResult) -> bytes:
    """The order, each turn's outcome, the confusion matrix and its figures, as JSON."""
    return json.dumps(
        {
            "models": sorted(set(result.models)),
            "seed": result.seed,
            "turn_seconds": round(TURN_S, 3),
            "ready_seconds": READY_S,
            "readings": len(result),
            "moments": result.moments,
            "share": round(result.share, 4) if len(result) else None,
            "turns_right": result.turns_right,
            "turns": [
                {"asked": asked.label, "read": None if read is None else read.label}
                for asked, read in zip(result.order, result.turns_read, strict=True)
            ],
            "labels": LABELS,
            "asked_by_read": result.counts.tolist(),
        },
        indent=2,
    ).encode()
