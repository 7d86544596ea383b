"""Commands about what a network's answers are worth, and about answers that lean."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fer_core.cli.common import (
    app,
    chosen_detector,
    model_folder,
    model_slugs,
    models_folder,
    print_json,
)
from fer_core.cli.options import DEFAULT_DETECTOR, Detector, Json
from fer_core.errors import MienError, ModelError

if TYPE_CHECKING:
    from fer_core.dataset import NamedDataset
    from fer_core.evaluation.calibration import Progress
    from fer_core.evaluation.calibration_report import CalibrationRow
    from fer_core.evaluation.datasets import DatasetFigures


@app.command()
def calibrate(
    slugs: Annotated[list[str] | None, typer.Argument(help="Models; all if none is named.")] = None,
    detector: Detector = DEFAULT_DETECTOR,
    as_json: Json = False,
) -> None:
    """Choose anew what models say of their confidence, and measure it, into models/calibration.csv.

    On PublicTest as it is, through detector and canvas, and degraded; measured on the images of it
    that nothing was chosen on. Weights and answers stay, and this is no look at PrivateTest.
    """
    from fer_core.dataset import load_dataset
    from fer_core.evaluation.calibration_report import (
        CALIBRATION_FILE,
        measure_calibration,
        write_calibration,
    )
    from fer_core.training.artifacts.recalibrate import recalibrate
    from fer_core.zoo import AnswersAs, load_classifier

    data, finder = load_dataset(), chosen_detector(detector)
    rows: list[CalibrationRow] = []

    def measure(slug: str, tell: "Progress") -> None:
        folder = model_folder(slug)
        recalibrate(folder, finder, data, progress=tell)
        network = load_classifier(folder, threads=0)
        found = measure_calibration(network, finder, data, progress=tell)
        if network.card.voters is not None:
            second = load_classifier(folder, threads=0, answers_as=AnswersAs.VOTERS)
            found += measure_calibration(second, finder, data, progress=tell)
        write_calibration(models_folder(), found)  # as it goes: it takes minutes
        rows.extend(found)
        if not as_json:
            typer.echo(_summary(slug, found))

    failed = _in_turn(slugs or model_slugs(), measure, quiet=as_json)
    if as_json:
        print_json([row.model_dump() for row in rows])
    elif rows:
        typer.echo(f"Written: {models_folder() / CALIBRATION_FILE}")
    raise typer.Exit(1 if failed else 0)


@app.command()
def voters(
    slugs: Annotated[list[str], typer.Argument(help="Models that end in a dense layer.")],
    detector: Detector = DEFAULT_DETECTOR,
    smoke: Annotated[bool, typer.Option(help="Rehearse it in a minute, on 640 faces.")] = False,
    as_json: Json = False,
) -> None:
    """Teach models a second answer: what FER+'s voters would name, beside FER2013's labels.

    A last layer of its own, learned from Training; all else of the network stays, and so does what
    was measured of the labels' answer. Needs FER+'s votes: data import --ferplus. PrivateTest is
    not read. What it is worth is measured by calibrate.
    """
    from fer_core.dataset import load_dataset
    from fer_core.training.artifacts.voters import learn_voters

    data, finder = load_dataset(), chosen_detector(detector)
    learned: dict[str, Any] = {}

    def learn(slug: str, tell: "Progress") -> None:
        found = learn_voters(
            model_folder(slug), finder, data, most=640 if smoke else None, progress=tell
        ).voters
        assert found is not None
        learned[slug] = found.model_dump()
        if not as_json:
            typer.echo(
                f"{slug}: learned from {found.faces:,} faces; names {found.accuracy:.1%} of "
                f"{found.n:,} PublicTest faces as most voters do, macro-F1 {found.macro_f1:.3f}"
            )

    failed = _in_turn(slugs, learn, quiet=as_json)
    if as_json:
        print_json(learned)
    raise typer.Exit(1 if failed else 0)


def _in_turn(slugs: Iterable[str], work: Callable[[str, "Progress"], None], *, quiet: bool) -> bool:
    """Work on models behind a bar; an error is said and the next goes on. True if one failed."""
    from rich import progress
    from rich.console import Console

    failed = False
    with progress.Progress(
        console=Console(stderr=True), transient=True, disable=quiet or not sys.stderr.isatty()
    ) as bar:
        for slug in slugs:
            task = bar.add_task(slug, total=None)

            def tell(done: int, total: int, task: progress.TaskID = task) -> None:
                bar.update(task, completed=done, total=total)

            try:
                work(slug, tell)
            except MienError as error:
                typer.echo(str(error), err=True)
                failed = True
    return failed


def _summary(slug: str, rows: "list[CalibrationRow]") -> str:
    from fer_core.evaluation.calibration import DEGRADED, DETECTED
    from fer_core.evaluation.robustness import AS_IT_IS

    wholes = (AS_IT_IS, DETECTED, DEGRADED)
    lines = [
        f"{slug} as {row.answers_as}, {row.views} view{'s' if row.views > 1 else ''}, "
        f"{row.condition:9} {row.accuracy:.1%} right, {row.confidence:.1%} sure "
        f"(ECE {row.ece:.3f}), {row.expected_right:.1%} expected, {row.share_unsure:.0%} unsure; "
        f"sets cover {row.coverage:.1%} with {row.set_size:.1f} classes"
        for row in rows
        if row.condition in wholes
    ]
    apart = max(
        (row for row in rows if row.condition not in wholes),
        key=lambda row: abs(row.expected_right - row.accuracy),
    )
    return "\n".join(
        [
            *lines,
            f"{slug}: expected and right are furthest apart as {apart.answers_as} under "
            f"{apart.condition} {apart.severity:g}, "
            f"{100 * (apart.expected_right - apart.accuracy):+.1f} points",
        ]
    )


@app.command()
def prior(
    slugs: Annotated[list[str] | None, typer.Argument(help="Models; all if none is named.")] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Also on a named data set; see evaluate --dataset.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try answers without the training set's class shares: what tau * log(share) less would give.

    From stored answers to PublicTest, one view; nothing is read, written or chosen.
    """
    from fer_core.dataset import Split, load_dataset, load_named
    from fer_core.evaluation.dataset_files import read_dataset_logits, read_evaluation
    from fer_core.evaluation.datasets import split_rows
    from fer_core.evaluation.evaluate import refuse_other_dataset
    from fer_core.evaluation.leaning import prior_trial, training_shares
    from fer_core.evaluation.summary import read_logits
    from fer_core.zoo import check_folder

    data, failed = load_dataset(), False
    named = None if dataset is None else load_named(dataset)
    shares = training_shares(data)
    trials: list[dict[str, Any]] = []
    for slug in slugs or model_slugs():
        try:
            folder = model_folder(slug)
            refuse_other_dataset(check_folder(folder), data)
            logits = {Split.PUBLIC_TEST.value: read_logits(folder)["public_logits"]}
            labels = {Split.PUBLIC_TEST.value: data.part(Split.PUBLIC_TEST)[1]}
            figures = None if dataset is None else read_evaluation(folder, dataset)
            if named is not None and figures is not None:
                _refuse_other_answers(figures, named)
                logits[named.name] = read_dataset_logits(folder, figures)
                labels[named.name] = named.labels[split_rows(named, figures.split)[1]]
            tried = {
                name: prior_trial(answers, labels[name], shares) for name, answers in logits.items()
            }
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
            continue
        if named is not None and figures is None:
            typer.echo(f"{slug} was not measured on {dataset}: evaluate --dataset", err=True)
            failed = True
        for name, rows in tried.items():
            trials.append(
                {"slug": slug, "images": name, "rows": [row.model_dump() for row in rows]}
            )
            if not as_json:
                typer.echo(f"{slug} on {name}, {rows[0].n:,} images")
                for row in rows:
                    typer.echo(
                        f"  tau {row.tau:4}: {row.accuracy:.1%} right, macro-F1 "
                        f"{row.macro_f1:.3f}, {row.neutral:.0%} neutral"
                    )
    if as_json:
        print_json(trials)
    raise typer.Exit(1 if failed else 0)


def _refuse_other_answers(figures: "DatasetFigures", data: "NamedDataset") -> None:
    from fer_core.zoo import AnswersAs

    if figures.dataset_fingerprint != data.fingerprint:
        raise ModelError(
            f"the model was measured on other pictures named {data.name}",
            where=figures.slug,
            expected=data.fingerprint[:16],
            received=figures.dataset_fingerprint[:16],
            remedy=f"Measure again: python -m fer_core evaluate --dataset {data.name} "
            f"{figures.slug}",
        )
    if figures.answers_as != AnswersAs.LABELS:
        raise ModelError(
            f"on {data.name} the model answered as {figures.answers_as}, who have other shares",
            where=figures.slug,
            remedy=f"Measure again: python -m fer_core evaluate --dataset {data.name} "
            f"{figures.slug} --answers {AnswersAs.LABELS}",
        )
