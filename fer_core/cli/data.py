"""Commands about data sets."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fer_core.cli.common import data_app, open_detector, print_json, print_json_line, telling
from fer_core.cli.options import DEFAULT_DETECTOR, Detector, Json, Progress
from fer_core.errors import DatasetError, MienError

if TYPE_CHECKING:
    from fer_core.dataset import Fer2013, LabelUse


@data_app.command("import")
def data_import(
    source: Annotated[
        Path,
        typer.Argument(
            help="FER2013's CSV, also as gz, ZIP, tar or folder. With --name: a folder with a "
            "folder for each class, a CSV of path and label, or a ZIP or tar of these."
        ),
    ],
    ferplus: Annotated[
        Path | None, typer.Option(help="Microsoft's fer2013new.csv with the FER+ votes.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Another place than data/fer2013.npz.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Labelled pictures of your own, and what to call them.")
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="What labels mean: fer2013, affectnet, rafdb ..., or a CSV of your own."),
    ] = None,
    crops: Annotated[
        bool | None,
        typer.Option(
            "--crops/--no-crops",
            help="The pictures are faces cut out already; found out if not said.",
        ),
    ] = None,
    detector: Detector = DEFAULT_DETECTOR,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what each label becomes, and stop.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a data set of the same name.")
    ] = False,
    as_json: Json = False,
    progress: Progress = False,
) -> None:
    """Check the challenge's CSV, or labelled pictures, and write one compact file of it."""
    if name is None:
        if labels or crops is not None or dry_run or force:
            raise typer.BadParameter("--labels, --crops, --dry-run and --force need --name")
        _import_challenge(source, ferplus, out, as_json=as_json, progress=progress)
        return
    if ferplus or out:
        raise typer.BadParameter("--ferplus and --out are for FER2013, without --name")
    if dry_run:
        _show_labels(source, labels, as_json=as_json, progress=progress)
        return
    _import_named(
        source, name, labels, crops, detector, force=force, as_json=as_json, progress=progress
    )


def _import_challenge(
    source: Path, ferplus: Path | None, out: Path | None, *, as_json: bool, progress: bool
) -> None:
    from fer_core.dataset import dataset_path, describe, read_csv

    path = out or dataset_path()
    _refuse_over_input(path, source, ferplus)
    with telling(progress, as_json) as tell:
        data = read_csv(source, ferplus=ferplus, progress=tell)
    data.save(path)
    summary = describe(data)
    if as_json:
        print_json(summary.model_dump(mode="json"))
        return
    typer.echo(summary.text())
    typer.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)")


def _refuse_over_input(path: Path, *inputs: Path | None) -> None:
    if any(
        one is not None and path.exists() and one.exists() and path.samefile(one) for one in inputs
    ):
        raise DatasetError(
            "the result would replace what it is made of",
            where=path,
            remedy="Name another place: --out.",
        )


def _show_labels(source: Path, labels: str | None, *, as_json: bool, progress: bool) -> None:
    """What `data import` would make of the labels, and whether that is enough."""
    from fer_core.dataset import label_table, open_pictures
    from fer_core.pipeline.dataset_import import check_labels, label_uses

    table = label_table(labels)
    with open_pictures(source, table) as found:
        uses = label_uses(found.pictures, table)
    if progress:
        print_json_line({"labels": [use.model_dump() for use in uses]})
    elif as_json:
        print_json([use.model_dump() for use in uses])
    else:
        _print_labels(uses)
    check_labels(source, uses)


def _import_named(
    source: Path,
    name: str,
    labels: str | None,
    crops: bool | None,
    detector: str,
    *,
    force: bool,
    as_json: bool,
    progress: bool,
) -> None:
    from fer_core.dataset import check_dataset, check_name, dataset_path, label_table, open_pictures
    from fer_core.pipeline.dataset_import import import_pictures

    path = dataset_path(check_name(name))
    if path.exists() and not force:
        raise DatasetError(
            "there is a data set of this name",
            where=path,
            remedy="Take another name, or replace it with --force.",
        )
    table = label_table(labels)
    with open_pictures(source, table) as found, telling(progress, as_json) as tell:
        data = import_pictures(
            found,
            source,
            name,
            table,
            lambda: open_detector(detector, photos=True),
            ready=crops,
            progress=tell,
        )
    data.save(path)
    checks = check_dataset(data, _fer2013())
    if as_json:
        print_result = print_json_line if progress else print_json
        print_result(checks.model_dump(mode="json"))
        return
    _print_labels(data.info.labels)
    typer.echo(checks.text())
    typer.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB)")


def _print_labels(uses: "tuple[LabelUse, ...]") -> None:
    from fer_core.dataset.labels import LEFT_OUT

    width = max(len(use.word) for use in uses)
    for use in uses:
        meaning = use.label or (LEFT_OUT if use.known else f"{LEFT_OUT}, not in the table")
        typer.echo(f"{use.word:{width}}  {use.pictures:>8,}  {meaning}")
    typer.echo("")


def _fer2013() -> "Fer2013 | None":
    """FER2013 where it is imported; says so where its file cannot be read."""
    from fer_core.dataset import find_dataset, load_dataset

    path = find_dataset()
    try:
        return None if path is None else load_dataset(path)
    except MienError as error:
        typer.echo(str(error), err=True)
        return None


@data_app.command("labels")
def data_labels(
    code: Annotated[
        str | None,
        typer.Argument(help="Whose numbers or letters: fer2013, affectnet, rafdb ...; if any."),
    ] = None,
) -> None:
    """Print what labels mean as CSV, to be changed and given back: data import --labels MAP.csv."""
    from fer_core.dataset import label_table

    typer.echo(label_table(code).to_csv(), nl=False)


@data_app.command("list")
def data_list(as_json: Json = False) -> None:
    """List the data sets that are here; exit 1 where one cannot be read."""
    from fer_core.dataset import FER2013, dataset_path, find_dataset, list_datasets, read_info

    rows, failed = [], False
    if (path := find_dataset()) is not None:
        rows.append({"name": FER2013, "pictures": None, "megabytes": path.stat().st_size / 1e6})
    for name in list_datasets():
        try:
            info, pictures = read_info(name)
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
            continue
        size = dataset_path(name).stat().st_size / 1e6
        rows.append({"name": name, "pictures": pictures, "megabytes": size, "source": info.source})
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        count = "" if row["pictures"] is None else f"{row['pictures']:,} pictures"
        typer.echo(f"{row['name']:24}{count:>18}{row['megabytes']:>10.1f} MB")
    if not rows and not as_json:
        typer.echo("There is no data set yet: python -m fer_core data import --help")
    raise typer.Exit(1 if failed else 0)


@data_app.command("describe")
def data_describe(
    name: Annotated[
        str | None, typer.Argument(help="A named data set; FER2013 if not named.")
    ] = None,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the summary here instead of where it ships.")
    ] = None,
) -> None:
    """Print counts by split and class, blanks, duplicates, leaks and the fingerprint.

    Of FER2013 it also writes the summary that the Data page shows to people without the data set.
    """
    from fer_core.dataset import FER2013, check_dataset, load_named

    if name is not None and name != FER2013:
        if out is not None:
            raise typer.BadParameter("--out is for FER2013's summary")
        checks = check_dataset(load_named(name), _fer2013())
        if as_json:
            print_json(checks.model_dump(mode="json"))
        else:
            _print_labels(checks.info.labels)
            typer.echo(checks.text())
        return
    _describe_challenge(out, as_json=as_json)


def _describe_challenge(out: Path | None, *, as_json: bool) -> None:
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
