"""Trainings one after the other; one that fails does not stop the others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fer_core.dataset import Fer2013
from fer_core.errors import MienError, ModelError, TrainingError
from fer_core.evaluation.summary import read_history
from fer_core.evaluation.variants import enter_variant
from fer_core.training.artifacts.folder import CANDIDATE, check_candidate
from fer_core.training.artifacts.portable_run import write_portable_run
from fer_core.training.artifacts.seeds import seed_runs
from fer_core.training.artifacts.variant import check_variant_name, measure_variant
from fer_core.training.loop.checkpoint import load_checkpoint
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import Start, TrainingJob
from fer_core.training.networks import (
    Architecture,
    architectures,
    build_network,
    get_architecture,
    multiply_accumulates,
)
from fer_core.training.networks.grow import grow_weights
from fer_core.training.recipe import Recipe, load_recipe
from fer_core.zoo import MODELS, WEIGHTS_FILE, check_folder

SMOKE_FACES = 640
SMOKE_EPOCHS = 2
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


def by_cost() -> list[str]:
    """All slugs, cheapest pass first."""
    return sorted(
        architectures(),
        key=lambda slug: multiply_accumulates(build_network(get_architecture(slug))),
    )


def _recipe(arch: Architecture, options: TrainingOptions) -> Recipe:
    recipe = load_recipe(options.recipe or arch.recipe)
    if recipe.sides_px and not arch.any_side:
        raise TrainingError(
            "the recipe changes the input's side, which this architecture cannot",
            where=arch.slug,
            expected="a recipe without sides_px",
            received=options.recipe or arch.recipe,
            remedy="Name another recipe with --recipe.",
        )
    epochs = SMOKE_EPOCHS if options.smoke else options.epochs
    if epochs is None:
        return recipe
    warmup = min(recipe.warmup_epochs, epochs / 10)
    return recipe.model_copy(update={"epochs": epochs, "warmup_epochs": warmup})


def _as_recipe_wants(arch: Architecture, recipe: Recipe, options: TrainingOptions) -> Architecture:
    """The architecture with the recipe's input and network in place of its own."""
    other: dict[str, Any] = {
        name: value
        for name in ("side_px", "standardise", "network")
        if (value := getattr(recipe, name)) not in (None, {})
    }
    if other and options.variant is None:
        raise TrainingError(
            "the recipe trains another network than the architecture ships",
            where=arch.slug,
            expected=f"--variant NAME, or a recipe without {' and '.join(other)}",
            received=", ".join(f"{name} {value}" for name, value in other.items()),
            remedy="Train it for comparison, with --variant, or name another recipe.",
        )
    if keywords := other.pop("network", None):
        known = signature(arch.build).parameters
        if strange := [name for name in keywords if name not in known]:
            raise TrainingError(
                "the architecture has no such choice",
                where=arch.slug,
                expected=", ".join(list(known)[2:]) or "a recipe without network",
                received=", ".join(strange),
                remedy="Correct network in the recipe.",
            )
        other["build"] = partial(arch.build, **keywords)
    return replace(arch, **other)


def _start(arch: Architecture, options: TrainingOptions) -> Start | None:
    if options.start is None:
        return None
    if options.start.name == CANDIDATE:
        card = check_candidate(options.start, options.start.parent.name)
    else:
        card = check_folder(options.start)
    possible = [slug for slug in (arch.slug, arch.grows_from) if slug]
    if card.slug not in possible or WEIGHTS_FILE not in card.files:
        raise TrainingError(
            "this folder cannot be gone on from",
            where=options.start,
            expected=f"{' or '.join(possible)} with its {WEIGHTS_FILE}",
            received=f"{card.slug} with {', '.join(card.files)}",
            remedy="Name such a folder, or leave out --from.",
        )
    from fer_core.training.export.onnx_graph import load_weights  # needs TensorFlow

    shipped = build_network(get_architecture(card.slug))
    weights = load_weights(shipped, options.start / WEIGHTS_FILE)
    if card.slug != arch.slug:
        shipped.set_weights(weights)
        keras.utils.set_random_seed(options.seed)  # of what is added
        larger = build_network(arch)
        grow_weights(shipped, larger)
        weights = larger.get_weights()
    return Start(list(weights), card, read_history(options.start).rows())


