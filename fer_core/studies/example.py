"""A drawn study: six short recordings under two conditions, for people who have none yet.

Everybody in it is the drawn face, so nobody is shown; what each one does is planted, and with it
what the findings should come to: smiles under the funny film, under the calm one hardly any.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from fer_core.emotions import Emotion
from fer_core.media.video_writer import VideoWriter
from fer_core.studies.catalogue import create_study
from fer_core.studies.settings import StudySettings
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.studies.store import Study
from fer_core.synthetic.face import POSES
from fer_core.synthetic.scenes import Placed, Scene, drawn_heads

PARTICIPANTS = 6
FILM_S = 6.0
"""How long each of the two films is; a recording shows both, one after the other."""

ONSET_S = 1.5
"""When the stimulus begins in each film, seconds from the film's start."""

HOLD_S = 0.75
"""How long an expression stays."""

CONDITIONS = ("calm", "funny")

_FPS = 8
_WIDTH, _HEIGHT = 320, 240
_AFTER_ONSET = {
    "calm": {Emotion.NEUTRAL: 0.7, Emotion.SAD: 0.2, Emotion.HAPPY: 0.1},
    "funny": {Emotion.HAPPY: 0.6, Emotion.SURPRISE: 0.2, Emotion.NEUTRAL: 0.2},
}
_LOOKS_AWAY = 3
"""This participant is not to be seen for a while."""

_VISITED = 5
"""Behind this participant somebody else walks through."""


def make_example(
    name: str, settings: StudySettings, *, tell: Callable[[float], None] | None = None
) -> Study:
    """Make the drawn study, ready to be read: videos in its own folder, and the sheet filled in.

    Args:
        name: of the study.
        settings: how it is to be read.
        tell: told which share of it is made, 0-1.

    Raises:
        StudyError: there is a study of that name already.
        StorageError, MediaError: it cannot be written.
    """
    study = create_study(name, settings)
    entries: list[Entry] = []
    with tempfile.TemporaryDirectory(prefix="mien-drawn-") as folder:
        for person in range(1, PARTICIPANTS + 1):
            path = Path(folder) / f"P{person}.mp4"
            write_participant(path, person)
            (added,) = study.add([path], copy=True)
            assert added.recording is not None, added.error
            entries += _entries(added.recording.name, person)
            if tell is not None:
                tell(person / PARTICIPANTS)
    set_sheet(study, entries)
    return study


def _entries(recording: str, person: int) -> Iterator[Entry]:
    for number, condition in enumerate(CONDITIONS):
        start_s = number * FILM_S
        yield Entry(
            recording=recording,
            participant=f"P{person}",
            condition=condition,
            start_s=start_s,
            end_s=start_s + FILM_S,
            onset_s=start_s + ONSET_S,
            face=1,
            note="drawn",
        )


def write_participant(path: Path, person: int) -> None:
    """Write one participant's recording, both films, without sound.

    Args:
        path: the MP4.
        person: from 1 on; everybody shows something else.

    Raises:
        MediaError: it cannot be written.
    """
    poses = tuple(POSES)
    shown = [poses.index(expression) for expression in planted_expressions(person)]
    heads = drawn_heads(len(poses))

    def place(time_s: float) -> list[Placed]:
        if person == _LOOKS_AWAY and 3.5 <= time_s < 4.5:
            return []
        own = Placed(
            shown[min(int(time_s / HOLD_S), len(shown) - 1)],
            150 + 8 * person % 30 + 6 * np.sin(0.9 * time_s + person),
            125 + 4 * np.cos(1.3 * time_s),
            104 + 4 * person,
        )
        if person == _VISITED and 8.0 <= time_s < 10.0:
            visitor = Placed(poses.index(Emotion.NEUTRAL), 268 + 10 * (time_s - 8), 90, 56)
            return [visitor, own]
        return [own]

    scene = Scene(heads, place, width=_WIDTH, height=_HEIGHT)
    with VideoWriter(path, _FPS) as writer:
        for number in range(round(len(CONDITIONS) * FILM_S * _FPS)):
            writer.write(scene.frame(number / _FPS).image, number / _FPS)


def planted_expressions(person: int) -> list[Emotion]:
    """What a participant shows, one for each `HOLD_S` of the recording."""
    generator = np.random.default_rng(person)
    shown = []
    for condition in CONDITIONS:
        shares = _AFTER_ONSET[condition]
        for step in range(round(FILM_S / HOLD_S)):
            if (step + 1) * HOLD_S <= ONSET_S:
                shown.append(Emotion.NEUTRAL)
            else:
                chosen = generator.choice(len(shares), p=list(shares.values()))
                shown.append(tuple(shares)[chosen])
    return shown
