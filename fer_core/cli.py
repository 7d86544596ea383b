"""The command line. Each command imports what it needs, so that `--help` answers at once.

Exit status: 0 fine, 1 some input failed, 2 wrong usage.
"""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fer_core.errors import MienError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Mien: reads the expression that a face shows.",
)
data_app = typer.Typer(no_args_is_help=True, help="Import and describe FER2013.")
app.add_typer(data_app, name="data")

RUNS = Path("runs")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


class DetectorChoice(StrEnum):
    """Face detectors on the command line; none takes the whole image as one face."""

    YUNET = "yunet"
    HAAR = "haar"
    NONE = "none"


class PeerChoice(StrEnum):
    """Outside packages that can be measured."""

    FER = "fer"
    DEEPFACE = "deepface"


class ExportFormat(StrEnum):
    """What `export` can write."""

    LITERT = "litert"
    SAVED_MODEL = "saved_model"
    ONNX = "onnx"


def main() -> None:
    """Run the command line; one sentence instead of a traceback for what we foresee."""
    try:
        app()
    except MienError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader (`| head`) has gone; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2))


def _models() -> Path:
    from fer_core.zoo import models_root

    return models_root()


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
        _print_json(summary.model_dump(mode="json"))
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


@app.command()
def train(
    slugs: Annotated[list[str] | None, typer.Argument(help="Architectures to train.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All architectures, the cheapest first.")
    ] = False,
    recipe: Annotated[
        str | None, typer.Option(help="Name or path of a recipe; each architecture has its own.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the recipe's.")] = None,
    seed: Annotated[int, typer.Option(help="Source of all chance.")] = 0,
    resume: Annotated[bool, typer.Option(help="Go on after the last whole epoch.")] = False,
    start: Annotated[
        Path | None, typer.Option("--from", help="Go on from a model folder's weights.")
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
    harvest: Annotated[
        Path | None,
        typer.Option(
            help="Write one small file a network into this folder instead of a candidate, for "
            "`collect` and `ensemble`; works with KERAS_BACKEND=jax and without TensorFlow."
        ),
    ] = None,
) -> None:
    """Train architectures on FER2013; anything may stop it, --resume goes on.

    Each run leaves a candidate folder; `freeze` measures it on PrivateTest and ships it.
    """
    if every == bool(slugs):
        raise typer.BadParameter("name architectures, or give --all")
    from fer_core.dataset import load_dataset
    from fer_core.training.queue import TrainingOptions, run_queue

    failed = run_queue(
        slugs or None,
        TrainingOptions(
            recipe=recipe,
            epochs=epochs,
            seed=seed,
            resume=resume,
            start=start,
            weights=weights,
            precision=precision,
            smoke=smoke,
            budget_limited=budget_limited,
            runs=runs,
            variant=variant,
            models=_models(),
            harvest=harvest,
        ),
        load_dataset(),
        report=typer.echo,
    )
    raise typer.Exit(1 if failed else 0)


@app.command()
def collect(
    files: Annotated[list[Path], typer.Argument(help="What train --harvest wrote.")],
    runs: Annotated[Path, typer.Option(help="Where the candidates go.")] = RUNS,
) -> None:
    """Make candidates for `freeze` from trainings of a machine without TensorFlow."""
    from fer_core.dataset import load_dataset
    from fer_core.training.harvest import collect as collect_harvest

    data, failed = load_dataset(), False
    for file in files:
        try:
            typer.echo(f"{file.name}: written to {collect_harvest(file, data, runs)}")
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)


@app.command()
def ensemble(
    name: Annotated[str, typer.Argument(help="What recipes call it as their teacher.")],
    files: Annotated[list[Path], typer.Argument(help="What train --harvest wrote.")],
) -> None:
    """Average trained networks into a teacher: their logits on Training, 0.4 MB.

    Measured on PublicTest only.
    """
    from fer_core.dataset import load_dataset
    from fer_core.training.ensemble import write_ensemble
    from fer_core.training.harvest import read_harvest

    data = load_dataset()
    found = write_ensemble(name, [read_harvest(file, data) for file in files], data, _models())
    typer.echo(
        f"{name}: PublicTest {found.public_accuracy:.2%}; alone "
        + ", ".join(f"{own:.2%}" for own in found.member_accuracies)
        + f". Written: {found.path}"
    )


