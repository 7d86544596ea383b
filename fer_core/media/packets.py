"""A file's packets without decoding them: when each frame is shown, and which are keyframes."""

from array import array
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.stream import Stream
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.clock import Run, Stamps
from fer_core.media.containers import SAVE_AGAIN
from fer_core.media.decoding import Recording
from fer_core.media.files import display_name
from fer_core.media.streams import pick_sound

MAX_FRAMES = 5_000_000
"""46 hours at 30 frames a second."""


class SoundEnd:
    """Where the sound of a file ends, without decoding it."""

    def __init__(self) -> None:
        self.there = False
        self._stamps = Stamps()
        self.run, self.stamp_s = Run(), float("-inf")

    def add(self, packet: "av.Packet[Stream]", number: int) -> None:
        """Take in the next packet of sound, of that recording."""
        if packet.pts is None or packet.time_base is None:
            return
        begin_s = float(packet.pts * packet.time_base)
        run = self._stamps.run_of(begin_s, number)
        end_s = begin_s + float((packet.duration or 0) * packet.time_base)
        self.run, self.stamp_s = max((self.run, self.stamp_s), (run, end_s))


@dataclass(slots=True)
class Packets:
    """The n video packets of one recording, in the order of decoding.

    Attributes:
        recording: its number.
        tick_s: what one step of stamps is worth, seconds.
        stamps: (n,) int64 of the frames in them; in an AVI from the first one on.
        restarts: (n,) int64, see `Run`.
        durations: (n,) int64 ticks; 0 where the file does not say.
        keys, shown: (n,) bool: keyframes, and frames that are meant to be shown.
        first_stamp: what an AVI's stamps are counted from.
        can_be_cut: whether decoding may begin at any keyframe.
    """

    recording: int
    tick_s: float
    stamps: NDArray[np.int64]
    restarts: NDArray[np.int64]
    durations: NDArray[np.int64]
    keys: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    first_stamp: int
    can_be_cut: bool

    @classmethod
    def of(cls, path: Path, number: int, one: Recording, sound: SoundEnd) -> "Packets":
        """Those of one recording, read through once without decoding; tells ``sound`` its own."""
        track = pick_sound(one.container)
        sound.there = sound.there or track is not None
        stamps, restarts, durations = array("q"), array("q"), array("q")
        keys, shown = bytearray(), bytearray()
        runs, last, run = Stamps(Run(number)), 0, Run(number)
        for packet in one.packets(*([track] if track is not None else [])):
            if packet.stream.index != one.stream.index:
                sound.add(packet, number)
                continue
            if packet.dts is not None:  # those of showing run back and forth
                run = runs.run_of(packet.dts * one.tick_s, number)
            stamp = one.stamp(packet)
            last = last if stamp is None else stamp
            stamps.append(last)
            restarts.append(run.restart)
            durations.append(packet.duration or 0)
            keys.append(packet.is_keyframe and stamp is not None)
            shown.append(not packet.is_discard)
            if len(stamps) > MAX_FRAMES:
                raise _too_many(path)
        first_stamp = stamps[0] if stamps and one.by_decoding else 0
        return cls(
            number,
            one.tick_s,
            np.frombuffer(stamps, np.int64) - first_stamp,
            np.frombuffer(restarts, np.int64),
            np.frombuffer(durations, np.int64),
            np.frombuffer(bytes(keys), np.bool_),
            np.frombuffer(bytes(shown), np.bool_),
            first_stamp,
            # An AVI's stamps are of decoding: with frames in another order, they belong to others.
            can_be_cut=not (one.by_decoding and one.stream.codec_context.has_b_frames),
        )


def _too_many(path: Path) -> MediaError:
    return MediaError(
        "the video has too many frames",
        where=display_name(path.name),
        expected=f"at most {MAX_FRAMES:,}, 46 hours at 30 a second",
        remedy=SAVE_AGAIN,
    )
