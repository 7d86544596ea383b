"""Making networks: training, teachers, freezing."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import app, models_folder, print_json, print_json_line
from fer_core.cli.options import RUNS, Json
from fer_core.errors import MienError

LARGEST_SEED = 2**32 - 1


@app.command()
def train(
    slugs: Annotated[list[str] | None, typer.Argument(help="Architectures to train.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All architectures, the cheapest first.")
    ] = False,
    recipe: Annotated[
        str | None, typer.Option(help="Name or path of a recipe; each architecture has its own.")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Instead of the recipe's. With --resume: where time runs short, end after this "
            "one; the learning rate falls to zero by then, and the card says so.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Source of all chance.")] = 0,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            help="Train so many times, with --seed and the numbers after it, each in RUNS/seed-N; "
            "the same command again goes on where it ended. Then: freeze SLUG --seeds.",
        ),
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on after the last whole epoch.")] = False,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="Go on from the weights of a model folder or candidate."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="mobilenetv2, vgg16: 'imagenet' or a backbone's .weights.h5, frozen."),
    ] = None,
    precision: Annotated[
        str, typer.Option(help="auto, float32 or mixed_bfloat16; auto times both.")
    ] = "auto",
    smoke: Annotated[
        bool, typer.Option(help="Rehearse everything in a minute: two epochs on 640 faces.")
    ] = False,
    budget_limited: Annotated[
        bool, typer.Option(help="Say on the card that more epochs would still have helped.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="Where checkpoints and candidates go.")] = RUNS,
    variant: Annotated[
        str | None,
        typer.Option(
            help="Train for comparison only: a row of that name in models/variants.csv, measured "
            "on PublicTest, instead of a candidate."
        ),
    ] = None,
    portable: Annotated[
        Path | None,
        typer.Option(
            "--portable",
            "--harvest",
            help="Write one small file a network into this folder instead of a candidate, for "
            "`collect` and `ensemble`; works with KERAS_BACKEND=jax and without TensorFlow.",
        ),
    ] = None,
    name: Annotated[
        str, typer.Option(help="What your own network is called, in place of its architecture.")
    ] = "",
    dataset: Annotated[
        str,
        typer.Option(help="What to learn from: fer2013, a named data set, or drawn faces: drawn."),
    ] = "fer2013",
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Write into the run's folder how far it is, print it as JSON lines, and do what "
            "`queue pause` and `queue stop` ask.",
        ),
    ] = False,
) -> None:
    """Train architectures on FER2013; anything may stop it, --resume goes on.

    Each run leaves a candidate folder; `freeze` measures it on PrivateTest and ships it.
    """
    if every == bool(slugs):
        raise typer.BadParameter("name architectures, or give --all")
    if seed + (seeds or 1) - 1 > LARGEST_SEED:
        raise typer.BadParameter(f"the last seed would be beyond {LARGEST_SEED}")
    if seeds and follow:
        raise typer.BadParameter("--follow is for one training, --seeds for several")
    if (name or follow) and len(slugs or ()) != 1:
        raise typer.BadParameter("--name and --follow are for one architecture at a time")
    from fer_core.runs.faces import load_faces
    from fer_core.runs.run import Run

    run = Run(runs / (name or (slugs or [""])[0]))
    # Held before Keras is imported, which takes seconds: who looks sees at once that it runs.
    with run.hold() if follow else nullcontext():
        from fer_core.training.loop.follow import Follower
        from fer_core.training.loop.observer import Observer
        from fer_core.training.loop.options import TrainingOptions
        from fer_core.training.loop.queue import run_queue

        failed = run_queue(
            slugs or None,
            TrainingOptions(
                recipe=recipe,
                epochs=epochs,
                seed=seed,
                seeds=seeds,
                resume=resume,
                start=start,
                weights=weights,
                precision=precision,
                smoke=smoke,
                budget_limited=budget_limited,
                runs=runs,
                variant=variant,
                models=models_folder(),
                portable=portable,
                name=name,
                dataset=dataset,
                observer=Follower(run, say=typer.echo) if follow else Observer(),
            ),
            load_faces(dataset),
            report=typer.echo,
        )
    raise typer.Exit(1 if failed else 0)


def _freeze_own(slug: str, *, force: bool, as_json: bool) -> None:
    """A training of the queue becomes one of one's own networks."""
    from fer_core.dataset import find_dataset, load_dataset
    from fer_core.evaluation.summary import read_metrics
    from fer_core.runs.shelf import find_run
    from fer_core.training.artifacts.own import freeze_own
    from fer_core.zoo import find_folder, imports_root

    data = load_dataset() if find_dataset() else None
    card = freeze_own(find_run(slug), imports_root(), data, force=force)
    folder = find_folder(slug, imports_root())
    figures = read_metrics(folder) if card.is_measured else None
    if as_json:
        print_json_line({"slug": slug, "figures": figures.model_dump() if figures else None})
        return
    told = f"PrivateTest {figures.accuracy:.2%}" if figures else "not measured on FER2013"
    typer.echo(f"{slug}: {told}. Written: {folder}")


