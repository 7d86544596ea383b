"""A training for the sake of comparison: measured on PublicTest, and nothing of it ships."""

import re

from fer_core.dataset import Fer2013, Split
from fer_core.errors import TrainingError
from fer_core.evaluation.variants import VARIANT_PATTERN, Variant
from fer_core.faces import to_network_inputs, trained_input
from fer_core.metrics import accuracy, bootstrap_interval, macro_f1
from fer_core.training.loop.job import TrainedNetwork, TrainingJob
from fer_core.training.loop.learner import predict_logits


def check_variant_name(name: str) -> None:
    """Refuse a name that could not stand in the table or in a folder's name.

    Raises:
        TrainingError: it is not made of lower-case letters, digits and underscores.
    """
    if not re.fullmatch(VARIANT_PATTERN, name):
        raise TrainingError(
            "a variant cannot be called that",
            expected="up to 40 lower-case letters, digits and underscores, a letter first",
            received=name,
            remedy="Choose another: --variant wider",
        )


def measure_variant(
    job: TrainingJob, trained: TrainedNetwork, data: Fer2013, *, name: str, recipe: str
) -> Variant:
    """Measure a finished training on PublicTest; PrivateTest is not looked at.

    Args:
        job: what was trained.
        trained: the outcome.
        data: FER2013.
        name: of the variant.
        recipe: name of its recipe.
    """
    arch, history = job.arch, trained.progress.history
    pixels, labels = data.part(Split.PUBLIC_TEST)
    faces = to_network_inputs(pixels, trained_input(arch.side_px, arch.channels))
    predicted = predict_logits(trained.model, faces).argmax(axis=1)
    low, high = bootstrap_interval(predicted == labels, data.groups[data.rows(Split.PUBLIC_TEST)])
    return Variant(
        slug=arch.slug,
        variant=name,
        recipe=recipe,
        seed=job.seed,
        epochs=len(history),
        public_accuracy=round(accuracy(labels, predicted), 6),
        public_macro_f1=round(macro_f1(labels, predicted), 6),
        train_seconds=round(sum(row["seconds"] for row in history), 1),
        processor=trained.processor,
        public_n=len(labels),
        public_accuracy_low=round(low, 6),
        public_accuracy_high=round(high, 6),
        settings=job.recipe.model_dump(mode="json"),
    )
