"""Edits by themselves: what a list of them comes to, and what cannot be."""

import numpy as np
import pytest

from fer_core.errors import StudyError
from fer_core.pipeline.recording import Marker
from fer_core.studies.edits import (
    EDIT,
    Baseline,
    Edit,
    Event,
    Exclude,
    Ignore,
    Merge,
    Rename,
    Split,
    edit_of,
    edit_words,
)
from fer_core.studies.mending import Mending, Tracks, applicable

IDS = np.array([1, 2, 1, 2, 1, 3, 3], np.int64)
TIMES = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 4.0])


def tracks() -> Tracks:
    """Faces 1 and 2 together for two seconds, 1 for three, then 3 for two."""
    return Tracks(IDS, TIMES, 5.0)


@pytest.mark.parametrize(
    ("edits", "mended"),
    [
        ([Merge(track_id=3, into=1)], [1, 2, 1, 2, 1, 1, 1]),
        ([Split(track_id=1, at_s=1.5, becomes=4)], [1, 2, 1, 2, 4, 3, 3]),
        (  # confused when they crossed at 0.5 s: each goes on as the other
            [
                Split(track_id=1, at_s=0.5, becomes=4),
                Split(track_id=2, at_s=0.5, becomes=5),
                Merge(track_id=5, into=1),
                Merge(track_id=4, into=2),
            ],
            [1, 2, 2, 1, 2, 3, 3],
        ),
        (
            [Merge(track_id=3, into=1), Split(track_id=1, at_s=3.5, becomes=3)],
            [1, 2, 1, 2, 1, 1, 3],
        ),
    ],
)
def test_tracks_are_merged_and_split_in_order(edits: list[Edit], mended: list[int]) -> None:
    kept, problems = applicable(edits, tracks())
    assert (list(kept), problems) == (edits, ())
    assert Mending.of(kept).relabel(IDS, TIMES).tolist() == mended
    assert IDS.tolist() == [1, 2, 1, 2, 1, 3, 3]


def test_what_a_list_comes_to() -> None:
    mending = Mending.of(
        [
            Rename(track_id=1, name="Ann"),
            Rename(track_id=1, name="Anna"),
            Ignore(track_id=2),
            Exclude(start_s=3, end_s=4),
            Exclude(start_s=1, end_s=2),
            Exclude(start_s=1.5, end_s=2.5, reason="sneezed"),
            Baseline(start_s=0, end_s=1),
            Baseline(start_s=0.5, end_s=1),
            Event(at_s=4, label="end"),
            Event(at_s=0.2, label="joke"),
        ]
    )
    assert mending.names == {1: "Anna"}
    assert mending.excluded == ((1, 2.5), (3, 4))
    assert mending.baseline == (0.5, 1)
    assert mending.events == (Marker(0.2, "joke"), Marker(4, "end"))
    assert mending.is_ignored(IDS).tolist() == [False, True, False, True, False, False, False]
    assert mending.is_excluded(np.array([0.9, 1.0, 2.4, 2.5, 3.0, 4.0])).tolist() == [
        *(False, True, True, False),
        *(True, False),
    ]


@pytest.mark.parametrize(
    ("before", "edit", "why"),
    [
        ([], Merge(track_id=2, into=1), "both seen in 2 frames, first at 0.00 s"),
        ([], Merge(track_id=9, into=1), "there is no face 9; there are: 1, 2, 3"),
        ([], Merge(track_id=1, into=1), "itself"),
        ([Merge(track_id=3, into=1)], Ignore(track_id=3), "there is no face 3"),
        ([], Split(track_id=3, at_s=3.0), "seen from 3.00 to 4.00 s"),
        ([], Split(track_id=3, at_s=9.0), "seen from 3.00 to 4.00 s"),
        ([], Split(track_id=1, at_s=1.0, becomes=3), "there is a face 3 already"),
        ([Rename(track_id=1, name="Ann")], Rename(track_id=2, name="Ann"), "face 1 is called Ann"),
        ([Ignore(track_id=1)], Ignore(track_id=1), "does not count already"),
        ([], Exclude(start_s=2, end_s=2), "ends at 2 s, before it starts"),
        ([], Baseline(start_s=2, end_s=60), "60 s, and the recording lasts 5.0 s"),
        ([], Event(at_s=60, label="x"), "60 s, and the recording lasts 5.0 s"),
    ],
)
def test_what_cannot_be_is_told(before: list[Edit], edit: Edit, why: str) -> None:
    kept, problems = applicable([*before, edit], tracks())
    assert list(kept) == before
    assert problems[0].startswith(f"{edit_words(edit)}: not applied, ")
    assert why in problems[0]


def test_a_split_gets_an_id_that_nobody_had() -> None:
    seen = tracks()
    seen.reserve([Split(track_id=1, at_s=1.0, becomes=7)])  # taken back, and may be redone
    assert seen.apply(Split(track_id=1, at_s=1.5)) == Split(track_id=1, at_s=1.5, becomes=8)
    assert seen.apply(Split(track_id=2, at_s=0.5)) == Split(track_id=2, at_s=0.5, becomes=9)


def test_edits_come_back_from_json() -> None:
    for edit in (
        Rename(track_id=1, name="Ann"),
        Split(track_id=1, at_s=1.5, becomes=4),
        Exclude(start_s=1, end_s=2, reason="sneezed"),
        Event(at_s=4, label="end"),
    ):
        assert EDIT.validate_json(edit.model_dump_json()) == edit
        assert edit_of(edit.model_dump(), "here") == edit


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"kind": "paint"}, "paint"),
        ({"kind": "merge", "track_id": 2}, "into"),
        ({"kind": "merge", "track_id": 0, "into": 1}, "greater than or equal to 1"),
        ({"kind": "event", "at_s": -1, "label": "x"}, "at_s"),
        ({"kind": "event", "at_s": float("nan"), "label": "x"}, "at_s"),
        ({"kind": "event", "at_s": 1, "label": " "}, "label"),
        ({"kind": "ignore", "track_id": 1, "color": "red"}, "color"),
        ("merge", "valid"),
    ],
)
def test_something_else_is_no_edit(value: dict[str, object], why: str) -> None:
    with pytest.raises(StudyError, match=r"edits\.json: this is no edit") as caught:
        edit_of(value, "edits.json")
    assert why in str(caught.value)
