"""Reading result files strictly; the rows of the leaderboard."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.families import read_families
from fer_core.evaluation.labelled import split_images
from fer_core.evaluation.leaderboard import (
    kaggle_place,
    leaderboard_csv,
    leaderboard_markdown,
    leaderboard_rows,
    pareto_front,
    unique_titles,
)
from fer_core.evaluation.seeds import SEEDS
from fer_core.evaluation.summary import (
    HISTORY_COLUMNS,
    read_confusion,
    read_history,
    read_logits,
    read_metrics,
    read_summaries,
    read_summary,
)
from tests.seeds import write_seeds
from tests.tiny import N, tiny_card, tiny_speed, write_tiny_folder


def test_reads_a_folder(tiny_models: Path) -> None:
    model = read_summary(tiny_models / "tiny", looks=2)
    assert (model.slug, model.title, model.looks) == ("tiny", "Tiny tiny", 2)
    assert model.confusion.sum() == N == model.metrics.n
    assert model.confusion.trace() / N == pytest.approx(model.metrics.accuracy)
    assert model.metrics.recall.shape == (7,)
    assert len(model.history) == 3
    assert model.history["val_accuracy"].tolist() == pytest.approx([0.18, 0.36, 0.54])
    size = (tiny_models / "tiny" / "model.onnx").stat().st_size
    assert model.megabytes == size / 1e6


def test_no_folder_is_no_row(tmp_path: Path) -> None:
    assert read_summaries(tmp_path / "nothing") == ([], [])
    assert leaderboard_rows([]) == []


def test_a_broken_folder_does_not_hide_the_others(tiny_models: Path) -> None:
    (tiny_models / "tiny" / "model.onnx").write_bytes(b"cut off")
    models, errors = read_summaries(tiny_models)
    assert [model.slug for model in models] == ["tiny_b"]
    assert len(errors) == 1
    assert "tiny/model.onnx" in str(errors[0])


def test_rows_have_the_fields_of_the_command(tiny_models: Path) -> None:
    (tiny_models / "looks.csv").write_text(
        "date,slug,weights_sha256,public_accuracy,private_accuracy\n"
        f"2026-01-01,tiny,{'a' * 64},0.5,0.5\n2026-01-02,tiny,{'b' * 64},0.5,0.5\n"
    )
    models, _ = read_summaries(tiny_models)
    rows = [row.model_dump() for row in leaderboard_rows(models)]
    assert list(rows[0]) == [
        "slug",
        "parameters",
        "multiply_accumulates",
        "megabytes",
        "accuracy",
        "accuracy_flip",
        "accuracy_twin_free",
        "macro_f1",
        "ece_calibrated",
        "published",
        "looks",
        "status",
        "seeds",
    ]
    assert json.loads(json.dumps(rows)) == rows
    assert {row["slug"]: row["looks"] for row in rows} == {"tiny": 2, "tiny_b": 0}
    assert rows[0]["published"]["figure"] == 40.0
    accuracies = [row["accuracy"] for row in rows]
    assert accuracies == sorted(accuracies, reverse=True)


READERS: dict[str, Callable[[Path], object]] = {
    "metrics.json": read_metrics,
    "history.csv": read_history,
    "confusion_matrix.csv": read_confusion,
    "predictions.npz": read_logits,
}
HISTORY = ",".join(HISTORY_COLUMNS)
CONFUSION = ",".join(["true", *LABELS])


def _replace_figure(name: str, value: object) -> Callable[[bytes], bytes]:
    return lambda content: json.dumps(json.loads(content) | {name: value}).encode()


def _without_sad(content: bytes) -> bytes:
    figures = json.loads(content)
    del figures["public_test"]["per_class"]["sad"]
    return json.dumps(figures).encode()


def _to(content: bytes) -> Callable[[bytes], bytes]:
    return lambda before: content


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("metrics.json", _to(b"{}"), "n: Field required"),
        ("metrics.json", _to(b"[]"), "should be an object"),
        ("metrics.json", _to(b"no json"), "Invalid JSON"),
        ("metrics.json", _to(b"[" * 100_000), "Invalid JSON"),
        ("metrics.json", _to(b'{"n": "\xff"}'), "unicode"),
        ("metrics.json", _replace_figure("accuracy", "73.1"), "accuracy: .*less than"),
        ("metrics.json", _replace_figure("log_loss", float("inf")), "log_loss: .*finite"),
        ("metrics.json", _replace_figure("macro_f1", float("nan")), "macro_f1"),
        ("metrics.json", _replace_figure("per_class", {}), "per_class"),
        ("metrics.json", _without_sad, "public_test.per_class"),
        ("history.csv", _to(b"epoch,loss\n1,2\n"), "no accuracy, val_loss"),
        ("history.csv", _to(f"{HISTORY}\n1,x,,,,,\n".encode()), "could not convert"),
        ("history.csv", _to(f"{HISTORY}\n1,2\n".encode()), "as many in each row"),
        ("history.csv", _to(f"{HISTORY}\n1,nan,1,1,1,1,1\n".encode()), "NaN or infinity"),
        ("history.csv", _to(f"{HISTORY}\n".encode("utf-16")), "not UTF-8"),
        ("history.csv", _to(b'"' + b"a" * 200_000), "field larger than field limit"),
        ("confusion_matrix.csv", _to(b"\n"), "an empty file"),
        ("confusion_matrix.csv", lambda before: before.replace(b"sad", b"happy"), "happy"),
        ("confusion_matrix.csv", lambda before: before[: len(before) // 2], "rows and columns"),
        ("confusion_matrix.csv", lambda before: before.replace(b"angry,", b"angry,-", 2), "angry"),
        ("confusion_matrix.csv", lambda before: before + b"\xff", "not UTF-8"),
        (
            "confusion_matrix.csv",
            lambda before: before.replace(b"\r\nangry,", b"\r\nangry,9" + b"9" * 30),
            "too large",
        ),
        (
            "confusion_matrix.csv",
            lambda before: before.replace(b"\r\nangry,", b"\r\nangry,0.5"),
            "invalid literal",
        ),
        ("predictions.npz", lambda before: before[:-100], "no sound archive"),
    ],
)
def test_a_results_file_of_another_shape_is_a_sentence(
    tiny_models: Path, name: str, change: Callable[[bytes], bytes], words: str
) -> None:
    path = tiny_models / "tiny" / name
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ModelError, match=f"tiny/{name}: a results file cannot be used.*{words}"):
        READERS[name](path.parent)
    # With its hash on the card it is found by reading, and does not hide the other model.
    (path.parent / "card.json").write_text(tiny_card("tiny", path.parent).to_json())
    models, errors = read_summaries(tiny_models)
    broken = [] if name == "predictions.npz" else ["tiny"]  # which only charts read
    assert [model.slug for model in models if model.slug in broken] == []
    assert [name in str(error) for error in errors] == [True] * len(broken)


@pytest.mark.parametrize("name", list(READERS))
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.touch, "a results file cannot be used"),
        (Path.mkdir, r"received a folder \(is not read\)"),
        (os.mkfifo, r"received a pipe \(is not read\)"),
        (lambda path: path.symlink_to("/dev/zero"), r"received a device \(is not read\)"),
        (
            lambda path: path.touch() or os.truncate(path, 1_000_000_000),
            r"received 1,000\.0 MB \(is too large",
        ),
        (lambda path: None, "No such file"),
    ],
)
def test_what_is_no_results_file_is_not_read(
    tiny_models: Path, name: str, make: Callable[[Path], object], words: str
) -> None:
    path = tiny_models / "tiny" / name
    path.unlink()
    make(path)
    with pytest.raises(ModelError, match=f"tiny/{name}: .*{words}"):
        READERS[name](path.parent)


def test_a_ledger_that_cannot_be_read_hides_no_model(tiny_models: Path) -> None:
    (tiny_models / "looks.csv").write_text("other,columns\n1,2\n")
    models, errors = read_summaries(tiny_models)
    assert [model.looks for model in models] == [None, None]
    assert ["looks.csv" in str(error) for error in errors] == [True]
    assert [row.looks for row in leaderboard_rows(models)] == [None, None]
    assert "None" not in leaderboard_markdown(models)
    assert "None" not in leaderboard_csv(models)


def test_models_of_several_folders_have_their_own_ledgers(
    tiny_models: Path, tmp_path: Path
) -> None:
    imported = tmp_path / "imported"
    write_tiny_folder(imported, "alpha", seed=5)
    row = f"2026-01-01,alpha,{'a' * 64},0.5,0.5\n"
    head = "date,slug,weights_sha256,public_accuracy,private_accuracy\n"
    (imported / "looks.csv").write_text(head + row)
    (tiny_models / "looks.csv").write_text(head + 2 * row)
    models, errors = read_summaries(tiny_models, imported)
    assert {model.slug: model.looks for model in models} == {"alpha": 1, "tiny": 0, "tiny_b": 0}
    assert errors == []


def test_logits(tiny_models: Path) -> None:
    logits = read_logits(tiny_models / "tiny")
    assert {values.shape for values in logits.values()} == {(N, 7)}
    np.savez(tiny_models / "tiny" / "predictions.npz", private_logits=np.zeros((3, 7)))
    with pytest.raises(ModelError, match="public_logits"):
        read_logits(tiny_models / "tiny")


def test_place_in_2013() -> None:
    assert kaggle_place(0.72) == 1
    assert kaggle_place(0.70) == 2
    assert kaggle_place(0.66) == 5
    assert kaggle_place(0.60) is None


def test_csv(tiny_models: Path) -> None:
    models, _ = read_summaries(tiny_models)
    head, *lines = csv.reader(leaderboard_csv(models).splitlines())
    assert len(lines) == 2
    row = dict(zip(head, lines[0], strict=True))
    assert float(row["accuracy"]) == models[0].metrics.accuracy
    assert (row["published_figure"], row["published_split"]) == ("40.0", "random")
    assert leaderboard_csv([]) == ""
    timed = csv.DictReader(leaderboard_csv(models, tiny_speed("tiny")).splitlines())
    times = {row["slug"]: row["relative_time_16"] for row in timed}
    assert times == {"tiny": "0.25", "tiny_b": ""}


def test_two_models_of_one_title_keep_apart(tiny_models: Path) -> None:
    models, _ = read_summaries(tiny_models)
    assert unique_titles(models) == [model.title for model in models]
    assert len(set(unique_titles([models[0], models[0], models[1]]))) == 2
    assert unique_titles([models[0], models[0]])[0].endswith(f"({models[0].slug})")


def test_pareto_front() -> None:
    front = pareto_front([1, 2, 2, 3], [0.5, 0.6, 0.4, 0.6])
    assert front.tolist() == [True, True, False, False]
    assert pareto_front([1, 1], [0.5, 0.5]).tolist() == [True, True]
    assert pareto_front([], []).tolist() == []


def test_labels_fit_a_model_only_where_they_give_its_accuracy(tiny_models: Path) -> None:
    model = read_summary(tiny_models / "tiny")
    logits = read_logits(tiny_models / "tiny")["private_logits"]
    labels = np.random.default_rng(0)  # the fixture draws its truth after nothing else
    true = labels.integers(0, 7, N)
    pixels = np.arange(N * 48 * 48, dtype=np.uint32).astype(np.uint8).reshape(N, 48, 48)
    data = Fer2013(
        np.concatenate([pixels[:5], pixels]),
        np.concatenate([np.zeros(5, np.int64), true]),
        np.repeat(np.array([1, 2], np.uint8), [5, N]),
    )
    images = split_images(data, Split.PRIVATE_TEST)
    assert images.clusters.shape == (N,)
    assert len(split_images(data, Split.PUBLIC_TEST)) == 5
    assert images.fits(logits, model.metrics.accuracy)
    assert not images.fits(logits[::-1], model.metrics.accuracy)
    assert not images.fits(logits[:5], model.metrics.accuracy)


def test_families_stand_beside_what_ships(tiny_models: Path) -> None:
    write_seeds(tiny_models / "tiny", {0: 0.56, 1: 0.58, 2: 0.57})
    models, _ = read_summaries(tiny_models)
    families, errors = read_families(tiny_models)
    assert errors == []
    rows = {row.slug: row for row in leaderboard_rows(models, families)}
    assert rows["tiny_b"].seeds is None
    assert rows["tiny"].seeds is not None
    assert rows["tiny"].seeds["seeds"] == [0, 1, 2]
    found = rows["tiny"].seeds["private_test"]["accuracy"]
    assert (found["n"], found["mean"], found["sd"]) == (3, *map(pytest.approx, (0.57, 0.01)))

    head, rule, *lines = leaderboard_markdown(models, families).splitlines()
    assert "| PrivateTest (95 % interval) | over seeds |" in head
    cells = [line.count("|") for line in (head, rule, *lines)]
    assert set(cells) == {11}
    by_slug = {line.split("`")[1]: line for line in lines}
    assert "| 57.0% ± 1.0 (3) |" in by_slug["tiny"]
    assert "±" not in by_slug["tiny_b"]
    assert "over seeds" not in leaderboard_markdown(models)

    table = csv.DictReader(leaderboard_csv(models, families=families).splitlines())
    of = {row["slug"]: row for row in table}
    assert (of["tiny"]["seeds_n"], float(of["tiny"]["seeds_sd"])) == ("3", pytest.approx(0.01))
    assert of["tiny_b"]["seeds_n"] == ""


def test_seeds_on_other_faces_are_no_column_of_private_test(tiny_models: Path) -> None:
    folder = write_seeds(tiny_models / "tiny", {0: 0.9, 1: 0.9})
    for path in (folder / SEEDS).glob("*.json"):
        path.write_text(path.read_text().replace('"fer2013"', '"mine"'))
    models, _ = read_summaries(tiny_models)
    families, _ = read_families(tiny_models)
    assert "over seeds" not in leaderboard_markdown(models, families)
    table = csv.DictReader(leaderboard_csv(models, families=families).splitlines())
    assert {row["seeds_mean"] for row in table} == {""}
    (row,) = (row for row in leaderboard_rows(models, families) if row.seeds)
    assert row.seeds is not None
    assert row.seeds["dataset"] == "mine"
