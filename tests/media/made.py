"""Videos with a tone, made for the tests: any container, any sound, any time stamps."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.stream import Disposition
from numpy.typing import NDArray

FPS = 10
TONE_HZ = 440
AMPLITUDE = 0.5
MILLISECOND = Fraction(1, 1000)

CODECS = {
    ".mp4": ("libx264", "aac"),
    ".mkv": ("libx264", "aac"),
    ".mov": ("libx264", "pcm_s16le"),
    ".webm": ("libvpx", "libopus"),
    ".avi": ("mpeg4", "libmp3lame"),
}


@dataclass(frozen=True, slots=True)
class Tone:
    """A track of sound.

    Attributes:
        seconds: its length.
        rate: samples a second.
        channels: 1 or 2.
        hertz: of its sine.
        start_s: its first time stamp.
        gap_s: from where to where there is no packet.
        default: whether the file calls it its default.
        codec: another one than the container's usual one.
    """

    seconds: float
    rate: int = 48_000
    channels: int = 1
    hertz: float = TONE_HZ
    start_s: float = 0.0
    gap_s: tuple[float, float] = (0.0, 0.0)
    default: bool = True
    codec: str = ""


def level(number: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 grey that tells pictures apart."""
    return np.full((height, width, 3), 20 + 5 * (number % 40), np.uint8)


def write_video(
    path: Path,
    times_s: Sequence[float],
    *tones: Tone,
    last_s: float | None = None,
    thumbnail: tuple[int, int] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write grey pictures at these times, and tones.

    Args:
        path: its ending decides on container and codecs.
        times_s: of the pictures.
        tones: a track each.
        last_s: how long the file says that the last picture is shown.
        thumbnail: width and height of a stream with a single picture, the first in the file.
        options: for the container.
    """
    picture_codec, sound_codec = CODECS[path.suffix]
    with av.open(str(path), "w", options=options or {}) as container:
        if thumbnail:
            small = container.add_stream("mjpeg", rate=FPS)
            small.width, small.height, small.pix_fmt = *thumbnail, "yuvj420p"
            small.disposition = Disposition(0)
        pictures = container.add_stream(picture_codec, rate=FPS)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        pictures.codec_context.time_base = MILLISECOND
        pictures.codec_context.options = {"bf": "0"}
        tracks = [_track(container, tone, sound_codec) for tone in tones]
        if thumbnail:
            rgb = np.zeros((thumbnail[1], thumbnail[0], 3), np.uint8)
            container.mux(small.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
            container.mux(small.encode(None))
        packets = []
        for number, seconds in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(level(number), format="rgb24")
            frame.pts, frame.time_base = round(seconds / MILLISECOND), MILLISECOND
            packets += pictures.encode(frame)
        packets += pictures.encode(None)
        ends_s = [*times_s[1:], times_s[-1] + (last_s or 1 / FPS)]
        for packet, begin_s, end_s in zip(packets, times_s, ends_s, strict=True):
            if last_s is not None:
                packet.duration = round((end_s - begin_s) / packet.time_base)
            container.mux(packet)
        for track, tone in zip(tracks, tones, strict=True):
            _mux_tone(container, track, tone)
    return path


def _track(container: OutputContainer, tone: Tone, codec: str) -> AudioStream:
    layout = "mono" if tone.channels == 1 else "stereo"
    options = {"strict": "experimental"}  # FFmpeg's own Vorbis
    track = container.add_stream(
        tone.codec or codec, rate=tone.rate, layout=layout, options=options
    )
    track.disposition = Disposition.default if tone.default else Disposition(0)
    return track


def _mux_tone(container: OutputContainer, track: AudioStream, tone: Tone) -> None:
    times = np.arange(round(tone.seconds * tone.rate)) / tone.rate
    wave = (AMPLITUDE * np.sin(2 * np.pi * tone.hertz * times)).astype(np.float32)
    context = track.codec_context
    size = context.frame_size or 1024
    resampler = av.AudioResampler(context.format, context.layout, tone.rate)
    packets = []
    for start in range(0, len(wave), size):
        samples = np.repeat(wave[None, start : start + size], tone.channels, axis=0)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=context.layout.name)
        frame.sample_rate = tone.rate
        frame.pts = start + round(tone.start_s * tone.rate)
        for converted in resampler.resample(frame):
            packets += track.encode(converted)
    packets += track.encode(None)
    for packet in packets:
        seconds = float(packet.pts * packet.time_base)
        if not tone.gap_s[0] <= seconds < tone.gap_s[1]:
            container.mux(packet)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The sound that FFmpeg's players choose, decoded.

    Attributes:
        samples: (channels, n) float32.
        rate: samples a second.
    """

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return self.samples.shape[1] / self.rate

    @property
    def hertz(self) -> float:
        wave = self.samples[0]
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
        return float(spectrum.argmax() * self.rate / len(wave))

    def loudness(self, begin_s: float, end_s: float) -> float:
        """Root mean square of each sample in that time, over all channels."""
        part = self.samples[:, round(begin_s * self.rate) : round(end_s * self.rate)]
        return float(np.sqrt((part**2).mean()))

    def silences(self, window_s: float = 0.01) -> list[float]:
        """Where, in seconds, it is silent for such a window."""
        size = round(window_s * self.rate)
        windows = self.samples[0][: self.samples.shape[1] // size * size].reshape(-1, size)
        quiet = np.sqrt((windows**2).mean(axis=1)) < AMPLITUDE / 100
        return (np.flatnonzero(quiet) * window_s).tolist()


def hear(path: Path) -> Heard:
    """Decode a file's sound, whatever its own samples are."""
    with av.open(str(path)) as container:
        track = container.streams.best("audio")
        assert track is not None
        resampler = av.AudioResampler("fltp", track.layout, track.rate)
        frames = [*container.decode(track), None]
        pieces = [piece.to_ndarray() for frame in frames for piece in resampler.resample(frame)]
        return Heard(np.concatenate(pieces, axis=1), track.rate)