@app.command()
def int8(
    slugs: Annotated[list[str], typer.Argument(help="Models.")],
) -> None:
    """What 8-bit weights and activations would cost and gain, on PublicTest; ships nothing."""
    from fer_core.dataset import load_dataset
    from fer_core.training.int8 import measure_int8

    data = load_dataset()
    for slug in slugs:
        found = measure_int8(_models() / slug, data)
        typer.echo(
            f"{slug}: PublicTest {found.accuracy:.2%}; 8 bits lose {found.loss.difference:.2%} "
            f"({found.loss.low:.2%} to {found.loss.high:.2%}, p {found.loss.mcnemar_p:.2g}), "
            f"{found.times_as_fast:.2f} times as fast, {found.bytes_int8 / 1e6:.2f} MB for "
            f"{found.bytes / 1e6:.2f}"
        )


@app.command()
def freeze(
    slug: Annotated[str, typer.Argument(help="A finished training.")],
    force: Annotated[
        bool, typer.Option(help="Even if PublicTest says that the shipped one is better.")
    ] = False,
    runs: Annotated[Path, typer.Option(help="Where the candidate is.")] = RUNS,
) -> None:
    """Measure a finished training on PrivateTest, enter the look in the ledger, ship the folder."""
    from fer_core.analysis import read_summary
    from fer_core.dataset import load_dataset
    from fer_core.training.freeze import freeze as freeze_run

    figures = read_summary(freeze_run(runs / slug, _models(), load_dataset(), force=force)).metrics
    typer.echo(
        f"{slug}: PrivateTest {figures.accuracy:.2%} "
        f"({figures.accuracy_low:.2%} to {figures.accuracy_high:.2%}), "
        f"PublicTest {figures.public_test.accuracy:.2%}"
    )


