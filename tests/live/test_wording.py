"""Box and card say the same at the same moment."""

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.live.wording import HOLD_S, Wording
from tests.streamed import frame_result, shares

HAPPY, SAD = shares(Emotion.HAPPY, 0.8), shares(Emotion.SAD, 0.6)


def test_the_video_repeats_what_the_page_saw_last() -> None:
    wording = Wording()
    wording.renew(frame_result(HAPPY, SAD), 10.0)
    later = frame_result(SAD, HAPPY, track_ids=(2, 1))  # they changed places, and expressions not
    said = wording.of(frame_result(SAD, SAD), 10.4)
    assert said.predictions.emotions == (Emotion.HAPPY, Emotion.SAD)
    assert wording.of(later, 10.4).predictions.emotions == (Emotion.SAD, Emotion.HAPPY)
    wording.renew(frame_result(SAD, SAD), 10.5)
    assert wording.of(later, 10.6).predictions.emotions == (Emotion.SAD, Emotion.SAD)


def test_boxes_are_those_of_the_frame() -> None:
    wording = Wording()
    wording.renew(frame_result(HAPPY), 0.0)
    now = frame_result(SAD, HAPPY)
    np.testing.assert_array_equal(wording.of(now, 0.1).faces.boxes, now.faces.boxes)
    assert wording.of(now, 0.1).track_ids == now.track_ids


def test_a_face_that_the_page_has_not_seen_speaks_for_itself() -> None:
    wording = Wording()
    wording.renew(frame_result(HAPPY), 0.0)
    said = wording.of(frame_result(SAD, SAD), 0.1)
    assert said.predictions.emotions == (Emotion.HAPPY, Emotion.SAD)


@pytest.mark.parametrize(
    ("model", "later_s"), [("tiny_b", 0.1), ("tiny", HOLD_S + 0.1)], ids=["network", "hidden page"]
)
def test_nothing_is_repeated_of_another_network_or_by_a_page_that_does_not_look(
    model: str, later_s: float
) -> None:
    wording = Wording()
    wording.renew(frame_result(HAPPY), 5.0)
    now = frame_result(SAD, model=model)
    assert wording.of(now, 5.0 + later_s) is now


def test_no_face_is_no_word() -> None:
    wording = Wording()
    wording.renew(frame_result(HAPPY), 0.0)
    assert len(wording.of(frame_result(), 0.1).faces) == 0
