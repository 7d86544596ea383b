"""Every setting of a recipe with its name and its sentence, for people."""

from collections.abc import Mapping

from fer_core.runs.recipe import Augmentation, Recipe

USUAL = ("learning_rate", "batch_size", "optimizer", "schedule")
"""Settings that most people change first."""

USUAL_CHANGES = ("flip", "rotation_degrees", "shift", "brightness")
"""Of the augmentation."""

NOT_OFFERED = ("epochs", "augmentation", "source", "network", "side_px", "standardise", "sides_px")
"""Asked for elsewhere, or for recipes that are written by hand."""

SETTINGS: Mapping[str, tuple[str, str]] = {
    "learning_rate": ("Learning rate", "How large the steps are at their largest."),
    "batch_size": ("Batch size", "How many faces are learned from in one step."),
    "optimizer": ("Optimizer", "How a step follows from the steps before it."),
    "schedule": ("Schedule", "How the learning rate falls until the last epoch."),
    "momentum": ("Momentum", "How much of the last step goes into the next one; SGD only."),
    "warmup_epochs": ("Warm-up, epochs", "For so long the learning rate grows from zero."),
    "l2": ("L2", "Keeps weights small: a brake against learning by heart."),
    "label_smoothing": ("Label smoothing", "Takes a label for not quite certain."),
    "mixup": ("Mixup", "Blends two faces and their labels in half of the batches."),
    "averaging": ("Averaged weights", "What ships is a moving mean of the weights; 0: none."),
    "start_share": ("Share of the first network", "Of the network it went on from, in the result."),
    "teacher": ("Teacher", "A network whose answers are learned too, ferplus for votes of people."),
    "teacher_share": ("Teacher's share", "How much its answers count; the labels have the rest."),
    "teacher_temperature": ("Teacher's temperature", "Above 1 its answers are less certain."),
    "teacher_reads": ("Teacher reads", "Each face once, or each batch as it is learned from."),
    "teacher_views": ("Teacher's views", "2: it also reads each face as in a mirror."),
    "votes": ("Votes", "A second head learns how people voted (FER+); 0: none."),
    "dropout": ("Dropout", "A factor on the network's own: less for short trainings."),
    "initial": ("First weights", "Keras's way, or scaled by what the faces do in the network."),
    "restoration": ("Restoration", "What cameras do is undone before a face is learned from."),
    "balance": ("Rare classes", "Drawn more often, or counted more, or left as they are."),
}

CHANGES: Mapping[str, tuple[str, str]] = {
    "flip": ("Mirrored", "Half of the faces, at random."),
    "rotation_degrees": ("Turned, degrees", "At most so far to either side."),
    "scale": ("Larger or smaller", "At most by this share."),
    "aspect": ("Wider or narrower", "At most by this share."),
    "shift": ("Shifted", "At most by this share of the side."),
    "brightness": ("Brightness", "At most so much lighter or darker."),
    "contrast": ("Contrast", "At most so much more or less."),
    "degraded": ("As cameras see", "This share is blurred, noisy, dark, small or compressed."),
    "erasing": ("Erased", "On this share of the faces a patch is noise."),
    "covered": ("Covered", "On this share of the faces a patch is one grey."),
}


def offered(kind: type[Recipe] | type[Augmentation]) -> tuple[str, ...]:
    """Names of the settings that a form asks for, in the recipe's order."""
    return tuple(name for name in kind.model_fields if name not in NOT_OFFERED)
