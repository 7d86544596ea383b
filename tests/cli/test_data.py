"""From a folder of pictures to figures, by command: what is printed, kept and refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from fer_core.cli import app
from fer_core.dataset import load_named
from fer_core.emotions import LABELS
from fer_core.evaluation.dataset_files import read_dataset_logits, read_evaluation
from fer_core.evaluation.datasets import DatasetFigures
from tests.tiny import tiny_dataset, write_class_folders

FIGURES = {
    "dataset", "dataset_fingerprint", "slug", "graph_sha256", "answers_as", "split", "n",
    "without_face", "accuracy", "accuracy_low", "accuracy_high", "interval_over", "clusters",
    "accuracy_unseen", "in_fer2013", "macro_f1", "per_class", "log_loss", "brier", "ece",
    "ece_calibrated",
    "temperature", "unsure_threshold", "share_unsure", "accuracy_sure", "answers", "labels",
}  # fmt: skip
"""The contract of ``evaluations/<name>.json``."""


@pytest.fixture
def here(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two tiny models and an empty data folder."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tiny_models.parent / "data" / "fer2013.npz"))
    return tiny_models.parent


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_from_pictures_to_figures(here: Path, tiny_models: Path) -> None:
    source = write_class_folders(here / "my faces", splits=("train", "test"), each=2)
    told = run("data", "import", source, "--name", "mine", "--dry-run", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout) == [
        {"word": label, "label": label, "known": True, "pictures": 4} for label in sorted(LABELS)
    ]
    assert not (here / "data").exists()

    done = run("data", "import", source, "--name", "mine", "--progress", "--json")
    assert done.exit_code == 0, done.output
    *steps, checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert steps[-1] == {"done": 28, "total": 28}
    assert checks["pictures"] == 28
    assert json.loads(run("data", "list", "--json").stdout)[0]["name"] == "mine"
    described = run("data", "describe", "mine", "--json")
    assert json.loads(described.stdout) == checks
    assert "not imported here" in run("data", "describe", "mine").stdout

    measured = run("evaluate", "--dataset", "mine", "--json")
    assert measured.exit_code == 0, measured.output
    rows = json.loads(measured.stdout)
    assert [row["slug"] for row in rows] == ["tiny", "tiny_b"]
    for row in rows:
        assert row.pop("differences") == {}
        assert set(row) == FIGURES == set(DatasetFigures.model_fields)
        kept = read_evaluation(tiny_models / row["slug"], "mine")
        assert kept is not None
        assert kept.model_dump(mode="json") == row
        assert (kept.n, kept.split) == (14, "test")
        logits = read_dataset_logits(tiny_models / row["slug"], kept)
        data = load_named("mine")
        right = logits.argmax(axis=1) == data.labels[data.rows("test")]
        assert kept.accuracy == pytest.approx(right.mean(), abs=1e-6)


def test_slices_of_a_data_set_for_one_network_and_for_two(here: Path) -> None:
    source = write_class_folders(here / "faces", each=10)
    assert run("data", "import", source, "--name", "mine").exit_code == 0
    apart = run("compare", "tiny", "tiny_b", "--dataset", "mine")
    assert apart.exit_code == 1
    assert "evaluate --dataset mine tiny tiny_b" in str(apart.exception)
    measured = run("evaluate", "--dataset", "mine", "--slices", "--json")
    assert measured.exit_code == 0, measured.output
    report = json.loads(measured.stdout)[0]["slices"]
    assert (report["networks"], report["n"]) == (["tiny"], 70)
    thirds = [row for row in report["slices"] if row["by"] == "light"]
    assert sum(row["n"] for row in thirds) == 70
    assert report["tested"] == sum(row["p_holm"] is not None for row in report["slices"]) > 0
    told = run("evaluate", "--dataset", "mine", "--slices", "tiny").stdout
    assert "light, darkest third" in told
    assert "Holm's correction over the" in told
    both = run("compare", "tiny", "tiny_b", "--dataset", "mine", "--slices", "--json")
    assert both.exit_code == 0, both.output
    result = json.loads(both.stdout)
    assert result["slices"]["networks"] == ["tiny", "tiny_b"]
    rows = json.loads(measured.stdout)
    assert result["difference"] == pytest.approx(
        rows[0]["accuracy"] - rows[1]["accuracy"], abs=1e-6
    )
    source = write_class_folders(here / "others", each=9)
    assert run("data", "import", source, "--name", "mine", "--force").exit_code == 0
    stale = run("compare", "tiny", "tiny_b", "--dataset", "mine")
    assert "imported again" in str(stale.exception)


def test_a_figure_that_no_longer_holds_is_exit_one_once(here: Path, tiny_models: Path) -> None:
    source = write_class_folders(here / "faces")
    assert run("data", "import", source, "--name", "mine").exit_code == 0
    assert run("evaluate", "--dataset", "mine", "tiny").exit_code == 0
    path = tiny_models / "tiny" / "evaluations" / "mine.json"
    figures = json.loads(path.read_text())
    path.write_text(json.dumps(figures | {"macro_f1": figures["macro_f1"] + 0.1}))
    changed = run("evaluate", "--dataset", "mine", "tiny")
    assert changed.exit_code == 1
    assert "macro_f1" in changed.stderr
    assert run("evaluate", "--dataset", "mine", "tiny").exit_code == 0


def test_one_damaged_model_or_data_set_never_hides_the_others(
    here: Path, tiny_models: Path
) -> None:
    assert "data import" in run("data", "list").stdout
    source = write_class_folders(here / "faces")
    assert run("data", "import", source, "--name", "mine").exit_code == 0
    (tiny_models / "tiny" / "model.onnx").write_bytes(b"cut off")
    measured = run("evaluate", "--dataset", "mine")
    assert measured.exit_code == 1
    assert "tiny/model.onnx" in measured.stderr
    assert measured.stdout.startswith("tiny_b on mine: ")
    (here / "data" / "broken.npz").write_bytes(b"cut off")
    listed = run("data", "list")
    assert listed.exit_code == 1
    assert "mine" in listed.stdout
    assert "broken" in listed.stderr


def test_pictures_of_fer2013_are_said_at_import_and_beside_figures(
    here: Path, tiny_models: Path
) -> None:
    fer2013 = tiny_dataset(here / "data" / "fer2013.npz")
    rows = [
        f"{LABELS[label]},{' '.join(map(str, face.ravel()))}"
        for label, face in zip(fer2013.labels, fer2013.pixels, strict=True)
    ]
    (here / "faces.csv").write_text("\n".join(["emotion,pixels", *rows[:30]]))
    done = run("data", "import", here / "faces.csv", "--name", "again")
    assert done.exit_code == 0, done.output
    assert "20 of Training, 10 of PublicTest" in done.stdout
    measured = run("evaluate", "--dataset", "again", "tiny")
    assert "20 of Training, 10 of PublicTest" in measured.stdout
    assert "fer2013" in run("data", "list").stdout


def test_what_labels_mean_is_printed_changed_and_given_back(here: Path) -> None:
    source = write_class_folders(here / "faces")
    (source / "happy").rename(source / "smirk")
    (source / "sad").rename(source / "12")
    printed = run("data", "labels", "rafdb").stdout
    assert "3,disgust" in printed.splitlines()
    (here / "map.csv").write_text(printed + "smirk,happy\n")
    unknown = run("data", "import", source, "--name", "mine", "--dry-run")
    assert "smirk" in unknown.stdout
    assert "left out, not in the table" in unknown.stdout
    done = run("data", "import", source, "--name", "mine", "--labels", here / "map.csv")
    assert done.exit_code == 0, done.output
    data = load_named("mine")
    assert data.class_counts() == dict.fromkeys(LABELS, 4) | {"sad": 0}
    assert [use.word for use in data.info.labels if not use.known] == ["12"]
    assert "left out: 12 (4, not in the table)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("data", "import", "x.csv", "--dry-run"), 2, "need --name"),
        (("data", "import", "x", "--name", "y", "--out", "z.npz"), 2, "without --name"),
        (("data", "describe", "mine", "--out", "z"), 2, "FER2013"),
        (("evaluate", "--split", "test"), 2, "--dataset"),
        (("evaluate", "--slices"), 2, "--dataset"),
        (("compare", "tiny", "tiny", "--slices"), 2, "two different models"),
        (("evaluate", "--dataset", "mine", "--split", "dev"), 2, "validation"),
    ],
)
def test_wrong_usage(
    here: Path, arguments: tuple[str, ...], status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = run(*arguments)
    assert done.exit_code == status
    assert words in done.stderr


def test_a_name_that_is_taken_and_one_that_is_not_there(here: Path) -> None:
    source = write_class_folders(here / "faces")
    assert run("data", "import", source, "--name", "mine").exit_code == 0
    before = (here / "data" / "mine.npz").read_bytes()
    taken = run("data", "import", source / "happy", "--name", "mine")
    assert "replace it with --force" in str(taken.exception)
    failed = run("data", "import", source / "happy", "--name", "mine", "--force")
    assert "no labelled picture" in str(failed.exception)
    assert (here / "data" / "mine.npz").read_bytes() == before
    assert run("data", "import", source, "--name", "mine", "--force").exit_code == 0
    absent = run("evaluate", "--dataset", "yours")
    assert "expected mine, received yours" in str(absent.exception)
    np.testing.assert_array_equal(load_named("mine").found, np.ones(28, bool))
