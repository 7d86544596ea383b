"""The only door for video files: a file of unknown origin -> `VideoReader`, picture by picture.

FFmpeg's libraries (PyAV) decode. They are handed an open file and the one container format that
its first bytes tell, never a path: so a playlist cannot make them open other files or addresses.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.images import display_name

MAX_SECONDS = 15 * 60
"""Longest video that is read; also where one that declares no length, or a wrong one, ends."""

MAX_FRAME_PIXELS = 4096 * 2304
"""Most pixels of a frame that are decoded, read from the header: 4K and a little more."""

LONGEST_PX = 1280
"""Larger pictures are scaled down to this longer side while they are converted to RGB. Faces are
looked for on far fewer pixels, and annotated videos stay small enough to play in a browser."""

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi")
"""Endings that are offered; what a file is, its first bytes decide."""

_READABLE = "MP4, MOV, WebM, MKV or AVI"
_SAVE_AGAIN = "Copy or download it again, or save it as MP4 with a video program."

# FFmpeg decodes hundreds of formats, most of them hardly ever looked at: only those are let in
# that cameras, phones, browsers and video programs write.
_CODECS = {
    *("h264", "hevc", "av1", "vp8", "vp9", "theora", "mpeg4", "mpeg2video", "mpeg1video", "h263"),
    *("mjpeg", "prores", "dnxhd", "dvvideo", "msmpeg4v2", "msmpeg4v3", "wmv2", "ffv1", "huffyuv"),
    *("rawvideo", "png", "qtrle"),
}

_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_STILL_BRANDS = {b"heic", b"heix", b"mif1", b"avif"}

_EARLY_S = 1.0
# Sound is often a little longer than the pictures, and the declared length is that of both.
_SMALLEST_STEP_S = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class VideoPicture:
    """One picture of a video.

    Attributes:
        seconds: when it is shown, from the first picture on; each is later than the one before.
        rgb: (h, w, 3) uint8 RGB, upright, the same shape for the whole video.
    """

    seconds: float
    rgb: NDArray[np.uint8]


class VideoReader:
    """An open video: iterate once over its pictures, in the order of time. For one thread.

    Pictures are turned upright as the file says, scaled down to `LONGEST_PX`, and timed by their
    own time stamps: many phones and screen recorders have no steady rate. A file that breaks off
    or has damaged parts gives the pictures that it has, and `notes` say so.

    Attributes:
        name: the file's name as it may be shown; see `fer_core.media.display_name`.
        width, height: of the upright video before any scaling, pixels.
        declared_s: the length that the file states, seconds; None where it states none.
        frames: pictures that came out so far.
        frames_per_second: the usual rate, for progress and encoders; times do not follow from it.
        start_s: the first picture's time stamp in the file; sound is counted from it.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and decode its first picture.

        Raises:
            MediaError: no such file, not a video, nothing to see in it, damaged before the first
                picture, larger than `MAX_FRAME_PIXELS` or longer than `MAX_SECONDS`.
        """
        self.name = display_name(path.name)
        self.frames = 0
        self._damaged = 0
        self._notes: list[str] = []
        self._canvas: tuple[int, int] | None = None
        self._last_s = self._step_s = 0.0
        with ExitStack() as stack:
            container = stack.enter_context(opened(path))
            stream = self._pick(container)
            self.declared_s = _declared_seconds(container, stream)
            if self.declared_s is not None and self.declared_s > MAX_SECONDS:
                raise MediaError(
                    "the video is too long",
                    where=self.name,
                    expected=f"at most {_clock(MAX_SECONDS)} minutes",
                    received=f"{_clock(self.declared_s)} minutes",
                    remedy="Cut out the part that matters with a video program.",
                )
            rate = stream.average_rate or stream.guessed_rate
            self.frames_per_second = min(max(float(rate), 1.0), 240.0) if rate else 25.0
            aspect = stream.sample_aspect_ratio
            self._aspect = float(aspect) if aspect and 0.25 <= aspect <= 4 else 1.0
            decoded = self._decoded(container, stream)
            first = next(decoded, None)
            if first is None:
                raise _damaged(self.name)
            self.start_s = first.time or 0.0
            # AVI knows the order of decoding only: its pictures' own stamps run back and forth.
            self._by_decoding = container.format.name == "avi"
            wide, high = self._upright_size(first)
            self.width, self.height = round(wide), round(high)
            self._pictures = self._timed(first, decoded)
            self._stack = stack.pop_all()

    def _pick(self, container: InputContainer) -> VideoStream:
        streams = [
            stream
            for stream in container.streams.video
            if not stream.disposition & Disposition.attached_pic  # a song's cover
        ]
        if not streams:
            raise MediaError(
                "there are no moving pictures in this file",
                where=self.name,
                received="sound only" if container.streams.audio else "no track that can be seen",
                remedy="Choose a file with a video in it.",
            )
        stream = streams[0]
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"
        if codec not in _CODECS:
            raise MediaError(
                "videos in this coding cannot be read",
                where=self.name,
                expected="H.264, HEVC, AV1, VP8, VP9 or another usual one",
                received=codec,
                remedy="Save it as MP4 (H.264) with a video program.",
            )
        self._check_size(stream.codec_context.width, stream.codec_context.height)
        # The header's size is a promise only: FFmpeg itself refuses larger frames too.
        stream.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        stream.thread_type = "AUTO"
        return stream

    def _check_size(self, width: int, height: int) -> None:
        if width * height > MAX_FRAME_PIXELS:
            raise MediaError(
                "the video's pictures are too large",
                where=self.name,
                expected=f"at most {MAX_FRAME_PIXELS / 1e6:.1f} megapixels (4K)",
                received=f"{width:,} x {height:,}",
                remedy="Save it in a smaller size with a video program.",
            )

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
        try:
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    self._damaged += 1
                    continue
                for frame in frames:
                    self._damaged += bool(frame.is_corrupt)
                    yield frame
        except av.FFmpegError:  # between the packets: nothing after it can be found
            self._damaged += 1

    def _timed(
        self, first: av.VideoFrame, others: Iterator[av.VideoFrame]
    ) -> Iterator[VideoPicture]:
        self.frames, self._step_s = 1, 1 / self.frames_per_second
        begin_s = self._stamp_s(first) or 0.0
        yield VideoPicture(0.0, self._rgb(first))
        for frame in others:
            stamp_s = self._stamp_s(frame)
            usual_s = self._last_s + self._step_s
            seconds = usual_s if stamp_s is None else stamp_s - begin_s
            seconds = max(seconds, self._last_s + _SMALLEST_STEP_S)
            if seconds > MAX_SECONDS:
                self._notes.append(f"Only the first {MAX_SECONDS // 60} minutes were read.")
                return
            self._step_s, self._last_s = seconds - self._last_s, seconds
            self.frames += 1
            yield VideoPicture(seconds, self._rgb(frame))

    def _stamp_s(self, frame: av.VideoFrame) -> float | None:
        stamp = frame.dts if self._by_decoding else frame.pts
        if stamp is None or frame.time_base is None:
            return None
        return float(stamp * frame.time_base)

    def _upright_size(self, frame: av.VideoFrame) -> tuple[float, float]:
        size = frame.width * self._aspect, float(frame.height)
        return size[::-1] if quarter_turns(frame) % 2 else size

    def _rgb(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        self._check_size(frame.width, frame.height)
        wide, high = self._upright_size(frame)
        if self._canvas is None:
            scale = min(1.0, LONGEST_PX / max(wide, high))
        else:
            scale = min(self._canvas[0] / wide, self._canvas[1] / high)
        width, height = max(1, round(wide * scale)), max(1, round(high * scale))
        self._canvas = self._canvas or (width, height)
        lying = (height, width) if quarter_turns(frame) % 2 else (width, height)
        try:
            pixels = frame.to_ndarray(format="rgb24", width=lying[0], height=lying[1])
        except (av.FFmpegError, ValueError, MemoryError) as error:
            raise MediaError(
                "the video's pictures cannot be converted",
                where=self.name,
                received=f"{frame.format.name}, {frame.width:,} x {frame.height:,}",
                remedy=_SAVE_AGAIN,
            ) from error
        # PyAV tells the rotation and leaves it to us; it turns against the clock, as `rot90` does.
        upright = np.ascontiguousarray(np.rot90(pixels, quarter_turns(frame)), np.uint8)
        if (width, height) == self._canvas:
            return upright
        # The size changed in mid-stream: fitted into the first one, with black beside it.
        rgb = np.zeros((self._canvas[1], self._canvas[0], 3), np.uint8)
        top, left = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
        rgb[top : top + height, left : left + width] = upright
        return rgb

    def __iter__(self) -> Iterator[VideoPicture]:
        """All pictures that are left.

        Raises:
            MediaError: a frame grows beyond `MAX_FRAME_PIXELS` in mid-stream.
        """
        return self._pictures

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
        """Length of what was read so far: the last picture is shown as long as the one before."""
        return self._last_s + self._step_s

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what a person should know, complete once the last picture was read."""
        notes = list(self._notes)
        missing = (self.declared_s or 0.0) - self.seconds
        if not notes and missing > max(_EARLY_S, 0.05 * (self.declared_s or 0.0)):
            notes.append(
                f"It ends early: {self.seconds:.1f} of the {self.declared_s:.1f} seconds that the "
                "file promises are there."
            )
        if self._damaged:
            notes.append("Parts of the file are damaged; what could be decoded was read.")
        return tuple(notes)


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """A video file for FFmpeg, in the one format that its first bytes tell.

    Raises:
        MediaError: no such file, or no video.
    """
    name = display_name(path.name)
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(path.open("rb"))
            head = stream.read(64)
            stream.seek(0)
        except OSError as error:
            raise MediaError(
                "the file cannot be read",
                where=name,
                received=error.strerror or type(error).__name__,
                remedy="Check that the file is there and that you may open it.",
            ) from error
        form = _container_format(head, name)
        try:
            container = stack.enter_context(av.open(stream, "r", format=form))
        except (av.FFmpegError, ValueError) as error:
            raise _damaged(name) from error
        yield container


def _container_format(head: bytes, name: str) -> str:
    """FFmpeg's name of the format that a file begins as."""
    if not head:
        raise MediaError("the file is empty", where=name, remedy=_SAVE_AGAIN)
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        raise MediaError(
            "this is a picture, not a video",
            where=name,
            expected=_READABLE,
            remedy="Pictures are read on the Photos page and by the predict command.",
        )
    if head[4:8] in _MOV_BOXES:
        return "mov"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    raise MediaError(
        "this is not a video that can be read",
        where=name,
        expected=_READABLE,
        received="a file that begins as none of them",
        remedy=_SAVE_AGAIN,
    )


def _declared_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def _clock(seconds: float) -> str:
    """``15:01`` for 900.2 seconds: rounded up, so that what is too long never looks as if not."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes:,}:{rest:02d}"


def quarter_turns(frame: av.VideoFrame) -> int:
    """How often `numpy.rot90` has to turn the frame's pixels to set them upright."""
    return round(frame.rotation / 90) % 4


def _damaged(name: str) -> MediaError:
    return MediaError(
        "the video is damaged or incomplete",
        where=name,
        expected=f"a whole {_READABLE} file",
        received="a file from which not one picture can be decoded",
        remedy=_SAVE_AGAIN,
    )
