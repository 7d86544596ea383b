"""Recordings that are read by code: readings that nobody had to look for in a video."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from fer_core.emotions import Emotion
from fer_core.faces import LANDMARKS, Faces
from fer_core.faces.quality import Quality
from fer_core.pipeline.readings import FrameReading, Readings, to_parquet
from fer_core.studies.example import HOLD_S, make_example, planted_expressions
from fer_core.studies.queue import Queue
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from fer_core.studies.tasks import about_part, part_file

FPS = 10


class Seen(NamedTuple):
    """A face in a frame: where its box begins, and what it shows, how surely."""

    x: float
    emotion: Emotion
    sure: float = 0.9


Script = Callable[[float], Sequence[Seen]]
"""At so many seconds, these faces are to be seen."""


def happy(time_s: float) -> list[Seen]:
    """One face that is happy all the while."""
    return [Seen(40, Emotion.HAPPY)]


def write_readings(
    study: Study,
    recording: StudyRecording,
    script: Script = happy,
    *,
    fps: int = FPS,
    without: Sequence[int] = (),
) -> None:
    """Have a recording read as a script says, but for some parts."""
    write_parts(study, recording, script, fps=fps, without=without)
    Queue(study).recover()  # finds what is there


def write_parts(
    study: Study,
    recording: StudyRecording,
    script: Script = happy,
    *,
    fps: int = FPS,
    without: Sequence[int] = (),
) -> None:
    """The same, without entering it."""
    settings, index = study.settings, study.index_of(recording)
    for number, part in enumerate(index.parts):
        if number in without:
            continue
        count = max(1, round((part.end_s - part.begin_s) * fps))
        frames = [
            _frame(part.first_frame + i, part.begin_s + i / fps, script, len(settings.networks))
            for i in range(count)
        ]
        readings = Readings.of_frames(frames, settings.slugs, part.end_s)
        about = about_part(settings, recording.sha256, number)
        file = part_file(settings.readings_key, recording.name, number)
        study.place.write(file, to_parquet(readings.to_table(about)))


def _frame(number: int, time_s: float, script: Script, networks: int) -> FrameReading:
    seen = script(round(time_s, 6))
    n = len(seen)
    rows = np.array([_probabilities(each) for each in seen], np.float32).reshape(n, 7)
    return FrameReading(
        frame=number,
        time_s=time_s,
        faces=Faces(
            np.array([(each.x, 60, 90, 110) for each in seen], np.float32).reshape(n, 4),
            np.full(n, 0.9, np.float32),
            np.zeros((n, LANDMARKS, 2), np.float32),
        ),
        qualities=(Quality(90.0, 120.0, 0.0, 0.5, 0.1),) * n,
        probabilities=(rows,) * networks,
    )


def _probabilities(seen: Seen) -> list[float]:
    return [seen.sure if emotion == seen.emotion else (1 - seen.sure) / 6 for emotion in Emotion]


def write_planted_study(name: str) -> Study:
    """Make the drawn study, and have it read as everything in it was planted."""
    study = make_example(name, choose_settings(["tiny", "tiny_b"], detector="haar"))
    for recording in study.recordings():
        planted = planted_expressions(int(recording.name.removeprefix("P")))
        write_readings(
            study, recording, lambda time_s, shown=planted: [Seen(40, shown[int(time_s / HOLD_S)])]
        )
    return study
