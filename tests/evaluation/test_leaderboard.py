"""Reading result files strictly; the rows of the leaderboard."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.leaderboard import (
    kaggle_place,
    leaderboard_csv,
    leaderboard_rows,
    pareto_front,
    unique_titles,
)
from fer_core.evaluation.summary import HISTORY_COLUMNS, read_logits, read_summaries, read_summary
from fer_core.evaluation.truth import take_truth
from tests.tiny import N, tiny_card, tiny_speed


def rewrite(folder: Path, name: str, text: str) -> None:
    """Change a file and its entry on the card: damage that only reading finds."""
    (folder / name).write_text(text)
    (folder / "card.json").write_text(tiny_card(folder.name, folder).to_json())


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
    ]
    assert json.loads(json.dumps(rows)) == rows
    assert {row["slug"]: row["looks"] for row in rows} == {"tiny": 2, "tiny_b": 0}
    assert rows[0]["published"]["figure"] == 40.0
    accuracies = [row["accuracy"] for row in rows]
    assert accuracies == sorted(accuracies, reverse=True)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("metrics.json", "{}", "Field required"),
        ("metrics.json", "no json", "Invalid JSON"),
        ("history.csv", "epoch,loss\n1,2\n", "history.csv"),
        ("history.csv", ",".join(HISTORY_COLUMNS) + "\n1,x,,,,,\n", "x"),
        ("confusion_matrix.csv", "\n", "confusion_matrix.csv"),
        ("confusion_matrix.csv", "true," + ",".join(reversed(LABELS)) + "\n", "neutral"),
    ],
)
def test_refuses_a_damaged_results_file(tiny_models: Path, name: str, text: str, word: str) -> None:
    rewrite(tiny_models / "tiny", name, text)
    with pytest.raises(ModelError, match=word):
        read_summary(tiny_models / "tiny")


def test_a_figure_above_one_is_no_fraction(tiny_models: Path) -> None:
    path = tiny_models / "tiny" / "metrics.json"
    values = json.loads(path.read_text()) | {"accuracy": 73.1}
    rewrite(tiny_models / "tiny", "metrics.json", json.dumps(values))
    with pytest.raises(ModelError, match="accuracy"):
        read_summary(tiny_models / "tiny")


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
    truth = take_truth(data)
    assert truth.private_groups.shape == (N,)
    assert truth.public_labels.shape == (5,)
    assert truth.fits(model, logits)
    assert not truth.fits(model, logits[::-1])
    assert not truth.fits(model, logits[:5])
