"""A viewer's live session: frames in, readings out; and what a frame that fails leaves behind."""

import threading
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.live.session import RETRY_S, LiveSession, View
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.stream import StreamFrame
from fer_core.zoo import Classifier, load_classifier
from tests.streamed import IMAGE, Clock, OneFace


@pytest.fixture
def classifier(tiny_models: Path) -> Classifier:
    return load_classifier(tiny_models / "tiny")


@pytest.fixture
def live(classifier: Classifier) -> LiveSession:
    """A session that reads, with a clock that stands."""
    session = LiveSession(Clock())
    session.use("a", lambda: Pipeline(OneFace(), classifier))
    return session


def refusal(live: LiveSession) -> str:
    """Why the next frame is not read, as its caller tells the session."""
    try:
        live.read(IMAGE)
    except Exception as error:
        live.fail(error)
    return live.snapshot().trouble


def test_a_frame_is_read_and_is_the_newest(live: LiveSession) -> None:
    assert live.snapshot().frame is None
    frame = live.read(IMAGE)
    now = live.snapshot()
    assert now.frame is frame
    assert frame.image is IMAGE
    assert (frame.raw.track_ids, frame.raw.model) == ((1,), "tiny")
    assert (now.trouble, now.age_s) == ("", 0.0)


def test_its_age_is_the_time_since_it_was_read(classifier: Classifier) -> None:
    clock = Clock()
    live = LiveSession(clock)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    assert live.snapshot().age_s == float("inf")
    live.read(IMAGE)
    clock.now += 10
    assert live.snapshot().age_s == pytest.approx(10)


def test_a_frame_that_fails_leaves_a_sentence_and_no_frame_of_before(
    classifier: Classifier, caplog: pytest.LogCaptureFixture
) -> None:
    live, detector = LiveSession(), OneFace()
    live.use("a", lambda: Pipeline(detector, classifier))
    live.read(IMAGE)
    detector.broken = True
    for _ in range(3):
        assert "the detector fell over" in refusal(live)
    assert len(caplog.records) == 1  # once, not thirty times a second
    assert live.snapshot().frame is None
    detector.broken = False
    live.read(IMAGE)
    assert live.snapshot().trouble == ""


def test_a_pipeline_that_cannot_be_built_is_tried_again_later_not_at_each_frame() -> None:
    clock, tries = Clock(), []

    def make() -> Pipeline:
        tries.append(clock.now)
        raise ModelError("the network cannot be loaded", where="broken")

    live = LiveSession(clock)
    live.use("broken", make)
    for _ in range(30):
        clock.now += 0.033
        assert refusal(live) == "broken: the network cannot be loaded."
    assert len(tries) == 1
    clock.now += RETRY_S
    refusal(live)
    assert len(tries) == 2


def test_a_new_choice_acts_on_the_next_frame_and_the_same_one_builds_nothing(
    classifier: Classifier,
) -> None:
    built: list[str] = []

    def maker(name: str) -> Pipeline:
        built.append(name)
        return Pipeline(OneFace(), classifier)

    live = LiveSession()
    assert refusal(live) == "No network is chosen yet."
    for name in ("a", "a", "b"):
        live.use(name, lambda name=name: maker(name))
        assert live.read(IMAGE).raw.track_ids == (1,)  # still the same face
    assert built == ["a", "b"]
    live.refuse("There is no network.")
    assert refusal(live) == "There is no network."
    live.use("b", lambda: maker("b"))
    live.read(IMAGE)
    assert live.snapshot().trouble == ""


def test_the_detector_is_made_on_the_thread_that_reads(live: LiveSession) -> None:
    thread = threading.Thread(target=live.read, args=(IMAGE,))
    thread.start()
    thread.join()
    assert live.snapshot().frame is not None
    live.close()
    # Another START is another thread; what close left behind would fail there.
    live.read(IMAGE)


def test_close_frees_the_pipeline_and_forgets_the_faces(classifier: Classifier) -> None:
    live, detectors = LiveSession(), []

    def make() -> Pipeline:
        detectors.append(OneFace())
        return Pipeline(detectors[-1], classifier)

    live.use("a", make)
    live.read(IMAGE)
    live.throughput.on_arrival(1)
    live.throughput.on_read({"detect": 1.0})
    live.close()
    now = live.snapshot()
    assert (now.frame, now.milliseconds, now.age_s) == (None, {}, float("inf"))
    assert live.read(IMAGE).raw.track_ids == (1,)
    assert len(detectors) == 2


def test_smoothing_off_shows_each_frame_s_own_reading(live: LiveSession) -> None:
    dark, noisy = IMAGE // 4, np.random.default_rng(0).integers(0, 255, IMAGE.shape, np.uint8)
    for smoothing in (True, False):
        live.view = View(smoothing=smoothing)
        for image in (dark, noisy):
            frame = live.read(image)
        assert frame.shown is (frame.smoothed if smoothing else frame.raw)
    assert frame.raw.track_ids == (1,)


class Follower:
    def __init__(self) -> None:
        self.frames: list[StreamFrame] = []
        self.ended = 0

    def on_frame(self, frame: StreamFrame) -> None:
        self.frames.append(frame)

    def on_end(self) -> None:
        self.ended += 1


def test_observers_see_what_was_read_and_that_it_ended(live: LiveSession) -> None:
    follower = Follower()
    live.read(IMAGE)
    live.observe(follower)
    frame = live.read(IMAGE)
    live.refuse("Not now.")
    refusal(live)  # nothing was read from this one
    assert follower.frames == [frame]
    live.close()
    assert follower.ended == 1


def test_the_video_says_what_the_page_showed_when_it_looked(classifier: Classifier) -> None:
    clock = Clock()
    live = LiveSession(clock)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    live.read(IMAGE // 8)
    looked = live.look().frame
    assert looked is not None
    said = looked.shown.predictions.probabilities
    clock.now += 0.4
    later = live.read(255 - IMAGE // 8)
    assert not np.array_equal(later.shown.predictions.probabilities, said)
    np.testing.assert_array_equal(live.wording(later).predictions.probabilities, said)
    live.view = View(smoothing=False)
    raw = live.read(IMAGE)
    assert live.wording(raw) is raw.raw


def test_a_cruder_detector_has_to_find_a_face_more_than_once(classifier: Classifier) -> None:
    detector = OneFace()
    detector.name = "haar"
    live = LiveSession(Clock())
    live.use("a", lambda: Pipeline(detector, classifier))
    assert [live.read(IMAGE).raw.track_ids for _ in range(3)] == [(), (), (1,)]
    live.close()
    assert live.read(IMAGE).raw.track_ids == ()  # a new stream begins anew
