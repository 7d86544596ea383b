"""The small description of the data set that may be shown without having it.

It ships as `SUMMARY_FILE` and holds counts and averages over hundreds of faces, never an image of
one person.
"""

import base64
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from fer_core.dataset.fer2013 import SIDE_PX, SPLITS, Fer2013, Split
from fer_core.dataset.ferplus import MAJORITIES, majority
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import DatasetError
from fer_core.storage.atomic import write_text

SUMMARY_FILE = Path(__file__).resolve().parent / "fer2013_summary.json"
"""The summary that ships; `data describe` writes it."""

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Spread(BaseModel):
    """Where a figure of many images lies, in grey levels 0-255.

    Attributes:
        low, high: a twentieth of the images lies below and above.
        lower, upper: quartiles.
        middle: median.
    """

    model_config = _FROZEN

    low: float
    lower: float
    middle: float
    upper: float
    high: float


class FerPlusCounts(BaseModel):
    """FER2013's labels against FER+'s majorities.

    Attributes:
        counts: images by label, then by majority (`MAJORITIES`), over all splits.
    """

    model_config = _FROZEN

    counts: dict[str, dict[str, int]]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if tuple(self.counts) != LABELS or any(
            tuple(row) != MAJORITIES for row in self.counts.values()
        ):
            raise ValueError("counts: expected a row for each label, a column for each majority")
        return self

    @property
    def table(self) -> NDArray[np.int64]:
        """(7, 11) counts: rows in the order of `Emotion`, columns in that of `MAJORITIES`."""
        return np.array([list(row.values()) for row in self.counts.values()], np.int64)

    @property
    def agreement(self) -> float:
        """Share of all images whose majority is their label; a tie does not agree."""
        table = self.table
        return float(np.trace(table) / max(table.sum(), 1))

    @property
    def agreement_where_clear(self) -> float:
        """The same among images whose majority is one of the seven classes."""
        seven = self.table[:, : len(LABELS)]
        return float(np.trace(seven) / max(seven.sum(), 1))


class DatasetSummary(BaseModel):
    """Counts and averages of a data set.

    Attributes:
        class_counts: images by split and class.
        blank: blank images by split.
        twins: test images that are pixel-identical to a training image, by split.
        duplicates: images beyond the first of their pixels, in the whole data set.
        contradicting: images that occur again, pixel for pixel, under another label.
        ferplus_agreement: share of images whose FER+ majority is their FER2013 label; None
            where no votes were imported.
        ferplus: labels against majorities; None likewise.
        mean_faces: base64 of 48x48 uint8 grey levels, row by row, for each class: the mean of its
            training images without blank ones; classes without an image are left out.
        brightness: mean grey level of an image, by class, over the same images.
        contrast: standard deviation of an image's grey levels, likewise.
    """

    model_config = _FROZEN

    fingerprint: str
    class_counts: dict[str, dict[str, int]]
    blank: dict[str, int]
    twins: dict[str, int]
    duplicates: int
    contradicting: int
    ferplus_agreement: float | None
    ferplus: FerPlusCounts | None
    mean_faces: dict[str, str]
    brightness: dict[str, Spread]
    contrast: dict[str, Spread]

    @property
    def images(self) -> dict[str, int]:
        """Images of each split."""
        return {split: sum(counts.values()) for split, counts in self.class_counts.items()}

    def mean_face(self, emotion: Emotion) -> NDArray[np.uint8] | None:
        """(48, 48) uint8 mean training face of a class; None where the class has no image.

        Raises:
            DatasetError: the stored text is not such a face.
        """
        text = self.mean_faces.get(emotion.label)
        if text is None:
            return None
        try:
            values = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
            return values.reshape(SIDE_PX, SIDE_PX)
        except ValueError as error:
            raise DatasetError(
                "the mean face cannot be read",
                where=f"summary, {emotion.label}",
                expected=f"base64 of {SIDE_PX**2} bytes",
                received=f"{len(text)} characters",
                remedy="Write it again: python -m fer_core data describe",
            ) from error

    def save(self, path: Path) -> None:
        """Write the summary as JSON, in one step (about 25 kB).

        Raises:
            StorageError: it cannot be written.
        """
        write_text(path, self.model_dump_json(indent=1) + "\n")

    def text(self) -> str:
        """A table for the terminal."""
        width = max(len(label) for label in LABELS)
        head = " ".join(f"{label:>{width}}" for label in (*LABELS, "all"))
        lines = [f"{'':12}{head}"]
        for split, counts in self.class_counts.items():
            numbers = [*counts.values(), sum(counts.values())]
            lines.append(f"{split:12}" + " ".join(f"{number:>{width},}" for number in numbers))
        lines += [
            "",
            *(f"{split}: {count} blank" for split, count in self.blank.items() if count),
            *(
                f"{split}: {count} pixel-identical to training images"
                for split, count in self.twins.items()
                if count
            ),
            f"{self.duplicates:,} images repeat an earlier one",
            f"{self.contradicting:,} images occur again under another label",
            *(
                [f"FER+ majority agrees with the label on {self.ferplus_agreement:.1%}"]
                if self.ferplus_agreement is not None
                else []
            ),
            f"fingerprint {self.fingerprint}",
        ]
        return "\n".join(lines)


