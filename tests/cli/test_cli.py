"""The command line: its contract's output, exit status and sentences."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PIL import Image

from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.selftest_report import read_selftest
from fer_core.evaluation.speed import read_speed
from fer_core.zoo import read_card
from tests.commands import Commands, Done
from tests.tiny import tiny_dataset, write_tiny_folder

ROOT = Path(__file__).resolve().parents[2]


QUICKLY = {"fer_core.benchmark.models.ROUNDS": 2}
"""How often each network is timed here."""


class Run(Protocol):
    """Runs a command where only these networks are."""

    def __call__(self, *arguments: object, models: Path | str, **environment: str) -> Done: ...


@pytest.fixture
def run(run_command: Commands) -> Run:
    def call(*arguments: object, models: Path | str, **environment: str) -> Done:
        variables = {"MIEN_MODELS": models, "COLUMNS": "120"} | environment
        return run_command(arguments, folder=ROOT, environment=variables, constants=QUICKLY)

    return call


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    """A picture, and a file that is none."""
    good, bad = tmp_path / "good.png", tmp_path / "bad.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (60, 50, 3), np.uint8)
    Image.fromarray(noise).save(good)
    bad.write_bytes(b"<html>not a picture</html>")
    return good, bad


def test_predict_prints_one_line_an_image_and_goes_on(
    run: Run, tiny_models: Path, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    good, bad = pictures
    table, drawn = tmp_path / "faces.csv", tmp_path / "drawn"
    done = run(
        "predict", bad, good, "--model", "tiny", "--detector", "none", "--json",
        "--csv", table, "--annotate", drawn, models=tiny_models,
    )  # fmt: skip
    assert done.code == 1, done.err
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert set(first) == {
        "number", "path", "width", "height", "model", "views", "answers_as", "detector", "version",
        "sha256", "taken_at", "faces", "notes", "error",
    }  # fmt: skip
    assert second["sha256"] == hashlib.sha256(good.read_bytes()).hexdigest()
    assert [first["number"], second["number"]] == [1, 2]
    assert first["path"] == str(bad)
    assert first["faces"] == []
    assert "bad.jpg" in first["error"]
    assert (second["width"], second["height"], second["model"]) == (50, 60, "tiny")
    (face,) = second["faces"]
    assert set(face) == {
        "box", "detection_score", "emotion", "confidence", "unsure", "expected_right",
        "prediction_set", "probabilities",
    }  # fmt: skip
    assert list(face["probabilities"]) == list(LABELS)
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-3)
    assert face["emotion"] == max(face["probabilities"], key=face["probabilities"].get)
    assert table.read_text().count("\n") == 3  # its names, a file that is none, a face
    assert [path.suffix for path in drawn.iterdir()] == [".png"]


def test_predict_is_fine_with_good_pictures(tiny_models: Path, pictures: tuple[Path, Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fer_core", "predict", str(pictures[0]), "--detector", "none"],
        cwd=ROOT,
        env=os.environ | {"MIEN_MODELS": str(tiny_models)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(pictures[0]) in done.stdout


def test_folders_of_results_are_made_before_the_reading(
    run: Run, tiny_models: Path, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    table = tmp_path / "new" / "faces.csv"
    detector = ("--detector", "none", "--csv")
    assert run("predict", pictures[0], *detector, table, models=tiny_models).code == 0
    assert table.exists()
    refused = run("predict", pictures[0], *detector, table / "in.csv", models=tiny_models)
    assert refused.code == 1
    assert refused.out == ""
    assert "faces.csv" in refused.err
    assert "Traceback" not in refused.err


def test_models_lists_what_is_sound_and_names_what_is_not(run: Run, tiny_models: Path) -> None:
    listed = run("models", "--check", "--json", models=tiny_models)
    assert listed.code == 0
    rows = json.loads(listed.out)
    assert [row["slug"] for row in rows] == ["tiny", "tiny_b"]
    assert set(rows[0]) == {
        "slug", "parameters", "multiply_accumulates", "megabytes", "accuracy", "accuracy_flip",
        "accuracy_twin_free", "macro_f1", "ece_calibrated", "published", "looks", "status", "seeds",
    }  # fmt: skip
    (tiny_models / "tiny" / "history.csv").unlink()
    broken = run("models", models=tiny_models)
    assert broken.code == 1
    assert "tiny_b" in broken.out
    assert "history.csv" in broken.err
    assert "Traceback" not in broken.err


def test_networks_of_several_folders_are_one_list(
    run: Run, tiny_models: Path, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    imported = tmp_path / "imported"
    for slug in ("alpha", "tiny"):
        write_tiny_folder(imported, slug, seed=3)
    both = os.pathsep.join([str(tiny_models), str(imported)])
    listed = run("models", "--check", "--json", models=both)
    assert {row["slug"] for row in json.loads(listed.out)} == {"alpha", "tiny", "tiny_b"}
    assert listed.code == 1
    assert f"{imported}: not used, as an earlier folder" in listed.err
    read = run("predict", pictures[0], "--model", "alpha", "--detector", "none", models=both)
    assert read.code == 0, read.err
    measured = run("bench", "--models", "--detector", "haar", "--json", models=both)
    assert set(json.loads(measured.out)["models"]) == {"alpha", "tiny", "tiny_b"}
    assert (tiny_models / "speed.json").exists()
    assert not (imported / "speed.json").exists()
    report = read_speed(tiny_models, imported)
    assert report is not None
    assert set(report.models) == {"alpha", "tiny", "tiny_b"}


def test_where_no_network_is_each_command_says_so(run: Run, tmp_path: Path) -> None:
    for arguments in (("models",), ("models", "--json"), ("predict", "x.png")):
        done = run(*arguments, models=tmp_path / "nothing")
        assert done.code == 1
        assert done.out == ""
        assert f"{tmp_path / 'nothing'}: there is no model" in done.err
        assert "MIEN_MODELS" in done.err


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("train",), 2, "--all"),
        (("train", "triple", "--seed", "-1"), 2, "--seed"),
        (("predict",), 2, "paths"),
        (("bench", "--models", "--model", "tiny"), 2, "and no video"),
        (("predict", "x.png", "--detector", "dlib"), 2, "yunet"),
        (("predict", "x.png", "--model", "nobody", "--detector", "none"), 1, "no such model"),
        (("evaluate", "tiny"), 1, "data import"),
        (("compare", "tiny", "tiny_b"), 1, "data import"),
        (("data", "import", "missing.csv"), 1, "no such file"),
        (("freeze", "nobody"), 1, "data import"),
        (("selftest", "--model", "tiny", "--detector", "none"), 1, "data import"),
        (("selftest", "--all", "--jitter"), 2, "without --jitter"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(
    run: Run, tiny_models: Path, tmp_path: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    done = run(*arguments, models=tiny_models, MIEN_DATASET=str(tmp_path / "none.npz"))
    assert done.code == status, done.err
    assert words in done.err
    assert "Traceback" not in done.err


def test_bench_of_all_networks_writes_what_it_prints(run: Run, tiny_models: Path) -> None:
    done = run("bench", "--models", "--detector", "haar", "--json", models=tiny_models)
    assert done.code == 0, done.err
    printed = json.loads(done.out)
    assert printed == json.loads((tiny_models / "speed.json").read_text())
    assert set(printed["models"]) == {"tiny", "tiny_b"}
    (tiny_models / "tiny_b" / "model.onnx").write_bytes(b"cut off")
    broken = run("bench", "--models", "--detector", "haar", models=tiny_models)
    assert broken.code == 1
    assert "tiny_b/model.onnx" in broken.err
    assert "tiny " in broken.out


def test_selftest_over_all_faces_keeps_its_result_and_tells_how_far_it_is(
    run: Run, tiny_models: Path, tmp_path: Path
) -> None:
    path = tmp_path / "fer2013.npz"
    data = tiny_dataset(path)
    # Without a detector the whole picture is the box: near enough for the largest faces only.
    done = run(
        *("selftest", "--all", "--progress", "--model", "tiny", "--detector", "none"),
        models=tiny_models,
        MIEN_DATASET=str(path),
    )
    assert done.code == 0, done.err
    assert [json.loads(line) for line in done.out.splitlines()] == [{"done": 20, "total": 20}]
    report = read_selftest(tiny_models)
    assert report is not None
    assert report.is_about(read_card(tiny_models / "tiny"))
    assert not report.is_about(read_card(tiny_models / "tiny_b"))
    assert report.dataset_fingerprint == data.fingerprint
    assert (report.split, report.n, report.detector) == ("PublicTest", 20, "none")
    assert {size: part.found for size, part in report.by_size.items()} == {64: 0, 96: 0, 160: 6}
    assert report.found == 6
    assert report.low <= report.difference <= report.high
    assert report.difference * 6 == pytest.approx(
        report.only_path_right - report.only_direct_right, abs=1e-4
    )
    (tiny_models / "selftest.json").write_text('{"n": 0}')
    with pytest.raises(ModelError, match="selftest --all"):
        read_selftest(tiny_models)


def test_help_needs_neither_keras_nor_opencv(run: Run, tiny_models: Path) -> None:
    script = (
        "import sys; sys.argv = ['fer_core', '--help']\n"
        "from fer_core.cli import app\n"
        "try: app()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "assert not {'keras', 'tensorflow', 'cv2', 'onnxruntime', 'pandas'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "predict" in done.stdout
