"""The only door for video files: a file of unknown origin -> `VideoReader`, frame by frame."""

import math
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media import jpeg
from fer_core.media.clock import Clock, Part, Stamps
from fer_core.media.containers import (
    VIDEO_SUFFIXES,
    damaged,
    is_cut_off,
    joined_parts,
    opened,
)
from fer_core.media.files import display_name
from fer_core.media.frames import (
    LONGEST_PX,
    MAX_FRAME_PIXELS,
    FrameConverter,
    check_frame_size,
)
from fer_core.media.streams import pick_sound, pick_video

__all__ = [
    "LONGEST_PX",
    "MAX_FRAME_PIXELS",
    "MAX_SECONDS",
    "VIDEO_SUFFIXES",
    "TimedFrame",
    "VideoReader",
]

MAX_SECONDS = 15 * 60
"""Longest video that is read; also where one that declares no length, or a wrong one, ends."""

_EARLY_S = 1.0
# Less missing at the end of a file that breaks off is not worth a sentence.
_SMALLEST_STEP_S = 0.001
_MOST_SCANS = 20
# Of a Motion JPEG's picture: cameras write one, and thousands would take minutes; see `jpeg`.


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """One frame of a video.

    Attributes:
        seconds: when it is shown, from the first frame on; each is later than the one before.
        rgb: (h, w, 3) uint8 RGB, upright, the same shape for the whole video.
    """

    seconds: float
    rgb: NDArray[np.uint8]


