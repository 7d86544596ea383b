"""Twenty faces to label: drawn alike for all, taken away, and laid side by side."""

from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import SPLITS, VOTES, Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import DatasetError
from fer_core.evaluation.class_room import (
    FACES,
    LABEL,
    VOTERS,
    Answers,
    answers_csv,
    class_figures,
    draw_faces,
    network_answers,
    read_answers,
    share_interval,
    side_by_side,
)
from fer_core.evaluation.evaluate import grey_logits
from fer_core.zoo import load_classifier
from tests.tiny import write_tiny_folder


def made_up(n: int = 60, *, votes: bool = True) -> Fer2013:
    """All in PublicTest, two the same and one blank; seven of ten voters see "happiness"."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (n, 48, 48), np.uint8)
    pixels[1], pixels[2] = pixels[0], 9
    ballots = np.zeros((n, len(VOTES)), np.uint8)
    ballots[:, VOTES.index("happiness")], ballots[:, VOTES.index("NF")] = 7, 3
    public = np.full(n, SPLITS.index(Split.PUBLIC_TEST), np.uint8)
    return Fer2013(pixels, np.arange(n, dtype=np.int64) % 7, public, ballots if votes else None)


DATA = made_up()
DRAWN = draw_faces(DATA, 7)
MINE = Answers("Ada", DRAWN.labels)


def test_a_seed_draws_the_same_faces_for_everybody() -> None:
    again = draw_faces(made_up(votes=False), 7)
    assert len(DRAWN) == FACES
    assert DRAWN.rows.tolist() == again.rows.tolist(), "whether or not one has the votes"
    assert DRAWN.rows.tolist() != draw_faces(DATA, 8).rows.tolist()
    np.testing.assert_array_equal(DRAWN.faces, DATA.pixels[DRAWN.rows])


def test_no_face_comes_twice_and_none_is_blank() -> None:
    every = draw_faces(DATA, 3, count=1000)
    assert len(every) == len(DATA) - 2
    assert 2 not in every.rows
    assert not {0, 1} <= set(every.rows.tolist())


def test_only_public_test_is_shown() -> None:
    data = Fer2013(DATA.pixels, DATA.labels, np.arange(60, dtype=np.uint8) % 3)
    assert set(data.splits[draw_faces(data, 0).rows]) == {SPLITS.index(Split.PUBLIC_TEST)}
    nothing = Fer2013(DATA.pixels, DATA.labels, np.zeros(60, np.uint8))
    with pytest.raises(DatasetError, match="no face to label"):
        draw_faces(nothing, 0)


def test_people_are_right_as_often_as_their_votes_say() -> None:
    happy = LABELS.index("happy")
    assert DRAWN.people_right == pytest.approx(0.7 * (DRAWN.labels == happy).mean())
    assert draw_faces(made_up(votes=False), 7).people_right is None


def test_a_network_says_what_it_says_of_the_test_set(tmp_path: Path) -> None:
    classifier = load_classifier(write_tiny_folder(tmp_path))
    expected = grey_logits(classifier, DATA.pixels).argmax(axis=1)[DRAWN.rows]
    assert network_answers(classifier, DATA, DRAWN).tolist() == expected.tolist()


def test_answers_come_back_from_their_file() -> None:
    text = answers_csv(DRAWN, MINE, {"tiny": DRAWN.labels})
    found = read_answers(text.encode(), "a.csv", DRAWN)
    assert found.person == "Ada"
    assert found.classes.tolist() == MINE.classes.tolist()
    header, first = (line.split(",") for line in text.splitlines()[:2])
    told = dict(zip(header, first, strict=True))
    label = LABELS[DRAWN.labels[0]]
    assert (told["answer"], told["label"], told["tiny"]) == (label,) * 3
    assert (told["voters_say"], told["voters"]) == ("happy", "10")
    assert told["voters_for_label"] == ("7" if label == "happy" else "0")
    # As a spreadsheet of Windows writes it, and without a name.
    unnamed = answers_csv(DRAWN, Answers("", MINE.classes), {}).replace("\n", "\r\n")
    assert read_answers(b"\xef\xbb\xbf" + unnamed.encode(), "Bo.csv", DRAWN).person == "Bo"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace(",7,", ",8,"), "seed 8"),
        (lambda text: text.replace("fer2013", "mine"), "data set mine"),
        (lambda text: "\n".join(text.splitlines()[:-1]), "other faces"),
        (lambda text: text.replace("Ada", "Ada,"), "cannot be read"),
        (lambda text: text.replace("answer", "said"), "another file"),
        (lambda text: "", "another file"),
        (lambda text: text + "x" * 100_000, "bytes"),
    ],
)
def test_another_file_has_its_sentence(change: object, sentence: str) -> None:
    text = answers_csv(DRAWN, MINE, {})
    with pytest.raises(DatasetError, match=sentence):
        read_answers(change(text).encode(), "a.csv", DRAWN)  # type: ignore[operator]


def test_bytes_that_are_no_text_have_their_sentence() -> None:
    with pytest.raises(DatasetError, match=r"a\.csv"):
        read_answers(b"\xff\xfe\x00", "a.csv", DRAWN)


def test_everybody_side_by_side() -> None:
    other = np.where(np.arange(FACES) < 5, DRAWN.labels, (DRAWN.labels + 1) % 7)
    found = side_by_side(DRAWN, [MINE, Answers("Ada", other)], {LABEL: DRAWN.labels})
    assert found.names == ("Ada", "Ada (2)", LABEL, VOTERS, f"{LABEL} (2)")
    assert found.alike[0].tolist() == pytest.approx(
        [1, 5 / FACES, 1, (DRAWN.labels == LABELS.index("happy")).mean(), 1]
    )


def test_figures_of_a_class() -> None:
    assert class_figures(DRAWN, [MINE]).alike is None
    other = np.where(np.arange(FACES) < 5, DRAWN.labels, (DRAWN.labels + 1) % 7)
    found = class_figures(DRAWN, [MINE, MINE, Answers("Bo", other)])
    assert found.people == 3
    assert found.right == pytest.approx((FACES + FACES + 5) / 3)
    assert found.alike == pytest.approx((1 + 0.25 + 0.25) / 3)
    assert found.kappa is not None
    assert 0 < found.kappa < found.alike


def test_the_interval_of_a_share_is_the_exact_one() -> None:
    assert share_interval(13, 20) == pytest.approx((0.408, 0.846), abs=1e-3)
