"""Commands about networks' figures: recomputing, comparing, robustness."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from fer_core.cli.common import (
    app,
    model_folder,
    model_slugs,
    models_folder,
    print_json,
    print_json_line,
)
from fer_core.cli.options import AnswersName, Json, Progress
from fer_core.errors import MienError


class SplitChoice(StrEnum):
    """Parts of a named data set."""

    ALL = "all"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@app.command()
def evaluate(
    slugs: Annotated[list[str] | None, typer.Argument(help="Models; all if none is named.")] = None,
    dataset: Annotated[
        str | None, typer.Option(help="A named data set in place of FER2013; see data list.")
    ] = None,
    split: Annotated[
        SplitChoice | None,
        typer.Option(help="Of a named data set; test where it has one, else all."),
    ] = None,
    slices: Annotated[
        bool,
        typer.Option(
            "--slices", help="With --dataset: also by size, light, sharpness, turn, group, person."
        ),
    ] = False,
    answers: Annotated[
        AnswersName | None,
        typer.Option(
            help="With --dataset: as FER+'s voters name faces, which is what networks do that "
            "have learned it, or as FER2013's labels."
        ),
    ] = None,
    as_json: Json = False,
    progress: Progress = False,
) -> None:
    """Recompute figures from model.onnx and the data set; exit 1 where they differ by over 1e-4.

    On FER2013 networks answer as its labels. On a named data set figures are kept beside the model,
    in evaluations/NAME.json.
    """
    chosen = list(slugs or model_slugs())
    if dataset is not None:
        failed = _evaluate_named(
            chosen,
            dataset,
            split,
            answers or AnswersName.voters,
            slices=slices,
            as_json=as_json,
            progress=progress,
        )
    elif split is not None or slices or answers is not None:
        option = "--split" if split else "--slices" if slices else "--answers"
        raise typer.BadParameter(f"{option} needs --dataset")
    else:
        failed = _evaluate_fer2013(chosen, as_json=as_json)
    raise typer.Exit(1 if failed else 0)


def _evaluate_fer2013(slugs: list[str], *, as_json: bool) -> bool:
    from fer_core.dataset import Split, load_dataset
    from fer_core.evaluation.evaluate import evaluate_folder

    public = Split.PUBLIC_TEST.value

    data = load_dataset()
    results, failed = [], False
    for slug in slugs:
        try:
            result = evaluate_folder(model_folder(slug), data)
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
            continue
        failed |= bool(result.differences)
        results.append(
            {
                "slug": slug,
                **result.figures.model_dump(),
                "answers": result.answers,
                "labels": result.labels,
                "differences": _differences(result.differences),
            }
        )
        if not as_json:
            words = ", ".join(result.differences) or "nothing"
            figures = result.figures.public_test
            leaning = ", ".join(
                f"{label} {share:.1%} ({result.labels[public][label]:.1%})"
                for label, share in result.answers[public].items()
            )
            typer.echo(
                f"{slug}: accuracy {result.figures.accuracy:.4f}, macro-F1 "
                f"{result.figures.macro_f1:.4f}; differs: {words}\n"
                f"  PublicTest: accuracy {figures.accuracy:.4f}, macro-F1 {figures.macro_f1:.4f}; "
                f"answers (labels): {leaning}"
            )
    if as_json:
        print_json(results)
    return failed


def _differences(found: dict[str, tuple[float, float]]) -> dict[str, dict[str, float]]:
    return {name: {"stated": stated, "recomputed": now} for name, (stated, now) in found.items()}


def _evaluate_named(
    slugs: list[str],
    name: str,
    split: SplitChoice | None,
    answers: str,
    *,
    slices: bool,
    as_json: bool,
    progress: bool,
) -> bool:
    from fer_core.dataset import find_dataset, load_dataset, load_named
    from fer_core.evaluation.dataset_files import keep_evaluation
    from fer_core.evaluation.datasets import (
        dataset_figures,
        dataset_logits,
        fair_rows,
        find_overlaps,
        split_rows,
    )
    from fer_core.evaluation.labelled import dataset_images
    from fer_core.evaluation.slices import find_slices, slice_report
    from fer_core.zoo import AnswersAs, load_classifier

    data = load_named(name)
    part, rows = split_rows(data, None if split is None else split.value)
    overlaps = find_overlaps(data, None if find_dataset() is None else load_dataset())
    images = dataset_images(data, rows, overlaps.groups)
    parts = find_slices(images) if slices else None
    results, failed = [], False
    for number, slug in enumerate(slugs):
        if progress:
            print_json_line({"done": number, "total": len(slugs)})
        try:
            folder = model_folder(slug)
            classifier = load_classifier(folder, threads=0, answers_as=AnswersAs(answers))
            card = classifier.card
            own_part, own_rows = fair_rows(card, data, part, rows)
            logits = dataset_logits(classifier, data, own_rows)
            figures = dataset_figures(logits, data, own_part, own_rows, card, overlaps)
            changed = keep_evaluation(folder, figures, logits)
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
            continue
        failed |= bool(changed)
        results.append({**figures.model_dump(), "differences": _differences(changed)})
        by_slice = (
            None if parts is None else slice_report(images, {slug: images.right(logits)}, parts)
        )
        if by_slice:
            results[-1]["slices"] = by_slice.model_dump()
        if not (as_json or progress):
            typer.echo(figures.text())
            if by_slice:
                typer.echo(by_slice.text())
            if changed:
                typer.echo(f"{slug}: differed from what was kept: {', '.join(changed)}", err=True)
    if as_json:
        print_json(results)
    return failed


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="First model.")],
    b: Annotated[str, typer.Argument(help="Second model.")],
    dataset: Annotated[
        str | None,
        typer.Option(
            help="A named data set in place of PrivateTest, once both are measured there."
        ),
    ] = None,
    slices: Annotated[
        bool,
        typer.Option("--slices", help="Also by size, light, sharpness, turn, group, person."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare two models on PrivateTest: exact McNemar test and interval of the difference.

    Where one or both have seeds, also by these: is the difference more than another seed makes?
    """
    from dataclasses import asdict

    from fer_core.dataset import load_dataset, load_named
    from fer_core.evaluation.comparison import (
        compare_answers,
        dataset_answers,
        private_test_answers,
    )
    from fer_core.evaluation.family_comparison import NO_SEEDS, compare_families, read_contender
    from fer_core.evaluation.slices import slice_report

    if slices and a == b:
        raise typer.BadParameter("--slices needs two different models")
    folders = [model_folder(a), model_folder(b)]
    if dataset is None:
        images, (first, second) = private_test_answers(folders, load_dataset())
    else:
        images, (first, second), _ = dataset_answers(folders, load_named(dataset))
    result = asdict(compare_answers(images, first, second))
    right = {a: images.right(first), b: images.right(second)}
    by_slice = slice_report(images, right) if slices else None
    by_seeds, failed = None, False
    if dataset is None:
        try:
            by_seeds = compare_families(*(read_contender(folder) for folder in folders))
        except MienError as error:  # costs no more than this part
            typer.echo(str(error), err=True)
            failed = True
    if as_json:
        print_json(
            result
            | ({"by_seeds": asdict(by_seeds)} if by_seeds else {})
            | ({"slices": by_slice.model_dump()} if by_slice else {})
        )
        raise typer.Exit(1 if failed else 0)
    typer.echo(
        f"{a} - {b}: {result['difference']:+.2%} ({result['low']:+.2%} to {result['high']:+.2%}), "
        f"p {result['mcnemar_p']:.3g}; only {a} right {result['only_a_right']}, "
        f"only {b} right {result['only_b_right']}"
    )
    if by_seeds is not None:
        typer.echo(by_seeds.text())
    elif dataset is None and not failed:
        typer.echo(NO_SEEDS)
    if by_slice:
        typer.echo(by_slice.text())
    raise typer.Exit(1 if failed else 0)


