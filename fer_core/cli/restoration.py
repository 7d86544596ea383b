"""Commands about faces that are restored before they are read."""

from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import app, chosen_detector, model_folder, prepare_outputs, print_json
from fer_core.cli.options import DEFAULT_DETECTOR, RUNS, Detector, Json, RestorationName

_JUDGE = "nano"
# In turns with the flagship it took twice as long, gained nothing for that, and less for nano.


@app.command()
def restorer(
    out: Annotated[Path, typer.Option(dir_okay=False, help="The file to write.")] = RUNS
    / "restorer.onnx",
    judges: Annotated[
        list[str] | None,
        typer.Option("--judge", help="A model whose answers count; several take turns."),
    ] = None,
    pixel_epochs: Annotated[int, typer.Option(min=0, help="Over pixels alone.")] = 8,
    judged_epochs: Annotated[int, typer.Option(min=0, help="Over the judges' answers.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Source of all chance.")] = 0,
    smoke: Annotated[
        bool, typer.Option(help="Rehearse it in a minute: an epoch of each on 640 faces.")
    ] = False,
) -> None:
    """Train the network that completes faces before they are read, on FER2013's Training images.

    A quarter of an hour on two cores. To use it in place of the one that is there, copy it there,
    give `Restoration` another name for it, and measure each network behind it: reread, freeze.
    """
    from fer_core.dataset import Split, load_dataset
    from fer_core.training.export.onnx_graph import export_restorer, shipped_network
    from fer_core.training.restorer.learn import RestorerRecipe, train_restorer
    from fer_core.zoo import check_folder

    prepare_outputs(out)
    faces, _ = load_dataset().part(Split.TRAINING, without_blank=True)
    turns = tuple(judges or [_JUDGE])
    folders = {slug: model_folder(slug) for slug in turns}
    networks = {
        slug: shipped_network(folder, check_folder(folder)) for slug, folder in folders.items()
    }
    if smoke:
        faces, pixel_epochs, judged_epochs = faces[:640], 1, 1
    recipe = RestorerRecipe(pixel_epochs=pixel_epochs, judged_epochs=judged_epochs, seed=seed)
    model = train_restorer(
        faces,
        [networks[slug] for slug in turns],
        recipe,
        report=lambda line: print(line, flush=True),
    )
    export_restorer(model, out)
    typer.echo(f"Written: {out}")


@app.command()
def reread(
    slug: Annotated[str, typer.Argument(help="A model.")],
    restoration: Annotated[
        RestorationName, typer.Option(help="What is done to a face that a camera saw badly.")
    ] = RestorationName.completed,
    detector: Detector = DEFAULT_DETECTOR,
    runs: Annotated[Path, typer.Option(help="Where the candidate goes.")] = RUNS,
    as_json: Json = False,
) -> None:
    """The same weights behind another preparation of the face: a candidate for freeze.

    PublicTest is read anew, and what is said of confidence is chosen anew; PrivateTest is not read.
    """
    from fer_core.dataset import load_dataset
    from fer_core.evaluation.summary import read_public_metrics
    from fer_core.faces import Restoration
    from fer_core.training.artifacts.reread import reread as read_anew

    folder, finder = model_folder(slug), chosen_detector(detector)
    kind = Restoration(restoration)
    candidate = read_anew(folder, runs / slug, kind, finder, load_dataset())
    before, now = read_public_metrics(folder), read_public_metrics(candidate)
    if as_json:
        print_json({"candidate": str(candidate), "public_test": now.model_dump()})
        return
    typer.echo(
        f"{slug}: PublicTest {now.accuracy:.2%} (what is shipped: {before.accuracy:.2%}). Written: "
        f"{candidate}. To measure and ship it: python -m fer_core freeze {slug} --runs {runs}"
    )
