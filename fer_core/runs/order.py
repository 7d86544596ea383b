"""What a person asked to be trained, as it lies in the run's folder."""

from pydantic import BaseModel, ConfigDict, Field

from fer_core.runs.recipe import Recipe


class TrainingOrder(BaseModel):
    """One training, fully specified, before anything of it has happened.

    Attributes:
        name: what the result is called; the name of the run's folder.
        network: slug of the architecture.
        dataset: name of what is learned from, see `fer_core.runs.faces`.
        dataset_digest: of its file when it was asked for; "" for drawn faces.
        recipe: name of the recipe that ``settings`` began as, for people.
        settings: all settings, the number of epochs among them.
        seed: source of all chance.
        start: folder of a network whose weights are gone on from; "": from the beginning.
        precision: what is computed in; ``auto`` times both and takes the faster.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    network: str
    dataset: str
    dataset_digest: str
    recipe: str
    settings: Recipe
    seed: int = Field(default=0, ge=0, lt=2**32)
    start: str = ""
    precision: str = "float32"

    @property
    def epochs(self) -> int:
        """How many are planned in all."""
        return self.settings.epochs
