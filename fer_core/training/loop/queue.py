"""Trainings one after the other; one that fails does not stop the others."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras

from fer_core.dataset import Fer2013
from fer_core.errors import MienError, TrainingError
from fer_core.evaluation.summary import read_history
from fer_core.evaluation.variants import enter_variant
from fer_core.runs.cost import Cost
from fer_core.runs.recipe import Recipe, load_recipe
from fer_core.training.artifacts.folder import CANDIDATE, check_candidate
from fer_core.training.artifacts.portable_run import write_portable_run
from fer_core.training.artifacts.variant import measure_variant
from fer_core.training.loop.finished import is_finished
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import Start, TrainingJob
from fer_core.training.loop.options import TrainingOptions, by_seed, check_options
from fer_core.training.loop.timing import time_training
from fer_core.training.loop.training_set import read_training_set
from fer_core.training.networks import (
    Architecture,
    architectures,
    build_network,
    get_architecture,
    multiply_accumulates,
)
from fer_core.training.networks.grow import grow_weights
from fer_core.zoo import WEIGHTS_FILE, check_folder, models_root

SMOKE_FACES = 640
SMOKE_EPOCHS = 2


def by_cost() -> list[str]:
    """All slugs, cheapest pass first."""
    return sorted(
        architectures(),
        key=lambda slug: multiply_accumulates(build_network(get_architecture(slug))),
    )


def _recipe(arch: Architecture, options: TrainingOptions) -> Recipe:
    recipe = load_recipe(options.recipe or arch.recipe)
    _refuse_sides(arch, recipe, options.recipe or arch.recipe)
    epochs = SMOKE_EPOCHS if options.smoke else options.epochs
    return recipe if epochs is None else recipe.planned_for(epochs)


def _refuse_sides(arch: Architecture, recipe: Recipe, name: str) -> None:
    if recipe.sides_px and not arch.any_side:
        raise TrainingError(
            "the recipe changes the input's side, which this architecture cannot",
            where=arch.slug,
            expected="a recipe without sides_px",
            received=name,
            remedy="Name another recipe with --recipe.",
        )


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
    if card.network not in possible or WEIGHTS_FILE not in card.files:
        raise TrainingError(
            "this folder cannot be gone on from",
            where=options.start,
            expected=f"{' or '.join(possible)} with its {WEIGHTS_FILE}",
            received=f"{card.slug} with {', '.join(card.files)}",
            remedy="Name such a folder, or leave out --from.",
        )
    from fer_core.training.export.onnx_graph import load_weights  # needs TensorFlow

    shipped = build_network(get_architecture(card.network))
    weights = load_weights(shipped, options.start / WEIGHTS_FILE)
    if card.network != arch.slug:
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
    check_options(options)
    failed = []
    for arch in [get_architecture(slug) for slug in slugs or by_cost()]:
        for one in by_seed(options):
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


def time_order(
    slug: str, recipe: Recipe, data: Fer2013, dataset: str, *, report: Callable[[str], None]
) -> Cost:
    """What a training would cost on this machine; nothing of it is kept.

    Raises:
        TrainingError: the recipe does not fit the network or the faces.
        ModelError: the recipe's teacher is not sound.
    """
    arch = get_architecture(slug)
    _refuse_sides(arch, recipe, "sides_px")
    with TemporaryDirectory(prefix="mien-cost-") as folder:
        # A teacher that reads each face once is asked before the first epoch, not in every step.
        job = TrainingJob(
            arch=arch,
            recipe=recipe
            if recipe.teacher_reads == "each_batch"
            else recipe.model_copy(update={"teacher": ""}),
            seed=0,
            run=Path(folder) / slug,
            models=models_root(),
            dataset=dataset,
            precision="float32",
            report=report,
        )
        return time_training(read_training_set(job, data))


def _train_one(
    arch: Architecture, options: TrainingOptions, data: Fer2013, report: Callable[[str], None]
) -> None:
    slug = options.name or arch.slug
    name = f"{slug}--{options.variant}" if options.variant else slug
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
        name=options.name,
        dataset=options.dataset,
        observer=options.observer,
        report=report,
    )
    if options.seeds and not (options.variant or options.portable) and is_finished(job, data):
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
        report(f"{slug}: written to {folder}")
