"""What is in a video file and where: found by going through its packets without decoding them.

It takes a second or so for an hour, and then every part of the file can be read by itself: each
says at which frame it begins and ends, when these are shown, and where decoding has to begin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from fer_core.errors import MediaError
from fer_core.media.clock import Run
from fer_core.media.containers import damaged, is_cut_off, joined_parts
from fer_core.media.decoding import Recording, recording, recording_from
from fer_core.media.files import display_name
from fer_core.media.frames import FrameConverter
from fer_core.media.packets import Packets, SoundEnd
from fer_core.media.timeline import Place, Timeline, VideoPart

_NEVER_SET = 1990
_EARLY_S = 1.0
# Less missing at the end of a file that breaks off is not worth a sentence.


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """What is in a video file.

    Attributes:
        width, height: of the upright video, pixels.
        canvas: width and height of its frames as they are read.
        pixel_aspect: width of a pixel over its height, as stored.
        recordings: where in the file those that it consists of begin and end, bytes; see
            `containers.joined_parts`.
        frames: how many packets hold one; damaged ones may not be decoded.
        frames_per_second: the usual rate, for encoders; times do not follow from it.
        seconds: until where a player goes on: the end of the last frame or of the sound.
        start_s: the first frame's time stamp in the file.
        delay: what is taken off each frame's stamp first; 0 but for AVI, whose frames are
            counted from the first one on.
        has_sound: whether there is a track of sound.
        shifts: by run, what is to be added to a stamp, seconds.
        parts: all of it, in the order of time.
        recorded_at: when it was recorded, in ISO 8601, as the file says: its beginning or its end,
            as the camera has it; "" where it does not say.
        notes: sentences on what a person should know.
    """

    width: int
    height: int
    canvas: tuple[int, int]
    pixel_aspect: float
    recordings: tuple[tuple[int, int | None], ...]
    frames: int
    frames_per_second: float
    seconds: float
    start_s: float
    delay: int
    has_sound: bool
    shifts: tuple[tuple[Run, float], ...]
    parts: tuple[VideoPart, ...]
    recorded_at: str
    notes: tuple[str, ...]

    @property
    def scale(self) -> float:
        """Pixels of the upright video for one pixel of a frame as it is read."""
        return self.width / self.canvas[0]


def index_video(path: Path) -> VideoIndex:
    """Go through a file.

    Raises:
        MediaError: no such file, not a video, nothing to see in it, damaged before the first
            frame, or frames that are too large or too many.
    """
    slices = joined_parts(path)
    with recording(path, slices[0]) as one:
        first = _FirstFrame.of(path, one)
    sound = SoundEnd()
    scans: list[Packets] = []
    stopped = unreadable = False
    for number, part in enumerate(slices):
        try:
            with recording(path, part) as one:
                scans.append(Packets.of(path, number, one, sound))
                stopped = stopped or one.stopped
        except MediaError:  # the ones before it are sound
            if number == 0:
                raise
            unreadable = True
    timeline = Timeline.of(
        scans,
        start=first.start,
        start_s=first.start_s,
        usual_step_s=1 / first.frames_per_second,
    )
    if not len(timeline.seconds):
        raise damaged(display_name(path.name))
    # Of several recordings, the first one's length is stated.
    promised_s = None
    if len(slices) == 1 and first.declared_s is not None:
        promised_s = first.declared_s - first.start_s
    breaks_off = stopped or is_cut_off(path)
    if breaks_off:
        timeline = timeline.until(_last_place(path, slices, timeline, scans[-1]))
    end_s = timeline.shown_until(sound, None if breaks_off else promised_s)
    notes = []
    # FFmpeg guesses the length of an AVI that is cut off.
    known_s = None if first.by_decoding else promised_s
    if breaks_off and (missing := _missing(end_s, known_s)):
        notes.append(f"It ends early: {missing}.")
    if timeline.restarts:
        notes.append(_anew(timeline.restarts))
    if unreadable:
        notes.append("Not every one of the recordings that were joined in it can be read.")
    return VideoIndex(
        width=first.width,
        height=first.height,
        canvas=first.canvas,
        pixel_aspect=first.pixel_aspect,
        recordings=tuple((part.start, part.stop) for part in slices),
        frames=len(timeline.seconds),
        frames_per_second=first.frames_per_second,
        seconds=end_s,
        start_s=first.start_s,
        delay=first.delay,
        has_sound=sound.there,
        shifts=tuple(timeline.shifts.items()),
        parts=timeline.parts(scans, end_s),
        recorded_at=first.recorded_at,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _FirstFrame:
    """What only a decoded frame and the opened file tell; see `VideoIndex`."""

    width: int
    height: int
    canvas: tuple[int, int]
    pixel_aspect: float
    frames_per_second: float
    start: int
    start_s: float
    delay: int
    by_decoding: bool
    declared_s: float | None
    recorded_at: str

    @classmethod
    def of(cls, path: Path, one: Recording) -> "_FirstFrame":
        name = display_name(path.name)
        frame = next(one.frames(), None)
        if frame is None:
            raise damaged(name)
        converter = FrameConverter(name, one.pixel_aspect)
        height, width = converter.rgb(frame).shape[:2]
        wide, high = converter.upright_size(frame)
        rate = one.stream.average_rate or one.stream.guessed_rate
        stamp = one.stamp(frame) or 0
        return cls(
            width=round(wide),
            height=round(high),
            canvas=(width, height),
            pixel_aspect=one.pixel_aspect,
            frames_per_second=min(max(float(rate), 1.0), 240.0) if rate else 25.0,
            start=0 if one.by_decoding else stamp,
            start_s=0.0 if one.by_decoding else stamp * one.tick_s,
            # A frame comes out when those that it refers to are in.
            delay=stamp if one.by_decoding else 0,
            by_decoding=one.by_decoding,
            declared_s=_declared_seconds(one.container, one.stream),
            recorded_at=_recorded_at(one.container.metadata),
        )


def _last_place(path: Path, slices: list[slice], timeline: Timeline, scan: Packets) -> Place:
    """The last frame that can be decoded: at the end, others may refer to what is not there."""
    entry = timeline.entries(len(timeline.seconds) - 1, scan)[0]
    last = Place(entry.recording, entry.restart, 0)
    part = slices[entry.recording]
    with recording_from(path, part, entry.packet, entry.stamp) as (one, frames):
        for frame in frames:
            stamp = one.stamp(frame)
            if stamp is not None:
                last = max(last, last._replace(stamp=stamp - scan.first_stamp))
    return last


def _missing(end_s: float, promised_s: float | None) -> str:
    """What is there of a file that breaks off; empty where next to nothing is missing."""
    if promised_s is None:
        return f"the file breaks off after {end_s:.1f} seconds"
    if promised_s - end_s <= max(_EARLY_S, 0.05 * promised_s):
        return ""
    return f"{end_s:.1f} of the {promised_s:.1f} seconds that the file promises are there"


def _anew(restarts: int) -> str:
    times = f"{restarts} times" if restarts > 1 else "once"
    return (
        f"Its time stamps start anew {times}, as in recordings that were joined; the parts were "
        "read one after the other."
    )


def _declared_seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """The length of the longest stream, else of this one."""
    if container.duration is not None:
        return container.duration / av.time_base
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None


def _recorded_at(metadata: Mapping[str, str]) -> str:
    """See `VideoIndex`."""
    told = {key.lower(): value for key, value in metadata.items()}.get("creation_time", "")
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return ""
    # Clocks that were never set say 1904 or 1970.
    return moment.isoformat() if moment.year > _NEVER_SET else ""