@app.command()
def models(
    check: Annotated[
        bool, typer.Option("--check", help="Also read every weight and open every network.")
    ] = False,
    as_json: Json = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table that stands in the README.")
    ] = False,
) -> None:
    """List the model folders with their figures; exit 1 where one is not sound."""
    from fer_core.analysis import leaderboard_markdown, leaderboard_rows, read_summaries
    from fer_core.zoo import load_classifier

    folder = _models()
    summaries, errors = read_summaries(folder)
    if check:
        sound = []
        for summary in summaries:
            try:
                load_classifier(folder / summary.slug)
                sound.append(summary)
            except MienError as error:
                errors.append(error)
        summaries = sound
    rows = leaderboard_rows(summaries)
    if as_json:
        _print_json(rows)
    elif markdown:
        typer.echo(leaderboard_markdown(summaries))
    else:
        _print_table(rows)
    for broken in errors:
        typer.echo(str(broken), err=True)
    raise typer.Exit(1 if errors else 0)


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for name in ("model", "accuracy", "flip", "twin-free", "macro-F1", "published", "parameters"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for name in ("MMAC", "MB", "looks", "status"):
        table.add_column(name, justify="left" if name == "status" else "right")
    for row in sorted(rows, key=lambda row: -float(row["accuracy"])):
        published = row["published"]
        table.add_row(
            row["slug"],
            f"{row['accuracy']:.2%}",
            f"{row['accuracy_flip']:.2%}",
            f"{row['accuracy_twin_free']:.2%}",
            f"{row['macro_f1']:.3f}",
            f"{published['figure']:.2f}%" if published else "",
            f"{row['parameters']:,}",
            f"{row['multiply_accumulates'] / 1e6:.1f}",
            f"{row['megabytes']:.2f}",
            str(row["looks"]),
            row["status"],
        )
    Console(width=140 if not sys.stdout.isatty() else None).print(table)


@app.command()
def evaluate(
    slugs: Annotated[list[str] | None, typer.Argument(help="Models; all if none is named.")] = None,
    as_json: Json = False,
) -> None:
    """Recompute figures from model.onnx and the data set; exit 1 where they differ by over 1e-4."""
    from fer_core.analysis.evaluation import evaluate_folder
    from fer_core.dataset import load_dataset
    from fer_core.zoo import list_slugs

    data = load_dataset()
    results, failed = [], False
    for slug in slugs or list_slugs(_models()):
        try:
            result = evaluate_folder(_models() / slug, data)
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
            continue
        failed |= bool(result.differences)
        results.append(
            {
                "slug": slug,
                **result.figures,
                "differences": {
                    name: {"stated": stated, "recomputed": now}
                    for name, (stated, now) in result.differences.items()
                },
            }
        )
        if not as_json:
            words = ", ".join(result.differences) or "nothing"
            typer.echo(f"{slug}: accuracy {result.figures['accuracy']:.4f}; differs: {words}")
    if as_json:
        _print_json(results)
    raise typer.Exit(1 if failed else 0)


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="First model.")],
    b: Annotated[str, typer.Argument(help="Second model.")],
    as_json: Json = False,
) -> None:
    """Compare two models on PrivateTest: exact McNemar test and interval of the difference."""
    from dataclasses import asdict

    from fer_core.analysis import compare_folders
    from fer_core.dataset import load_dataset

    result = asdict(compare_folders(_models() / a, _models() / b, load_dataset()))
    if as_json:
        _print_json(result)
        return
    typer.echo(
        f"{a} - {b}: {result['difference']:+.2%} ({result['low']:+.2%} to {result['high']:+.2%}), "
        f"p {result['mcnemar_p']:.3g}; only {a} right {result['only_a_right']}, "
        f"only {b} right {result['only_b_right']}"
    )


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

    from fer_core.analysis.robustness import EVERY, measure_robustness, write_robustness
    from fer_core.dataset import load_dataset
    from fer_core.zoo import list_slugs, load_classifier

    networks, failed = [], False
    for slug in slugs or list_slugs(_models()):
        try:
            networks.append(load_classifier(_models() / slug, threads=0))
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
    path = write_robustness(_models(), rows)
    if as_json:
        _print_json([row.model_dump() for row in rows])
    else:
        for row in rows:
            typer.echo(
                f"{row.slug:16}{row.condition:12}{row.severity:6g}{row.accuracy:8.1%} "
                f"({row.accuracy_low:.1%} to {row.accuracy_high:.1%}) of {row.n}, "
                f"macro-F1 {row.macro_f1:.3f}"
            )
        typer.echo(f"Written: {path}")
    raise typer.Exit(1 if failed else 0)


@app.command()
def predict(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.")],
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[
        DetectorChoice, typer.Option(help="none: the whole image is one face.")
    ] = DetectorChoice.YUNET,
    csv: Annotated[Path | None, typer.Option(help="Write a table of faces.")] = None,
    annotate: Annotated[Path | None, typer.Option(help="Write annotated PNGs here.")] = None,
    as_json: Json = False,
) -> None:
    """Read the expressions in pictures; a bad file gets a sentence, the others go on."""
    from fer_core.analysis import (
        Pipeline,
        annotated_name,
        annotated_png,
        faces_csv,
        predict_paths,
        reading_json,
    )
    from fer_core.faces import fallback_reason, make_detector
    from fer_core.zoo import default_slug, load_classifier

    slug = model or default_slug(_models())
    finder = make_detector(detector.value, photos=True, download=True)
    if reason := fallback_reason(detector.value, finder):
        typer.echo(reason, err=True)
    pipeline = Pipeline(finder, load_classifier(_models() / slug, threads=0))
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
    readings, used = [], set[str]()
    for reading in predict_paths(paths, pipeline):
        if as_json:
            print(json.dumps(reading_json(reading)), flush=True)
        else:
            typer.echo(_sentence(reading))
        if annotate and reading.result is not None:
            name = annotated_name(reading.path, used)
            (annotate / name).write_bytes(annotated_png(reading))
        readings.append(reading.without_pixels())
    if csv:
        csv.write_bytes(faces_csv(readings))
    raise typer.Exit(1 if any(reading.error for reading in readings) else 0)


def _sentence(reading: Any) -> str:
    if reading.result is None:
        return f"{reading.path}: {reading.error}"
    found = reading.result.predictions
    words = [
        f"{'unsure, perhaps ' if unsure else ''}{emotion.label} {confidence:.0%}"
        for emotion, confidence, unsure in zip(
            found.emotions, found.confidences, found.unsure, strict=True
        )
    ]
    return f"{reading.path}: {', '.join(words) or 'no face found'}"


