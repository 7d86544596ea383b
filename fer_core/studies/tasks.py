"""What a worker is asked, and what it answers; both go as JSON.

A task says all that is needed to read a part of a recording, wherever that is done.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict

from fer_core.media.index import VideoIndex
from fer_core.studies.kept import KeptPart
from fer_core.studies.place import ReadingsPlace
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.settings import StudySettings

Blame = Literal["video", "settings", "place", "cluster", "bug"]
"""What is in the way: this recording, the networks or the detector, the place where readings go,
the cluster, or a mistake of ours. Only with the first and the last, others can be read."""


class PartTask(BaseModel):
    """What is to be read, with what, and where it goes.

    Attributes:
        recording: name of the recording.
        number: of the part.
        path: the video.
        bytes, sha256: of it: another size is another file.
        index: what is in it, with this part alone.
        settings: how to read it.
        place: address of the readings.
        file: name of this part there.
        kept: what was read of it before, with other networks.
    """

    model_config = ConfigDict(frozen=True)

    recording: str
    number: int
    path: str
    bytes: int
    sha256: str
    index: VideoIndex
    settings: StudySettings
    place: str
    file: str
    kept: tuple[KeptPart, ...] = ()


class PartAnswer(BaseModel):
    """What came of a task.

    Attributes:
        recording, number: of the task.
        sha256, bytes: of the file that was written; "" and 0 after an error.
        frames, damaged: decoded, and not decoded as they should.
        took_s: how long it took.
        error: a sentence; "" where all went well.
        blame: what is in the way; None where all went well.
    """

    model_config = ConfigDict(frozen=True)

    recording: str
    number: int
    sha256: str = ""
    bytes: int = 0
    frames: int = 0
    damaged: int = 0
    took_s: float = 0.0
    error: str = ""
    blame: Blame | None = None


def about_part(settings: StudySettings, sha256: str, number: int) -> dict[str, str]:
    """What a part's file says that it is of: by it, it is known again without the database."""
    return {
        "mien.settings": settings.readings_key,
        "mien.video": sha256,
        "mien.part": str(number),
    }


def part_file(key: str, recording: str, number: int) -> str:
    """Name of a part's readings in their place, by the `StudySettings.readings_key`."""
    return f"{key}/{recording}/part-{number:05d}.parquet"


def part_task(
    recording: StudyRecording,
    index: VideoIndex,
    number: int,
    settings: StudySettings,
    place: ReadingsPlace,
    kept: Sequence[KeptPart] = (),
) -> PartTask:
    """What has to be known to read a part of a recording.

    Args:
        recording: which.
        index: what is in its file.
        number: of the part.
        settings: how to read it.
        place: where its readings go.
        kept: what was read of it before, with other networks.
    """
    return PartTask(
        recording=recording.name,
        number=number,
        path=str(recording.path),
        bytes=recording.bytes,
        sha256=recording.sha256,
        index=replace(index, parts=(index.parts[number],)),
        settings=settings,
        place=place.address,
        file=part_file(settings.readings_key, recording.name, number),
        kept=tuple(kept),
    )
