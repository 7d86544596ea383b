"""The frames of a file in the order of time, and how they are cut into parts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.media.clock import Run
from fer_core.media.packets import Packets, SoundEnd

PART_S = 30.0
"""A part ends at the first keyframe after so long: reading may begin there at once. A minute of a
worker that is killed is little, and a part's own costs, opening the file among them, are less."""

LONGEST_PART_S = 120.0
"""Where keyframes are rarer than that, as in recordings made by a browser, a part ends between
them: then everything since the keyframe before is decoded to reach it."""

SMALLEST_STEP_S = 0.001
"""No frame is shown for less."""

_SHORTEST_PART_S = 5.0
_EARLIER_S = 20.0
# Some encoders refresh pictures little by little and call the beginning of it a keyframe: after two
# rounds they are complete, and a round takes ten seconds at most.


class Place(NamedTuple):
    """Where a frame stands in the order of time.

    Attributes:
        recording, restart: see `Run`.
        stamp: in the time base of its stream.
    """

    recording: int
    restart: int
    stamp: int


class Entry(NamedTuple):
    """A packet from which on a recording can be decoded.

    Attributes:
        recording, restart: see `Run`.
        packet: its number among the recording's video packets.
        stamp: its own; None where the packet can only be counted to.
    """

    recording: int
    restart: int
    packet: int
    stamp: int | None


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A stretch of a video that is read as one.

    Attributes:
        number: from 0.
        first_frame: number of its first frame in the file, from 0.
        begin: of its first frame.
        end: of the first frame after it; None: it goes on to the end of the file.
        begin_s: when its first frame is shown, seconds from the file's first frame on.
        end_s: when the next part's first frame is shown, or the video ends.
        entries: where decoding may begin to reach it, the nearest first; the last one is the
            beginning of the recording.
    """

    number: int
    first_frame: int
    begin: Place
    end: Place | None
    begin_s: float
    end_s: float
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The n frames of a file in the order of time.

    Attributes:
        seconds: (n,) float64 when each is shown.
        places: (n, 3) int64, rows as `Place`.
        packets: (n,) int64, the number of each one's packet in its recording.
        keys: (n,) bool, those of keyframes.
        shifts: by run, what is to be added to a stamp, seconds.
        restarts: how often stamps start anew without going on from those before.
        last_own_s: how long the last one is shown, as the file says; None where it does not.
        last_step_s: how long the one before it is.
    """

    seconds: NDArray[np.float64]
    places: NDArray[np.int64]
    packets: NDArray[np.int64]
    keys: NDArray[np.bool_]
    shifts: dict[Run, float]
    restarts: int
    last_own_s: float | None
    last_step_s: float

    @classmethod
    def of(
        cls, scans: Sequence[Packets], *, start: int, start_s: float, usual_step_s: float
    ) -> "Timeline":
        """Lay a file's recordings one after the other.

        Args:
            scans: of each one.
            start, start_s: the stamp of the first frame that can be decoded, in steps and seconds.
            usual_step_s: how long a frame is shown where nothing tells.
        """
        runs: list[tuple[_RunOfFrames, NDArray[np.float64]]] = []
        shifts: dict[Run, float] = {}
        restarts = 0
        due_s, last_stamp_s, shift, step_s = 0.0, start_s, -start_s, usual_step_s
        own_s: float | None = None
        for run in (run for scan in scans for run in _runs(scan)):
            if not runs:  # what cannot be decoded before the first frame is not there
                run = run.since(start)
            if not len(run.rows):
                continue
            stamps_s = np.asarray(run.stamps * run.scan.tick_s, np.float64)
            goes_on = not run.restart and stamps_s[0] > last_stamp_s
            if runs and not goes_on:
                shift = due_s - float(stamps_s[0])
                restarts += 1
            shifts[Run(run.scan.recording, run.restart)] = shift
            runs.append((run, stamps_s + shift))
            if len(stamps_s) > 1:
                step_s = max(float(stamps_s[-1] - stamps_s[-2]), SMALLEST_STEP_S)
            own_s = run.last_own_s
            last_stamp_s = float(stamps_s[-1])
            due_s = last_stamp_s + shift + (own_s or step_s)
        none = np.empty(0, np.int64)
        return cls(
            np.maximum.accumulate(np.concatenate([none, *(seconds for _, seconds in runs)])),
            np.concatenate([none.reshape(0, 3), *(run.places for run, _ in runs)]),
            np.concatenate([none, *(run.rows for run, _ in runs)]),
            np.concatenate([none.astype(np.bool_), *(run.scan.keys[run.rows] for run, _ in runs)]),
            shifts,
            restarts,
            own_s,
            step_s,
        )

    def until(self, place: Place) -> "Timeline":
        """The same without the frames after one of them."""
        places = [tuple(row) for row in self.places.tolist()]
        rows = slice(max(1, bisect_right(places, place)))
        if rows.stop == len(places):
            return self
        return replace(
            self,
            seconds=self.seconds[rows],
            places=self.places[rows],
            packets=self.packets[rows],
            keys=self.keys[rows],
            last_own_s=None,
        )

    def shown_until(self, sound: SoundEnd, promised_s: float | None) -> float:
        """Where a player ends: with the last frame, or with the sound.

        Args:
            sound: of the file.
            promised_s: the length that the file states and that can be relied on; None without.
        """
        last_s = float(self.seconds[-1])
        end_s = last_s + (self.last_own_s or self.last_step_s)
        if self.last_own_s is None and promised_s is not None and promised_s > last_s:
            end_s = promised_s
        shift = self.shifts.get(sound.run)
        return end_s if shift is None else max(end_s, sound.stamp_s + shift)

    def parts(self, scans: Sequence[Packets], end_s: float) -> tuple[VideoPart, ...]:
        """Cut it at keyframes, where they come often enough.

        Args:
            scans: as for `of`.
            end_s: where it ends.
        """
        cuts = self._cuts(end_s)
        begins_s = [*self.seconds[cuts].tolist(), end_s]
        places = [Place(*row) for row in self.places[cuts].tolist()]
        by_number = {scan.recording: scan for scan in scans}
        return tuple(
            VideoPart(
                number=number,
                first_frame=cut,
                begin=place,
                end=places[number + 1] if number + 1 < len(cuts) else None,
                begin_s=begins_s[number],
                end_s=begins_s[number + 1],
                entries=self.entries(cut, by_number[place.recording]),
            )
            for number, (cut, place) in enumerate(zip(cuts, places, strict=True))
        )

    def _cuts(self, end_s: float) -> list[int]:
        """Numbers of the frames at which parts begin."""
        keys: list[int] = np.flatnonzero(self.keys).tolist()
        seconds: list[float] = self.seconds.tolist()
        cuts = [0]
        while True:
            begin_s = seconds[cuts[-1]]
            wanted = bisect_left(seconds, begin_s + PART_S)
            longest = bisect_left(seconds, begin_s + LONGEST_PART_S)
            key = bisect_left(keys, wanted)
            cut = min(keys[key], longest) if key < len(keys) else longest
            if cut >= len(seconds) or end_s - seconds[cut] < _SHORTEST_PART_S:
                return cuts
            cuts.append(cut)

    def entries(self, cut: int, scan: Packets) -> tuple[Entry, ...]:
        """Where decoding may begin to reach a frame of a recording; see `VideoPart`."""
        number = scan.recording
        start = Entry(number, 0, 0, None)
        if not scan.can_be_cut:
            return (start,)
        # Packets are found by their stamps only where each stamp is there once.
        by_stamp = not scan.restarts.any()
        keys = np.flatnonzero(self.keys & (self.places[:, 0] == number))
        earlier = int(np.searchsorted(self.seconds, self.seconds[cut] - _EARLIER_S, side="right"))
        entries = []
        for frames in (cut + 1, earlier):
            row = int(keys[: np.searchsorted(keys, frames)].max(initial=-1))
            if row < 0 or not self.packets[row]:
                continue
            _, restart, stamp = self.places[row].tolist()
            found_by = stamp + scan.first_stamp if by_stamp else None
            entries.append(Entry(number, restart, int(self.packets[row]), found_by))
        return tuple(dict.fromkeys([*entries, start]))


@dataclass(frozen=True, slots=True)
class _RunOfFrames:
    """The frames of a run in the order of time, as rows of their recording's packets."""

    scan: Packets
    restart: int
    rows: NDArray[np.int64]

    @property
    def stamps(self) -> NDArray[np.int64]:
        return self.scan.stamps[self.rows]

    @property
    def places(self) -> NDArray[np.int64]:
        columns = [
            np.full_like(self.rows, self.scan.recording),
            np.full_like(self.rows, self.restart),
        ]
        return np.column_stack([*columns, self.stamps])

    @property
    def last_own_s(self) -> float | None:
        own_s = float(self.scan.durations[self.rows[-1]]) * self.scan.tick_s
        return own_s if own_s >= SMALLEST_STEP_S else None

    def since(self, stamp: int) -> "_RunOfFrames":
        return _RunOfFrames(self.scan, self.restart, self.rows[self.stamps >= stamp])


def _runs(scan: Packets) -> Iterator[_RunOfFrames]:
    for restart in np.unique(scan.restarts[scan.shown]).tolist():
        rows = np.flatnonzero(scan.shown & (scan.restarts == restart)).astype(np.int64)
        yield _RunOfFrames(scan, restart, rows[np.argsort(scan.stamps[rows], kind="stable")])