@app.command()
def video(
    path: Annotated[
        Path | None, typer.Argument(metavar="IN", help="MP4, MOV, WebM, MKV or AVI.")
    ] = None,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="In place of a file: a face drawn by code.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the video with its faces drawn in, as MP4.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a table of readings.")] = None,
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[
        DetectorChoice, typer.Option(help="none: the whole picture is one face.")
    ] = DetectorChoice.YUNET,
    every: Annotated[
        int,
        typer.Option(min=1, max=30, help="Read every n-th picture only; boxes hold in between."),
    ] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Write all readings into this folder, not rounded.")
    ] = None,
    as_json: Json = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print how far it is as JSON lines.")
    ] = False,
) -> None:
    """Read the expressions in a video: who showed what, when and for how long."""
    if (path is None) != drawn:
        raise typer.BadParameter("name one video, or --drawn")
    import tempfile
    from time import monotonic

    from fer_core.analysis import Pipeline
    from fer_core.analysis.recording import recording_csv
    from fer_core.analysis.video import (
        VideoProgress,
        failed_json,
        read_video,
        save_reading,
        video_json,
        write_drawn_video,
    )
    from fer_core.faces import fallback_reason, make_detector
    from fer_core.zoo import default_slug, load_classifier

    slug = model or default_slug(_models())
    finder = make_detector(detector.value, download=True)
    if reason := fallback_reason(detector.value, finder):
        typer.echo(reason, err=True)
    pipeline = Pipeline(finder, load_classifier(_models() / slug, threads=0))
    told_s = 0.0

    def tell(now: VideoProgress) -> None:
        nonlocal told_s
        if progress and monotonic() - told_s > 0.25:
            told_s = monotonic()
            line = {"seconds": now.seconds, "of_seconds": now.of_seconds, "frames": now.frames}
            print(json.dumps(line), flush=True)

    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    # In that folder where there is one: who ends this command removes it with all that is in it.
    with tempfile.TemporaryDirectory(prefix="mien-", dir=keep) as folder:
        if path is None:
            path = Path(folder) / "drawn.mp4"
            write_drawn_video(path)
        try:
            reading = read_video(path, pipeline, every=every, annotated=out, tell=tell)
        except MienError as error:
            if not as_json:
                raise
            _print_json(failed_json(str(path), slug, str(error)))
            raise typer.Exit(1) from error
    if csv:
        csv.write_bytes(recording_csv(reading.recording))
    if keep:
        save_reading(keep, reading)
    if as_json:
        _print_json(video_json(reading))
    elif not progress:
        _tell_video(video_json(reading))


def _tell_video(record: dict[str, Any]) -> None:
    typer.echo(
        f"{record['path']}: {record['seconds']:.1f} s, {record['width']} x {record['height']}, "
        f"{record['frames_read']:,} of {record['frames']:,} pictures read by {record['model']}"
    )
    for number, face in record["faces"].items():
        longest_first = sorted(face["dwell_seconds"].items(), key=lambda item: -item[1])
        words = [f"{state} {seconds:.1f} s" for state, seconds in longest_first if seconds]
        typer.echo(f"  face {number}: {', '.join(words)}")
    if not record["faces"]:
        typer.echo("  no face found")
    for note in record["notes"]:
        typer.echo(f"  {note}")


@app.command()
def live(
    lan: Annotated[
        bool,
        typer.Option(
            "--lan", help="For other machines of the local network too, by https: with the camera."
        ),
    ] = False,
    certificates: Annotated[
        Path | None,
        typer.Option(help="Folder of the certificate and its key; .certificates if not named."),
    ] = None,
) -> None:
    """Start the dashboard on its Live page."""
    import signal
    import subprocess
    import threading
    import webbrowser

    root = Path(__file__).resolve().parents[1]
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    address = os.environ.get("STREAMLIT_SERVER_ADDRESS", "localhost")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    if lan:
        page = f"https://localhost:{port}/Live"
        command += _lan_options(certificates or root / ".certificates", port)
    else:
        page = f"http://{address}:{port}/Live"
        typer.echo(f"The Live page opens at {page}")
    # Few pools of memory for threads that come and go: see ui/live_release.py.
    environment = {"MALLOC_ARENA_MAX": "2"} | os.environ
    with subprocess.Popen(command, cwd=root, env=environment) as server:
        # Whoever ends this process means the server, which would go on without it.
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        opener = threading.Timer(3.0, webbrowser.open, [page])
        opener.daemon = True
        if os.environ.get("STREAMLIT_SERVER_HEADLESS") != "true":
            opener.start()
        try:
            server.wait()
        except KeyboardInterrupt:
            server.terminate()
        finally:
            opener.cancel()


