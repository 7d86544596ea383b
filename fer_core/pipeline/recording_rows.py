"""Frames of a stream -> the rows of a `Recording`: how live video and files become one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.pipeline.recording import Found, Marker, Network, Recording
from fer_core.pipeline.stream import StreamFrame


class _Kept(NamedTuple):
    """What a `Recording` keeps of one frame with n faces."""

    seconds: float
    track_ids: tuple[int, ...]
    raw: NDArray[np.float32]
    smoothed: NDArray[np.float32]
    unsure: NDArray[np.bool_]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]


class RecordingRows:
    """Collects a `Recording`, one frame that was read after the other. Not thread-safe."""

    def __init__(self, most: int, recorded_at: str = "") -> None:
        """Begin without any reading.

        Args:
            most: the frame that would bring more readings is the end; one without a face counts
                as one.
            recorded_at: see `Found`.
        """
        self._most = most
        self._recorded_at = recorded_at
        self._count = 0
        self._full_s: float | None = None
        self._kept: list[_Kept] = []
        self._networks: list[Network] = []

    @property
    def full(self) -> bool:
        """Whether nothing more is taken in."""
        return self._full_s is not None

    def add(self, seconds: float, frame: StreamFrame) -> None:
        """Take in a frame and its faces, if any.

        Args:
            seconds: from the start of the recording; later than the one before.
            frame: only its boxes and probabilities are kept, no pixels.
        """
        if self.full:
            return
        raw, smoothed = frame.raw.predictions, frame.smoothed.predictions
        self._count += max(1, len(smoothed))
        if self._count > self._most:
            self._full_s = seconds
            return
        self._kept.append(
            _Kept(
                seconds,
                frame.smoothed.track_ids,
                raw.probabilities,
                smoothed.probabilities,
                smoothed.unsure,
                frame.raw.faces.boxes,
                frame.raw.faces.scores,
            )
        )
        now = Network(seconds, frame.raw.model, frame.raw.detector)
        last = replace(self._networks[-1], seconds=seconds) if self._networks else None
        if now != last:
            self._networks.append(now)

    def recording(
        self, duration_s: float, *, step_s: float | None = None, markers: Sequence[Marker] = ()
    ) -> Recording:
        """What was collected.

        Args:
            duration_s: from start to stop.
            step_s: how long a reading holds by itself; None: until the next frame.
            markers: in the order of time.
        """
        faces = [len(each.track_ids) for each in self._kept]
        seconds = np.array([each.seconds for each in self._kept], np.float64)
        ends = duration_s if self._full_s is None else self._full_s
        steps = np.diff(seconds, append=ends) if step_s is None else np.full(len(faces), step_s)
        none = np.empty((0, len(LABELS)), np.float32)
        return Recording(
            seconds=np.repeat(seconds, faces),
            track_ids=np.array(
                [track_id for each in self._kept for track_id in each.track_ids], np.int64
            ),
            raw=np.concatenate([none, *(each.raw for each in self._kept)]),
            smoothed=np.concatenate([none, *(each.smoothed for each in self._kept)]),
            unsure=np.concatenate([np.empty(0, np.bool_), *(each.unsure for each in self._kept)]),
            steps_s=np.repeat(steps, faces),
            markers=tuple(markers),
            networks=tuple(self._networks),
            duration_s=duration_s,
            full=self.full,
            found=Found(
                self._recorded_at,
                boxes=np.concatenate(
                    [np.empty((0, 4), np.float32), *(each.boxes for each in self._kept)]
                ),
                scores=np.concatenate(
                    [np.empty(0, np.float32), *(each.scores for each in self._kept)]
                ),
                empty_s=seconds[np.array(faces, np.int64) == 0],
            ),
        )
