"""Time stamps of a file -> seconds from its first frame on, also where they start anew."""

from typing import NamedTuple

RESTART_S = 0.5
"""Stamps that jump back by more start anew, as in recordings that were joined; less is disorder."""


class Part(NamedTuple):
    """A stretch of a file in which stamps go on.

    Attributes:
        recording: of those that the file consists of; see `containers.joined_parts`.
        restart: how often stamps started anew inside of it until then.
    """

    recording: int = 0
    restart: int = 0


class Stamps:
    """The time stamps of one stream: to which part of the file each belongs."""

    def __init__(self) -> None:
        self._part, self._last_s = Part(), float("-inf")

    def part_of(self, stamp_s: float, recording: int) -> Part:
        """The part of the next stamp, in seconds, which comes from that recording."""
        if recording != self._part.recording:
            self._part = Part(recording)
        elif stamp_s < self._last_s - RESTART_S:
            self._part = Part(recording, self._part.restart + 1)
        self._last_s = stamp_s
        return self._part


class Clock:
    """Pictures set the time; sound keeps to them, part by part.

    Attributes:
        restarts: how often the frames' stamps started anew.
    """

    def __init__(self, begin_s: float) -> None:
        """Begin with the stamp of the first frame, in seconds."""
        self.restarts = 0
        self._frames = Stamps()
        self._part, self._last_s = Part(), begin_s
        self._shifts = {self._part: -begin_s}

    def frame(self, stamp_s: float, due_s: float, recording: int = 0) -> float:
        """When a frame is shown, seconds from the first one on.

        Args:
            stamp_s: its time stamp.
            due_s: when it would be shown if it simply followed the one before.
            recording: that it comes from.
        """
        part = self._frames.part_of(stamp_s, recording)
        if part not in self._shifts:
            goes_on = not part.restart and stamp_s > self._last_s
            self._shifts[part] = self._shifts[self._part] if goes_on else due_s - stamp_s
            self.restarts += not goes_on
        self._part, self._last_s = part, stamp_s
        return stamp_s + self._shifts[part]

    def sound(self, stamp_s: float, part: Part) -> float | None:
        """When something sounds, on the same clock; None while no frame of its part has come."""
        return stamp_s + self._shifts[part] if part in self._shifts else None
