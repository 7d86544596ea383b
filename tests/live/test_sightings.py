"""Faces found in single frames are left out of live video, for detectors that need it."""

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.faces import known_detectors
from fer_core.live.sightings import FRAMES, Sightings
from tests.streamed import shares, stream_frame


def seen(sightings: Sightings, *frames: tuple[int, ...], needed: int = 3) -> list[tuple[int, ...]]:
    """Track ids that are left of each frame."""
    return [
        sightings.confirmed(
            stream_frame(0.0, *[shares(Emotion.SAD)] * len(track_ids), track_ids=track_ids), needed
        ).raw.track_ids
        for track_ids in frames
    ]


def test_a_face_is_shown_from_its_third_frame_on_and_a_missed_frame_costs_nothing() -> None:
    frames = [(1,), (1,), (1,), (1,), (), (1,)]
    assert seen(Sightings(), *frames) == [(), (), (1,), (1,), (), (1,)]


def test_what_is_found_in_one_frame_of_three_never_shows() -> None:
    sightings = Sightings()
    frames = [(1, 7) if step % 3 == 0 else (1,) for step in range(30)]
    assert not any(7 in track_ids for track_ids in seen(sightings, *frames))
    assert seen(sightings, (1, 2, 3, 4)) == [(1,)]


def test_the_rows_of_the_faces_that_stay_belong_to_them() -> None:
    sightings, rows = Sightings(), [shares(Emotion.SAD), shares(Emotion.HAPPY)]
    for _ in range(FRAMES):
        sightings.confirmed(stream_frame(0.0, rows[1], track_ids=(2,)), 3)
    frame = stream_frame(0.0, *rows, track_ids=(1, 2))
    left = sightings.confirmed(frame, 3)
    for result, before in ((left.raw, frame.raw), (left.smoothed, frame.smoothed)):
        assert result.predictions.emotions == (Emotion.HAPPY,)
        np.testing.assert_array_equal(result.faces.boxes, before.faces.boxes[1:])


@pytest.mark.parametrize(("name", "needed"), [("yunet", 1), ("haar", 3)])
def test_the_cascade_has_to_see_a_face_more_often(name: str, needed: int) -> None:
    assert known_detectors()[name].sightings == needed
    frame = stream_frame(0.0, shares(Emotion.SAD))
    assert (Sightings().confirmed(frame, needed) is frame) == (needed == 1)