@app.command()
def robustness(
    slugs: Annotated[list[str] | None, typer.Argument(help="Models; all if none is named.")] = None,
    every: Annotated[
        int | None, typer.Option(min=1, help="One of so many PublicTest images; 4 if not named.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Accuracy under blur, noise, low light, JPEG and more, into models/robustness.csv.

    On PublicTest, because it may change how networks are trained: no look at PrivateTest.
    """
    from rich.progress import Progress

    from fer_core.dataset import load_dataset
    from fer_core.evaluation.robustness import EVERY, measure_robustness, write_robustness
    from fer_core.zoo import load_classifier

    networks, failed = [], False
    for slug in slugs or model_slugs():
        try:
            networks.append(load_classifier(model_folder(slug), threads=0))
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
    with Progress(transient=True, disable=as_json or not sys.stdout.isatty()) as bar:
        task = bar.add_task("Measuring", total=None)
        rows = measure_robustness(
            networks,
            load_dataset(),
            every=every or EVERY,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    path = write_robustness(models_folder(), rows)
    if as_json:
        print_json([row.model_dump() for row in rows])
    else:
        for row in rows:
            typer.echo(
                f"{row.slug:16}{row.condition:12}{row.severity:6g}{row.accuracy:8.1%} "
                f"({row.accuracy_low:.1%} to {row.accuracy_high:.1%}) of {row.n}, "
                f"macro-F1 {row.macro_f1:.3f}"
            )
        typer.echo(f"Written: {path}")
    raise typer.Exit(1 if failed else 0)
