"""Which of the seven classes a data set's own word or code means: a table that anybody can read.

``label_words.csv`` holds what every data set agrees on (anger, angry, AN) under the code "words",
and, each under a code of its own, numbers and letters that mean something else in each. A number is
never guessed: 3 is happy in FER2013, surprise in AffectNet and disgust in RAF-DB.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fer_core.dataset.archive import open_members
from fer_core.dataset.tables import read_rows
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import DatasetError

LABEL_WORDS_FILE = Path(__file__).resolve().parent / "label_words.csv"
WORDS = "words"
"""The code of what means the same in every data set."""

LEFT_OUT = "left out"
"""Said of a label that means none of the seven classes."""

_COLUMNS = ("label", "class")
_SHIPPED_COLUMNS = ("code", *_COLUMNS)


def plain_word(word: str) -> str:
    """A label as it is looked up: ``03_Happy`` and ``happy`` are one, and so are ``03`` and ``3``.

    Case, signs between words and numbers around them are dropped; a number alone stays.
    """
    text = re.sub(r"[\s_.()-]+", " ", unicodedata.normalize("NFKC", word).casefold()).strip()
    if text.isdecimal():
        return str(int(text))
    return re.sub(r"^[\d ]+|[\d ]+$", "", text)


@dataclass(frozen=True, slots=True)
class LabelTable:
    """What labels mean.

    Attributes:
        name: the code or file that it comes from, for sentences.
        classes: plain word -> class; None for a label that is left out.
    """

    name: str
    classes: Mapping[str, Emotion | None]

    def __contains__(self, word: str) -> bool:
        return plain_word(word) in self.classes

    def get(self, word: str) -> Emotion | None:
        """The class of a word; None where it is left out or not known."""
        return self.classes.get(plain_word(word))

    def to_csv(self) -> str:
        """The table as a person may change it and give it back: label, class."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(
            (word, LEFT_OUT if emotion is None else emotion.label)
            for word, emotion in self.classes.items()
        )
        return text.getvalue()


def label_codes() -> tuple[str, ...]:
    """Codes of the table that ships, without `WORDS`."""
    return tuple(sorted(_shipped().keys() - {WORDS}))


def label_table(name: str | None = None) -> LabelTable:
    """The shipped words, and what a code or a person's own table says beside or against them.

    Args:
        name: one of `label_codes`, or a CSV with the columns label and class; a class is one of
            ours, a word that means one, or "left out". None: the words alone.

    Raises:
        DatasetError: no such code or file, or a table that cannot be used.
    """
    shipped = _shipped()
    words = shipped[WORDS]
    if name is None:
        return LabelTable(WORDS, words)
    if name in shipped:
        return LabelTable(name, words | shipped[name])
    path = Path(name)
    if not path.is_file():
        raise DatasetError(
            "there is no such table of labels",
            expected=f"{', '.join(label_codes())}, or a CSV file with the columns label and class",
            received=name,
            remedy="Print one to begin with: python -m fer_core data labels",
        )
    return LabelTable(path.name, words | _own(path, words))


def _shipped() -> dict[str, dict[str, Emotion | None]]:
    tables: dict[str, dict[str, Emotion | None]] = {}
    with LABEL_WORDS_FILE.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            emotion = Emotion(LABELS.index(row["class"])) if row["class"] else None
            tables.setdefault(row["code"], {})[plain_word(row["label"])] = emotion
    return tables


def _own(path: Path, words: Mapping[str, Emotion | None]) -> dict[str, Emotion | None]:
    found: dict[str, Emotion | None] = {}
    with open_members(path) as members:
        for number, row in read_rows(members[0], path, _COLUMNS):
            word, meaning = plain_word(row["label"]), row["class"].strip()
            if not word:
                continue
            emotion = words.get(plain_word(meaning))
            if emotion is None and meaning not in ("", "-", LEFT_OUT):
                raise DatasetError(
                    "unknown class",
                    where=f"{path.name}, row {number}",
                    expected=f"{', '.join(LABELS)} or {LEFT_OUT}",
                    received=meaning,
                    remedy="Write one of these words in that row.",
                )
            if word in found and found[word] != emotion:
                raise DatasetError(
                    "a label has two classes",
                    where=f"{path.name}, row {number}",
                    expected="one row for each label",
                    received=row["label"],
                    remedy="Case, signs and numbers around a word do not tell labels apart.",
                )
            found[word] = emotion
    return found


def numbers_only(words: Iterable[str]) -> bool:
    """Whether labels are bare numbers or single letters, which need a code."""
    plain = [plain_word(word) for word in words]
    return bool(plain) and all(word.isdecimal() or len(word) == 1 for word in plain)
