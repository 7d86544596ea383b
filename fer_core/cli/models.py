"""Commands about model folders: listing them, importing others' networks, removing these."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.cli.common import model_folder, models_app, print_json, print_json_line, telling
from fer_core.cli.options import Json, Progress
from fer_core.errors import MienError, ModelError

if TYPE_CHECKING:
    from fer_core.dataset import Fer2013
    from fer_core.evaluation.imports.plan import ImportPlan
    from fer_core.evaluation.leaderboard import LeaderboardRow

ANYWAY = "--anyway"


@models_app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Also read every weight and open every network.")
    ] = False,
    as_json: Json = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table that stands in the README.")
    ] = False,
) -> None:
    """List the model folders with their figures; exit 1 where one is not sound."""
    if context.invoked_subcommand is None:
        _list(check=check, as_json=as_json, markdown=markdown)
    elif check or as_json or markdown:
        raise typer.BadParameter(f"--json and the like go after {context.invoked_subcommand}")


def _list(*, check: bool, as_json: bool, markdown: bool) -> None:
    from fer_core.evaluation.families import read_families
    from fer_core.evaluation.leaderboard import leaderboard_markdown, leaderboard_rows
    from fer_core.evaluation.summary import read_logits, read_summaries
    from fer_core.zoo import load_classifier, models_roots

    summaries, errors = read_summaries(*models_roots())
    if not summaries and not errors:
        model_folder()  # says that there is none, and where they were looked for
    if check:
        sound = []
        for summary in summaries:
            try:
                network = load_classifier(model_folder(summary.slug))
                if network.card.is_measured:
                    read_logits(model_folder(summary.slug))
                sound.append(summary)
            except MienError as error:
                errors.append(error)
        summaries = sound
    families, damaged = read_families(*models_roots())
    errors += damaged
    rows = leaderboard_rows(summaries, families)
    if as_json:
        print_json([row.model_dump() for row in rows])
    elif markdown:
        typer.echo(leaderboard_markdown(summaries, families))
    else:
        _print_table(rows)
    for broken in errors:
        typer.echo(str(broken), err=True)
    raise typer.Exit(1 if errors else 0)


def _print_table(rows: "list[LeaderboardRow]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for name in (
        "model",
        "accuracy",
        "over seeds",
        "flip",
        "twin-free",
        "macro-F1",
        "published",
        "parameters",
    ):
        table.add_column(name, justify="left" if name == "model" else "right")
    for name in ("MMAC", "MB", "looks", "status"):
        table.add_column(name, justify="left" if name == "status" else "right")
    for row in sorted(rows, key=lambda row: -row.accuracy):
        table.add_row(
            row.slug,
            f"{row.accuracy:.2%}",
            _over_seeds(row.seeds),
            f"{row.accuracy_flip:.2%}",
            f"{row.accuracy_twin_free:.2%}",
            f"{row.macro_f1:.3f}",
            f"{row.published.figure:.2f}%" if row.published else "",
            f"{row.parameters:,}",
            f"{row.multiply_accumulates / 1e6:.1f}",
            f"{row.megabytes:.2f}",
            "" if row.looks is None else str(row.looks),
            row.status,
        )
    Console(width=160 if not sys.stdout.isatty() else None).print(table)


def _over_seeds(seeds: dict[str, Any] | None) -> str:
    """Mean and standard deviation of a family, such as "57.10 ± 0.60 %"; "" without."""
    if seeds is None or seeds["dataset"] != "fer2013":
        return ""
    found = seeds["private_test"]["accuracy"]
    chance = "" if found["sd"] is None else f" ± {100 * found['sd']:.2f}"
    return f"{100 * found['mean']:.2f}{chance} %"


@models_app.command("describe")
def models_describe(
    slug: Annotated[str, typer.Argument(help="A network, of any folder of models.")],
    as_json: Json = False,
) -> None:
    """Print a network's card: figures, seeds, limits, licence and how it is used."""
    from fer_core.evaluation.families import read_family
    from fer_core.evaluation.summary import read_metrics
    from fer_core.evaluation.takeaway import hub_card
    from fer_core.zoo import read_card

    folder = model_folder(slug)
    if not as_json:
        typer.echo(hub_card(folder))
        return
    card, family = read_card(folder), read_family(folder)
    print_json(
        {
            "card": card.model_dump(mode="json"),
            "figures": read_metrics(folder).model_dump() if card.is_measured else None,
            "seeds": family.summary() if family else None,
        }
    )


