"""Mending recordings of a study: entered, applied, taken back, redone; never to what was read."""

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import StudyError
from fer_core.studies.assemble import assemble
from fer_core.studies.edits import Baseline, Event, Exclude, Ignore, Merge, Rename, Split
from fer_core.studies.mend import edits_of, enter_edits, redo, undo
from fer_core.studies.settings import choose_settings
from fer_core.studies.store import Study
from tests.studies.conftest import MakeStudy
from tests.studies.written import Seen, happy, write_readings


def two_faces(time_s: float) -> list[Seen]:
    """One that is happy, gone for a second and back elsewhere; and one that is sad beside it."""
    first = [] if 1.0 <= time_s < 2.5 else [Seen(40 if time_s < 1 else 900, Emotion.HAPPY)]
    return [*first, Seen(400, Emotion.SAD)]


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    made = make_study(seconds=4.0)
    write_readings(made, made.recording("p01"), two_faces)
    return made


def ids_at(study: Study, time_s: float) -> list[int]:
    mended = assemble(study, study.recording("p01"))
    at = np.isclose(mended.readings.time_s, time_s)
    return mended.assembled.track_ids[at].tolist()


def test_a_face_that_came_back_is_merged_and_smoothed_as_one(study: Study) -> None:
    before = assemble(study, study.recording("p01"))
    assert ids_at(study, 0.0) == [1, 2]
    assert ids_at(study, 3.0) == [3, 2]
    (entered,) = enter_edits(study, {"p01": [Merge(track_id=3, into=1)]})["p01"]
    assert entered.edit == Merge(track_id=3, into=1)
    after = assemble(study, study.recording("p01"))
    assert ids_at(study, 3.0) == [1, 2]
    assert after.track_ids == (2, 1)
    assert after.followed.tolist() == before.assembled.track_ids.tolist()
    for field in ("frame", "time_s", "boxes", "probabilities"):  # what was read is as it was
        assert np.array_equal(getattr(after.readings, field), getattr(before.readings, field))
    undo(study, study.recording("p01"))
    again = assemble(study, study.recording("p01"))
    assert np.array_equal(again.assembled.track_ids, before.assembled.track_ids)
    assert np.array_equal(again.assembled.smoothed, before.assembled.smoothed)


def test_what_was_assembled_is_kept_and_made_anew_when_it_has_to_be(study: Study) -> None:
    recording = study.recording("p01")
    (kept,) = (study.folder / "assembled").iterdir() if assemble(study, recording) else ()
    first = kept.stat().st_mtime_ns
    enter_edits(study, {"p01": [Event(at_s=1, label="joke"), Ignore(track_id=2)]})
    mended = assemble(study, recording)
    assert kept.stat().st_mtime_ns == first
    kept.write_bytes(b"damaged")
    assert np.array_equal(
        assemble(study, recording).assembled.smoothed, mended.assembled.smoothed, equal_nan=True
    )
    enter_edits(study, {"p01": [Merge(track_id=3, into=1)]})
    assert assemble(study, recording).assembled.track_ids.max() == 2


def test_ignored_faces_and_stretches_left_out_are_marked(study: Study) -> None:
    enter_edits(study, {"p01": [Ignore(track_id=2), Exclude(start_s=3, end_s=3.5)]})
    mended = assemble(study, study.recording("p01"))
    assert set(mended.shown().track_ids) == {1, 3}
    assert set(mended.shown(with_ignored=True).track_ids) == {1, 2, 3}
    out = mended.readings.time_s[mended.excluded]
    assert (out.min(), out.max()) == (3.0, pytest.approx(3.4))


def test_all_of_a_batch_or_nothing(study: Study) -> None:
    with pytest.raises(StudyError, match=r"p01: this cannot be mended so .*no face 8"):
        enter_edits(study, {"p01": [Event(at_s=1, label="joke"), Ignore(track_id=8)]})
    with pytest.raises(StudyError, match="no such recording"):
        enter_edits(study, {"p01": [Event(at_s=1, label="joke")], "p09": []})
    assert edits_of(study, study.recording("p01")) == ()


