"""Commands about the data set."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import data_app, print_json
from fer_core.cli.options import Json


@data_app.command("import")
def data_import(
    csv: Annotated[Path, typer.Argument(help="The challenge's file, fer2013.csv.")],
    ferplus: Annotated[
        Path | None, typer.Option(help="Microsoft's fer2013new.csv with the FER+ votes.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Another place than data/fer2013.npz.")] = None,
) -> None:
    """Check the challenge's CSV and write the compact file that everything else reads."""
    from rich.progress import Progress

    from fer_core.dataset import DATASET_FILE, describe, read_csv

    with Progress(transient=True) as bar:
        task = bar.add_task("Reading", total=None)
        data = read_csv(
            csv,
            ferplus=ferplus,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    path = out or DATASET_FILE
    data.save(path)
    typer.echo(describe(data).text())
    typer.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)")


@data_app.command("describe")
def data_describe(
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the summary here instead of where it ships.")
    ] = None,
) -> None:
    """Print counts by split and class, blanks, duplicates, FER+ agreement and the fingerprint.

    Also writes the summary that the Data page shows to people without the data set.
    """
    from fer_core.dataset import DATASET_FILE, SUMMARY_FILE, describe, find_dataset, load_dataset

    path = find_dataset()
    summary = describe(load_dataset(path))
    if as_json:
        print_json(summary.model_dump(mode="json"))
    else:
        typer.echo(summary.text())
    # Another data set, or one without votes, must not replace what ships for everybody.
    if out is None and path == DATASET_FILE:
        if summary.ferplus is None:
            typer.echo("Not written: the summary that ships needs the FER+ votes.", err=True)
        else:
            out = SUMMARY_FILE
    if out is not None:
        summary.save(out)
        typer.echo(f"Written: {out} ({out.stat().st_size / 1e3:.1f} kB)", err=True)
