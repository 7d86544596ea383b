"""Shipped networks in other forms."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import app, model_folder
from fer_core.cli.options import FormatName
from fer_core.errors import MienError


@app.command()
def export(
    slug: Annotated[str, typer.Argument(help="Which model.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    format: Annotated[FormatName, typer.Option(help="What to write.")] = "onnx",
) -> None:
    """Write a model for use elsewhere, with its card beside it."""
    from fer_core.training.export.deliver import deliver
    from fer_core.training.export.formats import get_format

    written = deliver(model_folder(slug), format, out)
    typer.echo(f"Written: {written} ({get_format(format).title})")


@app.command()
def int8(
    slugs: Annotated[list[str], typer.Argument(help="Models.")],
) -> None:
    """What 8-bit weights and activations would cost and gain, on PublicTest; ships nothing."""
    from fer_core.dataset import load_dataset
    from fer_core.training.export.int8 import measure_int8

    data = load_dataset()
    for slug in slugs:
        found = measure_int8(model_folder(slug), data)
        typer.echo(
            f"{slug}: PublicTest {found.accuracy:.2%}; 8 bits lose {found.loss.difference:.2%} "
            f"({found.loss.low:.2%} to {found.loss.high:.2%}, p {found.loss.mcnemar_p:.2g}), "
            f"{found.times_as_fast:.2f} times as fast, {found.bytes_int8 / 1e6:.2f} MB for "
            f"{found.bytes / 1e6:.2f}"
        )


@app.command()
def repackage(
    slugs: Annotated[list[str], typer.Argument(help="Shipped models.")],
) -> None:
    """Give shipped networks from before activation maps their second output.

    Weights, answers and ledger stay; the maps are checked against TensorFlow's gradient tape.
    """
    from fer_core.dataset import load_dataset
    from fer_core.training.export.repackage import repackage as repackage_folder

    data, failed = load_dataset(), False
    for slug in slugs:
        try:
            changed = repackage_folder(model_folder(slug), data)
            typer.echo(f"{slug}: {'repackaged' if changed else 'has its maps already'}")
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)
