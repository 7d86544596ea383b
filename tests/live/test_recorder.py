"""Recording a stream: what was read while it ran, until it is discarded."""

import pytest

from fer_core.emotions import Emotion
from fer_core.live import recorder as recording
from fer_core.live.recorder import READINGS_A_SECOND, Recorder
from tests.streamed import Clock, shares, stream_frame

SAD = shares(Emotion.SAD)


def play(recorder: Recorder, clock: Clock, seconds: float, fps: int = 30, faces: int = 1) -> None:
    for _ in range(round(seconds * fps)):
        recorder.on_frame(stream_frame(clock.now, *[SAD] * faces))
        clock.now += 1 / fps


def test_off_it_keeps_nothing() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    play(recorder, clock, 1)
    recorder.mark("nothing runs")
    recorder.stop()
    assert (recorder.recording, recorder.running_s) == (None, None)


def test_a_recording_has_the_readings_and_markers_of_its_time() -> None:
    clock = Clock()
    recorder = Recorder(clock, lambda: "today")
    recorder.start()
    play(recorder, clock, 2)
    assert recorder.running_s == pytest.approx(2)
    recorder.mark(" joke \n told ")
    play(recorder, clock, 1, faces=0)
    recorder.mark()
    recorder.stop()
    done = recorder.recording
    assert done is not None
    assert recorder.running_s is None
    assert done.duration_s == pytest.approx(3)
    assert len(done) == pytest.approx(2 * READINGS_A_SECOND, abs=1)
    assert done.seconds.max() < 2
    assert done.found is not None
    assert done.found.recorded_at == "today"
    # Nobody was there for a second: that is known, too.
    assert len(done.found.empty_s) == pytest.approx(READINGS_A_SECOND, abs=1)
    assert done.found.empty_s.min() == pytest.approx(2)
    assert set(done.steps_s) == {1 / READINGS_A_SECOND}
    assert [(mark.label, round(mark.seconds)) for mark in done.markers] == [
        ("joke told", 2),
        ("marker 2", 3),
    ]


def test_it_is_kept_when_the_stream_ends_and_until_it_is_discarded() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    recorder.start()
    clock.now += 1
    recorder.start()  # twice is once
    assert recorder.running_s == pytest.approx(1)
    play(recorder, clock, 1)
    recorder.on_end()
    done = recorder.recording
    assert done is not None
    recorder.stop()  # again does no harm
    recorder.start()  # a late click: what is kept stays
    assert recorder.recording is done
    assert recorder.running_s is None
    recorder.discard()
    assert recorder.recording is None


def test_a_frame_that_was_being_read_at_the_start_is_not_in_it() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    before = stream_frame(clock.now, SAD)
    clock.now += 0.5
    recorder.start()
    recorder.on_frame(before)
    play(recorder, clock, 0.2)
    recorder.stop()
    assert recorder.recording is not None
    assert recorder.recording.seconds.tolist() == pytest.approx([0, 0.1])


def test_a_full_one_ends_by_itself_at_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_READINGS", 5)
    clock = Clock()
    recorder = Recorder(clock)
    recorder.start()
    play(recorder, clock, 0.9)
    clock.now += 60  # nobody asks for a while
    assert recorder.running_s is None
    done = recorder.recording
    assert done is not None
    assert (done.full, len(done)) == (True, 5)
    assert done.duration_s == pytest.approx(0.5, abs=0.05)
