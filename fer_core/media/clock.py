"""Time stamps of a file -> seconds from its first frame on, also where they start anew."""

from collections.abc import Mapping
from typing import NamedTuple

RESTART_S = 0.5
"""Stamps that jump back by more start anew, as in recordings that were joined; less is disorder."""


class Run(NamedTuple):
    """A stretch of a file in which stamps go on.

    Attributes:
        recording: of those that the file consists of; see `containers.joined_parts`.
        restart: how often stamps started anew inside of it until then.
    """

    recording: int = 0
    restart: int = 0


class Stamps:
    """The time stamps of one stream: to which run each belongs."""

    def __init__(self, run: Run | None = None) -> None:
        """Begin with a stamp of that run; None: of the first one."""
        self._run, self._last_s = run or Run(), float("-inf")

    def run_of(self, stamp_s: float, recording: int) -> Run:
        """The run of the next stamp, in seconds, which comes from that recording."""
        if recording != self._run.recording:
            self._run = Run(recording)
        elif stamp_s < self._last_s - RESTART_S:
            self._run = Run(recording, self._run.restart + 1)
        self._last_s = stamp_s
        return self._run


class Clock:
    """Frames set the time; sound keeps to them, run by run."""

    def __init__(self, shifts: Mapping[Run, float]) -> None:
        """Begin with what is to be added to the stamps of each run, seconds."""
        self._shifts = dict(shifts)

    def frame(self, stamp_s: float, run: Run, due_s: float) -> float:
        """When a frame is shown, seconds from the first one on.

        Args:
            stamp_s: its time stamp.
            run: that the stamp belongs to.
            due_s: when it would be shown if it simply followed the one before; so does the first
                one of a run that is not known.
        """
        return stamp_s + self._shifts.setdefault(run, due_s - stamp_s)

    def sound(self, stamp_s: float, run: Run) -> float | None:
        """When something sounds, on the same clock; None where no frame of its run is known."""
        return stamp_s + self._shifts[run] if run in self._shifts else None
