"""Frames in, read, followed and smoothed; in one go, or read here and assembled there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.faces import Faces
from fer_core.faces.tracking import KEEP_S
from fer_core.pipeline.frame import FrameResult, Pipeline
from fer_core.pipeline.stream import Assembler, Stream, StreamFrame
from fer_core.zoo import Classifier, load_classifier
from tests.streamed import IMAGE, OneFace, frame_result, shares, stream_frame

FPS = 15
HAPPY, FEAR = shares(Emotion.HAPPY, 0.9), shares(Emotion.FEAR, 0.9)


@pytest.fixture
def classifier(tiny_models: Path) -> Classifier:
    return load_classifier(tiny_models / "tiny")


def noise(n: int) -> list[NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, IMAGE.shape, np.uint8) for _ in range(n)]


class TwoFaces(OneFace):
    """Two faces that pass each other, found in the order of their size, which changes."""

    def __init__(self) -> None:
        super().__init__()
        self._step = 0

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        self._step += 1
        grown = 2 * self._step
        boxes = np.array([[10 + self._step, 20, 40, 40], [90 - self._step, 60, 30 + grown, 40]])
        return Faces.from_boxes(boxes).largest_first()


def test_a_frame_comes_out_raw_and_smoothed_under_one_track_id(classifier: Classifier) -> None:
    stream, direct = Stream(Pipeline(OneFace(), classifier)), Pipeline(OneFace(), classifier)
    images = noise(4)
    frames = [stream(image, number / FPS) for number, image in enumerate(images)]
    for image, frame in zip(images, frames, strict=True):
        alone = direct(image).predictions.probabilities
        np.testing.assert_array_equal(frame.raw.predictions.probabilities, alone)
        assert frame.image is image
        assert frame.raw.track_ids == frame.smoothed.track_ids == (1,)
        assert frame.raw.milliseconds.keys() == {"detect", "crop", "classify", "smooth"}
    first, last = frames[0], frames[-1]
    assert first.smoothed.predictions.probabilities == pytest.approx(
        first.raw.predictions.probabilities
    )
    distance = np.abs(
        last.smoothed.predictions.probabilities - last.raw.predictions.probabilities
    ).sum()
    assert distance > 0.01
    assert last.smoothed.predictions.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_what_is_read_elsewhere_and_assembled_later_is_the_same(classifier: Classifier) -> None:
    stream = Stream(Pipeline(TwoFaces(), classifier), gapless=True)
    images = noise(12)
    streamed = [stream(image, number / FPS) for number, image in enumerate(images)]
    read = [replace(frame.raw, track_ids=(), milliseconds={}) for frame in streamed]
    assembler = Assembler(gapless=True)
    for number, (result, whole) in enumerate(zip(read, streamed, strict=True)):
        raw, smoothed = assembler.add(result, number / FPS)
        assert raw.track_ids == smoothed.track_ids == whole.raw.track_ids
        for mine, theirs in ((raw, whole.raw), (smoothed, whole.smoothed)):
            assert (
                mine.predictions.probabilities.tobytes()
                == theirs.predictions.probabilities.tobytes()
            )
    assert {frame.raw.track_ids for frame in streamed} == {(1, 2), (2, 1)}  # the order changed


def test_a_missed_frame_does_not_end_a_face_but_a_long_absence_does() -> None:
    assembler, nobody = Assembler(), frame_result()

    def smoothed(result: FrameResult, time_s: float) -> FrameResult:
        return assembler.add(result, time_s)[1]

    smoothed(frame_result(HAPPY), 0.0)
    assert smoothed(nobody, 0.03).predictions.probabilities.shape == (0, 7)
    back = smoothed(frame_result(FEAR), 0.06)
    assert back.track_ids == (1,)
    assert back.predictions.emotions == (Emotion.HAPPY,)
    smoothed(nobody, 0.8)
    later = smoothed(frame_result(FEAR), 0.3 + KEEP_S)
    assert later.track_ids == (2,)
    assert later.predictions.probabilities[0] == pytest.approx(FEAR)


def test_another_network_goes_on_with_the_faces_and_not_with_the_averages(
    tiny_models: Path,
) -> None:
    networks = [load_classifier(tiny_models / slug) for slug in ("tiny", "tiny_b")]
    stream = Stream(Pipeline(OneFace(), networks[0]))
    images = noise(2)
    stream(images[0], 0.0)
    stream.pipeline = Pipeline(OneFace(), networks[1])
    frame = stream(images[1], 0.03)
    assert (frame.raw.model, frame.raw.track_ids) == ("tiny_b", (1,))
    np.testing.assert_array_equal(
        frame.smoothed.predictions.probabilities, frame.raw.predictions.probabilities
    )


@pytest.mark.parametrize(("gapless", "track_id"), [(True, 1), (False, 2)])
def test_only_a_files_frames_follow_each_other_over_any_time(gapless: bool, track_id: int) -> None:
    assembler = Assembler(gapless=gapless)
    assembler.add(frame_result(HAPPY), 0.0)
    assert assembler.add(frame_result(HAPPY), 30.0)[0].track_ids == (track_id,)


def test_what_is_shown_is_smoothed_unless_smoothing_is_off() -> None:
    frame = stream_frame(0.0, HAPPY, raw=(FEAR,))
    assert frame.shown is frame.smoothed
    off = replace(frame, smoothing=False)
    assert off.shown is off.raw


@pytest.mark.parametrize("track_ids", [(), (2,)])
def test_results_that_are_not_of_the_same_faces_are_refused(track_ids: tuple[int, ...]) -> None:
    raw = frame_result(HAPPY)
    with pytest.raises(ContractError, match="same tracked faces"):
        StreamFrame(0.0, IMAGE, raw, replace(raw, track_ids=track_ids))
    untracked = replace(raw, track_ids=())
    with pytest.raises(ContractError, match="same tracked faces"):
        StreamFrame(0.0, IMAGE, untracked, untracked)