def _lan_options(folder: Path, port: str) -> list[str]:
    """Streamlit's settings for https on all of this machine's addresses; says where to open it."""
    from fer_core.certificate import ensure_certificate, lan_addresses

    addresses = lan_addresses()
    files = ensure_certificate(folder, addresses)
    for address in addresses or ["localhost"]:
        typer.echo(f"On this network: https://{address}:{port}/Live")
    typer.echo(
        "The browser warns once, because the certificate is your own: go on to the page. "
        "Everybody on this network can open it."
    )
    options = [f"--server.sslCertFile={files.certificate}", f"--server.sslKeyFile={files.key}"]
    if "STREAMLIT_SERVER_ADDRESS" not in os.environ:
        options.append("--server.address=0.0.0.0")
    return options


@app.command()
def selftest(
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[DetectorChoice, typer.Option()] = DetectorChoice.YUNET,
    faces: Annotated[
        int, typer.Option(min=1, help="How many PublicTest faces, drawn by lot.")
    ] = 900,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="All PublicTest faces; the result replaces models/selftest.json."
        ),
    ] = False,
    jitter: Annotated[
        bool, typer.Option(help="Also shake each box by 5 % in place and 10 % in size.")
    ] = False,
    as_json: Json = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="Print how far it is as JSON lines.")
    ] = False,
) -> None:
    """Read PublicTest faces through detector and crop, and directly: what the way costs."""
    if every and jitter:
        raise typer.BadParameter("--all keeps its result, and that is without --jitter")
    from datetime import date

    import numpy as np

    from fer_core.analysis.selftest import JitteredDetector, run_selftest
    from fer_core.analysis.selftest_report import report_of, write_selftest
    from fer_core.dataset import Split, load_dataset
    from fer_core.faces import Detector, make_detector
    from fer_core.zoo import default_slug, load_classifier

    def tell(done: int, total: int) -> None:
        if progress and (done % 20 == 0 or done == total):
            print(json.dumps({"done": done, "total": total}), flush=True)

    network = load_classifier(_models() / (model or default_slug(_models())))
    data = load_dataset()
    pixels, labels = data.part(Split.PUBLIC_TEST, without_blank=True)
    if not every:
        count = min(faces, len(labels))
        rows = np.random.default_rng(0).choice(len(labels), count, replace=False)
        pixels, labels = pixels[rows], labels[rows]
    finder: Detector = make_detector(detector.value, download=True)
    if jitter:
        finder = JitteredDetector(finder, shift=0.05, scale=0.10)
    figures = run_selftest(pixels, labels, finder, network, progress=tell)
    if every:
        report = report_of(figures, network.card, data.fingerprint, date.today())
        path = write_selftest(_models(), report)
        typer.echo(f"Written: {path}", err=True)
    result = {
        "model": network.card.slug,
        "detector": finder.name,
        "n": figures.total.n,
        "found_fraction": figures.total.found_fraction,
        "direct_accuracy": figures.total.direct_accuracy,
        "path_accuracy": figures.total.path_accuracy,
        "difference": figures.total.difference,
        "found_by_size_px": {
            str(size): part.found_fraction for size, part in figures.by_size.items()
        },
    }
    if as_json:
        _print_json(result)
    elif not progress:
        typer.echo(
            f"{result['model']}, {result['detector']}: {figures.total.found_fraction:.1%} of "
            f"{figures.total.n} faces found; on these {figures.total.path_accuracy:.1%} through "
            f"the pipeline, {figures.total.direct_accuracy:.1%} directly"
        )


