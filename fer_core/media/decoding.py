"""One recording of a video file, opened for its frames: packets, and what they decode to."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from fer_core.media import jpeg
from fer_core.media.containers import opened
from fer_core.media.files import display_name
from fer_core.media.frames import MAX_FRAME_PIXELS, check_frame_size
from fer_core.media.streams import pick_video

_MOST_SCANS = 20
# Of a Motion JPEG's frame: cameras write one, and thousands would take minutes; see `jpeg`.


class Recording:
    """A file's video stream, ready to be decoded once. For one thread.

    Attributes:
        container, stream: as FFmpeg has them.
        damaged: packets and frames that could not be decoded as they should, so far.
        stopped: whether demuxing broke off before the end.
    """

    def __init__(self, path: Path, container: InputContainer) -> None:
        """Choose the video stream of an open file.

        Raises:
            MediaError: there is none that can be read, or its frames are too large.
        """
        self.container = container
        self.stream: VideoStream = pick_video(container, path)
        context = self.stream.codec_context
        check_frame_size(context.width, context.height, display_name(path.name))
        # The header's size is a promise only: FFmpeg itself refuses larger frames too.
        context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        self.stream.thread_type = "AUTO"
        self.damaged, self.stopped = 0, False

    @property
    def tick_s(self) -> float:
        """What one step of time stamps is worth, seconds."""
        return float(self.stream.time_base or Fraction(1, av.time_base))

    @property
    def by_decoding(self) -> bool:
        """Whether stamps are those of decoding: AVI knows no others that could be relied on."""
        return bool(self.container.format.name == "avi")

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel over its height."""
        aspect = self.stream.sample_aspect_ratio
        return float(aspect) if aspect and 0.25 <= aspect <= 4 else 1.0

    def stamp(self, source: "av.Packet[Stream] | av.VideoFrame") -> int | None:
        """The time stamp of a packet or frame in the stream's time base; None without one."""
        return source.dts if self.by_decoding else source.pts

    def packets(self, *others: Stream) -> Iterator["av.Packet[Stream]"]:
        """All packets of the video and of other streams that are left, in the file's order."""
        try:
            for packet in self.container.demux([self.stream, *others]):
                if packet.size:  # an empty one says that a stream has ended
                    yield packet
        except av.FFmpegError:  # between the packets: nothing after it can be found
            self.damaged += 1
            self.stopped = True

    def frames(self, packet: int = 0) -> Iterator[av.VideoFrame]:
        """Decode from the packet with that number on, 0 for all of it."""
        return self._frames(islice(self.packets(), packet, None))

    def frames_from(self, stamp: int) -> Iterator[av.VideoFrame] | None:
        """Decode from the keyframe with that stamp on; None where it cannot be gone to.

        After None, the recording has to be opened anew.
        """
        try:
            self.container.seek(stamp, stream=self.stream)
        except av.FFmpegError:
            return None
        packets = self.packets()
        for packet in packets:
            found = self.stamp(packet)
            if found == stamp and packet.is_keyframe:
                return self._frames(chain([packet], packets))
            if found is None or found > stamp:
                break
        return None

    def _frames(self, packets: Iterable["av.Packet[Stream]"]) -> Iterator[av.VideoFrame]:
        for packet in packets:
            yield from self._decoded(packet)
        yield from self._decoded(None)

    def _decoded(self, packet: "av.Packet[Stream] | None") -> list[av.VideoFrame]:
        """What the decoder hands out for a packet; for None, what it still holds."""
        if (
            packet is not None
            and self.stream.codec_context.name == "mjpeg"
            and jpeg.read_layout(bytes(packet)).scans > _MOST_SCANS
        ):
            self.damaged += 1
            return []
        try:
            frames = self.stream.codec_context.decode(packet)
        except av.FFmpegError:
            self.damaged += 1
            return []
        self.damaged += sum(bool(frame.is_corrupt) for frame in frames)
        return frames


@contextmanager
def recording(path: Path, part: slice) -> Iterator[Recording]:
    """Open one of a file's `joined_parts`.

    Raises:
        MediaError: as `opened`, and as `Recording`.
    """
    with opened(path, part) as container:
        yield Recording(path, container)


@contextmanager
def recording_from(
    path: Path, part: slice, packet: int, stamp: int | None
) -> Iterator[tuple[Recording, Iterator[av.VideoFrame]]]:
    """The same with its frames from a keyframe on.

    Args:
        path, part: see `recording`.
        packet: the keyframe's number among the video packets, 0 for the beginning.
        stamp: its time stamp, by which it is found at once; None where it has to be counted to.
    """
    if packet and stamp is not None:
        with recording(path, part) as one:
            frames = one.frames_from(stamp)
            if frames is not None:
                yield one, frames
                return
    with recording(path, part) as one:
        yield one, one.frames(packet)
