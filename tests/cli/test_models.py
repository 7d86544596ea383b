"""Somebody's network by command: what is printed, kept and refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fer_core.cli import app
from fer_core.dataset import Fer2013
from fer_core.errors import MienError
from tests.foreign import stripe_network, write_network
from tests.seeds import write_seeds
from tests.tiny import write_tiny_folder

pytestmark = pytest.mark.usefixtures("networks_run_here")

SHUFFLED = "sad,happy,fear,neutral,angry,surprise,disgust"


@pytest.fixture
def theirs(
    tiny_models: Path, tmp_path: Path, striped: Fer2013, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A network's file, where `striped` is FER2013 and nothing was imported yet."""
    data = tmp_path / "data" / "fer2013.npz"
    data.parent.mkdir()
    striped.save(data)
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(data))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return write_network(tmp_path / "theirs.onnx", stripe_network(channels=1))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["models", *map(str, arguments)])


def test_import_list_and_remove(theirs: Path, tmp_path: Path) -> None:
    tried = run("import", theirs, "--slug", "mine", "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "range     0..1  (found by trying on PublicTest)" in tried.output
    assert "next best" in tried.output
    assert not (tmp_path / "home").exists()
    done = run("import", theirs, "--slug", "mine", "--range", "0..1", "--labels", "fer2013")
    assert done.exit_code == 0, done.output
    assert "range     0..1  (as you said)" in done.output
    assert "a look, entered in the ledger" in done.output
    folder = tmp_path / "home" / "mien" / "models" / "mine"
    assert f"Written: {folder}" in done.output
    listed = json.loads(run("--json").stdout)
    assert {row["slug"] for row in listed} == {"mine", "tiny", "tiny_b"}
    assert next(row for row in listed if row["slug"] == "mine")["looks"] == 1
    assert run("remove", "mine").exit_code == 0
    assert not folder.exists()


def test_json_is_one_line_after_those_of_progress(theirs: Path) -> None:
    done = run("import", theirs, "--slug", "mine", "--json", "--progress")
    *told, result = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(line) == {"done", "total"} for line in told)
    assert set(result) == {"slug", "found", "folder", "figures"}
    assert {"settings", "trials", "notes", "doubts", "classes", "sha256"} <= set(result["found"])
    assert result["found"]["settings"]["range"] == {"value": "0..1", "how": "tried"}
    assert result["figures"]["n"] == 420


def test_shuffled_labels_are_imported_only_if_meant(theirs: Path, tmp_path: Path) -> None:
    words = ("import", theirs, "--slug", "mine", "--range", "0..1", "--labels", SHUFFLED)
    refused = run(*words)
    assert isinstance(refused.exception, MienError)
    assert "With the labels named" in str(refused.exception)
    assert "--anyway" in str(refused.exception)
    assert not (tmp_path / "home").exists()
    assert run(*words, "--dry-run").exit_code == 0
    meant = run(*words, "--anyway")
    assert meant.exit_code == 0
    assert "Doubtful: With the labels named" in meant.stderr


def test_a_name_is_taken_once(theirs: Path) -> None:
    words = ("import", theirs, "--range", "0..1", "--labels", "fer2013", "--slug")
    assert "Take another name" in str(run(*words, "tiny").exception)
    assert run(*words, "mine").exit_code == 0
    assert "--replace" in str(run(*words, "mine").exception)
    assert run(*words, "mine", "--replace").exit_code == 0


def test_what_comes_before_fer2013_is_measured_after_it(
    theirs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as without:
        without.setenv("MIEN_DATASET", str(tmp_path / "nowhere.npz"))
        words = ("import", theirs, "--slug", "mine", "--range", "0..1")
        assert "expected --labels" in str(run(*words).exception)
        done = run(*words, "--labels", "fer2013")
        assert done.exit_code == 0, done.output
        assert "there was no FER2013" in run().stderr
    measured = run("measure", "mine")
    assert measured.exit_code == 0, measured.output
    assert "PublicTest 8" in measured.output
    assert run().exit_code == 0


def test_a_card_and_the_list_have_the_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    write_seeds(write_tiny_folder(tmp_path, "tiny"), {0: 0.56, 1: 0.58, 2: 0.57})
    write_tiny_folder(tmp_path, "alone", seed=1)

    def said(*words: str) -> str:
        result = CliRunner().invoke(app, ["models", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "57.0 % ± 1.0" in said("describe", "tiny")
    assert "seeds" not in said("describe", "alone")
    described = json.loads(said("describe", "tiny", "--json"))
    (listed,) = (row for row in json.loads(said("--json")) if row["slug"] == "tiny")
    assert described["seeds"] == listed["seeds"]
    assert listed["seeds"]["private_test"]["accuracy"]["mean"] == pytest.approx(0.57)
    assert described["figures"]["accuracy"] == listed["accuracy"]
    assert "57.0% ± 1.0 (3)" in said("--markdown")
    assert "57.00 ± 1.00 %" in said()
    (tmp_path / "tiny" / "seeds" / "1.json").write_text("{}")
    result = CliRunner().invoke(app, ["models", "--json"])
    assert result.exit_code == 1
    assert "freeze tiny --seeds" in result.output