def run_queue(
    slugs: list[str] | None,
    options: TrainingOptions,
    data: Fer2013,
    *,
    report: Callable[[str], None],
) -> list[str]:
    """Train each architecture and write its candidate, or its row among the variants.

    Args:
        slugs: which; None for all, cheapest first.
        options: the same for each of them.
        data: FER2013.
        report: takes one line of progress.

    Returns:
        The slugs that failed; their sentences have been reported.

    Raises:
        TrainingError: an unknown slug or precision, or a variant that cannot be, before anything
            is trained.
    """
    _check(options)
    failed = []
    for arch in [get_architecture(slug) for slug in slugs or by_cost()]:
        for one in _by_seed(options):
            tell = report if options.seeds is None else partial(_of_seed, report, one.seed)
            try:
                _train_one(arch, one, data, tell)
            except MienError as error:
                tell(str(error))
                failed.append(arch.slug)
            keras.utils.clear_session()
    return failed


def _of_seed(report: Callable[[str], None], seed: int, line: str) -> None:
    report(f"seed {seed}, {line}")


def _by_seed(options: TrainingOptions) -> list[TrainingOptions]:
    """The options of each seed's own training."""
    if options.seeds is None:
        return [options]
    return [
        replace(options, seed=seed, runs=seed_runs(options.runs, seed), resume=True)
        for seed in range(options.seed, options.seed + options.seeds)
    ]


def _check(options: TrainingOptions) -> None:
    """Refuse what cannot be, before anything is trained."""
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
    if options.seeds and options.start is not None:
        raise TrainingError(
            "seeds that begin with the same weights say nothing of chance",
            expected="--seeds without --from",
            received=f"--from {options.start}",
            remedy="Leave out --from or --seeds.",
        )
    if options.portable and (options.variant or options.start):
        raise TrainingError(
            "a portable run is of a whole training that begins anew",
            expected="--portable without --variant and --from",
            received=f"--variant {options.variant}, --from {options.start}",
            remedy="Leave out one or the other.",
        )


def _is_finished(job: TrainingJob, data: Fer2013) -> bool:
    """Whether a job's run has ended with the candidate that it was to have.

    Raises:
        TrainingError: the run is of other settings.
    """
    saved = load_checkpoint(job.run, job.settings(data.fingerprint), replan=job.replan)
    if saved is None or saved.progress.epoch < job.last_epoch:
        return False
    candidate = job.run / CANDIDATE
    try:
        check_candidate(candidate, job.arch.slug)
        kept = read_history(candidate)["seconds"]
    except ModelError:  # none, or it is damaged: it is written again
        return False
    # One of an earlier training in the same folder stays until the next is whole.
    seconds = [row["seconds"] for row in saved.progress.history]
    return len(kept) == len(seconds) and np.allclose(kept, seconds, rtol=1e-4)


def _train_one(
    arch: Architecture, options: TrainingOptions, data: Fer2013, report: Callable[[str], None]
) -> None:
    name = f"{arch.slug}--{options.variant}" if options.variant else arch.slug
    run = options.runs / (f"smoke_{name}" if options.smoke else name)
    used = _recipe(arch, options)
    job = TrainingJob(
        arch=_as_recipe_wants(arch, used, options),
        recipe=used,
        seed=options.seed,
        run=run,
        models=options.models,
        start=_start(arch, options),
        backbone=options.weights,
        limit=SMOKE_FACES if options.smoke else None,
        precision=options.precision,
        replan=options.epochs is not None,
        report=report,
    )
    if options.seeds and not (options.variant or options.portable) and _is_finished(job, data):
        report(f"{name}: is finished, in {run / CANDIDATE}")
        return
    trained = train(job, data, resume=options.resume)
    if options.variant:
        recipe = Path(options.recipe or arch.recipe).stem
        row = measure_variant(job, trained, data, name=options.variant, recipe=recipe)
        # A rehearsal must not stand among the real ones.
        path = enter_variant(run if options.smoke else options.models, row)
        report(f"{name}: PublicTest {row.public_accuracy:.2%}, entered in {path}")
    elif options.portable:
        folder = run if options.smoke else options.portable
        report(f"{name}: written to {write_portable_run(job, trained, data, folder)}")
    else:
        # Needs TensorFlow, which a machine that only trains may not have.
        from fer_core.training.artifacts.candidate import write_candidate

        folder = write_candidate(job, trained, data, budget_limited=options.budget_limited)
        report(f"{arch.slug}: written to {folder}")
