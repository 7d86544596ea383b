"""Any data set becomes three splits, and who was learned from is not who is kept back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013, NamedDataset, Split, load_named
from fer_core.dataset.learning import SHARE, as_splits, learning_splits
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError
from fer_core.runs.faces import (
    DRAWN,
    count_faces,
    drawn_faces,
    faces_digest,
    has_votes,
    learning_names,
    load_faces,
)
from tests.runs.made import named_faces
from tests.tiny import tiny_dataset


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NamedDataset:
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    return named_faces(tmp_path / "mine.npz")


def test_persons_are_in_one_split_each(named: NamedDataset) -> None:
    splits = learning_splits(named)
    assert np.array_equal(splits, learning_splits(named))
    for person in np.unique(named.persons):
        assert len(np.unique(splits[named.persons == person])) == 1
    people = len(np.unique(named.persons))
    for split in (1, 2):
        kept = len(np.unique(named.persons[splits == split]))
        assert kept == round(SHARE * people)


def test_what_the_data_set_says_itself_counts(named: NamedDataset) -> None:
    own = np.zeros(len(named), np.uint8)
    own[::4], own[1::4] = 3, 2  # test and validation; the rest says nothing
    splits = learning_splits(replace(named, splits=own))
    assert np.array_equal(splits == 2, own == 3)
    assert np.array_equal(splits == 1, own == 2)


def test_a_face_that_was_not_found_is_not_learned_from(named: NamedDataset) -> None:
    found = np.ones(len(named), bool)
    found[:7] = False
    assert len(as_splits(replace(named, found=found))) == len(named) - 7


def test_too_few_faces_and_one_class_have_their_sentences(named: NamedDataset) -> None:
    few = np.zeros(len(named), bool)
    few[:10] = True
    with pytest.raises(DatasetError, match="too few faces to train on"):
        as_splits(replace(named, found=few))
    with pytest.raises(DatasetError, match=r"from one class.*angry only"):
        as_splits(replace(named, labels=np.zeros(len(named), np.int64)))


def test_names_are_those_that_are_here(named: NamedDataset, tmp_path: Path) -> None:
    assert learning_names() == ("mine", DRAWN)
    tiny_dataset(tmp_path / "fer2013.npz")
    assert learning_names() == ("fer2013", "mine", DRAWN)
    assert not has_votes()
    assert count_faces("mine") == tuple(
        len(as_splits(load_named("mine")).rows(split))
        for split in (Split.TRAINING, Split.PUBLIC_TEST)
    )


def test_the_digest_tells_whether_a_data_set_is_still_the_same(
    named: NamedDataset, tmp_path: Path
) -> None:
    before = faces_digest("mine")
    named_faces(tmp_path / "mine.npz", seed=1)
    assert faces_digest("mine") != before
    assert faces_digest(DRAWN) == ""
    (tmp_path / "mine.npz").unlink()
    with pytest.raises(DatasetError, match="there is no such data set"):
        faces_digest("mine")


def test_drawn_faces_are_the_same_each_time_and_of_all_classes() -> None:
    one, two = drawn_faces(70), drawn_faces(70)
    assert one.fingerprint == two.fingerprint
    assert set(one.class_counts(Split.TRAINING)) == set(LABELS)
    assert min(one.class_counts(Split.TRAINING).values()) > 0
    assert not one.blank.any()


@pytest.mark.slow
def test_drawn_faces_are_counted_without_drawing_them(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = count_faces(DRAWN)
    faces: Fer2013 = load_faces(DRAWN)
    learned = faces.rows(Split.TRAINING, without_blank=True)
    assert counted == (len(learned), len(faces.rows(Split.PUBLIC_TEST)))
