"""Frames to seconds: what is counted, what is cut, and what several faces do."""

import pandas as pd
import pytest

from fer_core.emotions import Emotion
from fer_core.studies.statistics import (
    Grid,
    StudyTables,
    baseline_totals,
    compare_conditions,
    condition_figures,
    counted_totals,
    course_totals,
    disagreements,
    mean_courses,
    network_intervals,
    participant_figures,
)
from tests.studies.statistics.drawn import NAN, recording, study

GRID = Grid.between(-1, 1, 0.5)
HAPPY, SAD, FEAR, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.FEAR, Emotion.NEUTRAL


def one(totals: pd.DataFrame) -> "pd.Series[float]":
    assert len(totals) == 1
    return totals.iloc[0]


def test_time_goes_to_what_was_shown() -> None:
    frames = recording("r1", [HAPPY, HAPPY, SAD, None, NEUTRAL, HAPPY], unsure=[4, 5])
    row = one(counted_totals(study(frames)))
    assert row["seconds"] == pytest.approx(3.0)
    assert row["face_s"] == pytest.approx(2.5)
    assert row["happy_s"] == pytest.approx(1.0)
    assert row["sad_s"] == pytest.approx(0.5)
    assert row["unsure_s"] == pytest.approx(1.0)
    assert row["neutral_s"] == 0
    # Unsure or not, the likeliest class is kept for the correction.
    assert row["said_happy_s"] == pytest.approx(1.5)
    assert row["said_neutral_s"] == pytest.approx(0.5)
    assert row["p_happy_s"] == pytest.approx(0.5 * (3 * 0.7 + 2 * 0.05))


def test_frames_are_cut_at_the_stretch_that_counts() -> None:
    frames = recording("r1", [HAPPY] * 4 + [SAD] * 4)
    row = one(counted_totals(study(frames, sheet={"r1": (0.7, 2.2, NAN)})))
    assert row["seconds"] == pytest.approx(1.5)
    assert row["happy_s"] == pytest.approx(1.3)
    assert row["sad_s"] == pytest.approx(0.2)


def test_a_moment_with_two_faces_counts_once() -> None:
    first = recording("r1", [HAPPY, HAPPY])
    second = recording("r1", [SAD], track=2)
    row = one(counted_totals(study(first, second)))
    assert row["seconds"] == pytest.approx(1.0)
    assert row["several_s"] == pytest.approx(0.5)
    assert row["happy_s"] == pytest.approx(0.75)
    assert row["sad_s"] == pytest.approx(0.25)


def test_a_face_that_gets_another_track_is_no_second_face() -> None:
    first = recording("r1", [HAPPY, HAPPY])
    later = recording("r1", [HAPPY, SAD], track=2, start_s=1.0)
    row = one(counted_totals(study(first, later)))
    assert row["several_s"] == 0
    assert row["seconds"] == pytest.approx(2.0)


def test_two_participants_in_one_recording_have_their_own_time() -> None:
    frames = [
        recording("r1", [HAPPY] * 2, participant="P1"),
        recording("r1", [SAD] * 2, participant="P2", track=2),
    ]
    totals = counted_totals(study(*frames)).set_index("participant")
    assert totals["seconds"].tolist() == [1.0, 1.0]
    assert totals.loc["P1", "happy_s"] == totals.loc["P2", "sad_s"] == 1.0


def test_totals_of_single_recordings_add_up() -> None:
    one_, two = recording("r1", [HAPPY, None, SAD]), recording("r2", [FEAR] * 3, condition="B")
    together = counted_totals(study(one_, two))
    apart = pd.concat([counted_totals(study(one_)), counted_totals(study(two))])
    pd.testing.assert_frame_equal(together, apart.reset_index(drop=True))


def test_the_order_of_rows_does_not_matter() -> None:
    frames = pd.concat(
        [recording("r1", [HAPPY, SAD, None, FEAR]), recording("r1", [SAD] * 4, track=2)]
    )
    rows = frames.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(counted_totals(study(frames)), counted_totals(study(rows)))


def test_valence_is_added_up_over_time() -> None:
    row = one(counted_totals(study(recording("r1", [HAPPY, FEAR, FEAR, None]))))
    assert row["valence_s"] == pytest.approx(0.5 * (0.65 - 2 * 0.65))


def test_baselines_lie_anywhere_and_only_some_have_one() -> None:
    frames = [recording("r1", [SAD] * 4 + [HAPPY] * 4), recording("r2", [FEAR] * 8)]
    tables = study(*frames, sheet={"r1": (2.0, NAN, NAN)}, baselines={"r1": (0.5, 2.0)})
    row = one(baseline_totals(tables))
    assert row["recording"] == "r1"
    assert row["sad_s"] == row["seconds"] == pytest.approx(1.5)
    assert counted_totals(tables).set_index("recording").loc["r1", "sad_s"] == 0
    assert baseline_totals(study(*frames)).empty


def test_empty_cells_of_an_edited_table_are_none() -> None:
    frames = recording("r1", [HAPPY, None]).astype({"unsure": object})
    frames.loc[1, "unsure"] = None
    tables = study(frames)
    sheet = tables.sheet.astype(object)
    sheet.loc[:, ["start_s", "end_s", "onset_s"]] = None
    edited = StudyTables(frames, sheet)
    pd.testing.assert_frame_equal(counted_totals(edited), counted_totals(tables))


def test_words_may_be_categories_with_more_of_them_than_occur() -> None:
    frames = recording("r1", [HAPPY])
    as_categories = frames.assign(condition=pd.Categorical(["A"], categories=["A", "B"]))
    pd.testing.assert_frame_equal(
        counted_totals(study(as_categories)), counted_totals(study(frames))
    )


def test_nothing_read_yet() -> None:
    tables = study(recording("r1", [HAPPY]))
    nothing = StudyTables(tables.frames[:0], tables.sheet)
    assert counted_totals(nothing).empty
    figures = participant_figures(counted_totals(nothing))
    assert figures.empty
    assert condition_figures(figures).empty
    assert compare_conditions(figures) == ()
    assert disagreements(nothing).empty
    assert network_intervals(nothing, "fer").empty
    assert mean_courses(course_totals(nothing, ["valence"], GRID), "valence", GRID) == ()