def test_a_split_may_be_spoken_of_and_cannot_be_taken_back_before(study: Study) -> None:
    recording = study.recording("p01")
    split, _ = enter_edits(
        study, {"p01": [Split(track_id=2, at_s=2.0), Rename(track_id=4, name="Bo")]}
    )["p01"]
    assert split.edit == Split(track_id=2, at_s=2.0, becomes=4)
    with pytest.raises(StudyError, match=r"cannot be taken back .*Face 4 is called Bo"):
        undo(study, recording, split.id)
    undo(study, recording)
    undo(study, recording)
    assert assemble(study, recording).track_ids == (2, 3, 1)
    with pytest.raises(StudyError, match="no such edit"):
        undo(study, recording)
    # A new one does not take the place of one that may be redone.
    (other,) = enter_edits(study, {"p01": [Split(track_id=1, at_s=0.5)]})["p01"]
    assert other.edit == Split(track_id=1, at_s=0.5, becomes=5)
    undo(study, recording)
    assert redo(study, recording, split.id).edit == split.edit
    assert assemble(study, recording).name_of(4) == "face 4"
    assert redo(study, recording).edit == Rename(track_id=4, name="Bo")
    assert assemble(study, recording).name_of(4) == "Bo"


def test_an_undone_edit_is_kept(study: Study) -> None:
    recording = study.recording("p01")
    enter_edits(study, {"p01": [Baseline(start_s=0, end_s=1)]})
    undo(study, recording)
    assert [each.undone for each in edits_of(study, recording)] == [True]
    assert assemble(study, recording).mending.baseline is None
    redo(study, recording)
    assert assemble(study, recording).mending.baseline == (0, 1)
    with pytest.raises(StudyError, match="nothing can be redone"):
        redo(study, recording)


def test_edits_of_faces_that_were_found_otherwise_are_not_applied(study: Study) -> None:
    recording = study.recording("p01")
    enter_edits(study, {"p01": [Ignore(track_id=2), Event(at_s=1, label="joke")]})
    study.settings = choose_settings(("tiny",), detector="haar")
    write_readings(study, recording, happy)
    mended = assemble(study, recording)
    assert mended.mending.ignored == frozenset()
    assert [event.label for event in mended.mending.events] == ["joke"]
    assert mended.problems == (
        "Face 2 does not count: not applied, it was entered for faces found with none, every 1, "
        "and these were found with haar, every 1.",
    )


def test_faces_are_mended_once_all_is_read_and_times_before(make_study: MakeStudy) -> None:
    study = make_study(seconds=4.0)
    recording = study.recording("p01")
    with pytest.raises(StudyError, match="nothing of this recording is read yet"):
        enter_edits(study, {"p01": [Ignore(track_id=1)]})
    enter_edits(study, {"p01": [Event(at_s=1, label="joke"), Exclude(start_s=1, end_s=2)]})
    write_readings(study, recording, happy, without=[1])
    assert assemble(study, recording).waiting == 1
    with pytest.raises(StudyError, match=r"once all of the recording is read .*1 of 4 parts"):
        enter_edits(study, {"p01": [Ignore(track_id=1)]})
    write_readings(study, recording, happy)
    enter_edits(study, {"p01": [Ignore(track_id=1)]})
    mended = assemble(study, recording)
    assert mended.waiting == 0
    assert not mended.has_face.any()


def test_readings_that_are_damaged_are_told(study: Study) -> None:
    path = sorted((study.folder / "readings").rglob("*.parquet"))[1]
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(StudyError, match=r"p01, part 1: what was read .*damaged.*study run"):
        assemble(study, study.recording("p01"))


def test_edits_go_with_their_recording(study: Study) -> None:
    enter_edits(study, {"p01": [Event(at_s=1, label="joke")]})
    path = study.recording("p01").path
    assemble(study, study.recording("p01"))
    study.remove(study.recording("p01"))
    assert list((study.folder / "assembled").iterdir()) == []
    study.add([path])
    assert edits_of(study, study.recording("p01")) == ()
