"""Measuring the seeds of a training on PrivateTest: one look each, and figures that ship."""

from collections.abc import Callable, Mapping
from pathlib import Path

from fer_core.dataset import FER2013, Fer2013, Split
from fer_core.errors import MienError, TrainingError
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.seeds import (
    SEEDS,
    SeedFigures,
    SeedReport,
    keep_seed,
    read_seeds,
    settings_of,
)
from fer_core.evaluation.summary import read_history, read_logits, read_public_metrics
from fer_core.runs.recipe import recipe_name
from fer_core.runs.shelf import seed_of, seed_runs
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.freeze import checked_candidate, freeze
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    Classifier,
    ModelCard,
    enter_new_look,
    read_ledger,
    stored_weights_digest,
)

Report = Callable[[str], None]


def finished_seeds(slug: str, runs: Path) -> dict[int, Path]:
    """The runs of an architecture that have a candidate, by seed, ascending."""
    found = {}
    for run in runs.glob(f"*/{slug}"):
        seed = seed_of(run.parent)
        if seed is not None and (run / CANDIDATE).is_dir():
            found[seed] = run
    return dict(sorted(found.items()))


def freeze_seeds(
    slug: str,
    runs: Path,
    models: Path,
    data: Fer2013,
    *,
    force: bool = False,
    report: Report = lambda line: None,
) -> list[int]:
    """Measure every finished seed of an architecture that was not measured yet.

    ``models/<slug>/seeds`` gets the figures of each; the network that ships stays. Where none
    ships, the best seed by PublicTest does.

    Args:
        slug: the architecture.
        runs: where `train --seeds` left the runs.
        models: where model folders and ledger are.
        data: FER2013, the same as in training.
        force: measure also seeds that were measured with other weights.
        report: takes a sentence for each seed.

    Returns:
        The seeds that could not be measured; their sentences have been reported.

    Raises:
        TrainingError: there is none, or what ships has no card.
        ModelError: the ledger is damaged, or no seed can be shipped.
        StorageError: the folder or the ledger cannot be written.
    """
    runs_by_seed = finished_seeds(slug, runs)
    if not runs_by_seed:
        raise TrainingError(
            "there are no seeds to freeze",
            where=runs,
            expected=f"finished trainings such as {seed_runs(runs, 0) / slug}",
            received="none",
            remedy=f"Run: python -m fer_core train {slug} --seeds 3",
        )
    read_ledger(models)  # now, rather than after a look
    if not (models / slug / CARD_FILE).exists():
        freeze(runs_by_seed[best_seed(runs_by_seed)], models, data)
    return measure_seeds(runs_by_seed, models, data, force=force, report=report)


def measure_seeds(
    runs_by_seed: Mapping[int, Path],
    models: Path,
    data: Fer2013,
    *,
    force: bool,
    report: Report,
) -> list[int]:
    """Measure each seed that was not, beside the network that is in ``models`` already.

    Args:
        runs_by_seed: finished trainings of one network.
        models, force, report: see `freeze_seeds`.
        data: what they learned from, as three splits.

    Returns:
        The seeds that could not be measured; their sentences have been reported.
    """
    failed = []
    for seed, run in runs_by_seed.items():
        try:
            report(_freeze_seed(seed, run, models, data, force=force))
        except MienError as error:
            report(str(error))
            failed.append(seed)
    return failed


def best_seed(runs_by_seed: Mapping[int, Path]) -> int:
    """The best seed by what was chosen on; one whose figures are damaged is not it."""

    def public_accuracy(seed: int) -> float:
        try:
            return read_public_metrics(runs_by_seed[seed] / CANDIDATE).accuracy
        except MienError:
            return -1.0

    return max(runs_by_seed, key=public_accuracy)


def _freeze_seed(seed: int, run: Path, models: Path, data: Fer2013, *, force: bool) -> str:
    """Measure one seed unless it was; gives a sentence of it."""
    candidate, folder = run / CANDIDATE, models / run.name
    card = checked_candidate(candidate, data)
    digest = stored_weights_digest(candidate)
    known, _ = read_seeds(folder)
    before = next((one for one in known if one.seed == seed), None)
    if before is not None and before.weights_sha256 == digest:
        return f"{_line(before)}; measured before"
    _refuse_other_family(seed, card, known, folder, replacing=before is not None, force=force)
    found = _measure(seed, card, candidate, models, data, digest)
    return _line(found)


def _measure(
    seed: int, card: ModelCard, candidate: Path, models: Path, data: Fer2013, digest: str
) -> SeedReport:
    """Look at the faces that were kept back, enter the look, keep the figures."""
    dataset = card.own.dataset if card.own else FER2013
    public = read_public_metrics(candidate)
    public_logits = read_logits(candidate, ("public_logits",))
    classifier = Classifier(card, candidate / GRAPH_FILE, threads=0)
    logits, logits_flip = both_logits(classifier, data.part(Split.PRIVATE_TEST)[0])
    private = split_figures(data, Split.PRIVATE_TEST, logits, logits_flip, card.temperature)
    if dataset == FER2013:
        enter_new_look(
            models,
            card.slug,
            digest,
            public_accuracy=public.accuracy,
            private_accuracy=private.accuracy,
        )
    found = SeedReport(
        slug=card.slug,
        seed=seed,
        weights_sha256=digest,
        recipe_name=recipe_name(card.recipe),
        recipe=settings_of(card.recipe),
        epochs=card.epochs,
        best_epoch=card.recipe["best_epoch"],
        train_seconds=card.train_seconds,
        processor=card.processor,
        precision=card.precision,
        dataset=dataset,
        dataset_fingerprint=card.dataset_fingerprint,
        public_test=SeedFigures.of(public),
        private_test=SeedFigures.of(private),
    )
    keep_seed(
        models / card.slug,
        found,
        public_logits | {"private_logits": logits},
        read_history(candidate),
    )
    return found


def _refuse_other_family(
    seed: int,
    card: ModelCard,
    known: tuple[SeedReport, ...],
    folder: Path,
    *,
    replacing: bool,
    force: bool,
) -> None:
    """One family: the seed that the run's name says, one recipe, and each seed measured once."""
    if card.seed != seed:
        raise TrainingError(
            "the run is of another seed than its folder's name says",
            where=f"{card.slug}, seed {seed}",
            expected=seed,
            received=card.seed,
            remedy="Give the folder the name of its seed, or train this seed.",
        )
    others = [one for one in known if one.seed != seed]
    settings = settings_of(card.recipe)
    other = next((one for one in others if one.recipe != settings), None)
    if other is not None:
        changed = [
            name
            for name in settings.keys() | other.recipe.keys()
            if settings.get(name) != other.recipe.get(name)
        ]
        raise TrainingError(
            "the seeds of a network are of one recipe",
            where=f"{card.slug}, seed {seed}",
            expected=f"the same {', '.join(sorted(changed))} as seed {other.seed}",
            received=", ".join(f"{name} {settings.get(name)}" for name in sorted(changed)),
            remedy=f"Train it with that recipe, or move {folder / SEEDS} away for new seeds.",
        )
    if replacing and not force:
        raise TrainingError(
            "this seed was measured with other weights, and is not measured until it fits",
            where=f"{card.slug}, seed {seed}",
            remedy="Train further seeds, or replace it all the same with --force.",
        )


def _line(one: SeedReport) -> str:
    return (
        f"{one.slug}, seed {one.seed}: {one.tested_on} {one.private_test.accuracy:.2%}, "
        f"{one.chosen_on} {one.public_test.accuracy:.2%}, "
        f"best epoch {one.best_epoch} of {one.epochs}"
    )
