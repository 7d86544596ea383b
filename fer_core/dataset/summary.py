"""The small description of the data set that may be shown without having it."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from fer_core.dataset.fer2013 import SPLITS, VOTES, Fer2013
from fer_core.emotions import LABELS

_VOTE_LABELS = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprise",
    "neutral": "neutral",
}
"""FER+ names of the classes that FER2013 has too."""


class DatasetSummary(BaseModel):
    """Counts of a data set.

    Attributes:
        class_counts: images by split and class.
        blank: blank images by split.
        twins: test images that are pixel-identical to a training image, by split.
        duplicates: images beyond the first of their pixels, in the whole data set.
        ferplus_agreement: share of images whose FER+ majority is their FER2013 label; None
            where no votes were imported.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    class_counts: dict[str, dict[str, int]]
    blank: dict[str, int]
    twins: dict[str, int]
    duplicates: int
    ferplus_agreement: float | None

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
            *(
                [f"FER+ majority agrees with the label on {self.ferplus_agreement:.1%}"]
                if self.ferplus_agreement is not None
                else []
            ),
            f"fingerprint {self.fingerprint}",
        ]
        return "\n".join(lines)


def describe(data: Fer2013) -> DatasetSummary:
    """Count a data set."""
    of_split = {split.value: data.rows(split) for split in SPLITS}
    return DatasetSummary(
        fingerprint=data.fingerprint,
        class_counts={split.value: data.class_counts(split) for split in SPLITS},
        blank={name: int(data.blank[rows].sum()) for name, rows in of_split.items()},
        twins={name: int(data.twins[rows].sum()) for name, rows in of_split.items()},
        duplicates=len(data) - len(np.unique(data.groups)),
        ferplus_agreement=_agreement(data),
    )


def _agreement(data: Fer2013) -> float | None:
    if data.votes is None or not len(data):
        return None
    # Column of FER2013 for each column of FER+; -1 for those that FER2013 has not.
    columns = np.array(
        [LABELS.index(_VOTE_LABELS[vote]) if vote in _VOTE_LABELS else -1 for vote in VOTES]
    )
    return float((columns[data.votes.argmax(axis=1)] == data.labels).mean())
