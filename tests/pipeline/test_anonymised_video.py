"""The anonymised video: no detector finds a face in it, and what was missed is blurred whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.faces import Faces, make_detector
from fer_core.faces.quality import Quality
from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import VideoReader, index_video
from fer_core.pipeline import anonymised_video
from fer_core.pipeline.anonymised_video import HELD_S, MISSED_S, Coverage, anonymise_video
from fer_core.pipeline.assembled import NO_TRACK, Assembled
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.readings import FrameReading, Readings
from fer_core.pipeline.video import read_video
from fer_core.synthetic.scenes import Cutout, Placed, Scene, drawn_heads
from fer_core.zoo import load_classifier
from tests.pipeline.test_video import striped, write_video

FPS = 5


def portrait() -> Cutout:
    """The head of NASA's portrait of Eileen Collins."""
    from skimage import data

    picture = data.astronaut()
    alpha = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(alpha, (224, 112), (62, 85), 0, 0, 360, 1.0, cv2.FILLED, cv2.LINE_AA)
    return Cutout(picture, alpha, (179, 62, 90, 112))


def two_people(path: Path) -> Path:
    """A portrait and a drawn head that walk towards each other."""
    heads = [portrait(), drawn_heads(2)[1]]
    scene = Scene(
        heads,
        lambda time_s: [
            Placed(0, 110 + 40 * time_s, 150, 130),
            Placed(1, 520 - 30 * time_s, 300, 170),
        ],
    )
    with VideoWriter(path, FPS) as writer:
        for number in range(2 * FPS):
            writer.write(scene.frame(number / FPS).image, number / FPS)
    return path


def frames_of(path: Path) -> list[np.ndarray]:
    with VideoReader(path) as video:
        return [frame.rgb for frame in video]


@pytest.mark.slow
@pytest.mark.usefixtures("yunet_cache")
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("cover", ["blur", "drawn"])
def test_no_detector_finds_a_face(
    tmp_path: Path, tiny_models: Path, cover: Literal["blur", "drawn"], every: int
) -> None:
    source, out = two_people(tmp_path / "two.mp4"), tmp_path / "nobody.mp4"
    network = load_classifier(tiny_models / "tiny")
    reading = read_video(source, Pipeline(make_detector("yunet"), network), every=every)
    told: list[float] = []
    anonymise_video(
        source,
        index_video(source),
        reading.assembled,
        out,
        cover=cover,
        unsure_threshold=0.2,
        tell=told.append,
    )
    before, after = frames_of(source), frames_of(out)
    assert len(after) == len(before) == 2 * FPS
    detectors = [make_detector("yunet", photos=True), make_detector("haar")]
    for detector in detectors:
        assert max(len(detector.detect(rgb)) for rgb in before) >= 1
        assert [len(detector.detect(rgb)) for rgb in after] == [0] * len(after)
    corner = np.abs(after[0][400:, :100].astype(int) - before[0][400:, :100]).mean()
    assert corner < 4  # what is nobody's face stays
    assert told
    with av.open(str(out)) as container:
        assert not container.streams.audio


def test_the_drawn_face_wears_the_colour_of_what_is_shown() -> None:
    rgb = np.full((240, 320, 3), 128, np.uint8)
    for emotion in (Emotion.ANGRY, Emotion.HAPPY):
        read = assembled([(0, 0.0, {1: (100, 60, 90, 110)})], emotion=emotion)
        faces = Coverage(read, unsure_threshold=0.5).at(0, 0.0)
        out = anonymised_video.covered(rgb, faces, 1.0, "drawn")
        cheek = out[130, 115].astype(int)
        assert np.abs(cheek - emotion.style.rgb).max() < 40
        assert (out[:10] == 128).all()


Seen = tuple[int, float, dict[int, tuple[float, float, float, float]]]


def assembled(seen: Sequence[Seen], emotion: Emotion = Emotion.HAPPY) -> Assembled:
    """Rows of frames: number, time, and the box of each track."""
    read, track_ids = [], []
    row = np.full(7, 0.04, np.float32)
    row[emotion] = 0.76
    for number, seconds, boxes in seen:
        faces = Faces.from_boxes(np.array(list(boxes.values()), np.float32).reshape(-1, 4))
        n = len(faces)
        quality = (Quality(40.0, 120.0, 0.1, 0.3),) * n
        read.append(FrameReading(number, seconds, faces, quality, (np.tile(row, (n, 1)),)))
        track_ids += list(boxes) or [NO_TRACK]
    end_s = seen[-1][1] + 0.2
    readings = Readings.of_frames(read, ("tiny",), end_s)
    return Assembled(readings, np.array(track_ids, np.int64), readings.probabilities)


BOX = (100.0, 60.0, 50.0, 60.0)


def covered_at(read: Assembled, number: int, seconds: float) -> int | None:
    """How many boxes are covered; None for all of the frame."""
    faces = Coverage(read, unsure_threshold=0.0).at(number, seconds)
    return None if faces is None else len(faces.boxes)


def test_a_frame_in_which_a_known_face_was_missed_is_blurred_whole() -> None:
    other = (200.0, 60.0, 50.0, 60.0)
    read = assembled(
        [(n, n / 5, {1: BOX, 2: other} if n in (0, 1, 4) else {2: other}) for n in range(5)]
    )
    assert [covered_at(read, n, n / 5) for n in range(5)] == [2, 2, None, None, 2]


def test_a_face_that_went_and_came_back_later_was_not_missed() -> None:
    step_s = 0.2
    away = round((MISSED_S + 1) / step_s)
    read = assembled([(n, n * step_s, {1: BOX} if n in (0, away) else {}) for n in range(away + 1)])
    seen = [covered_at(read, n, n * step_s) for n in range(away + 1)]
    held = round(HELD_S / step_s - 0.5)
    assert seen[: held + 2] == [1] * (held + 1) + [0]  # its place stays covered for a moment
    assert seen[-held - 2 :] == [0] + [1] * (held + 1)


def test_between_two_frames_that_were_read_both_places_are_covered() -> None:
    moved = (130.0, 60.0, 50.0, 60.0)
    read = assembled([(0, 0.0, {1: BOX}), (5, 0.5, {1: moved}), (10, 1.0, {1: BOX})])
    assert covered_at(read, 0, 0.0) == 1
    assert covered_at(read, 3, 0.3) == 2


def test_what_nobody_looked_at_is_blurred_whole() -> None:
    read = assembled([(10, 1.0, {1: BOX}), (11, 1.2, {1: BOX})])
    assert covered_at(read, 5, 0.5) is None
    assert covered_at(read, 11, 1.2) == 1
    assert covered_at(read, 12, 1.5) is None


@pytest.mark.parametrize("sound", [False, True])
def test_the_sound_is_kept_only_where_it_is_asked_for(tmp_path: Path, sound: bool) -> None:
    source = write_video(tmp_path / "a.mp4", [striped(n) for n in range(6)], sound_s=0.6)
    read = assembled([(n, n / 10, {}) for n in range(6)])
    notes = anonymise_video(
        source, index_video(source), read, tmp_path / "b.mp4", sound=sound, unsure_threshold=0.0
    )
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert bool(container.streams.audio) == sound
    assert notes == ()
