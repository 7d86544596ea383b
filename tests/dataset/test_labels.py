"""Words and codes of data sets against our seven classes."""

from pathlib import Path

import pytest

from fer_core.dataset import LabelTable, label_codes, label_table
from fer_core.dataset.labels import plain_word
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import DatasetError


@pytest.mark.parametrize(
    ("words", "emotion"),
    [
        (("anger", "Angry", "AN", "ANG", "0_angry", "angry-12", "Wut"), Emotion.ANGRY),
        (("Disgust", "disgusted", "DI", "DIS"), Emotion.DISGUST),
        (("fear", "afraid", "AF", "FE", "fearful", "FEA"), Emotion.FEAR),
        (("HAPPINESS", " happy ", "03. Happy", "HA", "joy"), Emotion.HAPPY),
        (("sadness", "SAD", "SA", "Trauer"), Emotion.SAD),
        (("surprised", "SU", "Überraschung", "U\u0308berraschung"), Emotion.SURPRISE),
        (("neutral", "NE", "NEU", "neutral (2)"), Emotion.NEUTRAL),
    ],
)
def test_what_every_data_set_means(words: tuple[str, ...], emotion: Emotion) -> None:
    assert {label_table().get(word) for word in words} == {emotion}


def test_other_expressions_are_known_and_left_out_and_numbers_are_never_guessed() -> None:
    table = label_table()
    assert "contempt" in table
    assert "No-Face" in table
    assert table.get("contempt") is table.get("No-Face") is None
    for word in ("3", "W", "euphoric", "", "happy sad"):
        assert word not in table
        assert table.get(word) is None


def said(table: LabelTable, word: str) -> str | None:
    emotion = table.get(word)
    return None if emotion is None else emotion.label


@pytest.mark.parametrize(
    ("code", "in_order"),
    [
        ("fer2013", ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")),
        ("affectnet", ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", None)),
        ("ferplus", ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", None)),
        ("ckplus", ("neutral", "angry", None, "disgust", "fear", "happy", "sad", "surprise")),
        ("rafdb", (..., "surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")),
        (
            "ravdess",
            (..., "neutral", None, "happy", "sad", "angry", "fear", "disgust", "surprise"),
        ),
    ],
)
def test_codes_of_data_sets(code: str, in_order: tuple[object, ...]) -> None:
    table = label_table(code)
    for number, label in enumerate(in_order):
        for word in (str(number), f"{number:02d}"):
            if label is ...:
                assert word not in table
            else:
                assert word in table
                assert said(table, word) == label
    assert table.get("happiness") is Emotion.HAPPY


def test_letters_of_emodb() -> None:
    table = label_table("emodb")
    assert [said(table, letter) for letter in "WEAFTNL"] == [
        "angry",
        "disgust",
        "fear",
        "happy",
        "sad",
        "neutral",
        None,
    ]


def test_a_table_of_ones_own_goes_before_the_words(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Label;Class\n3;anger\nsmirk;happy\nsad;left out\n calm ; Neutral\npain;\n")
    table = label_table(str(path))
    assert table.get("03") is Emotion.ANGRY
    assert table.get("Smirk") is Emotion.HAPPY
    assert table.get("calm") is Emotion.NEUTRAL
    assert "sad" in table
    assert table.get("sad") is table.get("pain") is None
    assert table.get("fear") is Emotion.FEAR


@pytest.mark.parametrize("code", [None, *label_codes()])
def test_the_printed_table_given_back_is_the_same(code: str | None, tmp_path: Path) -> None:
    table = label_table(code)
    (tmp_path / "map.csv").write_text(table.to_csv(), encoding="utf-8")
    assert label_table(str(tmp_path / "map.csv")).classes == table.classes
    assert {e.label for e in table.classes.values() if e is not None} == set(LABELS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("label,class\nsmirk,delighted\n", "row 2.*angry, disgust.*delighted"),
        ("label,class\nsmirk,happy\nSmirk,sad\n", "row 3.*two classes"),
        ("label,meaning\nsmirk,happy\n", "no class among label, meaning"),
        ("", "empty"),
        ("<html>", "web page"),
    ],
)
def test_a_table_that_cannot_be_used(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=f"(?s){words}"):
        label_table(str(path))


def test_a_code_that_nobody_has() -> None:
    with pytest.raises(DatasetError, match=r"affectnet.*received imagenet.*data labels"):
        label_table("imagenet")


def test_the_documented_table_is_the_one_that_ships() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "datasets.md").read_text("utf-8")
    rows = [[cell.strip(" `*") for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    told = {row[0]: row[1:] for row in rows if row}
    words = label_table().classes
    for column, name in enumerate([*LABELS, "left out"]):
        emotion = None if name == "left out" else Emotion(column)
        expected = {word for word, meaning in words.items() if meaning is emotion}
        assert {plain_word(word) for word in told[name][0].split(", ")} == expected
        for code in label_codes():
            own = {w: m for w, m in label_table(code).classes.items() if w not in words}
            expected = {word for word, meaning in own.items() if meaning is emotion}
            cell = told[code][column]
            assert {plain_word(word) for word in cell.split(", ") if word} == expected
