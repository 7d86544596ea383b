"""Faces drawn into a picture: colours, tags, edges, cost."""

from time import perf_counter

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces import Faces
from fer_core.pipeline.annotate import (
    SNAPSHOT_RGB,
    UNSURE_RGB,
    draw,
    draw_snapshot,
    two_likeliest,
)
from fer_core.pipeline.frame import FrameResult
from fer_core.zoo import Predictions

GREY = 128


def frame(width: int = 640, height: int = 480) -> NDArray[np.uint8]:
    return np.full((height, width, 3), GREY, np.uint8)


def reading(
    boxes: list[tuple[float, float, float, float]],
    emotions: list[Emotion | None],
    size: tuple[int, int] = (640, 480),
    track_ids: tuple[int, ...] = (),
) -> FrameResult:
    """A result with these boxes; None stands for an unsure face."""
    rows = np.full((len(emotions), 7), 0.02, np.float32)
    for row, emotion in zip(rows, emotions, strict=True):
        row[:] = 1 / 7 if emotion is None else 0.02
        if emotion is not None:
            row[emotion] = 0.88
    faces = Faces.from_boxes(np.array(boxes, float))
    return FrameResult(*size, faces, Predictions(rows, 0.5), "tiny", {}, track_ids)


def count(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((picture == np.array(colour, np.uint8)).all(axis=2).sum())


def changed(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (picture != GREY).any(axis=2)


def test_no_face_gives_an_equal_new_picture() -> None:
    image = frame()
    drawn = draw(image, reading([], []))
    np.testing.assert_array_equal(drawn, image)
    assert not np.shares_memory(drawn, image)


def test_the_callers_picture_is_not_painted_on() -> None:
    image = frame()
    image.flags.writeable = False
    drawn = draw(image, reading([(100, 100, 80, 80)], [Emotion.HAPPY]))
    assert (image == GREY).all()
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8


@pytest.mark.parametrize("emotion", list(Emotion))
def test_box_and_tag_have_the_colour_and_ink_of_the_class(emotion: Emotion) -> None:
    drawn = draw(frame(), reading([(200, 200, 120, 120)], [emotion]))
    box_alone = draw(frame(), reading([(200, 200, 120, 120)], [emotion]), labels=False)
    assert count(box_alone, emotion.style.rgb) > 4 * 100
    assert count(drawn, emotion.style.rgb) > count(box_alone, emotion.style.rgb) + 500
    ink = (255, 255, 255) if emotion.style.ink == "#FFFFFF" else (0, 0, 0)
    assert count(drawn, ink) > 50
    assert count(box_alone, ink) == 0
    np.testing.assert_array_equal(drawn[260, 260], [GREY] * 3)  # the face itself is left alone


def test_an_unsure_face_is_dashed_and_claims_no_class() -> None:
    drawn = draw(frame(), reading([(200, 200, 120, 120)], [None]))
    for emotion in Emotion:
        assert count(drawn, emotion.style.rgb) == 0
    assert count(drawn, UNSURE_RGB) > 500
    upper_edge = (drawn[200, 205:315] == 255).all(axis=1)
    turns = int((upper_edge[1:] != upper_edge[:-1]).sum())
    assert turns >= 8  # strokes and gaps
    sure = draw(frame(), reading([(200, 200, 120, 120)], [Emotion.SAD]))
    assert (sure[200, 205:315] == Emotion.SAD.style.rgb).all()


CORNERS = [
    (0, 0, 60, 60),
    (580, 0, 60, 60),
    (0, 420, 60, 60),
    (580, 420, 60, 60),
    (0, 0, 640, 480),
    (-50, -50, 120, 120),
    (600, 440, 120, 120),
]


def tag_of(
    box: tuple[float, float, float, float], emotion: Emotion = Emotion.SURPRISE
) -> NDArray[np.bool_]:
    result = reading([box], [emotion])
    return (draw(frame(), result) != draw(frame(), result, labels=False)).any(axis=2)


@pytest.mark.parametrize("box", CORNERS)
def test_tags_stay_whole_inside_the_picture(box: tuple[float, float, float, float]) -> None:
    rows, columns = np.nonzero(tag_of(box))
    reference_rows, reference_columns = np.nonzero(tag_of((300, 240, *box[2:])))
    # The same tag, not cut: as wide and as high as in the middle of the picture.
    if box[2] < 640:
        assert np.ptp(rows) == np.ptp(reference_rows)
        assert np.ptp(columns) == np.ptp(reference_columns)
    assert len(rows) > 300


@pytest.mark.parametrize("box", [*CORNERS[:4], (250, 200, 100, 100), (250, 2, 100, 100)])
def test_a_tag_covers_its_face_only_where_there_is_no_other_room(
    box: tuple[float, float, float, float],
) -> None:
    x, y, width, height = (int(value) for value in box)
    inside = tag_of(box)[y + 5 : y + height - 5, x + 5 : x + width - 5]
    assert not inside.any()


def test_tags_of_neighbours_do_not_cover_each_other() -> None:
    boxes = [(100.0, 100.0, 60.0, 60.0), (165.0, 100.0, 60.0, 60.0), (230.0, 100.0, 60.0, 60.0)]
    emotions = [Emotion.SURPRISE, Emotion.DISGUST, Emotion.NEUTRAL]
    together = draw(frame(), reading(boxes, emotions))
    for box, emotion in zip(boxes, emotions, strict=True):
        alone = draw(frame(), reading([box], [emotion]))
        # Each tag's ground is as large as where it stands alone (text edges blend into it).
        assert count(together, emotion.style.rgb) >= 0.97 * count(alone, emotion.style.rgb)


def test_letters_grow_with_the_picture() -> None:
    heights = []
    for factor in (1, 4):
        size = (640 * factor, 480 * factor)
        result = reading([(200.0 * factor,) * 2 + (200.0 * factor,) * 2], [Emotion.FEAR], size)
        tag = (draw(frame(*size), result) != draw(frame(*size), result, labels=False)).any(axis=2)
        heights.append(np.ptp(np.nonzero(tag)[0]))
    assert 3.2 < heights[1] / heights[0] < 4.8


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (500, 3), (24, 24)])
def test_tiny_pictures(size: tuple[int, int]) -> None:
    result = reading([(0.0, 0.0, float(size[0]), float(size[1]))], [Emotion.ANGRY], size)
    assert draw(frame(*size), result).shape == (size[1], size[0], 3)


