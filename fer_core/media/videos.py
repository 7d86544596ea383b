"""The only door for video files: a file of unknown origin -> `VideoReader`, frame by frame."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.clock import Clock, Run, Stamps
from fer_core.media.containers import VIDEO_SUFFIXES
from fer_core.media.decoding import Recording, recording_from
from fer_core.media.files import display_name
from fer_core.media.frames import LONGEST_PX, MAX_FRAME_PIXELS, FrameConverter
from fer_core.media.index import VideoIndex, index_video
from fer_core.media.timeline import SMALLEST_STEP_S, Entry, Place, VideoPart

__all__ = [
    "LONGEST_PX",
    "MAX_FRAME_PIXELS",
    "VIDEO_SUFFIXES",
    "TimedFrame",
    "VideoIndex",
    "VideoPart",
    "VideoReader",
    "index_video",
]


DAMAGED = "Parts of the file are damaged; what could be decoded was read."
"""The note of a video with frames that could not be decoded."""


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """One frame of a video.

    Attributes:
        number: in the file, from 0.
        seconds: when it is shown, from the first frame on; each is later than the one before.
        rgb: (h, w, 3) uint8 RGB, upright, the same shape for the whole video.
    """

    number: int
    seconds: float
    rgb: NDArray[np.uint8]


class VideoReader:
    """An open video, read part after part in the order of time. For one thread.

    Frames are turned upright as the file says, scaled down to `LONGEST_PX`, and timed by their own
    time stamps: many phones and screen recorders have no steady rate. A file that breaks off or has
    damaged parts gives the frames that it has, and `notes` say so. What comes of a part is the same
    whether those before it were read or not.

    Attributes:
        path: the file.
        name: its name as it may be shown; see `fer_core.media.display_name`.
        index: what is in it.
        clock: the file's time stamps as seconds from the first frame on, for its sound.
        frames: how many came out so far, or were left out as not wanted.
        damaged: how often something could not be decoded as it should, so far.
    """

    def __init__(self, path: Path, index: VideoIndex | None = None) -> None:
        """Open a file.

        Args:
            path: the file.
            index: of this very file; None: made now.

        Raises:
            MediaError: no such file, not a video, nothing to see in it, damaged before the first
                frame, or frames that are too large or too many.
        """
        self.path = path
        self.name = display_name(path.name)
        self.index = index_video(path) if index is None else index
        self.clock = Clock(dict(self.index.shifts))
        self.frames = 0
        self._converter = FrameConverter(self.name, self.index.pixel_aspect, self.index.canvas)
        self.damaged = 0
        self._entry: Entry | None = None
        self._placed: Generator[_Placed, None, None] | None = None
        self._waiting: _Placed | None = None

    def __iter__(self) -> Iterator[TimedFrame]:
        """All frames.

        Raises:
            MediaError: as `part`.
        """
        for part in self.index.parts:
            yield from self.part(part)

    def part(self, part: VideoPart, every: int = 1) -> Iterator[TimedFrame]:
        """Frames of a part: its first one, and every n-th after it.

        Raises:
            MediaError: the file cannot be opened any more, or a frame grows beyond
                `MAX_FRAME_PIXELS` in mid-stream.
        """
        self._go_to(part)
        step_s = 1 / self.index.frames_per_second
        last_s, number = part.begin_s - SMALLEST_STEP_S, part.first_frame
        while self._waiting is not None:
            if part.end is not None and self._waiting.place >= part.end:
                return
            seconds = self._seconds(self._waiting, last_s + step_s)
            seconds = max(seconds, last_s + SMALLEST_STEP_S)
            if (number - part.first_frame) % every == 0:
                yield TimedFrame(number, seconds, self._converter.rgb(self._waiting.frame))
            if number > part.first_frame:
                step_s = seconds - last_s
            last_s, number, self.frames = seconds, number + 1, self.frames + 1
            self._advance()

    def _go_to(self, part: VideoPart) -> None:
        """Make a part's first frame the next one, by the nearest keyframe that leads to it."""
        # A decoder that began there and has not come so far would be where a new one is later.
        if self._entry == part.entries[0] and self._drop_until(part.begin):
            return
        for entry in part.entries:
            self.close()
            self._entry, self._placed = entry, self._frames_from(entry)
            self._advance()
            if self._drop_until(part.begin):
                return
            # Decoding cannot begin there, or the frame itself is damaged: an earlier one tells.

    def _drop_until(self, place: Place) -> bool:
        """Leave out what comes before; whether the frame with that very place is next."""
        while self._waiting is not None and self._waiting.place < place:
            self._advance()
        return self._waiting is not None and self._waiting.place == place

    def _advance(self) -> None:
        self._waiting = next(self._placed, None) if self._placed is not None else None

    def _frames_from(self, entry: Entry) -> "Generator[_Placed, None, None]":
        runs = Stamps(Run(entry.recording, entry.restart))
        packet, stamp = entry.packet, entry.stamp
        for number in range(entry.recording, len(self.index.recordings)):
            part = slice(*self.index.recordings[number])
            try:
                with recording_from(self.path, part, packet, stamp) as (one, frames):
                    yield from self._with_places(number, one, frames, runs)
            except MediaError:
                if number == 0:
                    raise
                self.damaged += 1  # the recordings before it are sound
            packet, stamp = 0, None

    def _with_places(
        self, number: int, one: Recording, frames: Iterator[av.VideoFrame], runs: Stamps
    ) -> "Iterator[_Placed]":
        place, before = Place(number, 0, 0), self.damaged
        for frame in frames:
            self.damaged = before + one.damaged
            stamp = one.stamp(frame)
            if stamp is None:
                yield _Placed(place, None, frame)  # it follows the one before
                continue
            stamp -= self.index.delay
            stamp_s = stamp * one.tick_s
            place = Place(*runs.run_of(stamp_s, number), stamp)
            yield _Placed(place, stamp_s, frame)
        self.damaged = before + one.damaged

    def _seconds(self, placed: "_Placed", due_s: float) -> float:
        if placed.stamp_s is None:
            return due_s
        return self.clock.frame(placed.stamp_s, Run(*placed.place[:2]), due_s)

    def close(self) -> None:
        """Close the file; harmless where it is closed."""
        if self._placed is not None:
            self._placed.close()

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what a person should know, complete once the last frame was read."""
        return self.index.notes + ((DAMAGED,) if self.damaged else ())


class _Placed(NamedTuple):
    """A decoded frame, its place in the file, and its stamp in seconds, where it has one."""

    place: Place
    stamp_s: float | None
    frame: av.VideoFrame
