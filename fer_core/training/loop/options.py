"""What `train` is asked for, and what of it cannot be."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from fer_core.dataset import FER2013
from fer_core.errors import TrainingError
from fer_core.runs.shelf import check_own_name, seed_runs
from fer_core.training.artifacts.variant import check_variant_name
from fer_core.training.loop.observer import Observer
from fer_core.zoo import MODELS

PRECISIONS = ("auto", "float32", "mixed_bfloat16")


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What `train` was asked for; see its ``--help``.

    Attributes:
        variant: name of a training for comparison, which leaves a row in ``variants.csv`` instead
            of a candidate; None for a usual training.
        models: where that row goes, and where a recipe's teacher is.
        seeds: train each architecture so many times, with ``seed`` and the numbers after it, each
            in the folder of its seed; those that are finished stay, others go on. None: once.
        portable: folder for one small file a network, instead of candidates: for machines without
            TensorFlow; see `artifacts.portable_run`.
        name: what the result is called where it is somebody's own, also its run's folder.
        dataset: name of what is learned from.
        observer: is told how far it is.
    """

    recipe: str | None
    epochs: int | None
    seed: int
    resume: bool
    start: Path | None
    weights: str | None
    precision: str
    smoke: bool
    budget_limited: bool
    runs: Path
    variant: str | None = None
    models: Path = MODELS
    seeds: int | None = None
    portable: Path | None = None
    name: str = ""
    dataset: str = FER2013
    observer: Observer = field(default_factory=Observer)


def by_seed(options: TrainingOptions) -> list[TrainingOptions]:
    """The options of each seed's own training."""
    if options.seeds is None:
        return [options]
    return [
        replace(options, seed=seed, runs=seed_runs(options.runs, seed), resume=True)
        for seed in range(options.seed, options.seed + options.seeds)
    ]


def check_options(options: TrainingOptions) -> None:
    """Refuse what cannot be, before anything is trained.

    Raises:
        TrainingError: options that do not go together, a name that cannot be, no such precision.
    """
    if options.precision not in PRECISIONS:
        raise TrainingError(
            "unknown precision",
            expected=", ".join(PRECISIONS),
            received=options.precision,
            remedy="Name one of these: --precision auto",
        )
    if options.variant is not None:
        check_variant_name(options.variant)
        if options.start is not None:
            raise TrainingError(
                "a variant begins anew, or its cost could not be compared",
                where=options.variant,
                received=f"--from {options.start}",
                remedy="Leave out --from or --variant.",
            )
    if options.seeds and (options.start is not None or options.name):
        raise TrainingError(
            "seeds are of an architecture that learns FER2013 from the beginning",
            expected="--seeds without --from, --name and --dataset",
            received=f"--from {options.start}" if options.start else f"--name {options.name}",
            remedy="Leave it out, or leave out --seeds.",
        )
    _check_own(options)
    if options.portable and (options.variant or options.start):
        raise TrainingError(
            "a portable run is of a whole training that begins anew",
            expected="--portable without --variant and --from",
            received=f"--variant {options.variant}, --from {options.start}",
            remedy="Leave out one or the other.",
        )


def _check_own(options: TrainingOptions) -> None:
    if not options.name and options.dataset != FER2013:
        raise TrainingError(
            "what is learned from other faces needs a name of its own",
            where=options.dataset,
            expected="--name",
            remedy="Name the result: --name my_network",
        )
    if options.name:
        check_own_name(options.name)
    if options.name and (options.variant or options.portable):
        raise TrainingError(
            "a network of one's own is no variant and no portable run",
            where=options.name,
            remedy="Leave out --name, or --variant and --portable.",
        )
