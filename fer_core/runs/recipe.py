"""A training recipe: every setting of a training, read from one JSON file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fer_core.errors import StorageError, TrainingError
from fer_core.faces import Restoration
from fer_core.storage.reading import fault, read_bytes

RECIPES = Path(__file__).parent / "recipes"
_LIMIT_BYTES = 100_000


class Augmentation(BaseModel):
    """Random changes of each training face; the defaults change nothing.

    Attributes:
        flip: mirror half of the faces.
        rotation_degrees: largest turn to either side.
        scale: largest relative change of size; 0.1 is 0.9 to 1.1.
        aspect: largest relative change of width against height, to either side: 0.1 makes a face up
            to a tenth wider or narrower.
        shift: largest shift as a fraction of the side, in x and y.
        brightness, contrast: largest relative change.
        degraded: probability that a face is blurred, noisy, dark, seen small or compressed as
            JPEG, one or two of these and to a random degree (what ``fer_core robustness`` found
            networks weak at).
        erasing: probability that a random rectangle is filled with noise (Zhong et al. 2017,
            arXiv:1708.04896).
        covered: probability that a random rectangle is filled with one grey, as a hand, a mask or a
            phone does it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    flip: bool = False
    rotation_degrees: float = Field(default=0.0, ge=0, le=45)
    scale: float = Field(default=0.0, ge=0, le=0.5)
    aspect: float = Field(default=0.0, ge=0, le=0.5)
    shift: float = Field(default=0.0, ge=0, le=0.5)
    brightness: float = Field(default=0.0, ge=0, le=1)
    contrast: float = Field(default=0.0, ge=0, le=1)
    degraded: float = Field(default=0.0, ge=0, le=1)
    erasing: float = Field(default=0.0, ge=0, le=1)
    covered: float = Field(default=0.0, ge=0, le=1)


