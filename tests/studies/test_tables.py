"""Tables to take away: right values of a study whose truth is known, and what they are made of."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core import __version__
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import StudyError
from fer_core.studies.assemble import assemble
from fer_core.studies.columns import TABLES
from fer_core.studies.edits import Baseline, Event, Exclude, Ignore, Rename
from fer_core.studies.export import export_tables
from fer_core.studies.findings import study_tables
from fer_core.studies.mend import enter_edits
from fer_core.studies.sheet import Entry, set_sheet, sheet
from fer_core.studies.statistics import counted_totals, participant_figures
from fer_core.studies.store import Study
from fer_core.zoo.confidence import FEATURES, ExpectedRight
from tests.studies.conftest import MakeStudy
from tests.studies.written import FPS, Seen, happy, write_readings

FRAMES = 4 * FPS


def changing(time_s: float) -> list[Seen]:
    """Happy until 2 s, nobody until 3 s, then sad; from 2 s on with somebody else beside."""
    first = [] if 2 <= time_s < 3 else [Seen(40, Emotion.HAPPY if time_s < 2 else Emotion.SAD)]
    return [*first, Seen(600, Emotion.ANGRY)] if time_s >= 2 else first


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """Two recordings of two networks: one face that changes and another one, and one happy face."""
    made = make_study(videos=2, seconds=4.0, networks=("tiny", "tiny_b"))
    write_readings(made, made.recording("p01"), changing)
    write_readings(made, made.recording("p02"), happy)
    made.settings = made.settings.model_copy(update={"smoothed": False})
    return made


def taken(study: Study, folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_frames_have_a_row_a_face_and_one_without(study: Study, tmp_path: Path) -> None:
    enter_edits(study, {"p01": [Rename(track_id=1, name="Ann")]})
    export_tables(study, tmp_path, "parquet")
    table = taken(study, tmp_path, "frames")
    assert list(table) == [column.name for column in TABLES["frames"]]
    own = table[(table["recording"] == "p01") & (table["model"] == "tiny")]
    assert len(own) == 20 + 10 + 20
    assert own["face"].value_counts().to_dict() == {1: 30, 2: 20}
    assert set(own.loc[own["face"] == 1, "face_name"]) == {"Ann"}
    first = own.iloc[0]
    recording = study.recording("p01")
    same = ["file", "sha256", "detector", "version", "expression", "frame", "seconds", "counted"]
    assert [first[name] for name in same] == [
        *("p01.mp4", recording.sha256, "none", __version__, "happy", 0, 0.0, True)
    ]
    assert first["raw_happy"] == pytest.approx(0.9)
    assert first["happy"] == pytest.approx(0.9)
    assert first["valence"] == pytest.approx(0.9 - 0.1 / 6)
    assert [first[name] for name in ("x", "y", "width", "height")] == [40, 60, 90, 110]
    assert first["detection_score"] == pytest.approx(0.9)
    late = own[(own["face"] == 1) & np.isclose(own["seconds"], 3.9)].iloc[0]
    assert late["raw_sad"] == pytest.approx(0.9)
    assert 0.5 < late["sad"] < 0.9  # still on its way
    assert set(table["model"]) == {"tiny", "tiny_b"}


def test_a_frame_without_a_face_that_counts_has_one_empty_row(study: Study, tmp_path: Path) -> None:
    enter_edits(study, {"p01": [Ignore(track_id=2)]})
    export_tables(study, tmp_path, "parquet")
    table = taken(study, tmp_path, "frames")
    own = table[(table["recording"] == "p01") & (table["model"] == "tiny")]
    assert len(own) == FRAMES
    empty = own[own["face"].isna()]
    assert empty["seconds"].tolist() == pytest.approx(np.arange(2, 3, 0.1).tolist())
    of_faces = ["face_name", "expression", "confidence", "unsure", *LABELS, "x", "detection_score"]
    assert empty[of_faces].isna().all(axis=None)
    assert empty[["frame", "step_s", "file", "counted"]].notna().all(axis=None)


def test_the_sheet_says_what_counts_and_for_whom(study: Study, tmp_path: Path) -> None:
    set_sheet(
        study,
        [
            Entry("p01", "A", "joke", 0.0, 1.0, onset_s=0.5),
            Entry("p01", "B", "joke", 2.0, 4.0, face=2),
        ],
    )
    enter_edits(study, {"p01": [Exclude(start_s=2.0, end_s=2.5)]})
    export_tables(study, tmp_path, "parquet")
    table = taken(study, tmp_path, "frames").query("recording == 'p01' and model == 'tiny'")
    a, b = (table[table["participant"] == name] for name in "AB")
    assert (len(a), len(b)) == (10, 20)
    assert a["from_onset_s"].iloc[0] == -0.5
    assert set(b["face"]) == {2}
    assert b["counted"].tolist() == [False] * 5 + [True] * 15
    nobody = table[table["participant"] == ""]
    assert (nobody["seconds"].min(), nobody["seconds"].max()) == (1.0, pytest.approx(1.9))
    assert not nobody["counted"].any()
    other = taken(study, tmp_path, "frames").query("recording == 'p02'")
    assert other["counted"].all()  # the sheet says nothing about it


def test_segments_are_what_counts_between_changes(study: Study, tmp_path: Path) -> None:
    set_sheet(study, [Entry("p01", "A", "joke", 0.5, 4.0, onset_s=1.0, face=1)])
    enter_edits(study, {"p01": [Exclude(start_s=1.0, end_s=1.5)]})
    export_tables(study, tmp_path, "parquet")
    table = taken(study, tmp_path, "segments").query("recording == 'p01' and model == 'tiny'")
    told = table[["expression", "start_s", "end_s", "from_onset_s"]].to_numpy().tolist()
    assert told == [
        ["happy", 0.5, 1.0, -0.5],
        ["happy", 1.5, 2.0, 0.5],
        ["sad", 3.0, 4.0, 2.0],
    ]
    assert table["duration_s"].tolist() == [0.5, 0.5, 1.0]
    assert table["confidence"].tolist() == pytest.approx([0.9, 0.9, 0.9], abs=1e-5)


def test_participants_have_the_figures_of_statistics(study: Study, tmp_path: Path) -> None:
    set_sheet(
        study,
        [Entry("p01", "A", "joke", 1.0, 4.0, face=1), Entry("p02", "A", "calm")],
    )
    enter_edits(study, {"p01": [Baseline(start_s=0, end_s=1)]})
    export_tables(study, tmp_path, "parquet")
    table = taken(study, tmp_path, "participants")
    joke = table.query("condition == 'joke' and model == 'tiny'").iloc[0]
    assert joke["seconds"] == pytest.approx(3.0)
    assert joke["no_face"] == pytest.approx(1 / 3)
    assert joke["share_happy"] == pytest.approx(0.5)
    assert joke["share_sad"] == pytest.approx(0.5)
    assert joke["change_share_happy"] == pytest.approx(-0.5)
    calm = table.query("condition == 'calm' and model == 'tiny'").iloc[0]
    assert calm["share_happy"] == 1.0
    assert np.isnan(calm["change_share_happy"])
    tables, notes = study_tables(study)
    assert notes == ()
    figures = participant_figures(counted_totals(tables))
    both = table.merge(
        figures,
        left_on=["model", "participant", "condition"],
        right_on=["network", "participant", "condition"],
    )
    assert len(both) == 4
    for name in ("share_happy", "mean_sad", "valence", "no_face", "face_s"):
        assert both[f"{name}_x"].tolist() == pytest.approx(both[f"{name}_y"].tolist())


def doubting(time_s: float) -> list[Seen]:
    """Surely happy for a second, then hardly: each of the other six may well be shown."""
    return [Seen(40, Emotion.HAPPY, 0.9 if time_s < 1 else 0.4)]


def test_what_each_answer_is_worth_is_in_every_table(make_study: MakeStudy, tmp_path: Path) -> None:
    study = make_study(videos=1, seconds=4.0, networks=("tiny", "tiny_b"))
    (recording,) = study.recordings()
    write_readings(study, recording, doubting)
    set_sheet(study, [Entry("p01", "A", "film")])
    first, second = study.settings.networks
    told = ExpectedRight(intercept=0.0, weights=dict.fromkeys(FEATURES, 0.0) | {"confidence": 1.0})
    knows = first.model_copy(
        update={"set_threshold": 0.05, "expected_right": told, "unsure_threshold": 0.5}
    )
    study.settings = study.settings.model_copy(
        update={"networks": (knows, second), "smoothed": False}
    )
    export_tables(study, tmp_path, "parquet")
    frames = taken(study, tmp_path, "frames").set_index("model")
    assert frames.loc["tiny", "expected_right"].tolist() == pytest.approx(
        [0.9] * FPS + [0.4] * 3 * FPS, abs=1e-5
    )
    sets = frames.loc["tiny", "prediction_set"].tolist()
    others = " or ".join(label for label in LABELS if label != "happy")
    assert sets == ["happy"] * FPS + [f"happy or {others}"] * 3 * FPS
    assert frames.loc["tiny_b", ["expected_right", "prediction_set"]].isna().all(axis=None)
    segments = taken(study, tmp_path, "segments").query("model == 'tiny'")
    assert segments["expression"].tolist() == ["happy", "unsure"]
    assert segments["expected_right"].tolist() == pytest.approx([0.9, 0.4], abs=1e-5)
    people = taken(study, tmp_path, "participants").set_index("model")
    assert people.loc["tiny", "expected_right"] == pytest.approx((0.9 + 3 * 0.4) / 4, abs=1e-5)
    assert people.loc["tiny", "classes_in_set"] == pytest.approx((1 + 3 * 7) / 4, abs=1e-5)
    assert people.loc["tiny_b", ["expected_right", "classes_in_set"]].isna().all()


def test_what_is_left_out_is_in_no_figure(study: Study) -> None:
    set_sheet(study, [Entry("p01", "A", "joke")])
    before = counted_totals(study_tables(study)[0])
    enter_edits(study, {"p01": [Exclude(start_s=3, end_s=4), Ignore(track_id=2)]})
    after = counted_totals(study_tables(study)[0])
    assert before["seconds"].iloc[0] == pytest.approx(4.0)
    assert before["angry_s"].iloc[0] > 1
    assert after["seconds"].iloc[0] == pytest.approx(3.0)
    assert after["angry_s"].iloc[0] == 0
    assert after["sad_s"].iloc[0] == 0
    assert after["face_s"].iloc[0] == pytest.approx(2.0)


def test_two_participants_in_one_recording(study: Study) -> None:
    set_sheet(study, [Entry("p01", "A", "joke", face=1), Entry("p01", "B", "joke", face=2)])
    totals = counted_totals(study_tables(study)[0]).query("network == 'tiny'")
    totals = totals.set_index("participant")
    assert totals.loc["A", "face_s"] == pytest.approx(3.0)
    assert totals.loc["B", "face_s"] == pytest.approx(2.0)
    assert totals["seconds"].tolist() == pytest.approx([4.0, 4.0])
    assert totals["several_s"].tolist() == [0, 0]


def test_annotations_are_what_a_person_marked(study: Study, tmp_path: Path) -> None:
    enter_edits(
        study,
        {
            "p01": [
                Event(at_s=2, label="joke"),
                Exclude(start_s=1, end_s=1.5, reason="sneezed"),
                Baseline(start_s=0, end_s=1),
                Rename(track_id=1, name="Ann"),
            ]
        },
    )
    export_tables(study, tmp_path)
    table = pd.read_csv(tmp_path / "annotations.csv", keep_default_na=False)
    told = table[["recording", "kind", "start_s", "end_s", "label"]].to_numpy().tolist()
    assert told == [
        ["p01", "baseline", 0.0, 1.0, ""],
        ["p01", "excluded", 1.0, 1.5, "sneezed"],
        ["p01", "event", 2.0, 2.0, "joke"],
    ]


def test_csv_has_what_parquet_has_rounded(study: Study, tmp_path: Path) -> None:
    set_sheet(study, [Entry("p01", "A", "joke"), Entry("p02", "A", "calm")])
    export_tables(study, tmp_path, "csv")
    export_tables(study, tmp_path, "parquet")
    for name, columns in TABLES.items():
        csv, parquet = pd.read_csv(tmp_path / f"{name}.csv"), taken(study, tmp_path, name)
        assert list(csv) == list(parquet)
        assert len(csv) == len(parquet)
        numbers = [c.name for c in columns if c.type in ("float", "double")]
        for number in numbers:
            assert csv[number].to_numpy(float) == pytest.approx(
                parquet[number].to_numpy(float), abs=0.051, nan_ok=True
            )
    again = tmp_path / "again"
    export_tables(study, again, "csv")
    for name in TABLES:
        assert (again / f"{name}.csv").read_bytes() == (tmp_path / f"{name}.csv").read_bytes()


def test_each_column_is_explained(study: Study, tmp_path: Path) -> None:
    export_tables(study, tmp_path)
    for name in TABLES:
        told = json.loads((tmp_path / f"{name}.columns.json").read_text(encoding="utf-8"))
        table = pd.read_csv(tmp_path / f"{name}.csv")
        assert [column["name"] for column in told] == list(table)
        assert all(column["meaning"] and column["type"] for column in told)
        assert len({column["name"] for column in told}) == len(told)


def test_words_that_a_spreadsheet_would_run_are_defused(study: Study, tmp_path: Path) -> None:
    set_sheet(study, [Entry("p01", "=1+1", "a;=HYPERLINK(1)")])
    enter_edits(study, {"p01": [Event(at_s=1, label="@SUM(1)")]})
    export_tables(study, tmp_path / "csv")
    export_tables(study, tmp_path / "parquet", "parquet")
    text = (tmp_path / "csv" / "participants.csv").read_text()
    assert '"\'=1+1","a;\'=HYPERLINK(1)"' in text
    assert "'@SUM(1)" in (tmp_path / "csv" / "annotations.csv").read_text()
    assert set(taken(study, tmp_path / "parquet", "participants")["participant"]) == {"=1+1"}


def test_what_is_missing_is_told_and_the_rest_is_there(
    make_study: MakeStudy, tmp_path: Path
) -> None:
    study = make_study(videos=3, seconds=3.0)
    with pytest.raises(StudyError, match="nothing of this study is read yet"):
        export_tables(study, tmp_path)
    write_readings(study, study.recording("p01"), happy)
    write_readings(study, study.recording("p02"), happy, without=[1])
    set_sheet(study, [Entry("p01", "A", "joke"), Entry("p03", "B", "joke")])
    exported = export_tables(study, tmp_path, "parquet")
    assert set(exported.recordings) == {"p01", "p02"}
    assert [len(parts) for parts in exported.recordings.values()] == [3, 2]
    notes = " ".join(exported.notes)
    assert "p02: 1 of 3 parts are not read yet." in notes
    assert "p02 is not in the sheet." in notes
    assert "p03: nothing of this recording is read yet" in notes
    assert set(taken(study, tmp_path, "frames")["recording"]) == {"p01", "p02"}
    assert set(taken(study, tmp_path, "participants")["participant"]) == {"A"}
    tables, told = study_tables(study)
    assert set(tables.frames["participant"]) == {"A"}
    assert any("p03" in note for note in told)


def test_findings_need_a_sheet(study: Study) -> None:
    with pytest.raises(StudyError, match="nobody is in the sheet yet"):
        study_tables(study)
    assert sheet(study) == ()


def test_smoothed_or_raw_as_the_study_says(study: Study) -> None:
    recording = study.recording("p01")
    raw = assemble(study, recording)
    study.settings = study.settings.model_copy(update={"smoothed": True})
    smoothed = assemble(study, recording)
    assert np.array_equal(raw.probabilities(0), raw.readings.probabilities[0], equal_nan=True)
    assert np.array_equal(smoothed.probabilities(1), raw.assembled.smoothed[1], equal_nan=True)
