"""A viewer's live session: frames in, pictures and readings out, and never an exception."""

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.faces import Faces
from fer_core.live.observer import FrameReading
from fer_core.live.session import RETRY_S, STAGES, LiveSession, View
from fer_core.pipeline.frame import Pipeline
from fer_core.zoo import Classifier, load_classifier
from tests.live.observed import Clock

FRAME = np.full((120, 160, 3), 127, np.uint8)


class OneFace:
    """Finds a face in the middle of every picture; remembers the thread that made it."""

    name = "one"

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.broken = False

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        assert threading.get_ident() == self.thread
        if self.broken:
            raise RuntimeError("the detector fell over")
        return Faces.from_boxes(np.array([[40, 30, 60, 60]]))


@pytest.fixture
def classifier(tiny_models: Path) -> Classifier:
    return load_classifier(tiny_models / "tiny")


def test_a_frame_comes_back_drawn_and_its_reading_is_there(classifier: Classifier) -> None:
    live = LiveSession()
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    before = FRAME.copy()
    drawn = live.read(FRAME, decode_ms=1.5)
    live.note("encode", 0.5)
    now = live.snapshot()
    assert drawn.shape == FRAME.shape
    assert not np.array_equal(drawn, FRAME)
    assert np.array_equal(FRAME, before)
    assert now.trouble == ""
    assert now.processed == 1
    assert now.result is not None
    assert (now.result.track_ids, now.result.model) == ((1,), "tiny")
    assert now.result.predictions.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert set(now.milliseconds) == set(STAGES)
    assert now.milliseconds["decode"] == 1.5


def test_frames_a_second_are_counted_over_the_last_two_seconds(classifier: Classifier) -> None:
    clock = Clock()
    live = LiveSession(clock)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    assert live.snapshot().frames_per_second == 0
    for _ in range(50):
        clock.now += 0.1
        live.read(FRAME)
    assert live.snapshot().frames_per_second == pytest.approx(10)
    clock.now += 10
    gone = live.snapshot()
    assert gone.frames_per_second == 0
    assert gone.age_s == pytest.approx(10)


def test_frames_that_came_are_counted_beside_those_that_were_read(classifier: Classifier) -> None:
    clock = Clock()
    live = LiveSession(clock)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    for _ in range(25):
        assert live.snapshot().arriving_per_second == 0  # too short a time to say
        live.arrived(3)
        live.read(FRAME)
        clock.now += 0.08
    for _ in range(25):
        live.arrived(3)
        live.read(FRAME)
        clock.now += 0.1
    now = live.snapshot()
    assert now.arriving_per_second == pytest.approx(30, rel=0.01)
    assert now.frames_per_second == pytest.approx(10, rel=0.01)
    live.close()
    assert live.snapshot().arriving_per_second == 0


def test_a_failing_frame_passes_with_a_banner_and_the_next_one_is_read(
    classifier: Classifier,
) -> None:
    live, detector = LiveSession(), OneFace()
    live.use("a", lambda: Pipeline(detector, classifier))
    detector.broken = True
    passed = live.read(FRAME)
    assert passed.shape == FRAME.shape
    assert np.array_equal(passed[60:], FRAME[60:])
    assert not np.array_equal(passed[:36], FRAME[:36])
    assert "the detector fell over" in live.snapshot().trouble
    assert live.snapshot().result is None
    detector.broken = False
    live.read(FRAME)
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
        live.read(FRAME)
        assert live.snapshot().trouble == "broken: the network cannot be loaded."
    assert len(tries) == 1
    clock.now += RETRY_S
    live.read(FRAME)
    assert len(tries) == 2


def test_a_new_choice_acts_on_the_next_frame_and_the_same_one_builds_nothing(
    classifier: Classifier,
) -> None:
    built: list[str] = []

    def maker(name: str) -> Pipeline:
        built.append(name)
        return Pipeline(OneFace(), classifier)

    live = LiveSession()
    assert live.read(FRAME).shape == FRAME.shape  # nothing chosen yet
    for name in ("a", "a", "b"):
        live.use(name, lambda name=name: maker(name))
        live.read(FRAME)
    assert built == ["a", "b"]
    live.refuse("There is no network.")
    live.read(FRAME)
    assert live.snapshot().trouble == "There is no network."
    live.use("b", lambda: maker("b"))
    live.read(FRAME)
    assert live.snapshot().trouble == ""


def test_the_detector_is_made_on_the_thread_that_reads(classifier: Classifier) -> None:
    live = LiveSession()
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    thread = threading.Thread(target=live.read, args=(FRAME,))
    thread.start()
    thread.join()
    assert live.snapshot().trouble == ""
    live.close()
    # Another START is another thread; what close left behind would fail there.
    live.read(FRAME)
    assert live.snapshot().trouble == ""


def test_close_frees_the_pipeline_and_forgets_the_faces(classifier: Classifier) -> None:
    live = LiveSession()
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    live.read(FRAME)
    live.close()
    assert live._pipeline is None
    now = live.snapshot()
    assert now.result is None
    assert (now.processed, now.frames_per_second) == (0, 0.0)
    assert live.still() is None
    assert live.faces_of_last_minute() == ()


