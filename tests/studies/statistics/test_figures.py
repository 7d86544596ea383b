"""Figures by participant and condition."""

import numpy as np
import pytest

from fer_core.emotions import Emotion
from fer_core.studies.statistics import (
    MEANS,
    MEASURES,
    SHARES,
    baseline_changes,
    baseline_totals,
    condition_figures,
    counted_totals,
    participant_figures,
)
from tests.studies.statistics.drawn import NAN, recording, study

HAPPY, SAD, NEUTRAL = Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL


def test_recordings_of_a_participant_are_pooled_by_time() -> None:
    frames = [recording("long", [HAPPY] * 9), recording("short", [SAD, SAD, None])]
    row = participant_figures(counted_totals(study(*frames))).iloc[0]
    assert row["recordings"] == 2
    assert row["share_happy"] == pytest.approx(9 / 11)
    assert row["no_face"] == pytest.approx(1 / 12)
    assert row["mean_happy"] == pytest.approx((9 * 0.7 + 2 * 0.05) / 11)
    assert row["valence"] == pytest.approx((9 * 0.65 - 2 * 0.65) / 11)
    assert row[list(SHARES)].sum() == pytest.approx(1)
    assert row[list(MEANS)].sum() == pytest.approx(1)


def test_a_participant_without_a_face_is_counted_and_has_no_figures() -> None:
    frames = [
        recording("r1", [HAPPY, SAD], unsure=[1]),
        recording("r2", [None, None], participant="P2"),
    ]
    figures = participant_figures(counted_totals(study(*frames)))
    assert figures.set_index("participant").loc["P2", "no_face"] == 1
    assert figures.set_index("participant").loc["P2", list(MEASURES)].isna().all()
    rows = condition_figures(figures, ["share_happy"])
    assert len(rows) == 1
    row = rows.iloc[0]
    assert (row["participants"], row["without_face"]) == (1, 1)
    assert row["mean"] == pytest.approx(0.5)
    assert row["no_face"] == pytest.approx(0.5)
    assert row["unsure"] == pytest.approx(0.5)
    assert np.isnan(row["low"])  # one participant says nothing about others


def test_a_condition_where_nobody_has_a_face() -> None:
    rows = condition_figures(participant_figures(counted_totals(study(recording("r", [None])))))
    assert rows["measure"].tolist() == list(MEASURES)
    assert rows["mean"].isna().all()
    assert (rows["participants"] == 0).all()


def test_each_network_and_condition_has_its_rows() -> None:
    frames = [
        recording(f"{person}{condition}", script, participant=person, condition=condition,
                  network=network)
        for network in ("fer", "nano")
        for person in ("P1", "P2", "P3")
        for condition, script in (("A", [NEUTRAL, HAPPY]), ("B", [HAPPY, HAPPY]))
    ]  # fmt: skip
    rows = condition_figures(participant_figures(counted_totals(study(*frames))), ["share_happy"])
    assert rows[["network", "condition"]].to_numpy().tolist() == [
        ["fer", "A"],
        ["fer", "B"],
        ["nano", "A"],
        ["nano", "B"],
    ]
    assert rows["mean"].tolist() == pytest.approx([0.5, 1.0, 0.5, 1.0])
    # All three alike: the interval has no width.
    assert rows["low"].tolist() == rows["high"].tolist() == pytest.approx(rows["mean"].tolist())


def test_changes_are_from_the_participants_own_baseline() -> None:
    frames = [
        recording("r1", [NEUTRAL] * 4 + [HAPPY] * 2 + [NEUTRAL] * 2),
        recording("r2", [SAD] * 4),  # without a baseline it does not count
        recording("r3", [HAPPY] * 2, participant="P2"),
    ]
    tables = study(*frames, sheet={"r1": (2.0, NAN, NAN)}, baselines={"r1": (0.0, 2.0)})
    changes = baseline_changes(counted_totals(tables), baseline_totals(tables))
    assert changes["participant"].tolist() == ["P1"]
    row = changes.iloc[0]
    assert row["share_happy"] == pytest.approx(0.5)
    assert row["share_neutral"] == pytest.approx(-0.5)
    assert row["share_sad"] == 0
    assert row["no_face"] == 0
    assert row[list(SHARES)].sum() == pytest.approx(0)


def test_changes_of_nobody() -> None:
    tables = study(recording("r1", [HAPPY]))
    assert baseline_changes(counted_totals(tables), baseline_totals(tables)).empty