def load_summary(path: Path = SUMMARY_FILE) -> DatasetSummary:
    """Read the summary that ships.

    Raises:
        DatasetError: it is missing or not a summary.
    """
    try:
        return DatasetSummary.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DatasetError(
            "the summary of the data set cannot be read",
            where=path.name,
            received=str(error).splitlines()[0],
            remedy="Restore the file, or with FER2013 run: python -m fer_core data describe",
        ) from error


def describe(data: Fer2013) -> DatasetSummary:
    """Count and average a data set (about 2 s for all of FER2013)."""
    of_split = {split.value: data.rows(split) for split in SPLITS}
    ferplus = _ferplus(data)
    training = data.rows(Split.TRAINING, without_blank=True)
    of_class = {
        emotion.label: rows
        for emotion in Emotion
        if len(rows := training[data.labels[training] == emotion])
    }
    flat = data.pixels.reshape(len(data), -1)
    return DatasetSummary(
        fingerprint=data.fingerprint,
        class_counts={split.value: data.class_counts(split) for split in SPLITS},
        blank={name: int(data.blank[rows].sum()) for name, rows in of_split.items()},
        twins={name: int(data.twins[rows].sum()) for name, rows in of_split.items()},
        duplicates=len(data) - len(np.unique(data.groups)),
        contradicting=_contradicting(data),
        ferplus_agreement=ferplus.agreement if ferplus else None,
        ferplus=ferplus,
        mean_faces={label: _mean_face(flat[rows]) for label, rows in of_class.items()},
        brightness={label: _spread(flat[rows].mean(axis=1)) for label, rows in of_class.items()},
        contrast={label: _spread(flat[rows].std(axis=1)) for label, rows in of_class.items()},
    )


def _contradicting(data: Fer2013) -> int:
    seen = np.zeros((int(data.groups.max()) + 1, len(LABELS)), bool)
    seen[data.groups, data.labels] = True
    return int((seen.sum(axis=1) > 1)[data.groups].sum())


def _mean_face(flat: NDArray[np.uint8]) -> str:
    # Not compressed: 3 kB a face are little, and compressors differ between machines, while this
    # text has to come out the same wherever it is computed.
    mean = np.rint(flat.sum(axis=0, dtype=np.int64) / len(flat)).astype(np.uint8)
    return base64.b64encode(mean.tobytes()).decode("ascii")


def _spread(values: NDArray[np.float64]) -> Spread:
    low, lower, middle, upper, high = np.quantile(values, _QUANTILES).round(1).tolist()
    return Spread(low=low, lower=lower, middle=middle, upper=upper, high=high)


def _ferplus(data: Fer2013) -> FerPlusCounts | None:
    if data.votes is None:
        return None
    table = np.zeros((len(LABELS), len(MAJORITIES)), np.int64)
    np.add.at(table, (data.labels, majority(data.votes)), 1)
    return FerPlusCounts(
        counts={
            label: dict(zip(MAJORITIES, row, strict=True))
            for label, row in zip(LABELS, table.tolist(), strict=True)
        }
    )
