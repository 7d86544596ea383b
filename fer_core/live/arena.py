"""Several networks read the same live face: where do they agree, and what does each cost?

They run beside the video and not in it: a round takes the newest frame's largest face, in a thread
of its own, at most `ROUNDS_A_SECOND` times a second and with pauses as long as its work. A frame
that comes while a round runs is left to the video, so the answer is never older than one round.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from time import monotonic, perf_counter

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import Faces, crop_faces
from fer_core.pipeline.stream import StreamFrame
from fer_core.zoo import Classifier, Predictions

FEWEST, MOST = 2, 4
ROUNDS_A_SECOND = 5.0
_TIMED_ROUNDS = 25
"""Milliseconds are the median of so many rounds: five seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """One network's part in a round.

    Attributes:
        model: its slug.
        prediction: its one row, with its own threshold for "unsure".
        milliseconds: median for cropping and reading one face.
    """

    model: str
    prediction: Predictions
    milliseconds: float


@dataclass(frozen=True, slots=True, eq=False)
class ArenaState:
    """The newest round, and all rounds so far.

    Attributes:
        answers: in the order in which the networks were chosen; () before the first round.
        track_id: of the face that was read.
        rounds: faces read by all of them so far.
        differed: rounds in which not all named the same likeliest class, sure or not.
        pairs: for each two networks, rounds in which those two differed.
        age_s: how long ago the newest round ended; infinite before the first.
    """

    answers: tuple[Answer, ...] = ()
    track_id: int = 0
    rounds: int = 0
    differed: int = 0
    pairs: tuple[tuple[str, str, int], ...] = ()
    age_s: float = float("inf")

    @property
    def agree(self) -> bool:
        """Whether all named the same likeliest class in the newest round."""
        return len({answer.prediction.emotions for answer in self.answers}) <= 1


class Arena:
    """Lets some networks read the largest face of a stream; an `Observer`. Off at first."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin with no network: then a frame costs nothing. ``clock`` gives seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._networks: tuple[Classifier, ...] = ()
        self._busy = False
        self._due_s = -float("inf")
        self._count_number = 0
        self._forget()

    def _forget(self) -> None:
        self._count_number += 1  # a round that runs now belongs to what is forgotten
        self._answers: tuple[Answer, ...] = ()
        self._track_id = 0
        self._ended_s = -float("inf")
        self._rounds = 0
        self._differed: dict[tuple[int, ...], int] = {}
        self._times: tuple[deque[float], ...] = tuple(
            deque(maxlen=_TIMED_ROUNDS) for _ in self._networks
        )

    def choose(self, networks: Sequence[Classifier]) -> None:
        """From now on let these read; the same ones as before go on counting.

        Args:
            networks: two to four, or none to switch the arena off.

        Raises:
            ContractError: another number of them.
        """
        if networks and not FEWEST <= len(networks) <= MOST:
            raise ContractError(
                "too few or too many networks",
                where="Arena",
                expected=f"{FEWEST} to {MOST}, or none",
                received=len(networks),
            )
        with self._lock:
            if self._networks != tuple(networks):
                self._networks = tuple(networks)
                self._forget()

    @property
    def models(self) -> tuple[str, ...]:
        """Slugs of the networks that read; () while it is off."""
        with self._lock:
            return tuple(network.card.slug for network in self._networks)

    def on_frame(self, frame: StreamFrame) -> None:
        """Begin a round on this frame's largest face, if one is due and none runs."""
        with self._lock:
            due = self._networks and not self._busy and self._clock() >= self._due_s
            if not due or not frame.raw.track_ids:
                return
            self._busy = True
            networks, number = self._networks, self._count_number
        # A thread for each round costs 0.1 ms and leaves nothing behind to be ended.
        threading.Thread(
            target=self._round, args=(networks, number, frame), name="arena", daemon=True
        ).start()

    def on_end(self) -> None:
        """Forget the faces and what was counted; the choice stays."""
        with self._lock:
            self._forget()

    def _round(
        self, networks: tuple[Classifier, ...], count_number: int, frame: StreamFrame
    ) -> None:
        began = self._clock()
        try:
            answers = [_read(network, frame) for network in networks]
            with self._lock:
                if count_number == self._count_number:
                    self._count(answers, frame.raw.track_ids[0])
        finally:
            ended = self._clock()
            with self._lock:
                self._busy = False
                # At least half of the time is the video's, however slow the networks are.
                self._due_s = max(began + 1 / ROUNDS_A_SECOND, 2 * ended - began)

    def _count(self, answers: list[tuple[Predictions, float]], track_id: int) -> None:
        for times, (_, milliseconds) in zip(self._times, answers, strict=True):
            times.append(milliseconds)
        self._answers = tuple(
            Answer(network.card.slug, prediction, float(np.median(times)))
            for network, (prediction, _), times in zip(
                self._networks, answers, self._times, strict=True
            )
        )
        named = [prediction.emotions[0] for prediction, _ in answers]
        everyone = tuple(range(len(named)))
        for group in {everyone, *combinations(everyone, 2)}:
            if len({named[column] for column in group}) > 1:
                self._differed[group] = self._differed.get(group, 0) + 1
        self._rounds += 1
        self._track_id, self._ended_s = track_id, self._clock()

    def state(self) -> ArenaState:
        """What is known now."""
        with self._lock:
            slugs = [network.card.slug for network in self._networks]
            everyone = tuple(range(len(slugs)))
            return ArenaState(
                answers=self._answers,
                track_id=self._track_id,
                rounds=self._rounds,
                differed=self._differed.get(everyone, 0),
                pairs=tuple(
                    (slugs[a], slugs[b], self._differed.get((a, b), 0))
                    for a, b in combinations(everyone, 2)
                ),
                age_s=self._clock() - self._ended_s,
            )


def _read(network: Classifier, frame: StreamFrame) -> tuple[Predictions, float]:
    """The largest face as one network reads it, and the milliseconds that it took."""
    start = perf_counter()
    prediction = network.predict(_crop(network, frame))
    return prediction, (perf_counter() - start) * 1e3


def _crop(network: Classifier, frame: StreamFrame) -> NDArray[np.uint8]:
    faces = frame.raw.faces
    largest = Faces(faces.boxes[:1], faces.scores[:1], faces.landmarks[:1])
    return crop_faces(frame.image, largest, network.card.input)
