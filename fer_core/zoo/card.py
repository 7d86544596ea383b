"""`card.json`: everything about a trained network that is not a weight or a measurement."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from fer_core.emotions import LABELS
from fer_core.errors import ContractError, ModelError, StorageError
from fer_core.faces.crops import InputSpec
from fer_core.storage.exchange import restore_folders
from fer_core.storage.reading import fault, read_bytes
from fer_core.zoo.confidence import Calibration, Confidence
from fer_core.zoo.voters import AnswersAs, Voters

CARD_FILE = "card.json"
LIMIT_BYTES = 1_000_000
SLUG_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"


class Published(BaseModel):
    """The figure that the network's origin reports, on its own split and classes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: float = Field(gt=0, lt=100, description="per cent")
    split: str
    classes: int
    source: str


class Licence(BaseModel):
    """What somebody else may do with the network.

    Attributes:
        code: SPDX identifier of the code that builds, trains and serves it.
        weights: a sentence on the weights, which the data they were learned from binds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(min_length=1)
    weights: str = Field(min_length=1)


class ImportSetting(BaseModel):
    """One thing about an imported network, and how it became known.

    Attributes:
        value: as the command line takes it.
        how: it stands in the file, a person said so, it was the best of those tried on FER2013's
            PublicTest, or it is what most networks have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    how: Literal["file", "said", "tried", "usual"]


class ImportTrial(BaseModel):
    """One combination of settings that was tried on PublicTest.

    Attributes:
        settings: by name, as in `Imported`.
        accuracy: share right with the best order of classes, a fraction, of ``n`` faces.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: dict[str, str]
    accuracy: float = Field(ge=0, le=1)
    n: int = Field(ge=1)


class Imported(BaseModel):
    """Where an imported network comes from, and what Mien took it for.

    Attributes:
        file, sha256, bytes: the file that was imported.
        kind: of file, in words.
        settings: layout, channels, range, side and labels by name.
        classes: for each of its outputs one of our labels; None where it means none of them.
        trials: what was tried, the best first; empty where nothing had to be.
        notes: what a person should know of it, a sentence each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(gt=0)
    kind: str
    settings: dict[str, ImportSetting]
    classes: tuple[str | None, ...]
    trials: tuple[ImportTrial, ...]
    notes: tuple[str, ...]


class Own(BaseModel):
    """What a network of one's own was made of; those that ship are made of FER2013 and their slug.

    Attributes:
        network: slug of the architecture.
        dataset: name of the data set that it learned from, and on which its epoch, temperature and
            threshold were chosen.
        dataset_digest: `fer_core.dataset.Fer2013.fingerprint` of that data set as it was learned.
        faces: by split, in the challenge's words: learned from, chosen on, kept back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: str = Field(pattern=SLUG_PATTERN)
    dataset: str
    dataset_digest: str
    faces: dict[str, int]


class FileEntry(BaseModel):
    """One file of the folder, as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(gt=0, le=1_000_000_000)


