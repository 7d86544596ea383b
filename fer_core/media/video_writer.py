"""Annotated pictures -> an MP4 that browsers play, with the sound of the video they came from."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.videos import opened

_TICK = Fraction(1, 90_000)
"""Time stamps of pictures: the steps that MPEG uses, fine enough for any rate."""

_SOUND_RATE = 48_000
_SOUND_FRAME = 1024  # samples that AAC packs together


class VideoWriter:
    """Writes H.264 (yuv420p) and AAC into an MP4, complete or not at all.

    Used as a context manager: the file appears under its name at the end of the block; after an
    error nothing is left of it.
    """

    def __init__(
        self,
        path: Path,
        frames_per_second: float,
        *,
        sound: Path | None = None,
        sound_start_s: float = 0.0,
    ) -> None:
        """Begin; nothing is written before the first picture.

        Args:
            path: the MP4 to write; an older one is replaced.
            frames_per_second: the usual rate; each picture brings its own time.
            sound: the video whose first sound track is taken over; None for silence.
            sound_start_s: the time stamp in ``sound`` that is second 0 here.
        """
        self._path = path
        self._rate = Fraction(frames_per_second).limit_denominator(1001)
        self._sound_of, self._sound_start_s = sound, sound_start_s
        self._end_s = 0.0
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._stack = ExitStack()
        self._container: OutputContainer | None = None
        self._pictures: VideoStream | None = None
        self._sound: _Sound | None = None

    def __enter__(self) -> "VideoWriter":
        return self

    def write(self, rgb: NDArray[np.uint8], seconds: float) -> None:
        """Add a picture.

        Args:
            rgb: (h, w, 3) uint8 RGB, every one of the same shape.
            seconds: when it is shown; later than the one before.

        Raises:
            MediaError: the file cannot be written.
        """
        try:
            if self._container is None:
                self._begin(*rgb.shape[:2])
            assert self._container is not None
            assert self._pictures is not None
            if self._sound is not None:
                self._container.mux(self._sound.until(seconds))
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                self._pictures.width, self._pictures.height, "yuv420p"
            )
            frame.pts, frame.time_base = round(seconds / _TICK), _TICK
            self._container.mux(self._pictures.encode(frame))
            self._end_s = seconds + float(1 / self._rate)
        except (OSError, av.FFmpegError) as error:
            raise self._not_written(error) from error

    def _begin(self, height: int, width: int) -> None:
        # "file:" keeps FFmpeg from reading a colon in a name as an address; the second pass that
        # puts the index in front, so that a browser can begin at once, needs a path.
        container = self._stack.enter_context(
            av.open(f"file:{self._partial}", "w", format="mp4", options={"movflags": "faststart"})
        )
        # A player that jumps decodes from the keyframe before: there is one each second.
        options = {"preset": "veryfast", "crf": "24", "g": str(max(1, round(self._rate)))}
        pictures = container.add_stream("libx264", rate=self._rate, options=options)
        # Two chroma samples a row and column: odd sizes grow by one pixel.
        pictures.width, pictures.height = width + width % 2, height + height % 2
        pictures.pix_fmt = "yuv420p"
        pictures.codec_context.time_base = _TICK
        self._container, self._pictures = container, pictures
        if self._sound_of is not None:
            self._sound = _Sound.of(self._sound_of, self._sound_start_s, container, self._stack)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None and self._container is not None and self._pictures is not None:
                if self._sound is not None:
                    self._container.mux(self._sound.until(self._end_s))
                    self._container.mux(self._sound.rest())
                self._container.mux(self._pictures.encode(None))
            self._stack.close()
            if error is None and self._partial.exists():
                self._partial.replace(self._path)
        except (OSError, av.FFmpegError) as problem:
            raise self._not_written(problem) from problem
        finally:
            with suppress(OSError):
                self._partial.unlink(missing_ok=True)

    def _not_written(self, error: Exception) -> MediaError:
        return MediaError(
            "the annotated video cannot be written",
            where=self._path.name,
            received=getattr(error, "strerror", None) or type(error).__name__,
            remedy="Check that the folder is there, may be written to and has room left.",
        )


class _Sound:
    """A file's first sound track as AAC packets, taken as far as the pictures have come."""

    def __init__(
        self, frames: Iterator[av.AudioFrame], start_s: float, stream: AudioStream
    ) -> None:
        self._frames, self._stream = frames, stream
        self._shift = round(start_s * _SOUND_RATE)
        self._resampler = av.AudioResampler("fltp", "stereo", _SOUND_RATE, _SOUND_FRAME)
        self._reached = 0  # samples since the first picture

    @classmethod
    def of(
        cls, path: Path, start_s: float, container: OutputContainer, stack: ExitStack
    ) -> "_Sound | None":
        """The sound of a file for a new stream of ``container``; None where there is none."""
        source = stack.enter_context(opened(path))
        if not source.streams.audio:
            return None
        stream = container.add_stream("aac", rate=_SOUND_RATE, layout="stereo")
        return cls(source.decode(source.streams.audio[0]), start_s, stream)

    def until(self, seconds: float) -> "list[av.Packet[AudioStream]]":
        """Packets of what sounds before that time and was not given yet."""
        packets: list[av.Packet[AudioStream]] = []
        while self._reached < seconds * _SOUND_RATE:
            try:
                frame = next(self._frames, None)
                pieces = self._resampler.resample(frame) if frame is not None else []
            # A damaged track ends where it breaks: the pictures are what people came for.
            except (av.FFmpegError, ValueError):
                frame, pieces = None, []
            if frame is None:
                self._reached = 2**62
                break
            packets += self._encoded(pieces)
        return packets

    def _encoded(self, pieces: list[av.AudioFrame]) -> "list[av.Packet[AudioStream]]":
        packets: list[av.Packet[AudioStream]] = []
        for piece in pieces:
            begin = (piece.pts or 0) - self._shift
            if begin < self._reached:  # before the first picture, or a second time
                continue
            piece.pts, piece.time_base = begin, Fraction(1, _SOUND_RATE)
            self._reached = begin + piece.samples
            packets += self._stream.encode(piece)
        return packets

    def rest(self) -> "list[av.Packet[AudioStream]]":
        """What the encoder still holds."""
        return list(self._stream.encode(None))
