"""Track ids and smoothed probabilities, on plain arrays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.faces.tracking import KEEP_S
from fer_core.pipeline.smoothing import Smoother

FPS = 30


def boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, 4)


def reading(emotion: Emotion, confidence: float = 0.9) -> NDArray[np.float32]:
    row = np.full((1, 7), (1 - confidence) / 6, np.float32)
    row[0, emotion] = confidence
    return row


def test_no_face_keeps_its_shape() -> None:
    track_ids, smoothed = Smoother().update(boxes(), np.empty((0, 7), np.float32), 0.0)
    assert track_ids == ()
    assert smoothed.shape == (0, 7)


def test_faces_keep_their_track_ids_whatever_the_order() -> None:
    smoother = Smoother()
    both = np.concatenate([reading(Emotion.HAPPY), reading(Emotion.SAD)])
    first, _ = smoother.update(boxes((0, 0, 50, 50), (200, 0, 50, 50)), both, 0.0)
    second, smoothed = smoother.update(boxes((205, 3, 50, 50), (4, 0, 52, 50)), both[::-1], 0.03)
    assert first == (1, 2)
    assert second == (2, 1)
    assert smoothed.argmax(axis=1).tolist() == [Emotion.SAD, Emotion.HAPPY]


def test_a_missed_frame_does_not_end_a_face_but_a_long_absence_does() -> None:
    smoother = Smoother()
    box, happy = boxes((0, 0, 50, 50)), reading(Emotion.HAPPY)
    nothing = boxes(), np.empty((0, 7), np.float32)
    smoother.update(box, happy, 0.0)
    smoother.update(*nothing, 0.1)
    assert smoother.update(box, happy, 0.2)[0] == (1,)
    smoother.update(*nothing, 0.8)
    back = 0.3 + KEEP_S
    track_ids, smoothed = smoother.update(box, reading(Emotion.FEAR), back)
    assert track_ids == (2,)
    assert smoothed[0, Emotion.FEAR] == pytest.approx(0.9)  # a new face owes nothing to the old one


@pytest.mark.parametrize("fps", [8, 12, 30, 60])
@pytest.mark.parametrize("confidence", [0.9, 0.6, 0.45])
def test_a_changed_expression_shows_within_300_ms(fps: int, confidence: float) -> None:
    smoother = Smoother()
    box = boxes((0, 0, 50, 50))
    for frame in range(fps):
        smoother.update(box, reading(Emotion.NEUTRAL, 1.0), frame / fps)
    for frame in range(fps):
        _, smoothed = smoother.update(box, reading(Emotion.SURPRISE, confidence), 1 + frame / fps)
        if smoothed.argmax() == Emotion.SURPRISE:
            # The change came somewhere after the last frame of the old expression.
            assert (frame + 1) / fps <= 0.3
            return
    pytest.fail("never changed")


def test_a_still_face_flickers_a_tenth_as_often() -> None:
    rng = np.random.default_rng(0)
    smoother = Smoother()
    raw, shown = [], []
    for frame in range(20 * FPS):
        scores = np.array([0, 0, 0.4, 0, 0, 0.9, 1.0]) + rng.normal(0, 0.35, 7)
        row = (np.exp(2 * scores) / np.exp(2 * scores).sum()).astype(np.float32)[None]
        _, smoothed = smoother.update(boxes((0, 0, 50, 50)), row, frame / FPS)
        raw.append(row.argmax())
        shown.append(smoothed.argmax())
        assert smoothed.sum() == pytest.approx(1, abs=1e-5)
    flips_raw, flips_shown = np.count_nonzero(np.diff(raw)), np.count_nonzero(np.diff(shown))
    assert flips_raw > 5 * 20  # the case is a flickering one
    assert flips_shown <= flips_raw / 10
