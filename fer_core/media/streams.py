"""Which of a file's streams is the video, and which is its sound: those that players play."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from fer_core.errors import MediaError
from fer_core.media.containers import opened
from fer_core.media.files import display_name

# FFmpeg decodes hundreds of formats, most of them hardly ever looked at: only those are let in
# that cameras, phones, browsers and video programs write.
_CODECS = {
    *("h264", "hevc", "av1", "vp8", "vp9", "theora", "mpeg4", "mpeg2video", "mpeg1video", "h263"),
    *("mjpeg", "prores", "dnxhd", "dvvideo", "msmpeg4v2", "msmpeg4v3", "wmv2", "ffv1", "huffyuv"),
    *("rawvideo", "png", "qtrle"),
}

_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails
_PACKETS_LOOKED_AT = 20_000  # ten minutes of frames and sound


def pick_video(container: InputContainer, path: Path) -> VideoStream:
    """The stream that FFmpeg's own players choose.

    That is one that the file calls its default, then the one with most pixels, then with most
    frames; a stream of a single frame beside a longer one is a cover or thumbnail.

    Raises:
        MediaError: there is no stream of moving pictures, or none in a coding that is let in.
    """
    name = display_name(path.name)
    streams = [stream for stream in container.streams.video if not stream.disposition & _COVERS]
    if not streams:
        raise MediaError(
            "there are no moving pictures in this file",
            where=name,
            received="sound only" if container.streams.audio else "no track that can be seen",
            remedy="Choose a file with a video in it.",
        )
    stream = streams[0] if len(streams) == 1 else _best(streams, path)
    if not _is_let_in(stream):
        raise MediaError(
            "videos in this coding cannot be read",
            where=name,
            expected="H.264, HEVC, AV1, VP8, VP9 or another usual one",
            received=_coding(stream),
            remedy="Save it as MP4 (H.264) with a video program.",
        )
    return stream


def pick_sound(container: InputContainer) -> AudioStream | None:
    """The sound that FFmpeg's players choose, the file's default first; None for a silent film."""
    stream = container.streams.best("audio")
    return stream if isinstance(stream, AudioStream) else None


def _best(streams: list[VideoStream], path: Path) -> VideoStream:
    frames = {stream.index: stream.frames for stream in streams}
    if not all(frames.values()):  # Matroska does not say
        frames = _packets(path)

    def merit(stream: VideoStream) -> tuple[bool, bool, bool, int, int]:
        context = stream.codec_context
        return (
            _is_let_in(stream),
            frames[stream.index] > 1,
            bool(stream.disposition & Disposition.default),
            context.width * context.height if context else 0,
            frames[stream.index],
        )

    return max(streams, key=merit)


def _packets(path: Path) -> Counter[int]:
    """How many frames of each stream come in the first minutes, by its index."""
    counts: Counter[int] = Counter()
    with opened(path) as container, suppress(av.FFmpegError):  # as far as it goes
        for packet, _ in zip(
            container.demux(container.streams.video), range(_PACKETS_LOOKED_AT), strict=False
        ):
            counts[packet.stream.index] += packet.size > 0
    return counts


def _coding(stream: VideoStream) -> str:
    return stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"


def _is_let_in(stream: VideoStream) -> bool:
    return _coding(stream) in _CODECS
