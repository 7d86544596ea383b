"""A person's own neutral: what a network reads on a face at rest, and the change from it.

No face at rest looks like the training set's idea of neutral: low brows read as angry, the corners
of a mouth as sad. So what a person shows is also given as the change from their own rest, in
percentage points. The probabilities themselves stay the network's. Re-weighting them by the
resting ones would need to know how the network reads this person in the other six expressions as
well, and would turn a resting face into "all seven equally".
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError
from fer_core.pipeline.stream import StreamFrame
from fer_core.zoo.classifier import softmax

COLLECT_S = 5.0
LEAST_SEEN = 0.8
"""Share of the frames read meanwhile on which the face must be."""

STEADY_SHARE, MOST_SPREAD = 0.8, 0.3
"""So many of the readings must lie within this distance (total variation, 0 to 1) of their middle.
Not the median distance: a face that smiles for two of the five seconds would pass."""

LEAST_READINGS = 10
"""Fewer say little about trembling: two frames a second, on a machine that is busy."""

_TINY = 1e-6  # below what any reading means; keeps the logarithm finite


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """What a network read on one face at rest.

    Attributes:
        probabilities: (7,) float32, summing to 1: the median of the log-probabilities.
        model: slug of the network that read it; another one has another idea of neutral.
        track_id: the face's while it is in sight; None after the stream ended.
        readings: frames that it comes from.
    """

    probabilities: NDArray[np.float32]
    model: str
    track_id: int | None
    readings: int

    def change(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Percentage points by which (7,) probabilities differ from the baseline: (7,) float32."""
        return np.asarray(100 * (probabilities - self.probabilities), np.float32)

    def row_of(self, track_ids: tuple[int, ...]) -> int | None:
        """Which of a frame's faces the baseline belongs to.

        Returns:
            The row of its own track id, else of the only face there is; None where several
            strangers are in view, since one person's rest says nothing about another's.
        """
        if self.track_id in track_ids:
            return track_ids.index(self.track_id)
        return 0 if len(track_ids) == 1 else None


@dataclass(frozen=True, slots=True)
class BaselineState:
    """What a page shows of it.

    Attributes:
        progress: 0 to 1 while readings are collected, else None.
        baseline: the one that is set; None without.
        refusal: why the last try set none, as a sentence for people; "" if it did.
    """

    progress: float | None = None
    baseline: Baseline | None = None
    refusal: str = ""


def median_probabilities(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The middle of some distributions: median log-probabilities, made to sum to 1.

    A median, because a blink or one bad box must not move it; of logarithms, because there 1 % and
    3 % are as far apart as 30 % and 90 %.

    Args:
        rows: (m, 7), each summing to 1, with m >= 1.

    Returns:
        (7,) float32.

    Raises:
        ContractError: no row, or another shape.
    """
    if rows.ndim != 2 or rows.shape[1] != len(LABELS) or not len(rows):
        raise ContractError(
            "nothing to take the middle of",
            where="median_probabilities",
            expected=f"(m, {len(LABELS)}) with m >= 1",
            received=rows.shape,
        )
    middle = np.median(np.log(np.maximum(rows, _TINY)), axis=0)
    return np.asarray(softmax(middle[None])[0], np.float32)


def spread(rows: NDArray[np.float32], middle: NDArray[np.float32]) -> float:
    """The distance of (m, 7) rows from a (7,) distribution that `STEADY_SHARE` keep: 0 to 1."""
    return float(np.quantile(np.abs(rows - middle).sum(axis=1) / 2, STEADY_SHARE))


class NeutralBaseline:
    """Collects a `Baseline` from a stream; an `Observer`."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin without one; ``clock`` must be the session's."""
        self._clock = clock
        self._lock = threading.Lock()
        self._started_s: float | None = None
        self._track_id: int | None = None
        self._model = ""
        self._frames = 0
        self._rows: list[NDArray[np.float32]] = []
        self._state = BaselineState()

    def start(self) -> None:
        """Collect from now on, for `COLLECT_S`; a baseline of before stays until then."""
        with self._lock:
            self._started_s, self._track_id, self._model = self._clock(), None, ""
            self._frames, self._rows = 0, []
            self._state = replace(self._state, refusal="")

    def forget(self) -> None:
        """Forget the baseline, and stop collecting one."""
        with self._lock:
            self._started_s, self._state = None, BaselineState()

    def state(self) -> BaselineState:
        """What is known now; ends collecting when its time is over, also without any frame."""
        with self._lock:
            if self._started_s is None:
                return self._state
            passed = self._clock() - self._started_s
            if passed >= COLLECT_S:
                self._finish()
                return self._state
            return replace(self._state, progress=passed / COLLECT_S)

    def on_frame(self, frame: StreamFrame) -> None:
        """Keep the largest face's reading, where one is collected."""
        with self._lock:
            if self._started_s is None:
                return
            if frame.time_s - self._started_s >= COLLECT_S:
                self._finish()
                return
            self._frames += 1
            raw = frame.raw
            if not raw.track_ids:
                return
            if self._track_id is None:
                self._track_id, self._model = raw.track_ids[0], raw.model
            if raw.model != self._model:
                self._refuse("The network was changed while it looked. Try again.")
            elif self._track_id in raw.track_ids:
                row = raw.track_ids.index(self._track_id)
                self._rows.append(raw.predictions.probabilities[row])

    def on_end(self) -> None:
        """Track ids begin anew, so the baseline's no longer means anything."""
        with self._lock:
            if self._started_s is not None:
                self._refuse("The video ended while it looked. Press START, and try again.")
            if self._state.baseline is not None:
                baseline = replace(self._state.baseline, track_id=None)
                self._state = replace(self._state, baseline=baseline)

    def _refuse(self, sentence: str) -> None:
        self._started_s = None
        self._state = replace(self._state, refusal=sentence)

    def _finish(self) -> None:
        if not self._rows:
            self._refuse("No face was seen. Face the camera, and try again.")
            return
        seen = len(self._rows) / self._frames
        if seen < LEAST_SEEN:
            self._refuse(
                f"The face was on only {seen:.0%} of the frames. Stay in view for "
                f"{COLLECT_S:.0f} seconds, and try again."
            )
            return
        if len(self._rows) < LEAST_READINGS:
            self._refuse(
                f"The video was too slow: {len(self._rows)} frames in {COLLECT_S:.0f} seconds. "
                "Try again when the machine has less to do."
            )
            return
        rows = np.stack(self._rows)
        middle = median_probabilities(rows)
        if spread(rows, middle) > MOST_SPREAD:
            self._refuse(
                "What was read changed too much to be a face at rest. Look into the camera, keep "
                f"your face still for {COLLECT_S:.0f} seconds, and try again."
            )
            return
        self._started_s = None
        self._state = BaselineState(
            baseline=Baseline(middle, self._model, self._track_id, len(self._rows))
        )
