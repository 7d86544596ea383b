"""Results of a study: what was planted in the drawn one comes out, and what is missing is said."""

import json
import zipfile
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pytest

from fer_core.emotions import Emotion
from fer_core.errors import StudyError
from fer_core.studies.assemble import Assembler
from fer_core.studies.edits import Exclude
from fer_core.studies.mend import enter_edits
from fer_core.studies.mended import MendedRecording
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.results import Results, find, state_of
from fer_core.studies.sheet import Entry, set_sheet
from fer_core.studies.statistics import mean_courses
from fer_core.studies.store import Study
from tests.studies.conftest import MakeStudy
from tests.studies.written import Script, Seen, write_readings

PEOPLE = 6
FAST = 30
ONSET_S, LENGTH_S = 1.0, 4.0


def script(person: int) -> Script:
    """Neutral until the onset; then the more happy the higher the person's number."""

    def seen(time_s: float) -> list[Seen]:
        if time_s < ONSET_S:
            return [Seen(40, Emotion.NEUTRAL)]
        share = (time_s - ONSET_S) / (LENGTH_S - ONSET_S)
        return [Seen(40, Emotion.HAPPY if share < person / PEOPLE else Emotion.SAD)]

    return seen


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """Everybody under both conditions, half of the videos each; happy under the second only."""
    made = make_study(videos=PEOPLE, seconds=LENGTH_S, networks=("tiny", "tiny_b"))
    recordings = made.recordings()
    for person, recording in enumerate(recordings, start=1):
        write_readings(made, recording, script(person))
    set_sheet(made, entries(made))
    return made


def entries(study: Study) -> Iterable[Entry]:
    for recording in study.recordings():
        yield Entry(recording.name, recording.name, "before", 0.0, ONSET_S)
        yield Entry(recording.name, recording.name, "film", ONSET_S, LENGTH_S, ONSET_S)


def test_what_was_shown_comes_out(study: Study) -> None:
    study.settings = study.settings.model_copy(update={"smoothed": False})
    results = find(study)
    assert results.conditions == ("before", "film")
    assert results.networks == ("tiny", "tiny_b")
    assert results.notes == ()
    film = results.figures[
        (results.figures["condition"] == "film") & (results.figures["network"] == "tiny")
    ].sort_values("participant")
    planted = np.arange(1, PEOPLE + 1) / PEOPLE
    assert film["share_happy"].tolist() == pytest.approx(planted.tolist(), abs=0.04)
    (happy,) = (
        one for one in results.reported(results.comparisons) if one.measure == "share_happy"
    )
    assert happy.difference == pytest.approx(planted.mean(), abs=0.02)
    assert happy.higher == PEOPLE
    assert {one.comparisons[0].network for one in results.survivals} == {"tiny"}
    own = results.courses[results.courses["network"] == "tiny"]
    (course,) = mean_courses(own, "share_happy", results.grid)
    assert course.condition == "film"
    assert course.mean[0] == pytest.approx(1.0)
    assert course.mean[-1] == pytest.approx(1 / PEOPLE, abs=0.01)
    assert len(results.disagreements) == 10
    assert results.disagreements["disagreement"].max() == pytest.approx(0.0)  # they say the same


def flickering(time_s: float) -> list[Seen]:
    """Happy, but for one frame in five that smoothing takes for noise."""
    return [Seen(40, Emotion.SURPRISE if round(time_s * FAST) % 5 == 4 else Emotion.HAPPY, 0.7)]


def test_smoothing_changes_findings_but_not_what_is_corrected(make_study: MakeStudy) -> None:
    study = make_study(videos=2, seconds=LENGTH_S)
    for recording in study.recordings():
        write_readings(study, recording, flickering, fps=FAST)
    set_sheet(study, entries(study))
    smooth = find(study)
    study.settings = study.settings.model_copy(update={"smoothed": False})
    raw = find(study)
    assert raw.figures["share_surprise"].max() == pytest.approx(0.2, abs=0.04)
    assert smooth.figures["share_surprise"].max() < 0.1
    assert len(smooth.corrected) == len(raw.corrected) == 3  # each condition, and the difference
    for one, other in zip(smooth.corrected, raw.corrected, strict=True):
        assert one.said.tolist() == other.said.tolist()


@pytest.mark.slow
def test_what_is_missing_is_said_and_the_rest_is_found(study: Study) -> None:
    set_sheet(study, [entry for entry in entries(study) if entry.recording != "p02"])
    study.settings = study.settings.model_copy(update={"every": 2})  # nothing is read so
    with pytest.raises(StudyError, match="nothing is read yet"):
        find(study)
    for recording in study.recordings()[:3]:
        write_readings(study, recording, script(3), without=(1,) if recording.name == "p01" else ())
    results = find(study)
    told = "\n".join(results.notes)
    assert "p02 is not in the sheet" in told
    assert "p01: 1 of" in told
    assert set(results.figures["participant"]) == {"p01", "p03"}


def test_equal_states_are_equal_and_each_change_is_another(study: Study) -> None:
    states = [state_of(study)]
    assert state_of(study) == states[0]
    set_sheet(study, [Entry("p01", "A", "film")])
    states.append(state_of(study))
    study.settings = study.settings.model_copy(update={"every": 2})
    states.append(state_of(study))
    write_readings(study, study.recordings()[0])
    states.append(state_of(study))
    assert len(set(states)) == 4


@pytest.mark.slow
def test_one_condition_without_an_onset_has_figures_and_no_comparison(study: Study) -> None:
    set_sheet(study, [Entry(each.name, each.name, "film") for each in study.recordings()])
    results = find(study)
    assert results.comparisons == results.survivals == ()
    assert results.courses.empty
    assert len(results.figures) == 2 * PEOPLE


@pytest.mark.slow
def test_only_recordings_that_changed_are_assembled_again(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    assemble = Assembler.assemble

    def counted(self: Assembler, recording: StudyRecording) -> MendedRecording:
        asked.append(recording.name)
        return assemble(self, recording)

    monkeypatch.setattr(Assembler, "assemble", counted)
    first = find(study)
    assert asked == [each.name for each in study.recordings()]
    asked.clear()
    again = find(study)
    assert asked == []
    same(first, again)
    enter_edits(study, {"p02": [Exclude(start_s=1.0, end_s=2.0)]})
    mended = find(study)
    assert asked == ["p02"]
    (study.folder / "assembled" / "sums.zip").write_bytes(b"damaged")
    anew = find(study)
    assert len(asked) == 1 + PEOPLE
    same(mended, anew)
    with pytest.raises(AssertionError):
        same(first, mended)
    asked.clear()
    study.settings = study.settings.model_copy(update={"smoothed": False})
    find(study)
    assert len(asked) == PEOPLE


def same(one: Results, other: Results) -> None:
    """To the bit."""
    for name in ("figures", "changes", "means", "courses", "disagreements"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.notes == other.notes
    assert [each.p for each in one.comparisons] == [each.p for each in other.comparisons]


@pytest.mark.slow
def test_a_recording_that_is_taken_out_leaves_nothing_of_its_figures(study: Study) -> None:
    find(study)
    study.remove(study.recording("p03"))
    assert "p03" not in set(find(study).figures["participant"])
    kept = study.folder / "assembled" / "sums.zip"
    with zipfile.ZipFile(kept) as archive:
        assert "p03" not in json.loads(archive.read("about.json"))["keys"]
