"""What a recipe's settings mean, in words, and which of them tell trainings apart."""

from collections.abc import Mapping
from typing import Any

from fer_core.dataset import FERPLUS

_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adadelta": "Adadelta"}
_SCHEDULES = {
    "constant": "kept constant",
    "linear": "falling in a line to 0",
    "cosine": "falling along a cosine to 0",
}
_BALANCES = {
    "none": "classes as often as they come",
    "sampler": "rare classes drawn more often",
    "weights": "mistakes on rare classes count more",
}
_RESTORATIONS = {
    "camera": "light, noise and blur undone",
    "completed": "light, noise and blur undone, what is left completed by a network",
}


def recipe_in_words(settings: Mapping[str, Any]) -> dict[str, str]:
    """A recipe's settings by topic, in the order to be read.

    Args:
        settings: by name, as a card or `fer_core.runs.recipe.Recipe` has them; one that is
            missing counts as its neutral value.
    """

    def number(name: str) -> float:
        return float(settings.get(name) or 0)

    warmup, teacher = number("warmup_epochs"), settings.get("teacher")
    momentum = f" (momentum {number('momentum'):g})" if settings.get("optimizer") == "sgd" else ""
    rate = (
        f"{_OPTIMIZERS.get(str(settings.get('optimizer')), settings.get('optimizer'))}{momentum}"
        f" at {number('learning_rate'):g}, "
        f"{_SCHEDULES.get(str(settings.get('schedule')), settings.get('schedule'))}"
        + (f" after {warmup:g} epoch{'s' if warmup != 1 else ''} of warm-up" if warmup else "")
    )
    changes = settings.get("augmentation") or {}
    ranges = (
        ("rotation_degrees", "turned by up to {:g}°", 1),
        ("scale", "scaled by up to {:g} %", 100),
        ("aspect", "made wider or narrower by up to {:g} %", 100),
        ("shift", "shifted by up to {:g} %", 100),
        ("brightness", "brightness by up to {:g} %", 100),
        ("contrast", "contrast by up to {:g} %", 100),
        ("degraded", "{:g} % of faces blurred, noisy, dark, small or compressed", 100),
        ("erasing", "a patch erased on {:g} % of faces", 100),
        ("covered", "a patch covered on {:g} % of faces", 100),
    )
    augmentation = ["mirrored"] if changes.get("flip") else []
    augmentation += [
        words.format(round(factor * float(changes[name]), 6))
        for name, words, factor in ranges
        if changes.get(name)
    ]
    if restoration := _RESTORATIONS.get(str(settings.get("restoration"))):
        augmentation.append(restoration)
    brakes = [
        f"{words} {number(name):g}"
        for name, words in (
            ("l2", "L2"),
            ("label_smoothing", "label smoothing"),
            ("mixup", "mixup"),
        )
        if number(name)
    ]
    dropout = float(settings.get("dropout", 1))
    own = "the network's own dropout" + (f" times {dropout:g}" if dropout != 1 else "")
    sides, network = settings.get("sides_px") or (), settings.get("network") or {}
    votes = number("votes")
    return {
        "Learns from": (
            "the labels"
            if not teacher
            else f"{number('teacher_share'):.0%} the votes of FER+, the rest the labels"
            if teacher == FERPLUS
            else f"{number('teacher_share'):.0%} the answers of {teacher}, softened at "
            f"{number('teacher_temperature'):g}"
            + (", on the faces as changed" if settings.get("teacher_reads") == "each_batch" else "")
            + (" and mirrored" if settings.get("teacher_views") == 2 else "")
            + ", the rest the labels"
        )
        + (f"; a second head the votes of FER+, counted {votes:g} times" if votes else ""),
        "Optimizer": rate,
        "Batch": f"{number('batch_size'):g} faces",
        "Training faces": ", ".join(augmentation) or "as they are",
        "Against overfitting": ", ".join([*brakes, own]),
        "First weights": (
            "scaled to unit variance layer by layer"
            if settings.get("initial") == "unit_variance"
            else "drawn as Keras does"
        ),
        "Weights kept": (
            f"moving average ({number('averaging'):g})" if number("averaging") else "as trained"
        )
        + (f", {number('start_share'):.0%} those it began with" if number("start_share") else ""),
        "Class balance": _BALANCES.get(str(settings.get("balance", "none")), "unknown"),
        "Network": ", ".join(f"{name} {value:g}" for name, value in sorted(network.items()))
        or "as it is",
        "Faces inside the network": {
            None: "the network's own way",
            True: "each standardised",
            False: "not standardised",
        }[settings.get("standardise")],
        "Input": (
            f"grows: {', '.join(map(str, sides))} px"
            if sides
            else f"scaled to {number('side_px'):g} px"
            if number("side_px")
            else "one size throughout"
        ),
    }


def training_in_words(settings: Mapping[str, Any], *, epochs: int, seed: int) -> dict[str, str]:
    """A whole training by topic: `recipe_in_words`, with what is no setting of a recipe.

    Args:
        settings: of its last stint.
        epochs: of all stints.
        seed: of its chance.
    """
    return {"Epochs": str(epochs), **recipe_in_words(settings), "Seed": str(seed)}


def differing_settings(
    trainings: Mapping[str, Mapping[str, str]],
) -> dict[str, dict[str, str | None]]:
    """The topics in which trainings are not all the same.

    Args:
        trainings: by name, each as `training_in_words` gives it; {} for one that is not known.

    Returns:
        topic -> name -> words, in the order of the first training that has the topic; None where a
        training is not known. {} where all are alike, or for fewer than two.
    """
    topics = dict.fromkeys(topic for told in trainings.values() for topic in told)
    table = {topic: {name: told.get(topic) for name, told in trainings.items()} for topic in topics}
    return {topic: row for topic, row in table.items() if len(set(row.values())) > 1}
