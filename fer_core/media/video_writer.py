"""Annotated frames -> an MP4 that browsers play, with the sound of the video they came from."""

from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.sound import Sound
from fer_core.media.videos import VideoReader

_TICK = Fraction(1, 90_000)
"""Time stamps of frames: the steps that MPEG uses, fine enough for any rate."""

_KEYFRAME_S = 1.0
"""Longest time between two keyframes, frames that need no others."""


class VideoWriter:
    """Writes H.264 (yuv420p) and AAC into an MP4.

    Used as a context manager: the file is complete at the end of the block; after an error nothing
    is left of it.
    """

    def __init__(
        self,
        path: Path,
        frames_per_second: float,
        *,
        source: VideoReader | None = None,
        name: str = "",
    ) -> None:
        """Begin; nothing is written before the first frame.

        Args:
            path: the MP4 to write.
            frames_per_second: the usual rate; each frame brings its own time.
            source: the video that the frames come from, in step with which they are written: its
                sound is taken over, and the last frame is shown as long as there. None for
                silence, and a last frame that is shown as long as the rate says.
            name: what the file is called in errors; that of ``path`` where not given.
        """
        self._path, self._name = path, name or path.name
        self._rate = Fraction(frames_per_second).limit_denominator(1001)
        self._source = source
        self._last: tuple[av.VideoFrame, float] | None = None
        self._key_s = float("-inf")
        self._durations: dict[int, int] = {}  # by time stamp, of frames in the encoder
        self._stack = ExitStack()
        self._container: OutputContainer | None = None
        self._frames: VideoStream | None = None
        self._sound: Sound | None = None
        self._reformatter = VideoReformatter()  # with threads of its own for each frame otherwise

    def __enter__(self) -> "VideoWriter":
        return self

    def write(self, rgb: NDArray[np.uint8], seconds: float) -> None:
        """Add a frame.

        Args:
            rgb: (h, w, 3) uint8 RGB, every one of the same shape.
            seconds: when it is shown; later than the one before.

        Raises:
            MediaError: the file cannot be written.
        """
        try:
            if self._container is None:
                self._begin(*rgb.shape[:2])
            assert self._frames is not None
            self._write_last(seconds)
            frame = self._reformatter.reformat(
                av.VideoFrame.from_ndarray(rgb, format="rgb24"),
                *(self._frames.width, self._frames.height, "yuv420p"),
                threads=1,
            )
            self._last = frame, seconds
        except (OSError, av.FFmpegError) as error:
            raise self._not_written(error) from error

    def _write_last(self, until_s: float) -> None:
        """Encode the frame before, which is shown until that time, and the sound up to it."""
        if self._last is None:
            return
        assert self._container is not None
        assert self._frames is not None
        frame, seconds = self._last
        if self._sound is not None:
            self._container.mux(self._sound.until(seconds))
        frame.pts, frame.time_base = round(seconds / _TICK), _TICK
        # A player that jumps decodes from the keyframe before.
        if seconds >= self._key_s + _KEYFRAME_S:
            frame.pict_type, self._key_s = PictureType.I, seconds
        self._durations[frame.pts] = max(1, round(until_s / _TICK) - frame.pts)
        self._container.mux(self._packets(frame))

    def _packets(self, frame: av.VideoFrame | None) -> "list[av.Packet[VideoStream]]":
        """What the encoder hands out, each with how long it is shown: the encoder forgets that."""
        assert self._frames is not None
        packets = self._frames.encode(frame)
        for packet in packets:
            packet.duration = self._durations.pop(packet.pts or 0, 1)
        return packets

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what a person should know of the file that was written."""
        if self._source is not None and self._source.index.has_sound and self._sound is None:
            return ("Its sound cannot be decoded; the annotated video is silent.",)
        return ()

    def _begin(self, height: int, width: int) -> None:
        # "file:" keeps FFmpeg from reading a colon in a name as an address; the second pass that
        # puts the index in front, so that a browser can begin at once, needs a path.
        container = self._stack.enter_context(
            av.open(f"file:{self._path}", "w", format="mp4", options={"movflags": "faststart"})
        )
        # Without frames that refer to later ones, MP4 keeps each one's time and how long it is
        # shown; keyframes come by time, see `_write_last`.
        options = {"preset": "veryfast", "crf": "24", "g": "600", "bf": "0"}
        frames = container.add_stream("libx264", rate=self._rate, options=options)
        # Two chroma samples a row and column: odd sizes grow by one pixel.
        frames.width, frames.height = width + width % 2, height + height % 2
        frames.pix_fmt = "yuv420p"
        frames.codec_context.time_base = _TICK
        self._container, self._frames = container, frames
        if self._source is not None:
            self._sound = Sound.of(self._source, container, self._stack)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        complete = False
        try:
            if error is None:
                self._finish()
            self._stack.close()
            complete = error is None
        except (OSError, av.FFmpegError) as problem:
            raise self._not_written(problem) from problem
        finally:
            if not complete:
                with suppress(OSError):
                    self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        if self._container is None or self._frames is None or self._last is None:
            return
        end_s = self._last[1] + float(1 / self._rate)
        if self._source is not None:
            end_s = max(self._source.index.seconds, self._last[1])
        self._write_last(end_s)
        if self._sound is not None:
            self._container.mux(self._sound.until(end_s))
            self._container.mux(self._sound.rest())
        self._container.mux(self._packets(None))

    def _not_written(self, error: Exception) -> MediaError:
        return MediaError(
            "the annotated video cannot be written",
            where=self._name,
            received=getattr(error, "strerror", None) or type(error).__name__,
            remedy="Check that the folder is there, may be written to and has room left.",
        )
