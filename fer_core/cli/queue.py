"""Trainings one after the other, in a queue that outlives whoever asked for them."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.cli.common import app, print_json, print_json_line
from fer_core.cli.options import Json
from fer_core.errors import MienError

if TYPE_CHECKING:
    from fer_core.runs.recipe import Recipe
    from fer_core.runs.run import Run

queue_app = typer.Typer(
    no_args_is_help=True, help="Train networks of your own, one after the other."
)
app.add_typer(queue_app, name="queue")

Name = Annotated[str, typer.Argument(help="The training's name.")]
Network = Annotated[str, typer.Argument(help="Which architecture; see `networks`.")]
Dataset = Annotated[
    str, typer.Option(help="What to learn from: fer2013, a named data set, or drawn.")
]
RecipeName = Annotated[
    str | None, typer.Option("--recipe", help="Name or path; each architecture has its own.")
]
Epochs = Annotated[int | None, typer.Option(min=1, max=1000, help="Instead of the recipe's.")]


def _recipe(network: str, name: str | None, epochs: int | None) -> tuple[str, "Recipe"]:
    from fer_core.runs.networks import known_network
    from fer_core.runs.recipe import load_recipe

    chosen = name or known_network(network).recipe
    recipe = load_recipe(chosen)
    if epochs is not None:
        recipe = recipe.planned_for(epochs)
    return Path(chosen).stem, recipe


@queue_app.command("add")
def add(
    name: Name,
    network: Network,
    dataset: Dataset = "fer2013",
    recipe: RecipeName = None,
    epochs: Epochs = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Source of all chance.")] = 0,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1000,
            help="A family: so many trainings, with --seed and the numbers after it. Then: "
            "freeze NAME --seeds --own.",
        ),
    ] = None,
    start: Annotated[
        str, typer.Option("--from", help="Go on from the weights of this network, by its name.")
    ] = "",
) -> None:
    """Put a training at the end of the queue; `queue run` trains it."""
    from fer_core.runs.faces import faces_digest
    from fer_core.runs.networks import known_network
    from fer_core.runs.order import TrainingOrder
    from fer_core.runs.queue import add_family, add_order
    from fer_core.zoo import find_folder, models_roots

    known_network(network)
    chosen, settings = _recipe(network, recipe, epochs)
    order = TrainingOrder(
        name=name,
        network=network,
        dataset=dataset,
        dataset_digest=faces_digest(dataset),
        recipe=chosen,
        settings=settings,
        seed=seed,
        start=str(find_folder(start, *models_roots()).absolute()) if start else "",
    )
    if seed + (seeds or 1) > 2**32:
        raise typer.BadParameter(f"the last seed would be beyond {2**32 - 1}")
    added = add_family(order, range(seed, seed + seeds)) if seeds else [add_order(order)]
    for run in added:
        typer.echo(f"Added: {run.folder}")
    typer.echo("Train what waits: python -m fer_core queue run")


@queue_app.command("list")
def list_all(as_json: Json = False) -> None:
    """List the trainings: how far each is."""
    from fer_core.runs.shelf import list_runs, runs_folder

    rows, failed = [], False
    for run in list_runs():
        try:
            rows.append(_told(run))
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            best = f"  best {row['best_accuracy']:.1%}" if row["best_accuracy"] is not None else ""
            words = f"  {row['sentence']}" if row["sentence"] else ""
            typer.echo(
                f"{row['name']}: {row['condition']}, epoch {row['epoch']} of {row['epochs']}"
                f"{best}{words}"
            )
        if not rows and not failed:
            typer.echo(f"There is no training in {runs_folder()} yet.", err=True)
    raise typer.Exit(1 if failed else 0)


def _told(run: "Run") -> dict[str, Any]:
    order, history = run.order(), run.history()
    snapshot = run.snapshot()
    return {
        "name": run.name,
        "family": run.family,
        "condition": run.condition(),
        "network": order.network,
        "dataset": order.dataset,
        "seed": order.seed,
        "epoch": len(history),
        "epochs": order.epochs,
        "best_accuracy": float(history["val_accuracy"].max()) if len(history) else None,
        "left_s": snapshot.left_s if snapshot else None,
        "sentence": run.state().sentence,
    }


@queue_app.command("run")
def run_queue() -> None:
    """Train what waits, one after the other; ends when nothing waits any more."""
    from fer_core.runs.queue import work

    raise typer.Exit(1 if work(typer.echo) else 0)


@queue_app.command("pause")
def pause(name: Name) -> None:
    """Hold a training up after the batch that it is at; it keeps its memory."""
    _wish(name, "pause")


@queue_app.command("resume")
def resume(name: Name) -> None:
    """Let a training go on that was paused, or that ended before its time."""
    from fer_core.runs.queue import go_on
    from fer_core.runs.shelf import find_run

    run = find_run(name)
    run.set_wish("")
    if not run.is_held():
        go_on(run)
        typer.echo("It waits in the queue: python -m fer_core queue run")


@queue_app.command("stop")
def stop(name: Name) -> None:
    """End a training after the batch that it is at, and keep the network of its best epoch."""
    _wish(name, "stop")


@queue_app.command("more")
def more(
    name: Name,
    epochs: Annotated[int, typer.Argument(min=1, max=1000, help="How many more.")],
) -> None:
    """Let a training that has ended learn for some epochs more."""
    from fer_core.runs.queue import go_on
    from fer_core.runs.shelf import find_run

    go_on(find_run(name), more_epochs=epochs)
    typer.echo("It waits in the queue: python -m fer_core queue run")


@queue_app.command("delete")
def delete(name: Name) -> None:
    """Remove a training; a network that was frozen from it stays."""
    from fer_core.runs.shelf import find_run

    find_run(name).delete()


def _wish(name: str, wish: Any) -> None:
    from fer_core.errors import TrainingError
    from fer_core.runs.shelf import find_run

    run = find_run(name)
    if not run.is_held():
        raise TrainingError(
            "it is not being trained at the moment",
            where=run.name,
            received=run.condition(),
            remedy="See how it is: python -m fer_core queue list",
        )
    run.set_wish(wish)


@queue_app.command("cost")
def cost(
    network: Network,
    dataset: Dataset = "fer2013",
    recipe: RecipeName = None,
    epochs: Epochs = None,
    as_json: Json = False,
) -> None:
    """Time a few steps on this machine, and say how long a training would take."""
    from fer_core.dataset import Split
    from fer_core.runs.cost import keep_cost
    from fer_core.runs.faces import load_faces

    _, settings = _recipe(network, recipe, epochs)
    data = load_faces(dataset)
    from fer_core.training.loop.queue import time_order

    found = time_order(network, settings, data, dataset, report=lambda line: None)
    with suppress(MienError):  # it is only timed again
        keep_cost(network, settings, found)
    learned = len(data.rows(Split.TRAINING, without_blank=True))
    chosen = len(data.rows(Split.PUBLIC_TEST))
    epoch_s = found.epoch_s(settings, learned, chosen)
    total_s = settings.epochs * epoch_s + found.finish_s(chosen)
    if as_json:
        print_json_line({**found.model_dump(), "epoch_s": epoch_s, "total_s": total_s})
        return
    memory = f", {found.peak_megabytes:,.0f} MB" if found.peak_megabytes else ""
    typer.echo(
        f"{network}: about {epoch_s:,.0f} s an epoch, {total_s / 60:,.0f} min for "
        f"{settings.epochs} epochs{memory}"
    )


@app.command("networks")
def networks(as_json: Json = False) -> None:
    """List the architectures that can be trained."""
    from fer_core.training.networks.facts import network_facts

    facts = network_facts()
    if as_json:
        print_json([fact.model_dump() for fact in facts])
        return
    for fact in facts:
        typer.echo(
            f"{fact.slug}: {fact.title}, {fact.parameters:,} parameters, "
            f"{fact.multiply_accumulates / 1e6:,.1f} M multiply-accumulates, recipe {fact.recipe}"
        )
