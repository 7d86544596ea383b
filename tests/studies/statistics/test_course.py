"""Courses around the onset: whose time falls into which step, and how often the band holds."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter1d

from fer_core.emotions import Emotion
from fer_core.errors import ContractError
from fer_core.studies.statistics import Course, Grid, course_totals, mean_courses
from fer_core.studies.statistics.tables import CELL
from tests.studies.statistics.drawn import NAN, recording, study

HAPPY, SAD, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL
GRID = Grid.between(-1, 2, 0.5)
MEAN = 0.1
"""Of the drawn courses, at every moment."""


def only(courses: tuple[Course, ...]) -> Course:
    assert len(courses) == 1
    return courses[0]


def test_the_onset_is_an_edge_of_the_grid() -> None:
    assert GRID.middles_s.tolist() == pytest.approx([-0.75, -0.25, 0.25, 0.75, 1.25, 1.75])
    with pytest.raises(ContractError, match="no step"):
        Grid.between(1, 1, 0.5)
    with pytest.raises(ContractError, match="no step"):
        Grid.between(0, 1, 0)


def test_frames_fall_around_the_onset() -> None:
    frames = recording("r1", [NEUTRAL] * 4 + [HAPPY] * 2 + [SAD] * 4)
    totals = course_totals(study(frames, sheet={"r1": (NAN, NAN, 2.0)}), ["share_happy"], GRID)
    course = only(mean_courses(totals, "share_happy", GRID))
    assert course.mean.tolist() == pytest.approx([0, 0, 1, 1, 0, 0])
    assert course.seen.tolist() == [1] * 6
    assert np.isnan(course.low).all()  # one participant


def test_frames_longer_than_a_step_are_shared_out() -> None:
    frames = recording("r1", [HAPPY, SAD], step_s=1.3)
    totals = course_totals(
        study(frames, sheet={"r1": (NAN, NAN, 0.4)}), ["share_happy", "mean_happy", "valence"], GRID
    )
    # Happy until 0.9 s after the onset, sad until 2.2 s.
    assert totals["seconds"].tolist() == pytest.approx([0.4, 0.5, 0.5, 0.5, 0.5])
    happy = only(mean_courses(totals, "share_happy", GRID)).mean
    assert happy.tolist() == pytest.approx([np.nan, 1, 1, 0.8, 0, 0], nan_ok=True)
    mean = only(mean_courses(totals, "mean_happy", GRID)).mean
    assert mean[3] == pytest.approx(0.8 * 0.7 + 0.2 * 0.05)
    valence = only(mean_courses(totals, "valence", GRID)).mean
    assert valence[3] == pytest.approx(0.65 * 0.8 - 0.65 * 0.2)


def test_frames_at_an_edge_do_not_spill_over_by_rounding() -> None:
    frames = recording("r1", [HAPPY] * 30, step_s=0.1, start_s=0.1 + 0.2)
    grid = Grid.between(0, 1.2, 0.1)
    totals = course_totals(study(frames, sheet={"r1": (NAN, NAN, 0.3)}), ["share_happy"], grid)
    assert totals["step"].tolist() == list(range(12))
    assert totals["seconds"].tolist() == pytest.approx([0.1] * 12)


def test_a_frame_between_two_edges_has_nothing_outside_of_them() -> None:
    frames = recording("r1", [HAPPY], step_s=0.2, start_s=0.7)  # (0.7 - 0.1) / 0.2 is below 3
    grid = Grid.between(0, 1, 0.2)
    totals = course_totals(study(frames, sheet={"r1": (NAN, NAN, 0.1)}), ["share_happy"], grid)
    assert totals["step"].tolist() == [3]
    frames = recording("r1", [HAPPY], step_s=0.8)  # 0.8 - 0.7 is above 0.1
    grid = Grid.between(0, 1, 0.1)
    totals = course_totals(study(frames, sheet={"r1": (NAN, NAN, 0.7)}), ["share_happy"], grid)
    assert totals["step"].tolist() == [0]


def test_the_stretch_cuts_after_the_onset_and_not_before() -> None:
    frames = recording("r1", [HAPPY] * 10)
    tables = study(frames, sheet={"r1": (2.5, 3.0, 2.0)})
    totals = course_totals(tables, ["share_happy"], GRID)
    assert totals["step"].tolist() == [-2, -1, 1]


def test_without_an_onset_there_is_no_course() -> None:
    totals = course_totals(study(recording("r1", [HAPPY])), ["valence"], GRID)
    assert totals.empty
    assert mean_courses(totals, "valence", GRID) == ()
    with pytest.raises(ContractError, match="not a measure"):
        course_totals(study(recording("r1", [HAPPY])), ["joy"], GRID)


def test_recordings_are_pooled_by_person_and_then_people_are_meant() -> None:
    rows = [
        ("fer", "r1", "P1", "A", 0, 0.5, 0.5),
        ("fer", "r2", "P1", "A", 0, 0.25, 0.0),
        ("fer", "r3", "P2", "A", 0, 0.5, 0.0),
        ("fer", "r3", "P2", "A", 1, 0.5, 0.1),
    ]
    totals = pd.DataFrame(rows, columns=[*CELL, "step", "seconds", "valence"])
    course = only(mean_courses(totals, "valence", Grid.between(0, 1, 0.5)))
    assert course.mean.tolist() == pytest.approx([(2 / 3 + 0) / 2, 0.2])
    assert course.seen.tolist() == [2, 1]
    assert course.participants == 2


def test_the_baseline_is_each_ones_own() -> None:
    frames = [
        recording("r1", [HAPPY, SAD] + [HAPPY] * 4),
        recording("r2", [SAD, SAD] + [HAPPY] * 4, participant="P2"),
        recording("r3", [None, None] + [HAPPY] * 4, participant="P3"),
    ]
    sheet = dict.fromkeys(("r1", "r2", "r3"), (NAN, NAN, 1.0))
    totals = course_totals(study(*frames, sheet=sheet), ["share_happy"], GRID)
    course = only(mean_courses(totals, "share_happy", GRID, baseline_s=(-1, 0)))
    assert course.participants == 2  # the third has no baseline
    assert course.mean.tolist() == pytest.approx([0.25, -0.25, 0.75, 0.75, 0.75, 0.75])
    with pytest.raises(ContractError, match="not within the course"):
        mean_courses(totals, "share_happy", GRID, baseline_s=(-2, 0))


def drawn_totals(rng: np.random.Generator, people: int, steps: int) -> pd.DataFrame:
    """Smooth courses of people who differ, skewed as shares near 0 are; their mean is known."""
    noise = gaussian_filter1d(rng.normal(size=(people, steps + 40)), 3, axis=1)[:, 20:-20]
    logs = 2 * noise + 0.5 * rng.normal(size=(people, 1))
    variance = 4 * noise_variance() + 0.25
    values = MEAN * np.exp(0.5 * logs - 0.125 * variance)  # lognormal
    index = np.arange(people * steps)
    return pd.DataFrame(
        {
            "network": "fer",
            "recording": index // steps,
            "participant": index // steps,
            "condition": "A",
            "step": index % steps,
            "seconds": 1.0,
            "valence": values.ravel(),
        }
    )


def noise_variance() -> float:
    """Of white noise after the filter above: the sum of the squared weights."""
    weights = gaussian_filter1d(np.eye(1, 81, 40)[0], 3)
    return float((weights**2).sum())


def test_the_band_holds_the_whole_course_at_its_rate() -> None:
    rng = np.random.default_rng(8)
    grid, studies = Grid.between(0, 30, 1), 150
    whole, moments = 0, 0.0
    for _ in range(studies):
        course = only(
            mean_courses(drawn_totals(rng, 15, len(grid)), "valence", grid, resamples=600)
        )
        whole += bool(((course.band_low <= MEAN) & (course.band_high >= MEAN)).all())
        moments += ((course.low <= MEAN) & (course.high >= MEAN)).mean()
        assert (course.band_high - course.band_low >= 0.9 * (course.high - course.low)).all()
    assert whole / studies >= 0.90
    assert 0.91 <= moments / studies <= 0.98


def test_few_participants_have_no_band() -> None:
    totals = drawn_totals(np.random.default_rng(0), 5, 6)
    course = only(mean_courses(totals, "valence", Grid.between(0, 6, 1)))
    assert np.isnan(course.band_low).all()
    assert np.isfinite(course.low).all()


def test_people_who_are_all_alike_have_a_band_without_width() -> None:
    totals = drawn_totals(np.random.default_rng(0), 7, 6).assign(valence=0.5)
    course = only(mean_courses(totals, "valence", Grid.between(0, 6, 1)))
    np.testing.assert_allclose(course.band_low, 0.5)
    np.testing.assert_allclose(course.band_high, 0.5)


def test_the_band_ends_where_the_measure_does() -> None:
    rng = np.random.default_rng(2)
    grid = Grid.between(-1, 5, 1)
    totals = drawn_totals(rng, 7, 6)
    totals["step"] -= 1
    totals["share_sad"] = rng.random(len(totals)) < 0.5
    plain = only(mean_courses(totals, "share_sad", grid))
    assert plain.band_low.min() == 0
    assert plain.band_high.max() == 1
    changed = only(mean_courses(totals, "share_sad", grid, baseline_s=(-1, 0)))
    assert changed.band_low.min() < 0
    assert changed.band_low.min() >= -1
