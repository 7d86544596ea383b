"""Frames as the video libraries have them: in, read, drawn and out again, never an exception."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.live.callback import process_frames
from fer_core.live.session import LiveSession, View
from fer_core.live.share import Share
from fer_core.live.throughput import STAGES
from fer_core.pipeline.frame import Pipeline
from fer_core.zoo import Classifier, load_classifier
from tests.streamed import IMAGE, OneFace

NEAR = 12
"""Levels by which colours differ that were halved in resolution and came back."""


@pytest.fixture
def classifier(tiny_models: Path) -> Classifier:
    return load_classifier(tiny_models / "tiny")


@pytest.fixture
def live(classifier: Classifier) -> LiveSession:
    session = LiveSession()
    session.use("a", lambda: Pipeline(OneFace(), classifier))
    return session


def as_frame(image: NDArray[np.uint8]) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(image, format="rgb24")


def processed(live: LiveSession, *images: NDArray[np.uint8]) -> NDArray[np.int16]:
    """What comes back, in signed levels so that differences are what they are."""
    out = process_frames(live, [as_frame(image) for image in images])
    assert out.format.name == "yuv420p"
    return out.to_ndarray(format="rgb24").astype(np.int16)


def test_a_frame_comes_back_drawn_and_every_stage_was_timed(live: LiveSession) -> None:
    before = IMAGE.copy()
    out = processed(live, IMAGE)
    assert out.shape == IMAGE.shape
    assert np.abs(out - IMAGE).max() > 50
    np.testing.assert_array_equal(IMAGE, before)
    assert tuple(live.throughput.newest) == STAGES
    assert live.snapshot().frame is not None


def test_a_share_of_the_machine_sends_pictures_of_half_the_size(live: LiveSession) -> None:
    large = np.tile(IMAGE, (4, 4, 1))  # 480 x 640
    live.takes(Share(4, 10.0, smaller=True))
    out = processed(live, large)
    assert out.shape == (240, 320, 3)
    assert np.abs(out - 127).max() > 50  # the box is drawn
    read = live.snapshot().frame
    assert read is not None
    assert read.image.shape == large.shape  # what is read stays as large as it came
    assert processed(live, IMAGE).shape == IMAGE.shape  # too small to be halved


def test_the_newest_of_those_that_came_is_read(live: LiveSession) -> None:
    live.view = View(boxes=False, labels=False)
    out = processed(live, IMAGE // 4, IMAGE)
    assert np.abs(out - IMAGE).max() <= NEAR
    newest = live.snapshot().frame
    assert newest is not None
    assert np.abs(newest.image.astype(np.int16) - IMAGE).max() <= NEAR


@pytest.mark.parametrize("size", [(120, 160), (121, 161), (120, 161), (61, 80)])
def test_colours_and_size_stay_what_they_were(live: LiveSession, size: tuple[int, int]) -> None:
    live.view = View(boxes=False, labels=False)
    image = np.empty((*size, 3), np.uint8)
    image[:, : size[1] // 2] = (200, 60, 20)
    image[:, size[1] // 2 :] = (20, 90, 220)
    out = processed(live, image)
    assert out.shape == image.shape
    for column in (20, size[1] - 20):  # the edge between two colours is half as sharp
        assert np.abs(out[:, column] - image[:, column]).max() <= NEAR


def test_switches_act_on_the_next_frame(live: LiveSession) -> None:
    image = IMAGE.copy()
    image[:, :20] = 10
    full = changed(processed(live, image), image)
    live.view = View(labels=False)
    assert 0 < changed(processed(live, image), image) < full
    live.view = View(boxes=False, labels=False)
    assert changed(processed(live, image), image) == 0
    live.view = View(boxes=False, labels=False, mirror=True)
    assert changed(processed(live, image), image[:, ::-1]) == 0
    live.refuse("Not now.")
    assert changed(processed(live, image)[60:], image[60:, ::-1]) == 0  # it does not jump


def changed(out: NDArray[np.int16], image: NDArray[np.uint8]) -> int:
    return int((np.abs(out - image) > NEAR).any(axis=2).sum())


def test_a_failing_frame_passes_with_a_banner_and_the_next_one_is_read(
    classifier: Classifier,
) -> None:
    live, detector = LiveSession(), OneFace()
    live.use("a", lambda: Pipeline(detector, classifier))
    detector.broken = True
    passed = processed(live, IMAGE)
    assert changed(passed[60:], IMAGE[60:]) == 0
    assert changed(passed[:36], IMAGE[:36]) > 0
    assert "the detector fell over" in live.snapshot().trouble
    assert live.throughput.newest == {}
    detector.broken = False
    processed(live, IMAGE)
    assert live.snapshot().trouble == ""


def test_an_observer_that_fails_does_not_end_the_video(live: LiveSession) -> None:
    class Broken:
        def on_frame(self, frame: object) -> None:
            raise ValueError("out of step")

        def on_end(self) -> None: ...

    live.observe(Broken())
    assert processed(live, IMAGE).shape == IMAGE.shape
    assert "out of step" in live.snapshot().trouble