@models_app.command("import")
def models_import(
    file: Annotated[Path, typer.Argument(help="An ONNX or .keras file, or an HDF5 of weights.")],
    slug: Annotated[str, typer.Option(help="What to call it: lower-case letters, digits and _.")],
    title: Annotated[str, typer.Option(help="For people; made of the slug if not named.")] = "",
    licence: Annotated[str, typer.Option(help="What its maker allows.")] = "",
    labels: Annotated[
        str | None,
        typer.Option(
            help="What its outputs mean, in order: angry,disgust,... or fer2013, rafdb ..."
        ),
    ] = None,
    range: Annotated[
        str | None,
        typer.Option(help="Of pixel values: 0..255, 0..1, -1..1, imagenet ..., or MEAN/STD."),
    ] = None,
    layout: Annotated[str | None, typer.Option(help="NHWC, NCHW or NHW.")] = None,
    channels: Annotated[str | None, typer.Option(help="grey, grey3, rgb or bgr.")] = None,
    side: Annotated[int | None, typer.Option(help="Of its picture, where it takes any.")] = None,
    output: Annotated[
        str | None, typer.Option(help="Which output has the classes, where there are several.")
    ] = None,
    architecture: Annotated[
        str | None, typer.Option(help="Whose weights an HDF5 file holds: one that Mien trains.")
    ] = None,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="Around a face's box, as a share of its side.")
    ] = 0.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what is found, and stop.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option(ANYWAY, help="Import it although it looks as if misunderstood.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an imported network of the same name.")
    ] = False,
    as_json: Json = False,
    progress: Progress = False,
) -> None:
    """Make somebody's network one that every page can use; exit 1 where it is not understood.

    What neither its file nor an option says is found out by trying on FER2013's PublicTest.
    """
    from fer_core.evaluation.imports.folder import Naming, check_place, write_import
    from fer_core.evaluation.imports.plan import plan_import
    from fer_core.zoo import imports_root, models_roots
    from fer_core.zoo.imports import Said

    naming = Naming(slug, title, licence)
    check_place(slug, imports_root(), *models_roots(), replacing=replace)
    said = Said(layout, channels, range, side, labels, output, architecture, margin)
    data = _fer2013()
    with telling(progress, as_json) as tell:
        plan = plan_import(file, said, data, tell)
        if not (as_json or progress):
            _print_plan(plan)
        folder = None
        if not dry_run and (anyway or not plan.doubts):
            folder = write_import(plan, naming, imports_root(), data, tell)
    result: dict[str, Any] = {"slug": slug, "found": plan.summary()}
    if folder is not None:
        result |= {"folder": str(folder), "figures": _figures(folder, data)}
    _end_import(result, plan, folder, dry_run=dry_run, as_json=as_json or progress)


def _fer2013() -> "Fer2013 | None":
    from fer_core.dataset import find_dataset, load_dataset

    path = find_dataset()
    return None if path is None else load_dataset(path)


def _print_plan(plan: "ImportPlan") -> None:
    hows = {
        "file": "stands in the file",
        "said": "as you said",
        "tried": "found by trying on PublicTest",
        "usual": "not to be told from grey faces; what most have",
    }
    for name, setting in plan.imported.settings.items():
        typer.echo(f"{name:10}{setting.value}  ({hows[setting.how]})")
    typer.echo(f"{'time':10}{1000 * plan.seconds_per_face:.1f} ms for a face, on one core")
    for note in plan.imported.notes:
        typer.echo(note)


def _figures(folder: Path, data: "Fer2013 | None") -> dict[str, Any] | None:
    from fer_core.evaluation.summary import read_metrics

    return None if data is None else read_metrics(folder).model_dump()


def _end_import(
    result: dict[str, Any],
    plan: "ImportPlan",
    folder: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say what came of it; exit 1 where it was not imported for its doubts."""
    if as_json:
        print_json_line(result)
    if plan.doubts and not dry_run and folder is None:
        raise ModelError(
            " ".join(plan.doubts).rstrip("."),
            remedy="Say what is otherwise, with --labels, --range, --layout or --channels; or "
            f"import it as it is: {ANYWAY}.",
        )
    if as_json:
        return
    for doubt in plan.doubts:
        typer.echo(f"Doubtful: {doubt}", err=True)
    if folder is not None:
        _print_imported(folder, result["figures"])


def _print_imported(folder: Path, figures: dict[str, Any] | None) -> None:
    if figures is not None:
        public = figures["public_test"]
        typer.echo(
            f"PublicTest {public['accuracy']:.2%} of {public['n']:,} faces, "
            f"PrivateTest {figures['accuracy']:.2%} ({figures['accuracy_low']:.2%} to "
            f"{figures['accuracy_high']:.2%}) of {figures['n']:,}: a look, entered in the ledger."
        )
    typer.echo(f"Written: {folder}")


@models_app.command("measure")
def models_measure(
    slug: Annotated[str, typer.Argument(help="A network without figures, imported or your own.")],
    progress: Progress = False,
) -> None:
    """Measure a network on FER2013 that was added before FER2013 was here."""
    from fer_core.dataset import load_dataset
    from fer_core.evaluation.imports.measuring import measure_import

    data = load_dataset()
    with telling(progress, as_json=False) as tell:
        folder, left = measure_import(model_folder(slug), data, tell)
    _print_imported(folder, _figures(folder, data))
    for sentence in left:
        typer.echo(sentence, err=True)


@models_app.command("remove")
def models_remove(
    slug: Annotated[str, typer.Argument(help="A network, imported or your own.")],
) -> None:
    """Remove a network of yours or an imported one; its looks at PrivateTest stay."""
    from fer_core.evaluation.imports.folder import remove_import

    folder = model_folder(slug)
    remove_import(folder)
    typer.echo(f"Removed: {folder}")