def test_boxes_beyond_all_reason_are_survived() -> None:
    result = reading([(-1e9, 1e9, 2e9, 3e9), (0.0, 0.0, 1e-3, 1e-3)], [Emotion.SAD, None])
    assert draw(frame(), result).shape == (480, 640, 3)


def test_a_result_of_another_picture_is_refused() -> None:
    with pytest.raises(ContractError, match="another image"):
        draw(frame(320, 240), reading([], []))


def test_ten_faces_cost_no_more_than_packing_a_few_frames() -> None:
    """A live frame is drawn thirty times a second; a slower way to draw would show here."""
    boxes = [(40.0 + 120 * (n % 5), 60.0 + 200 * (n // 5), 90.0, 90.0) for n in range(10)]
    result = reading(boxes, [None, *list(Emotion), None, Emotion.HAPPY])
    image = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    drawing, packing = [], []
    for _ in range(20):
        start = perf_counter()
        draw(image, result)
        drawn = perf_counter()
        cv2.imencode(".jpg", image)
        drawing.append(drawn - start)
        packing.append(perf_counter() - drawn)
    # The smallest of each is free of other processes; their ratio was measured as 0.8.
    assert min(drawing) / min(packing) < 4


def test_track_ids_stand_on_the_tags() -> None:
    result, seventh, eighth = (
        reading([(200, 200, 120, 120)], [Emotion.HAPPY], track_ids=track_ids)
        for track_ids in ((), (7,), (8,))
    )
    plain, numbered = draw(frame(), result), draw(frame(), seventh)
    assert np.ptp(np.nonzero(changed(numbered))[1]) >= np.ptp(np.nonzero(changed(plain))[1])
    assert not np.array_equal(plain, numbered)
    assert not np.array_equal(numbered, draw(frame(), eighth))
    assert np.array_equal(draw(frame(), result, labels=False), draw(frame(), seventh, labels=False))


def test_numbers_of_a_photo_stand_on_the_tags_as_track_ids_do() -> None:
    plain, tracked = (
        reading([(200, 200, 120, 120)], [Emotion.HAPPY], track_ids=track_ids)
        for track_ids in ((), (7,))
    )
    assert np.array_equal(draw(frame(), plain, numbers=(7,)), draw(frame(), tracked))
    assert not np.array_equal(draw(frame(), plain, numbers=(7,)), draw(frame(), plain))


def test_without_boxes_the_tags_stay_and_without_both_nothing_is_drawn() -> None:
    result = reading([(200, 200, 120, 120)], [Emotion.HAPPY])
    tag = draw(frame(), result, boxes=False)
    assert changed(tag).any()
    assert not changed(tag)[215:].any()
    assert not changed(draw(frame(), result, boxes=False, labels=False)).any()


def test_a_mirrored_picture_has_mirrored_boxes_and_text_that_can_be_read() -> None:
    image = frame()
    image[:, :100] = 20  # a dark strip at the left
    result = reading([(120, 200, 120, 120)], [Emotion.FEAR])
    boxes = draw(image, result, labels=False)
    np.testing.assert_array_equal(draw(image, result, labels=False, mirror=True)[:, ::-1], boxes)
    mirrored = draw(image, result, mirror=True)
    assert (mirrored[:, -100:] == 20).all()
    assert (image[:, :100] == 20).all()
    # The very tag of a face that stands there, not its mirror image.
    there = draw(frame(), reading([(640 - 1 - 240, 200, 120, 120)], [Emotion.FEAR]))
    np.testing.assert_array_equal(mirrored[:, :540], there[:, :540])


def test_a_snapshot_has_red_rectangles_and_the_two_likeliest_classes() -> None:
    boxes: list[tuple[float, float, float, float]] = [(100, 200, 120, 120), (400, 200, 120, 120)]
    result = reading(boxes, [Emotion.HAPPY, None], track_ids=(1, 2))
    still = draw_snapshot(frame(), result)
    for emotion in Emotion:
        assert count(still, emotion.style.rgb) == 0
    assert (still[260, 100] == SNAPSHOT_RGB).all()
    assert (still[260, 400] == SNAPSHOT_RGB).all()
    np.testing.assert_array_equal(still[260, 160], [GREY] * 3)
    mirrored = draw_snapshot(frame(), result, mirror=True)
    assert (mirrored[260, 639 - 100] == SNAPSHOT_RGB).all()
    assert not changed(draw_snapshot(frame(), reading([], []))).any()


def test_two_classes_in_words() -> None:
    row = np.array([0.02, 0.0, 0.34, 0.05, 0.29, 0.2, 0.1], np.float32)
    assert two_likeliest(row, unsure=False) == "fear 34%, sad 29%"
    assert two_likeliest(row, unsure=True) == "unsure ? fear 34%, sad 29%"
