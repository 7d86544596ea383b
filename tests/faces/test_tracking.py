"""Which face is which, on plain boxes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.faces import FaceTracker, match_best
from fer_core.faces.tracking import KEEP_S

FPS = 30


def boxes(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_the_largest_value_wins_and_each_row_is_taken_once() -> None:
    likeness = [(0.9, 0, 0), (0.8, 0, 1), (0.85, 1, 0)]
    assert match_best(likeness) == [(0, 0)]
    assert match_best([*likeness, (0.1, 1, 1)]) == [(0, 0), (1, 1)]
    assert match_best([]) == []


def test_of_equal_values_the_first_counts() -> None:
    assert match_best([(0.5, 1, 1), (0.5, 0, 1), (0.5, 0, 0)]) == [(1, 1), (0, 0)]


def test_faces_keep_their_track_ids_whatever_the_order() -> None:
    tracker = FaceTracker()
    assert tracker.update(boxes((0, 0, 50, 50), (200, 0, 50, 50)), 0.0) == (1, 2)
    assert tracker.update(boxes((205, 3, 50, 50), (4, 0, 52, 50)), 0.03) == (2, 1)
    assert tracker.update(boxes(), 0.06) == ()
    assert tracker.known == {1, 2}


def test_a_face_is_kept_for_a_while_and_its_number_is_never_given_again() -> None:
    tracker, box = FaceTracker(), boxes((0, 0, 50, 50))
    tracker.update(box, 0.0)
    assert tracker.update(box, KEEP_S - 0.01) == (1,)
    assert tracker.update(box, 2 * KEEP_S) == (2,)
    assert tracker.known == {2}


@pytest.mark.parametrize("fps", [10, 30])
def test_two_that_cross_keep_their_numbers_where_only_the_front_one_is_found(fps: int) -> None:
    tracker, seen = FaceTracker(), []
    for frame in range(2 * fps):
        left = 300 * frame / fps
        rows = [(left, 0.0, 80.0, 100.0), (560 - left, 5.0, 80.0, 100.0)]
        if abs(rows[0][0] - rows[1][0]) < 50:
            rows = rows[:1]
        seen.append(tracker.update(boxes(*rows), frame / fps))
    assert set(seen) == {(1, 2), (1,)}


@pytest.mark.parametrize("stops", [False, True])
def test_a_hidden_face_is_known_again_where_it_went_or_where_it_stopped(stops: bool) -> None:
    tracker = FaceTracker()
    for frame in range(15):
        tracker.update(boxes((200 * frame / FPS, 0, 80, 100)), frame / FPS)
    assert tracker.update(boxes(), 0.6) == ()
    x = 100.0 if stops else 200.0
    assert tracker.update(boxes((x, 0, 80, 100)), 1.0) == (1,)


@pytest.mark.parametrize(
    "box",
    [(100, 150, 80, 100), (0, 0, 80, 100), (130, 0, 30, 40)],
    ids=["below", "behind", "small"],
)
def test_another_face_near_the_way_is_a_new_one(box: tuple[int, int, int, int]) -> None:
    tracker = FaceTracker()
    for frame in range(15):
        tracker.update(boxes((200 * frame / FPS, 0, 80, 100)), frame / FPS)
    assert tracker.update(boxes(box), 0.9) == (2,)


STEP_S = 5.0


def test_pictures_that_are_far_apart_follow_each_other_all_the_same() -> None:
    tracker, two = FaceTracker(gapless=True), boxes((0, 0, 80, 100), (100, 0, 80, 100))
    breathing = np.random.default_rng(0).uniform(-5, 5, (20, 2, 4)).astype(np.float32)
    for number, change in enumerate(breathing):
        assert tracker.update(two + change, STEP_S * number) == (1, 2)
    # One picture without them is more than the usual time away.
    assert tracker.update(boxes(), STEP_S * 20) == ()
    assert tracker.update(two, STEP_S * 21) == (3, 4)
    # A stream of a camera was interrupted: nobody knows who is there now.
    live = FaceTracker()
    assert [live.update(two, STEP_S * number) for number in range(2)] == [(1, 2), (3, 4)]


def test_a_slide_that_shows_a_face_elsewhere_does_not_send_it_on() -> None:
    tracker = FaceTracker(gapless=True)
    assert tracker.update(boxes((0, 0, 80, 100)), 0.0) == (1,)
    slide = boxes((50, 0, 80, 100), (100, 0, 80, 100))
    assert [tracker.update(slide, 1.25 * number) for number in (1, 2, 3)] == [(1, 2)] * 3


def test_a_long_pause_in_a_video_is_no_gap() -> None:
    tracker, box = FaceTracker(gapless=True), boxes((0, 0, 80, 100))
    times = [0.0, 0.04, 0.08, 9.0, 9.04]  # a screen recording, in which nothing moved
    assert [tracker.update(box, time) for time in times] == [(1,)] * 5
    assert tracker.update(boxes(), 9.08) == ()
    assert tracker.update(box, 9.04 + KEEP_S + 0.1) == (1,)  # the one picture between had none
    # Pictures without it in quick order end it as they do live.
    for frame in range(40):
        tracker.update(boxes(), 11 + frame / 25)
    assert tracker.update(box, 12.7) == (2,)
