"""What a study's videos are read with, and how its findings are made from what was read."""

import hashlib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fer_core.errors import StudyError
from fer_core.faces import InputSpec
from fer_core.pipeline.readings import SCHEMA_VERSION
from fer_core.zoo import (
    GRAPH_FILE,
    AnswersAs,
    ModelCard,
    check_folder,
    default_slug,
    find_folder,
    models_roots,
)
from fer_core.zoo.confidence import Confidence, ExpectedRight

_AFTERWARDS = ("unsure_threshold", "set_threshold", "expected_right")
# Of a network's settings: what was read does not depend on them.


class NetworkSettings(BaseModel):
    """A network as it was when it was chosen: another one of its name would read otherwise.

    Attributes:
        slug: its name.
        graph_sha256: of its file.
        temperature, input, answers_as: see `fer_core.zoo.ModelCard`.
        unsure_threshold: confidence below which a face is unsure; may be changed afterwards.
        set_threshold, expected_right: see `fer_core.zoo.confidence.Confidence`; None where the card
            did not say when it was chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    graph_sha256: str
    temperature: float
    input: InputSpec
    answers_as: AnswersAs = AnswersAs.LABELS  # what there was when older studies were begun
    unsure_threshold: float = Field(ge=0, le=1)
    set_threshold: float | None = Field(default=None, ge=0, le=1)
    expected_right: ExpectedRight | None = None

    @classmethod
    def of(cls, card: ModelCard) -> "NetworkSettings":
        """Of a model by its card."""
        told = card.confidence(views=1)
        return cls(
            slug=card.slug,
            graph_sha256=card.files[GRAPH_FILE].sha256,
            temperature=told.temperature,
            input=card.input,
            answers_as=card.answers_as,
            unsure_threshold=told.unsure_threshold,
            set_threshold=told.set_threshold,
            expected_right=told.expected_right,
        )

    @property
    def confidence(self) -> Confidence:
        """What turns what it read into what a person is told."""
        return Confidence(
            temperature=self.temperature,
            unsure_threshold=self.unsure_threshold,
            set_threshold=self.set_threshold,
            expected_right=self.expected_right,
        )

    def reads_as(self, other: "NetworkSettings") -> bool:
        """Whether both say the same of every face, sure or not."""
        return self._reading == other._reading

    def names_as(self, other: "NetworkSettings") -> bool:
        """Whether both name the same expression on every face, however sure they are of it."""
        return (self.graph_sha256, self.input, self.answers_as) == (
            other.graph_sha256,
            other.input,
            other.answers_as,
        )

    @property
    def _reading(self) -> dict[str, object]:
        return self.model_dump(exclude=set(_AFTERWARDS), mode="json")


class StudySettings(BaseModel):
    """How a study is read.

    Attributes:
        networks: at least one, each name once; the first one's readings are shown first.
        detector: name of the face detector.
        every: n reads every n-th frame of a part.
        smoothed: whether findings are made from smoothed probabilities or from raw ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    networks: tuple[NetworkSettings, ...] = Field(min_length=1)
    detector: str
    every: int = Field(default=1, ge=1, le=30)
    smoothed: bool = True

    @model_validator(mode="after")
    def _each_network_once(self) -> "StudySettings":
        slugs = self.slugs
        if len(set(slugs)) != len(slugs):
            raise ValueError(f"each network once, not {', '.join(slugs)}")
        return self

    @property
    def slugs(self) -> tuple[str, ...]:
        """Names of the networks."""
        return tuple(network.slug for network in self.networks)

    @property
    def readings_key(self) -> str:
        """Names what is read with these: equal keys, equal readings; 12 hexadecimal digits.

        Thresholds and smoothing have no part in it: what was read does not depend on them.
        """
        left_out = {*_AFTERWARDS, "answers_as"}
        text = self.model_dump_json(exclude={"smoothed": True, "networks": {"__all__": left_out}})
        # Studies that were begun before networks had a second answer keep their key.
        if any(network.answers_as != AnswersAs.LABELS for network in self.networks):
            text += " ".join(network.answers_as for network in self.networks)
        return hashlib.sha256(f"{SCHEMA_VERSION} {text}".encode()).hexdigest()[:12]

    @property
    def tracks_key(self) -> str:
        """Names what faces are followed by: with equal keys, equal track ids of equal faces."""
        return f"{self.detector}, every {self.every}"


def choose_settings(
    slugs: Sequence[str] = (), *, detector: str = "yunet", every: int = 1
) -> StudySettings:
    """Settings with these models as they are now.

    Args:
        slugs: names of models; the best one if none is named.
        detector, every: see `StudySettings`.

    Raises:
        ModelError: there is no such model, or it is not sound.
        StudyError: a model is named twice, or ``every`` is out of range.
    """
    roots = models_roots()
    wanted = tuple(slugs) or (default_slug(*roots),)
    networks = tuple(
        NetworkSettings.of(check_folder(find_folder(slug, *roots)).answering_as(AnswersAs.VOTERS))
        for slug in wanted
    )
    try:
        return StudySettings(networks=networks, detector=detector, every=every)
    except ValueError as error:
        raise StudyError(
            "the study cannot be read so",
            expected="each model once, and every 1st to 30th frame",
            received=f"{', '.join(wanted)}; every {every}",
            remedy="Name each model once, and an every of 1 to 30.",
        ) from error