@app.command()
def bench(
    video: Annotated[
        Path | None, typer.Option(help="A file to read; the drawn demo at 640x480 if not named.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Which model; the best if not named.")] = None,
    detector: Annotated[DetectorChoice, typer.Option()] = DetectorChoice.YUNET,
    faces: Annotated[int, typer.Option(min=1, max=8, help="How many faces are drawn.")] = 1,
    peer_python: Annotated[
        Path | None,
        typer.Option(
            help="Python of an environment with requirements-peers.txt: the package fer reads "
            "the same video in the same run, or with --models takes turns with our networks."
        ),
    ] = None,
    as_json: Json = False,
    every: Annotated[
        bool,
        typer.Option(
            "--models", help="Instead: the time each network takes for a face, into speed.json."
        ),
    ] = False,
) -> None:
    """Measure the live frame path on this machine, stage by stage; or all networks."""
    if every:
        if video or model:
            raise typer.BadParameter("--models measures all networks and no video")
        _bench_models(detector, peer_python, as_json=as_json)
        return
    if video and faces != 1:
        raise typer.BadParameter("--faces are drawn, a video brings its own")
    if peer_python and not video:
        raise typer.BadParameter("--peer-python needs a --video that both read")
    from fer_core.analysis.bench import run_bench
    from fer_core.faces import make_detector
    from fer_core.zoo import default_slug, load_classifier

    network = load_classifier(_models() / (model or default_slug(_models())))
    result = run_bench(
        lambda: make_detector(detector.value, download=True),
        network,
        video,
        faces=faces,
        peer_python=peer_python,
    )
    if as_json:
        _print_json(result)
        return
    for stage, times in result["stages"].items():
        typer.echo(f"{stage:10}" + "".join(f"{n[:3]} {ms:8.2f} ms   " for n, ms in times.items()))
    typer.echo(
        f"{result['model']}, {result['detector']}, {result['frames']} frames of "
        f"{result['width']}x{result['height']}: {result['frames_per_second']} frames/s; a frame "
        f"takes {result['frame_in_yardsticks']['median']} yardsticks of "
        f"{result['yardstick_ms']} ms; {result['faces_per_frame']} faces a frame, "
        f"{result['frames_classified']} frames with one"
    )
    for name, peer in result["peers"].items():
        typer.echo(
            f"{name} {peer['version']} on the same frames: {peer['frames_per_second']} frames/s, "
            f"{peer['frames_classified']} of {peer['frames']} with a face; ours is "
            f"{peer['times_faster']} times as fast"
        )