def _freeze_own_seeds(slug: str, *, force: bool, as_json: bool) -> None:
    """A family of the queue becomes one of one's own networks, with its seeds' figures."""
    from fer_core.dataset import find_dataset, load_dataset
    from fer_core.evaluation.families import read_family
    from fer_core.runs.families import find_family
    from fer_core.training.artifacts.own import freeze_own_seeds
    from fer_core.zoo import imports_root

    failed = freeze_own_seeds(
        find_family(slug),
        imports_root(),
        load_dataset() if find_dataset() else None,
        force=force,
        report=lambda line: typer.echo(line, err=as_json),
    )
    family = read_family(imports_root() / slug)
    if as_json:
        summary = family.summary() if family else None
        print_json_line({"slug": slug, "family": summary, "failed": failed})
    elif family:
        typer.echo(family.text())
    raise typer.Exit(1 if failed else 0)


@app.command()
def collect(
    files: Annotated[list[Path], typer.Argument(help="What train --portable wrote.")],
    runs: Annotated[Path, typer.Option(help="Where the candidates go.")] = RUNS,
) -> None:
    """Make candidates for `freeze` from trainings of a machine without TensorFlow."""
    from fer_core.dataset import load_dataset
    from fer_core.training.artifacts.portable_run import collect as collect_run

    data, failed = load_dataset(), False
    for file in files:
        try:
            typer.echo(f"{file.name}: written to {collect_run(file, data, runs)}")
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)


@app.command()
def ensemble(
    name: Annotated[str, typer.Argument(help="What recipes call it as their teacher.")],
    files: Annotated[list[Path], typer.Argument(help="What train --portable wrote.")],
) -> None:
    """Average trained networks into a teacher: their logits on Training, 0.4 MB.

    Measured on PublicTest only.
    """
    from fer_core.dataset import load_dataset
    from fer_core.training.artifacts.ensemble import write_ensemble
    from fer_core.training.artifacts.portable_run import read_portable_run

    data = load_dataset()
    found = write_ensemble(
        name, [read_portable_run(file, data) for file in files], data, models_folder()
    )
    typer.echo(
        f"{name}: PublicTest {found.public_accuracy:.2%}; alone "
        + ", ".join(f"{own:.2%}" for own in found.member_accuracies)
        + f". Written: {found.path}"
    )


@app.command()
def freeze(
    slug: Annotated[str, typer.Argument(help="A finished training.")],
    force: Annotated[
        bool, typer.Option(help="Even if PublicTest says that the shipped one is better.")
    ] = False,
    seeds: Annotated[
        bool,
        typer.Option(
            "--seeds",
            help="What train --seeds left: a look for each seed, figures of each beside the "
            "network. What ships stays; where nothing does, the best on PublicTest ships. With "
            "--own: a family of the queue.",
        ),
    ] = False,
    runs: Annotated[Path, typer.Option(help="Where the candidate is.")] = RUNS,
    own: Annotated[
        bool,
        typer.Option(
            "--own",
            help="A training of the queue: its network goes into the folder of your own networks, "
            "which has a ledger of its own.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure a finished training on PrivateTest, enter the look in the ledger, ship the folder."""
    if seeds:
        freeze_family = _freeze_own_seeds if own else partial(_freeze_seeds, runs=runs)
        freeze_family(slug, force=force, as_json=as_json)
        return
    if own:
        _freeze_own(slug, force=force, as_json=as_json)
        return
    from fer_core.dataset import load_dataset
    from fer_core.evaluation.summary import read_summary
    from fer_core.training.artifacts.freeze import freeze as freeze_run

    figures = read_summary(
        freeze_run(runs / slug, models_folder(), load_dataset(), force=force)
    ).metrics
    if as_json:
        print_json(figures.model_dump())
        return
    typer.echo(
        f"{slug}: PrivateTest {figures.accuracy:.2%} "
        f"({figures.accuracy_low:.2%} to {figures.accuracy_high:.2%}), "
        f"PublicTest {figures.public_test.accuracy:.2%}"
    )


def _freeze_seeds(slug: str, *, runs: Path, force: bool, as_json: bool) -> None:
    from fer_core.dataset import load_dataset
    from fer_core.evaluation.families import read_family
    from fer_core.training.artifacts.seeds import freeze_seeds

    models = models_folder()
    failed = freeze_seeds(
        slug,
        runs,
        models,
        load_dataset(),
        force=force,
        report=lambda line: typer.echo(line, err=as_json),
    )
    family = read_family(models / slug)
    if as_json:
        print_json(family.summary() if family else None)
    elif family:
        typer.echo(family.text())
    raise typer.Exit(1 if failed else 0)
