"""Readings assembled in parts are what the stream says frame by frame."""

from collections.abc import Sequence

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces import Faces
from fer_core.faces.quality import Quality
from fer_core.pipeline.assembled import (
    NO_TRACK,
    Assembled,
    RowAssembler,
    RowFollower,
    RowSmoother,
    joined,
    recording_of,
    results_by_frame,
)
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.readings import FrameReading, Readings
from fer_core.pipeline.stream import Assembler
from fer_core.zoo import Predictions
from tests.streamed import shares

FPS = 10
QUALITY = Quality(40.0, 120.0, 0.1, 0.3)


def frames(seed: int = 0, n: int = 60) -> list[FrameReading]:
    """Two faces that walk past each other; sometimes one is not found, sometimes neither."""
    rng = np.random.default_rng(seed)
    read = []
    for number in range(n):
        boxes = np.array([[5 * number, 10, 60, 70], [300 - 5 * number, 20, 50, 60]], np.float32)
        boxes = boxes[rng.random(2) < 0.85]
        faces = Faces.from_boxes(boxes)
        rows = rng.dirichlet(np.ones(7), len(boxes)).astype(np.float32).reshape(-1, 7)
        read.append(
            FrameReading(
                number, number / FPS, faces, (QUALITY,) * len(faces), (rows, rows[:, ::-1])
            )
        )
    return read


def assembled(read: Sequence[FrameReading], sizes: Sequence[int]) -> Assembled:
    """In parts of so many frames."""
    assembler, parts, start = RowAssembler(), [], 0
    for size in sizes:
        rows = Readings.of_frames(read[start : start + size], ("a", "b"), (start + size) / FPS)
        parts.append(assembler.add(rows))
        start += size
    return joined(parts)


def test_rows_are_followed_and_smoothed_as_a_stream_is() -> None:
    read = frames()
    whole = assembled(read, [60])
    stream, row = Assembler(gapless=True), 0
    for frame in read:
        result = FrameResult(
            640, 480, frame.faces, Predictions(frame.probabilities[0]), "a", milliseconds={}
        )
        raw, smoothed = stream.add(result, frame.time_s)
        rows = slice(row, row + len(frame.faces))
        assert tuple(whole.track_ids[rows]) == raw.track_ids
        np.testing.assert_array_equal(whole.smoothed[0][rows], smoothed.predictions.probabilities)
        row += max(1, len(frame.faces))
    assert whole.track_ids.max() >= 2
    assert (whole.track_ids == NO_TRACK).sum() == sum(not len(frame.faces) for frame in read) > 0


@pytest.mark.parametrize("sizes", [[1] * 60, [7, 13, 0, 40], [59, 1]])
def test_where_the_parts_are_cut_does_not_matter(sizes: list[int]) -> None:
    read = frames()
    whole, in_parts = assembled(read, [60]), assembled(read, sizes)
    np.testing.assert_array_equal(in_parts.track_ids, whole.track_ids)
    np.testing.assert_array_equal(in_parts.smoothed, whole.smoothed)
    np.testing.assert_array_equal(in_parts.readings.time_s, whole.readings.time_s)


def one_face(*emotions: Emotion) -> list[FrameReading]:
    """A face that jumps in the middle, so that it is followed as two."""
    half = len(emotions) // 2
    return [
        FrameReading(
            number,
            number / FPS,
            Faces.from_boxes(np.array([[10.0 if number < half else 400.0, 10, 50, 50]])),
            (QUALITY,),
            (shares(emotion, 0.9)[None],),
        )
        for number, emotion in enumerate(emotions)
    ]


def test_mended_faces_are_smoothed_as_one() -> None:
    read = one_face(*[Emotion.HAPPY] * 10, *[Emotion.SAD] * 10)
    rows = Readings.of_frames(read, ("a",), 2.0)
    track_ids = RowFollower().add(rows)
    assert set(track_ids) == {1, 2}
    found = RowSmoother().add(rows, track_ids)
    mended = RowSmoother().add(rows, np.ones_like(track_ids))
    np.testing.assert_array_equal(RowAssembler().add(rows).smoothed, found)
    # A face of its own is as sad as it is read at once; the same face was happy a moment ago.
    assert found[0][10, Emotion.HAPPY] == pytest.approx(0.1 / 6)
    assert mended[0][10, Emotion.HAPPY] > 0.2


def test_a_recording_has_the_faces_of_one_network() -> None:
    whole = assembled(frames(), [60])
    recording = recording_of(whole, 6.0, network=1, unsure_threshold=0.5)
    face = whole.track_ids != NO_TRACK
    assert len(recording) == face.sum()
    assert set(recording.models) == {"b"}
    np.testing.assert_array_equal(recording.raw, whole.readings.probabilities[1][face])
    np.testing.assert_array_equal(recording.unsure, recording.smoothed.max(axis=1) < 0.5)


def test_what_is_drawn_is_in_pixels_of_the_frame() -> None:
    read = frames()
    whole = assembled(read, [60])
    results = results_by_frame(whole, size=(320, 240), scale=2.0, unsure_threshold=0.5)
    assert list(results) == list(range(60))
    for frame in read:
        np.testing.assert_allclose(results[frame.frame].faces.boxes, frame.faces.boxes / 2)
        assert len(results[frame.frame].track_ids) == len(frame.faces)


def test_parts_of_different_networks_are_no_recording() -> None:
    a = RowAssembler().add(Readings.of_frames(one_face(Emotion.SAD), ("a",), 1.0))
    b = RowAssembler().add(Readings.of_frames(one_face(Emotion.SAD), ("b",), 1.0))
    with pytest.raises(ContractError, match="same networks"):
        joined([a, b])
    with pytest.raises(ContractError, match="same networks"):
        joined([])