def _bench_models(detector: DetectorChoice, peer_python: Path | None, *, as_json: bool) -> None:
    from contextlib import ExitStack

    from rich.progress import Progress

    from fer_core.analysis.bench import measure_models
    from fer_core.analysis.peer_speed import PeerTimer
    from fer_core.analysis.speed import write_speed
    from fer_core.faces import fallback_reason, make_detector
    from fer_core.zoo import default_slug, list_slugs, load_classifier

    folder = _models()
    networks, broken = {}, False
    for slug in list_slugs(folder):
        try:
            networks[slug] = load_classifier(folder / slug)
        except MienError as error:
            typer.echo(str(error), err=True)
            broken = True
    reference = default_slug(folder)
    finder = make_detector(detector.value, download=True)
    if reason := fallback_reason(detector.value, finder):
        typer.echo(reason, err=True)
    with ExitStack() as stack:
        peer = stack.enter_context(PeerTimer("fer", peer_python)) if peer_python else None
        bar = stack.enter_context(
            Progress(transient=True, disable=as_json or not sys.stdout.isatty())
        )
        task = bar.add_task("Measuring", total=None)
        result = measure_models(
            list(networks.values()),
            finder,
            networks.get(reference) or load_classifier(folder / reference),
            peer=peer,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    path = write_speed(folder, result)
    if as_json:
        _print_json(result.model_dump(mode="json"))
    else:
        for slug, known in (result.models | result.peers).items():
            cells = "".join(
                f"{count:4} at once {ms:9.3f} ms {known.in_yardsticks[count]:7.3f}×"
                for count, ms in known.ms_per_face.items()
            )
            typer.echo(f"{slug:16}{cells}")
        typer.echo(
            f"A face, one thread, {result.processor}; × are yardsticks of {result.yardstick_ms} ms "
            f"({result.detector}, {result.yardstick_model}). Written: {path}"
        )
    raise typer.Exit(1 if broken else 0)


@app.command()
def peer(
    name: Annotated[PeerChoice, typer.Argument(help="Which package.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into instead of models/peers.")
    ] = None,
    quoted: Annotated[
        bool, typer.Option("--quoted", help="Do not measure: enter what the package states.")
    ] = False,
    video: Annotated[
        Path | None, typer.Option(help="Instead: how fast it reads this file's frames.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="With --video: at most so many.")] = 300,
    warm_up: Annotated[int, typer.Option(min=0, help="With --video: before these.")] = 10,
    times: Annotated[
        bool, typer.Option("--times", help="Instead: answer `bench --models --peer-python`.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Measure an outside package on the same test images as our networks.

    Its environment is its own: requirements-peers.txt.
    """
    if video:
        _peer_video(name, video, frames, warm_up, as_json=as_json)
        return
    if times:
        _peer_times(name)
        return
    from rich.progress import Progress

    from fer_core.analysis.peers import PEERS_FOLDER, measure_peer, quote_peer
    from fer_core.dataset import load_dataset

    folder = out or _models() / PEERS_FOLDER
    if quoted:
        typer.echo(f"Written: {quote_peer(name.value, folder)}", err=as_json)
        return
    with Progress(transient=True, disable=as_json or not sys.stdout.isatty()) as bar:
        task = bar.add_task(name.value, total=None)
        report = measure_peer(
            name.value,
            load_dataset(),
            folder,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        _print_json(report.model_dump(mode="json"))
    elif figures := report.metrics:
        typer.echo(
            f"{report.title} {report.version}: PrivateTest {figures.accuracy:.2%} "
            f"({figures.accuracy_low:.2%} to {figures.accuracy_high:.2%}), with flip "
            f"{figures.accuracy_flip:.2%}. Written: {folder / name.value}.json"
        )


def _peer_video(name: PeerChoice, video: Path, frames: int, warm_up: int, *, as_json: bool) -> None:
    from fer_core.analysis.peer_video import open_fer, time_frames

    if name is not PeerChoice.FER:
        raise typer.BadParameter("only fer is timed on a video")
    speed = time_frames(open_fer(), video, frames, warm_up)
    if as_json:
        typer.echo(speed.model_dump_json())  # one line: a package may have printed before it
        return
    typer.echo(
        f"{name.value} {speed.version}: {speed.frames_per_second:.1f} frames/s, "
        f"{speed.frames_classified} of {speed.frames} frames with a face"
    )


def _peer_times(name: PeerChoice) -> None:
    from contextlib import redirect_stdout

    from fer_core.analysis.peer_speed import serve_times
    from fer_core.analysis.peers import PEERS, installed_version, open_peer

    answers = sys.stdout
    with redirect_stdout(sys.stderr):  # packages print on their way
        serve_times(open_peer(PEERS[name.value]), installed_version(name.value), sys.stdin, answers)


@app.command()
def export(
    slug: Annotated[str, typer.Argument(help="Which model.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    format: Annotated[ExportFormat, typer.Option(help="What to write.")] = ExportFormat.ONNX,
) -> None:
    """Write a model for use elsewhere, with its card beside it."""
    from fer_core.training.deliver import deliver

    typer.echo(f"Written: {deliver(_models() / slug, format.value, out)}")


@app.command()
def repackage(
    slugs: Annotated[list[str], typer.Argument(help="Shipped models.")],
) -> None:
    """Give shipped networks from before activation maps their second output.

    Weights, answers and ledger stay; the maps are checked against TensorFlow's gradient tape.
    """
    from fer_core.dataset import load_dataset
    from fer_core.training.repackage import repackage as repackage_folder

    data, failed = load_dataset(), False
    for slug in slugs:
        try:
            changed = repackage_folder(_models() / slug, data)
            typer.echo(f"{slug}: {'repackaged' if changed else 'has its maps already'}")
        except MienError as error:
            typer.echo(str(error), err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)
