"""The summary that ships, and which images are shown: by hand, and against the real data set."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.dataset import (
    MAJORITIES,
    SUMMARY_FILE,
    VOTES,
    DatasetSummary,
    Fer2013,
    Split,
    describe,
    doubtful_labels,
    load_summary,
    majority,
    ordered_votes,
    sample_rows,
)
from fer_core.dataset.ferplus import TIE, VOTE_WORDS
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError, DatasetError


def ballot(**votes: int) -> list[int]:
    """Votes of one image in FER+'s order, by FER+'s names."""
    return [votes.get(name, 0) for name in VOTES]


@pytest.fixture
def data() -> Fer2013:
    """Four training images (one blank, two identical under two labels), one twin in each test."""
    face = np.tile(np.arange(48, dtype=np.uint8), (48, 1))
    pixels = np.stack([face, face, face + 100, np.full((48, 48), 9, np.uint8), face, face + 7])
    labels = np.array([Emotion.HAPPY, Emotion.SAD, Emotion.HAPPY, Emotion.HAPPY, 3, 6])
    votes = np.array(
        [
            ballot(happiness=10),
            ballot(happiness=9, sadness=1),
            ballot(neutral=5, happiness=5),
            ballot(NF=10),
            ballot(contempt=6, happiness=4),
            ballot(neutral=4, anger=3, fear=3),
        ],
        np.uint8,
    )
    splits = np.array([0, 0, 0, 0, 1, 2], np.uint8)
    return Fer2013(pixels, labels.astype(np.int64), splits, votes)


def test_majorities_by_hand(data: Fer2013) -> None:
    assert data.votes is not None
    words = [MAJORITIES[index] for index in majority(data.votes)]
    assert words == ["happy", "happy", "tie", "no face", "contempt", "neutral"]
    assert ordered_votes(data.votes)[5, Emotion.FEAR] == 3
    assert majority(np.empty((0, 10), np.uint8)).shape == (0,)
    with pytest.raises(ContractError):
        majority(np.zeros((2, 7), np.uint8))


def test_each_vote_has_one_word_and_the_classes_come_first() -> None:
    assert tuple(VOTE_WORDS) == VOTES
    assert sorted(VOTE_WORDS.values()) == sorted(MAJORITIES[:TIE])
    assert MAJORITIES[: len(LABELS)] == LABELS


def test_summary_by_hand(data: Fer2013) -> None:
    summary = describe(data)
    assert summary.images == {"Training": 4, "PublicTest": 1, "PrivateTest": 1}
    assert summary.blank["Training"] == 1
    assert (summary.twins["PublicTest"], summary.twins["PrivateTest"]) == (1, 0)
    assert summary.duplicates == 2
    assert summary.contradicting == 3
    assert summary.ferplus is not None
    assert summary.ferplus.counts["happy"]["tie"] == 1
    assert summary.ferplus.table.sum() == 6
    assert summary.ferplus_agreement == summary.ferplus.agreement == pytest.approx(2 / 6)
    assert summary.ferplus.agreement_where_clear == pytest.approx(2 / 3)
    assert "3 images occur again under another label" in summary.text()


def test_mean_faces_leave_out_blank_images_and_empty_classes(data: Fer2013) -> None:
    summary = describe(data)
    happy = summary.mean_face(Emotion.HAPPY)
    assert happy is not None
    assert happy.dtype == np.uint8
    assert happy[0].tolist() == [column + 50 for column in range(48)]
    assert set(summary.mean_faces) == set(summary.brightness) == {"happy", "sad"}
    assert summary.mean_face(Emotion.FEAR) is None
    assert summary.brightness["sad"].middle == 23.5
    assert summary.contrast["sad"].low == summary.contrast["sad"].high == 13.9


def test_a_damaged_mean_face_is_named(data: Fer2013) -> None:
    broken = describe(data).model_copy(update={"mean_faces": {"happy": "AAAA"}})
    with pytest.raises(DatasetError, match="happy"):
        broken.mean_face(Emotion.HAPPY)


def test_a_saved_summary_comes_back(data: Fer2013, tmp_path: Path) -> None:
    without_votes = Fer2013(data.pixels, data.labels, data.splits)
    for number, summary in enumerate((describe(data), describe(without_votes))):
        path = tmp_path / f"{number}" / "summary.json"
        summary.save(path)
        assert load_summary(path) == summary
        assert [file.name for file in path.parent.iterdir()] == ["summary.json"]
    assert describe(without_votes).ferplus is None


def test_a_data_set_without_training_images(data: Fer2013) -> None:
    summary = describe(Fer2013(data.pixels[4:], data.labels[4:], data.splits[4:]))
    assert summary.contradicting == 0
    assert summary.mean_faces == summary.contrast == {}


@pytest.mark.parametrize("content", ["", "{}", '{"fingerprint": 1}'])
def test_a_damaged_summary_is_answered_in_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "summary.json").write_text(content)
    with pytest.raises(DatasetError, match="data describe"):
        load_summary(tmp_path / "summary.json")
    with pytest.raises(DatasetError, match="data describe"):
        load_summary(tmp_path / "missing.json")


def test_votes_in_another_order_are_refused(data: Fer2013) -> None:
    values = json.loads(describe(data).model_dump_json())
    rows = values["ferplus"]["counts"]
    values["ferplus"]["counts"] = dict(reversed(rows.items()))
    with pytest.raises(ValueError, match="row for each label"):
        DatasetSummary.model_validate(values)


def test_samples_are_of_the_class_and_repeatable(data: Fer2013) -> None:
    happy = sample_rows(data, split=Split.TRAINING, label=Emotion.HAPPY, count=2, seed=1)
    assert set(happy) < {0, 2, 3}
    assert len(set(happy)) == 2
    again = sample_rows(data, split=Split.TRAINING, label=Emotion.HAPPY, count=2, seed=1)
    assert happy.tolist() == again.tolist()
    drawn = {tuple(sample_rows(data, split=Split.TRAINING, seed=seed)) for seed in range(9)}
    assert len(drawn) > 1
    assert all(sorted(rows) == [0, 1, 2, 3] for rows in drawn)
    assert not len(sample_rows(data, split=Split.PUBLIC_TEST, label=Emotion.FEAR))


def test_doubtful_labels_come_clearest_first(data: Fer2013) -> None:
    found = doubtful_labels(data)
    assert found.rows.tolist() == [1, 4]  # lead of 8 votes, lead of 2; no tie, no "no face"
    assert found.votes_of(0) == [("happy", 9), ("sad", 1)]
    assert found.votes_of(1) == [("contempt", 6), ("happy", 4)]
    assert doubtful_labels(data, label=Emotion.SAD).rows.tolist() == [1]
    assert doubtful_labels(data, said=MAJORITIES.index("no face")).rows.tolist() == [3]
    without_votes = Fer2013(data.pixels, data.labels, data.splits)
    assert len(doubtful_labels(without_votes)) == 0


def test_describe_writes_only_where_it_is_told(
    data: Fer2013, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "fer2013.npz", tmp_path / "summary.json"
    data.save(path)
    monkeypatch.setenv("MIEN_DATASET", str(path))
    shipped = SUMMARY_FILE.read_bytes()
    printed = CliRunner().invoke(app, ["data", "describe", "--json"])
    assert printed.exit_code == 0, printed.output
    assert DatasetSummary.model_validate_json(printed.stdout) == describe(data)
    assert SUMMARY_FILE.read_bytes() == shipped
    told = CliRunner().invoke(app, ["data", "describe", "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert load_summary(out) == describe(data)
    assert SUMMARY_FILE.read_bytes() == shipped


def test_the_shipped_summary_is_small_and_whole() -> None:
    summary = load_summary()
    assert SUMMARY_FILE.stat().st_size < 200_000
    assert summary.images == {"Training": 28_709, "PublicTest": 3_589, "PrivateTest": 3_589}
    assert summary.ferplus is not None
    assert summary.ferplus.table.sum() == 35_887
    faces = [summary.mean_face(emotion) for emotion in Emotion]
    assert all(face is not None and face.std() > 5 for face in faces)


@pytest.mark.dataset
def test_the_shipped_summary_is_what_describe_computes(fer2013: Fer2013) -> None:
    shipped, computed = load_summary(), describe(fer2013)
    assert computed.class_counts == shipped.class_counts
    if computed.fingerprint != shipped.fingerprint:
        pytest.skip("another copy of FER2013: its figures differ where its pixels do")
    # A CSV may come without FER+; the votes are then compared wherever they are imported.
    votes = {"ferplus", "ferplus_agreement"} if computed.ferplus is None else set()
    assert computed.model_dump(exclude=votes) == shipped.model_dump(exclude=votes)