class ModelCard(BaseModel):
    """A model folder's card; field names are those of the JSON file.

    Attributes:
        slug: the folder's name.
        origin: the project or paper that the architecture comes from; "imported" for others'.
        published: what that origin reports; None where it reports nothing.
        input: side, channels, crop margin and alignment that the network was trained for.
        labels: always `fer_core.emotions.LABELS`; another order is refused.
        parameters: all of the network's numbers, BatchNorm statistics included.
        multiply_accumulates: per face.
        recipe: every training setting.
        epochs: trained in all, over all stints; the shipped weights are those of ``best_epoch``
            in ``recipe``. 0 where that is not known.
        train_seconds: of all these epochs, in wall-clock seconds.
        temperature: divisor of the logits of one view, fitted on PublicTest.
        unsure_threshold: confidence below which a face is "unsure", chosen on PublicTest.
        calibration: how these two were chosen, and what was chosen with them; None: on PublicTest
            as it is, for one view and no more.
        voters: of the second answer, where the network has one.
        answers_as: whose word temperature, threshold and calibration are about: the labels', unless
            the card was asked for another, see `answering_as`.
        status: ``budget-limited`` where more training would still have helped.
        dataset_fingerprint: of the FER2013 that it was measured on; "" for an imported network, or
            one that learned from another data set, that was not, and whose folder has no figures.
        licence: of the code and of the weights, which are not the same.
        imported: where a network comes from that was not trained here.
        own: what a network was made of that somebody trained for himself.
        files: SHA-256 and size of each other file in the folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=SLUG_PATTERN)
    title: str
    architecture: str
    origin: str
    published: Published | None
    input: InputSpec
    labels: tuple[str, ...]
    parameters: int = Field(gt=0)
    multiply_accumulates: int = Field(gt=0)
    recipe: dict[str, Any]
    epochs: int = Field(ge=0)
    train_seconds: float = Field(ge=0)
    processor: str
    seed: int
    precision: str
    dataset_fingerprint: str
    versions: dict[str, str]
    temperature: float = Field(gt=0)
    unsure_threshold: float = Field(ge=0, le=1)
    calibration: Calibration | None = None
    voters: Voters | None = None
    answers_as: AnswersAs = Field(default=AnswersAs.LABELS, exclude=True)
    status: Literal["complete", "budget-limited"]
    intended_use: str
    limits: str
    licence: Licence
    imported: Imported | None = None
    own: Own | None = None
    files: dict[str, FileEntry]

    @field_validator("labels")
    @classmethod
    def _labels_in_order(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value != LABELS:
            raise ValueError(f"labels in another order: expected {LABELS}, received {value}")
        return value

    @property
    def is_measured(self) -> bool:
        """Whether its folder has figures on FER2013: all that ship have, of others some."""
        return (self.imported is None and self.own is None) or bool(self.dataset_fingerprint)

    @property
    def network(self) -> str:
        """Slug of the architecture, where it is one of ours."""
        return self.slug if self.own is None else self.own.network

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.calibration is not None:
            one = self.calibration.one_view
            if (one.temperature, one.unsure_threshold) != (self.temperature, self.unsure_threshold):
                raise ValueError("temperature and threshold are not those of the calibration")
        return self

    def confidence(self, views: int) -> Confidence:
        """What turns logits into what a person is told, for one view or the mean of two."""
        if self.calibration is None:
            return Confidence(temperature=self.temperature, unsure_threshold=self.unsure_threshold)
        return self.calibration.two_views if views == 2 else self.calibration.one_view

    def calibrated(self, calibration: Calibration) -> Self:
        """The same card with another calibration."""
        one = calibration.one_view
        return self.model_copy(
            update={
                "temperature": one.temperature,
                "unsure_threshold": one.unsure_threshold,
                "calibration": calibration,
            }
        )

    def answering_as(self, answers_as: AnswersAs) -> Self:
        """The card of the same network when it gives another word, as far as it has learned one.

        Without a second answer, that of the labels is all that there is.
        """
        if answers_as == self.answers_as or self.voters is None:
            return self
        if answers_as == AnswersAs.LABELS:
            raise ContractError(
                "a card forgets the labels' calibration when it answers as voters",
                where=self.slug,
                expected="the card as it was read",
                received=self.answers_as,
            )
        other = self.calibrated(self.voters.calibration)
        return other.model_copy(update={"answers_as": answers_as})

    def to_json(self) -> str:
        """The card as the text of `card.json`; what only some networks have only where it is."""
        optional = ("imported", "own", "voters")
        left_out = {name for name in optional if getattr(self, name) is None}
        return self.model_dump_json(indent=2, exclude=left_out) + "\n"


def folders_with_card(parent: Path) -> list[str]:
    """Names of the folders in ``parent`` that have a card, sorted; [] where there is none.

    A name with a dot in front is of a folder that is being written or replaced; one whose
    replacement was interrupted is put back first.
    """
    restore_folders(parent)
    return sorted(card.parent.name for card in parent.glob(f"[!.]*/{CARD_FILE}"))


def read_card(folder: Path, slug: str | None = None) -> ModelCard:
    """Read and validate a folder's card.

    Args:
        folder: ``models/<slug>``.
        slug: whose card it has to be; None: the folder's name.

    Raises:
        ModelError: no card, not JSON, or a field that is missing or out of range.
    """
    path = folder / CARD_FILE
    try:
        card = ModelCard.model_validate_json(read_bytes(path, LIMIT_BYTES))
    except (FileNotFoundError, NotADirectoryError) as error:
        if not folder.is_dir():
            raise ModelError(
                "there is no such model",
                where=folder.parent,
                expected=", ".join(folders_with_card(folder.parent)) or "a model folder",
                received=folder.name,
                remedy="See what is there: python -m fer_core models",
            ) from error
        raise ModelError(
            "the model folder has no card",
            where=folder.name,
            expected=CARD_FILE,
            received="no such file",
            remedy="Restore the folder, or train the network again.",
        ) from error
    except (ValidationError, ContractError, StorageError, OSError) as error:
        raise ModelError(
            "the model card is not valid",
            where=f"{folder.name}/{CARD_FILE}",
            received=fault(error),
            remedy="Restore the folder, or train the network again.",
        ) from error
    slug = slug or folder.name
    if card.slug != slug:
        raise ModelError(
            "the card belongs to another model",
            where=f"{folder.name}/{CARD_FILE}",
            expected=slug,
            received=card.slug,
            remedy="Give the folder the name of its card.",
        )
    return card