def test_toggles_act_on_the_next_frame(classifier: Classifier) -> None:
    live = LiveSession()
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    assert live.view == View()
    picture = FRAME.copy()
    picture[:, :20] = 10
    full = live.read(picture)
    live.show(View(labels=False))
    outlined = live.read(picture)
    assert 0 < changed(outlined, picture) < changed(full, picture)
    live.show(View(boxes=False, labels=False))
    assert np.array_equal(live.read(picture), picture)
    live.show(View(boxes=False, labels=False, mirror=True))
    assert np.array_equal(live.read(picture), picture[:, ::-1])
    assert track_ids(live) == (1,)  # still the same face
    live.refuse("Not now.")
    assert (live.read(picture)[60:, -20:] == 10).all()  # the passed picture does not jump


def track_ids(live: LiveSession) -> tuple[int, ...]:
    result = live.snapshot().result
    assert result is not None
    return result.track_ids


def changed(drawn: NDArray[np.uint8], picture: NDArray[np.uint8]) -> int:
    return int((drawn != picture).any(axis=2).sum())


def test_smoothing_off_shows_each_frame_s_own_reading(classifier: Classifier) -> None:
    clock = Clock()
    live, direct = LiveSession(clock), Pipeline(OneFace(), classifier)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    dark, noisy = FRAME // 4, np.random.default_rng(0).integers(0, 255, FRAME.shape, np.uint8)
    own = direct(noisy).predictions.probabilities
    for smoothing in (True, False):
        live.show(View(smoothing=smoothing))
        for picture in (dark, noisy):
            clock.now += 0.03
            live.read(picture)
        shown = live.snapshot().result
        assert shown is not None
        assert np.allclose(shown.predictions.probabilities, own, atol=1e-6) is not smoothing
    assert track_ids(live) == (1,)


def test_the_still_is_the_frame_as_it_came_with_what_was_read(classifier: Classifier) -> None:
    live = LiveSession()
    assert live.still() is None
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    live.show(View(mirror=True))
    picture = np.random.default_rng(0).integers(0, 255, FRAME.shape, np.uint8)
    live.read(picture)
    still = live.still()
    assert still is not None
    assert np.array_equal(still.image, picture)
    assert still.result.track_ids == (1,)
    assert len(still.result.faces) == 1
    live.refuse("Not now.")
    live.read(picture)
    assert live.still() is None  # never a face of before with a picture of now


def test_the_last_minute_of_a_face_is_there(classifier: Classifier) -> None:
    clock = Clock()
    live = LiveSession(clock)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    for _ in range(90):
        clock.now += 1 / 30
        live.read(FRAME)
    assert live.faces_of_last_minute() == (1,)
    past = live.past(1)
    assert 8 <= len(past) <= 10
    assert past.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-4)


class Follower:
    def __init__(self) -> None:
        self.taken: list[FrameReading] = []
        self.ended = 0

    def take(self, reading: FrameReading) -> None:
        self.taken.append(reading)

    def end(self) -> None:
        self.ended += 1


def test_who_follows_the_stream_sees_what_was_read_and_that_it_ended(
    classifier: Classifier,
) -> None:
    live, follower, detector = LiveSession(), Follower(), OneFace()
    live.use("a", lambda: Pipeline(detector, classifier))
    live.read(FRAME)
    live.watch(follower)
    live.read(FRAME)
    detector.broken = True
    live.read(FRAME)  # nothing was read from this one
    (reading,) = follower.taken
    assert reading.image is FRAME
    assert (reading.track_ids, reading.model) == ((1,), "tiny")
    assert len(reading.faces) == len(reading.own) == len(reading.shown) == 1
    live.close()
    assert follower.ended == 1


def test_a_recording_is_kept_when_the_stream_ends(classifier: Classifier) -> None:
    clock = Clock()
    live = LiveSession(clock)
    live.use("a", lambda: Pipeline(OneFace(), classifier))
    live.mark("nothing runs")
    assert (live.recorded, live.recording_since_s) == (None, None)
    live.start_recording()
    for _ in range(30):
        clock.now += 1 / 30
        live.read(FRAME)
    live.mark("here")
    assert live.recording_since_s == pytest.approx(1)
    live.close()
    recording = live.recorded
    assert recording is not None
    assert live.recording_since_s is None
    assert len(recording) == pytest.approx(10, abs=1)
    assert recording.duration_s == pytest.approx(1)
    assert [marker.label for marker in recording.markers] == ["here"]
    live.stop_recording()  # again does no harm
    assert live.recorded is recording
    live.start_recording()  # a late click: what is kept stays
    assert live.recorded is recording
    assert live.recording_since_s is None
    live.discard_recording()
    assert live.recorded is None
    live.start_recording()
    clock.now += 1
    live.start_recording()  # twice is once
    assert live.recording_since_s == pytest.approx(1)
