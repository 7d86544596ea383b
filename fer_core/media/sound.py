"""The sound of a video, decoded and laid on the clock of its frames, as AAC packets."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.clock import Clock, Run, Stamps
from fer_core.media.containers import joined_parts, opened
from fer_core.media.streams import pick_sound
from fer_core.media.videos import VideoReader

_RATE = 48_000
_FRAME = 1024  # samples that AAC packs together
_SAME_PLACE = round(0.05 * _RATE)
# Stamps are rounded to milliseconds and recorders' clocks tremble: samples that come less early or
# late than this follow each other. What is further off is a real gap, or is there twice.


@dataclass(slots=True)
class _Piece:
    """A decoded frame, and the run of stamps that its own belongs to."""

    frame: av.AudioFrame
    stamp_s: float | None
    run: Run


class Sound:
    """A file's sound as AAC packets, taken as far as the frames have come.

    Samples are placed by counting them; stamps say where there is a gap, which is filled with
    silence, or an overlap, which is cut.
    """

    def __init__(
        self, pieces: Iterator[_Piece], channels: int, clock: Clock, out: OutputContainer
    ) -> None:
        """Begin a new stream of ``out``.

        Args:
            pieces: what a file sounds.
            channels: of them.
            clock: of its frames.
            out: where the sound goes.
        """
        # One channel stays one: spread over two, each would be 3 dB lower.
        self._channels = min(channels, 2)
        self._layout = "mono" if self._channels == 1 else "stereo"
        self._out: AudioStream = out.add_stream("aac", rate=_RATE, layout=self._layout)
        self._clock, self._pieces = clock, pieces
        self._waiting: _Piece | None = None
        self._setup: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None
        self._held = np.empty((self._channels, 0), np.float32)
        self._encoded = 0  # samples
        self._ended = False

    @classmethod
    def of(cls, video: VideoReader, out: OutputContainer, stack: ExitStack) -> "Sound | None":
        """The sound of a video for a new stream of ``out``; None where there is none."""
        pieces = _pieces(video.path)
        stack.callback(pieces.close)
        first = next(pieces, None)
        if first is None:
            return None
        return cls(chain([first], pieces), first.frame.layout.nb_channels, video.clock, out)

    @property
    def _reached(self) -> int:
        """Samples since the first frame."""
        return self._encoded + self._held.shape[1]

    def until(self, seconds: float) -> "list[av.Packet[AudioStream]]":
        """Packets of what sounds before that time and was not given yet."""
        limit = round(seconds * _RATE)
        while not self._ended and self._reached < limit:
            piece = self._waiting or next(self._pieces, None)
            self._waiting = None
            if piece is None:
                self._append(self._drained())
                self._ended = True
                break
            begin = self._place(piece)
            if begin is None:  # no frame of its run
                self._waiting = piece
                break
            gap = begin - self._reached
            if gap > _SAME_PLACE or (gap > 0 and not self._reached):
                self._append(self._silence(min(gap, limit - self._reached, _RATE)))
                self._waiting = piece
                continue
            samples = self._resampled(piece.frame)
            twice = -gap if -gap > _SAME_PLACE or not self._reached else 0
            self._append(samples[:, twice:])
        return self._packets(_FRAME)

    def rest(self) -> "list[av.Packet[AudioStream]]":
        """What is left of what `until` took in; the end of the stream."""
        return [*self._packets(1), *self._out.encode(None)]

    def _place(self, piece: _Piece) -> int | None:
        if piece.stamp_s is None:
            return self._reached
        seconds = self._clock.sound(piece.stamp_s, piece.run)
        return None if seconds is None else round(seconds * _RATE)

    def _resampled(self, frame: av.AudioFrame) -> NDArray[np.float32]:
        """(channels, n) samples at our rate; n may be 0, as for what cannot be converted."""
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        before = self._silence(0)
        if setup != self._setup:
            before = self._drained()
            self._setup = setup
            self._resampler = av.AudioResampler("fltp", self._layout, _RATE)
        return np.concatenate([before, self._through(frame)], axis=1)

    def _drained(self) -> NDArray[np.float32]:
        """What the resampler still holds."""
        return self._through(None) if self._resampler is not None else self._silence(0)

    def _through(self, frame: av.AudioFrame | None) -> NDArray[np.float32]:
        assert self._resampler is not None
        try:
            pieces = self._resampler.resample(frame)
        except (av.FFmpegError, ValueError):  # damaged: a gap, like one in the file
            pieces = []
        arrays = [np.asarray(piece.to_ndarray(), np.float32) for piece in pieces]
        return np.concatenate([self._silence(0), *arrays], axis=1)

    def _silence(self, samples: int) -> NDArray[np.float32]:
        return np.zeros((self._channels, samples), np.float32)

    def _append(self, samples: NDArray[np.float32]) -> None:
        self._held = np.concatenate([self._held, samples], axis=1)

    def _packets(self, least: int) -> "list[av.Packet[AudioStream]]":
        """What the encoder makes of the held samples, as long as there are so many."""
        packets: list[av.Packet[AudioStream]] = []
        while self._held.shape[1] >= least:
            samples = np.ascontiguousarray(self._held[:, :_FRAME])
            self._held = self._held[:, _FRAME:]
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=self._layout)
            frame.sample_rate, frame.pts = _RATE, self._encoded
            self._encoded += samples.shape[1]
            packets += self._out.encode(frame)
        return packets


def _pieces(path: Path) -> Generator[_Piece, None, None]:
    """All sound of a file, recording by recording."""
    stamps = Stamps()
    for recording, part in enumerate(joined_parts(path)):
        with suppress(MediaError), opened(path, part) as container:  # one bad, the others go on
            stream = pick_sound(container)
            for frame in _decoded(container, stream) if stream is not None else ():
                if frame.pts is None or frame.time_base is None:
                    yield _Piece(frame, None, Run(recording))
                    continue
                stamp_s = float(frame.pts * frame.time_base)
                yield _Piece(frame, stamp_s, stamps.run_of(stamp_s, recording))


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """All that can be decoded: a damaged packet is left out, what comes after it is not."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        with suppress(av.FFmpegError, ValueError):
            yield from (frame for frame in packet.decode() if isinstance(frame, av.AudioFrame))