class VideoReader:
    """An open video: iterate once over its frames, in the order of time. For one thread.

    Pictures are turned upright as the file says, scaled down to `LONGEST_PX`, and timed by their
    own time stamps: many phones and screen recorders have no steady rate. A file that breaks off
    or has damaged parts gives the frames that it has, and `notes` say so.

    Attributes:
        path: the file.
        name: its name as it may be shown; see `fer_core.media.display_name`.
        width, height: of the upright video before any scaling, pixels.
        declared_s: the length that the file states, seconds; None where it states none.
        frames: how many came out so far.
        frames_per_second: the usual rate, for progress and encoders; times do not follow from it.
        has_sound: whether there is a track of sound in what was read so far.
        start_s: the first frame's time stamp in the file.
        clock: the file's time stamps as seconds from that frame on, for its sound.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and decode its first frame.

        Raises:
            MediaError: no such file, not a video, nothing to see in it, damaged before the first
                frame, larger than `MAX_FRAME_PIXELS` or longer than `MAX_SECONDS`.
        """
        self.path = path
        self.name = display_name(path.name)
        self.frames = 0
        self._damaged, self._stopped, self._limited = 0, False, False
        self._last_s = self._step_s = 0.0
        self._own_s: float | None = None
        self._end_s: float | None = None
        self.has_sound = False
        self._recording = 0  # of several that were joined, the one that is being read
        self._sound = Stamps()
        self._sound_end = Part(), float("-inf")
        with ExitStack() as stack:
            recordings = joined_parts(path)
            container = stack.enter_context(opened(path, recordings[0]))
            stream = pick_video(container, path)
            self._prepare(stream)
            alone = len(recordings) == 1  # else the length of the first one is stated
            self.declared_s = _declared_seconds(container, stream) if alone else None
            self._check_length()
            rate = stream.average_rate or stream.guessed_rate
            self.frames_per_second = min(max(float(rate), 1.0), 240.0) if rate else 25.0
            aspect = stream.sample_aspect_ratio
            self._converter = FrameConverter(
                self.name, float(aspect) if aspect and 0.25 <= aspect <= 4 else 1.0
            )
            # AVI knows the order of decoding only: its frames' own stamps run back and forth.
            self._by_decoding, self._delay_s = container.format.name == "avi", 0.0
            decoded = self._decoded(container, stream, recordings[1:])
            stack.callback(decoded.close)  # a later recording may be open
            first = next(decoded, None)
            if first is None:
                raise damaged(self.name)
            self.start_s = self._stamp_s(first) or 0.0
            if self._by_decoding:  # a frame comes out when those that it refers to are in
                self._delay_s, self.start_s = self.start_s, 0.0
            self.clock = Clock(self.start_s)
            wide, high = self._converter.upright_size(first)
            self.width, self.height = round(wide), round(high)
            self._frames = self._timed(first, decoded)
            self._stack = stack.pop_all()

    def _check_length(self) -> None:
        if self.declared_s is not None and self.declared_s > MAX_SECONDS:
            raise MediaError(
                "the video is too long",
                where=self.name,
                expected=f"at most {_clock(MAX_SECONDS)} minutes",
                received=f"{_clock(self.declared_s)} minutes",
                remedy="Cut out the part that matters with a video program.",
            )

    def _prepare(self, stream: VideoStream) -> None:
        check_frame_size(stream.codec_context.width, stream.codec_context.height, self.name)
        # The header's size is a promise only: FFmpeg itself refuses larger frames too.
        stream.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        stream.thread_type = "AUTO"

    def _decoded(
        self, container: InputContainer, stream: VideoStream, others: list[slice]
    ) -> Generator[av.VideoFrame, None, None]:
        """All frames of the recording that is open, then of those that were joined to it."""
        yield from self._recorded(container, stream)
        for number, part in enumerate(others, start=1):
            self._recording = number
            try:
                with opened(self.path, part) as another:
                    stream = pick_video(another, self.path)
                    self._prepare(stream)
                    yield from self._recorded(another, stream)
            except MediaError:  # the ones before it are sound
                self._damaged += 1

    def _recorded(self, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
        sound = pick_sound(container)
        self.has_sound = self.has_sound or sound is not None
        streams = [stream, sound] if sound is not None else [stream]
        frames_are_jpeg = stream.codec_context.name == "mjpeg"
        try:
            for packet in container.demux(streams):
                if packet.stream.index != stream.index:
                    self._hear(packet)
                    continue
                if frames_are_jpeg and jpeg.read_layout(bytes(packet)).scans > _MOST_SCANS:
                    self._damaged += 1
                    continue
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    self._damaged += 1
                    continue
                for frame in frames:
                    if isinstance(frame, av.VideoFrame):
                        self._damaged += bool(frame.is_corrupt)
                        yield frame
        except av.FFmpegError:  # between the packets: nothing after it can be found
            self._damaged += 1
            self._stopped = True

    def _hear(self, packet: "av.Packet[av.stream.Stream]") -> None:
        """Keep where the sound ends, without decoding it: a player goes on until then."""
        if packet.pts is None or packet.time_base is None:
            return
        begin_s = float(packet.pts * packet.time_base)
        part = self._sound.part_of(begin_s, self._recording)
        end_s = begin_s + float((packet.duration or 0) * packet.time_base)
        self._sound_end = max(self._sound_end, (part, end_s))

    def _timed(self, first: av.VideoFrame, others: Iterator[av.VideoFrame]) -> Iterator[TimedFrame]:
        self.frames, self._step_s = 1, 1 / self.frames_per_second
        self._own_s = _duration_s(first)
        self.clock.frame(self.start_s, 0.0)
        yield TimedFrame(0.0, self._converter.rgb(first))
        for frame in others:
            stamp_s = self._stamp_s(frame)
            due_s = self._last_s + (self._own_s or self._step_s)
            seconds = (
                due_s if stamp_s is None else self.clock.frame(stamp_s, due_s, self._recording)
            )
            seconds = max(seconds, self._last_s + _SMALLEST_STEP_S)
            if seconds > MAX_SECONDS:
                self._limited = True
                self._end_s = self._last_s + self._step_s
                return
            self._step_s, self._last_s = seconds - self._last_s, seconds
            self._own_s = _duration_s(frame)
            self.frames += 1
            yield TimedFrame(seconds, self._converter.rgb(frame))
        self._end_s = self._shown_until()

    def _shown_until(self) -> float:
        """Where a player ends, once the last frame has come."""
        end_s = self._last_s + (self._own_s or self._step_s)
        promised_s = (self.declared_s or 0.0) - self.start_s
        if self._own_s is None and promised_s > self._last_s and not self._breaks_off:
            end_s = promised_s
        part, stamp_s = self._sound_end
        end_s = max(end_s, self.clock.sound(stamp_s, part) or 0.0)
        self._limited = end_s > MAX_SECONDS
        return min(end_s, MAX_SECONDS)

    @property
    def _breaks_off(self) -> bool:
        return self._stopped or is_cut_off(self.path)

    def _stamp_s(self, frame: av.VideoFrame) -> float | None:
        stamp = frame.dts if self._by_decoding else frame.pts
        if stamp is None or frame.time_base is None:
            return None
        return float(stamp * frame.time_base) - self._delay_s

    def __iter__(self) -> Iterator[TimedFrame]:
        """All frames that are left.

        Raises:
            MediaError: a frame grows beyond `MAX_FRAME_PIXELS` in mid-stream.
        """
        return self._frames

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def seconds(self) -> float:
        """Length of what was read so far; once all was, until where a player goes on.

        The last frame is shown for its own duration, else until the longest stream ends, and at
        least as long as there is sound.
        """
        if self._end_s is not None:
            return self._end_s
        return self._last_s + (self._own_s or self._step_s)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what a person should know, complete once the last frame was read."""
        notes = []
        if self._limited:
            notes.append(f"Only the first {MAX_SECONDS // 60} minutes were read.")
        elif self._breaks_off and (missing := self._missing()):
            notes.append(f"It ends early: {missing}.")
        if self.clock.restarts:
            times = f"{self.clock.restarts} times" if self.clock.restarts > 1 else "once"
            notes.append(
                f"Its time stamps start anew {times}, as in recordings that were joined; the parts "
                "were read one after the other."
            )
        if self._damaged:
            notes.append("Parts of the file are damaged; what could be decoded was read.")
        return tuple(notes)

    def _missing(self) -> str:
        """What is there of a file that breaks off; empty where next to nothing is missing."""
        if self.declared_s is None or self._by_decoding:  # FFmpeg guesses it for an AVI cut off
            return f"the file breaks off after {self.seconds:.1f} seconds"
        promised_s = self.declared_s - self.start_s
        if promised_s - self.seconds <= max(_EARLY_S, 0.05 * promised_s):
            return ""
        return (
            f"{self.seconds:.1f} of the {promised_s:.1f} seconds that the file promises are there"
        )


def _duration_s(frame: av.VideoFrame) -> float | None:
    """How long a frame is shown, as the file says; None where it does not."""
    if not frame.duration or frame.time_base is None:
        return None
    seconds = float(frame.duration * frame.time_base)
    return seconds if seconds >= _SMALLEST_STEP_S else None


def _declared_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """The length of the longest stream, else of this one."""
    if container.duration is not None:
        return container.duration / av.time_base
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None


def _clock(seconds: float) -> str:
    """``15:01`` for 900.2 seconds: rounded up, so that what is too long never looks as if not."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes:,}:{rest:02d}"
