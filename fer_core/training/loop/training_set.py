"""What a job learns from: faces, labels, and what teachers and voters say of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.training.data.batches import EpochBatches, Reader
from fer_core.training.data.teacher import (
    TEACHERS_FOLDER,
    teacher_probabilities,
    teacher_reader,
    vote_shares,
)
from fer_core.training.loop.job import TrainingJob


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """Training, without blank images.

    Attributes:
        job: whose recipe makes batches of it.
        pixels: (n, 48, 48) uint8.
        labels: (n,) int64 classes.
        teacher: (n, 7) float32 probabilities, where the teacher reads each face once.
        votes: (n, 7) float32 shares of FER+'s votes, where a second head learns them.
    """

    job: TrainingJob
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    teacher: NDArray[np.float32] | None
    votes: NDArray[np.float32] | None

    def batches(self, epoch: int, reader: Reader | None = None) -> EpochBatches:
        """An epoch's batches, counted from 0; ``reader`` is a teacher that reads each of them."""
        return EpochBatches(
            self.pixels,
            self.labels,
            self.job.recipe,
            self.job.input(epoch),
            seed=self.job.seed,
            epoch=epoch,
            teacher=self.teacher,
            votes=self.votes,
            reader=reader,
        )


def read_training_set(job: TrainingJob, data: Fer2013) -> TrainingSet:
    """What the job learns from; a teacher that has not read it yet does so now.

    Raises:
        TrainingError: the recipe's teacher or FER+'s votes are not there, or fewer faces than the
            recipe takes at once.
        ModelError: the teacher is not sound.
    """
    pixels, labels = data.part(Split.TRAINING, without_blank=True)
    if len(labels) < job.recipe.batch_size:
        raise TrainingError(
            "fewer faces to learn from than the recipe takes at once",
            where=job.dataset,
            expected=f"at least {job.recipe.batch_size:,}",
            received=f"{len(labels):,}",
            remedy="Set a smaller batch_size, or choose a larger data set.",
        )
    teacher = None
    if job.recipe.teacher and job.recipe.teacher_reads == "once":
        teacher = teacher_probabilities(
            job.recipe.teacher,
            job.recipe.teacher_temperature,
            data,
            models=job.models,
            kept=job.run.parent / TEACHERS_FOLDER,
            report=job.report,
        )
    votes = vote_shares(data) if job.recipe.votes else None
    return TrainingSet(job, pixels[: job.limit], labels[: job.limit], teacher, votes)


def batch_teacher(job: TrainingJob, precision: str) -> Reader | None:
    """The recipe's teacher, where it reads each batch.

    Raises:
        TrainingError: it cannot read what the network learns from.
        ModelError: there is no such model, or it is not sound.
    """
    if not job.recipe.teacher or job.recipe.teacher_reads != "each_batch":
        return None
    return teacher_reader(
        job.recipe.teacher,
        job.recipe.teacher_temperature,
        views=job.recipe.teacher_views,
        models=job.models,
        spec=job.input(),
        precision=precision,
    )