class Recipe(BaseModel):
    """All settings of a training.

    Attributes:
        sides_px: input sides in equal shares of the epochs, smallest first, for networks that
            pool globally (progressive resizing); empty: the architecture's own side throughout.
        side_px: input side in place of the architecture's own, for variants: what upscaling
            faces is worth. None for the architecture's own.
        network: keyword arguments of the architecture's own function, for variants: more channels,
            say. Empty for the architecture as it is.
        standardise: whether the graph standardises each face, in place of the architecture's own
            way, for variants: what an origin did. None for the architecture's own.
        warmup_epochs: of linear growth from 0 to `learning_rate`.
        schedule: what the learning rate does after that, down to 0 at the last step.
        l2: factor of the sum of squared kernels in the loss.
        mixup: alpha of the Beta distribution, on half of the batches, not in the last tenth of the
            epochs unless the teacher reads each batch (Zhang et al. 2017, arXiv:1710.09412); 0 for
            none.
        averaging: momentum of the moving average of weights that is evaluated and shipped; 0 for
            the plain weights.
        start_share: of the network that the training goes on from (``--from``) in what is evaluated
            and shipped: the mean of both networks' weights keeps what the first knew of clean faces
            (Wortsman et al. 2021, arXiv:2109.01903); 0 for the trained weights alone.
        teacher: slug of a shipped model whose probabilities on the training faces are blended into
            the targets (distillation, Hinton et al. 2015, arXiv:1503.02531), or ``ferplus`` for the
            shares of FER+'s votes; empty for none.
        teacher_share: of the teacher in the targets; the labels have the rest.
        teacher_temperature: softens the teacher's probabilities; votes are taken as they are.
        teacher_reads: ``once``, each face as it is; or ``each_batch``, the very faces that are
            learned from, turned and mixed as they are (Beyer et al. 2021, arXiv:2106.05237: a
            consistent teacher is worth more) but not degraded or erased, which wants a model folder
            with Keras weights.
        teacher_views: 2 for the mean over the face and its mirror image, where it reads each batch.
        votes: weight of a second head's loss, which learns the shares of FER+'s votes while the
            network trains and does not ship (Caruana 1997, Multitask Learning); 0 for none.
        dropout: factor on the network's own dropout rates; short trainings want less of it, and
            what ships has none in any case.
        initial: how weights begin: Keras's way, or scaled by what the data do in the network
            (see `loop.initial`), for deep networks without BatchNorm and depthwise kernels.
        restoration: what is done to each face, after the random changes, before the network meets
            it, in training as in use; other than ``none`` wants an input of 48x48 grey pixels.
        balance: against class imbalance: nothing, sampling by inverse class frequency, or weights
            in the loss.
        source: where the recipe comes from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(ge=1, le=1000)
    batch_size: int = Field(default=64, ge=2)
    optimizer: Literal["sgd", "adam", "adadelta"] = "sgd"
    learning_rate: float = Field(gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    schedule: Literal["constant", "linear", "cosine"] = "linear"
    warmup_epochs: float = Field(default=0.0, ge=0)
    l2: float = Field(default=0.0, ge=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    mixup: float = Field(default=0.0, ge=0)
    averaging: float = Field(default=0.0, ge=0, lt=1)
    start_share: float = Field(default=0.0, ge=0, lt=1)
    teacher: str = ""
    teacher_share: float = Field(default=0.7, ge=0, le=1)
    teacher_temperature: float = Field(default=2.0, gt=0)
    teacher_reads: Literal["once", "each_batch"] = "once"
    teacher_views: Literal[1, 2] = 1
    votes: float = Field(default=0.0, ge=0)
    dropout: float = Field(default=1.0, ge=0, le=1.5)
    initial: Literal["keras", "unit_variance"] = "keras"
    balance: Literal["none", "sampler", "weights"] = "none"
    restoration: Restoration = Restoration.NONE
    sides_px: tuple[int, ...] = ()
    side_px: int | None = Field(default=None, ge=16, le=224)
    standardise: bool | None = None
    network: dict[str, bool | float] = Field(default_factory=dict)
    augmentation: Augmentation = Field(default_factory=lambda: Augmentation())
    source: str = ""

    @model_validator(mode="after")
    def _warmup_ends(self) -> Self:
        if self.warmup_epochs >= self.epochs and self.epochs > 1:
            raise ValueError("warmup_epochs must be fewer than epochs")
        return self

    def planned_for(self, epochs: int) -> Self:
        """The same for another number of epochs, with a warm-up of at most a tenth of them."""
        warmup = min(self.warmup_epochs, epochs / 10)
        return self.model_copy(update={"epochs": epochs, "warmup_epochs": warmup})


def load_recipe(name_or_path: str) -> Recipe:
    """A recipe by name (a file in `RECIPES`, without its ending) or by path.

    Raises:
        TrainingError: there is none, or a setting is unknown or out of range.
    """
    path = Path(name_or_path)
    if path.suffix != ".json":
        path = RECIPES / f"{name_or_path}.json"
    try:
        return Recipe.model_validate_json(read_bytes(path, _LIMIT_BYTES))
    except FileNotFoundError as error:
        raise TrainingError(
            "no such recipe",
            expected=", ".join(sorted(file.stem for file in RECIPES.glob("*.json"))) + " or a path",
            received=name_or_path,
            remedy="Name one of these, or the path of a JSON file.",
        ) from error
    except (OSError, StorageError, ValidationError) as error:
        raise TrainingError(
            "the recipe is not valid",
            where=path.name,
            received=fault(error),
            remedy="Correct the file; docs/training.md says what recipes are.",
        ) from error


def recipe_name(settings: Mapping[str, Any]) -> str:
    """Which shipped recipe a card's settings are of, whatever the number of epochs; "" for none."""
    follows = {"epochs", "warmup_epochs", "source"}
    known = {name: value for name, value in settings.items() if name in Recipe.model_fields}
    wanted = Recipe.model_validate(known).model_dump(exclude=follows)
    for file in sorted(RECIPES.glob("*.json")):
        if load_recipe(file.stem).model_dump(exclude=follows) == wanted:
            return file.stem
    return ""
