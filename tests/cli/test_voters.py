"""Whose word a command gives: the voters' on somebody's pictures, the labels' where it is asked."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from fer_core.cli import app
from fer_core.dataset import VOTES, Fer2013
from fer_core.evaluation.calibration_report import current_calibration, read_calibration
from fer_core.evaluation.dataset_files import read_evaluation
from fer_core.faces import InputSpec
from fer_core.zoo import CARD_FILE, AnswersAs, read_card
from tests.tiny import N, tiny_card, write_class_folders
from tests.voters import tiny_voters, write_voters_folder


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network with both answers, and FER2013 whose faces most voters call happy."""
    models = tmp_path / "models"
    folder = write_voters_folder(models)
    rng = np.random.default_rng(0)
    votes = rng.integers(0, 6, (3 * N, len(VOTES)), np.uint8)
    votes[:, VOTES.index("happiness")] = 10
    data = Fer2013(
        rng.integers(0, 256, (3 * N, 48, 48), np.uint8),
        rng.integers(0, 7, 3 * N),
        np.repeat(np.arange(3, dtype=np.uint8), N),
        votes,
    )
    data.save(tmp_path / "fer2013.npz")
    card = tiny_card(
        "tiny",
        folder,
        voters=tiny_voters(),
        dataset_fingerprint=data.fingerprint,
        input=InputSpec(side_px=24, channels=1, crop_margin=0.0),
    )
    (folder / CARD_FILE).write_text(card.to_json())
    monkeypatch.setenv("MIEN_MODELS", str(models))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    return models


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


def test_a_picture_is_read_as_voters_unless_labels_are_asked_for(
    models: Path, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 50, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "face.png")
    found = {}
    for asked in ((), ("--answers", "voters"), ("--answers", "labels")):
        done = run("predict", tmp_path / "face.png", "--detector", "none", "--json", *asked)
        assert done.exit_code == 0, done.output
        found[asked] = json.loads(done.stdout)
    usual, voters, labels = found.values()
    assert usual == voters
    assert (voters["answers_as"], labels["answers_as"]) == ("voters", "labels")
    assert voters["faces"][0]["probabilities"] != labels["faces"][0]["probabilities"]
    assert voters["faces"][0]["prediction_set"] is not None
    assert labels["faces"][0]["prediction_set"] is None


def test_a_named_data_set_is_measured_as_voters_unless_labels_are_asked_for(
    models: Path, tmp_path: Path
) -> None:
    source = write_class_folders(tmp_path / "faces", each=3)
    assert run("data", "import", source, "--name", "mine").exit_code == 0
    for answers in AnswersAs:
        done = run("evaluate", "--dataset", "mine", "--answers", answers)
        assert done.exit_code == 0, done.output
        kept = read_evaluation(models / "tiny", "mine")
        assert kept is not None
        assert kept.answers_as == answers
        assert (" as voters" in done.stdout) == (answers == AnswersAs.VOTERS)
        told = read_card(models / "tiny").answering_as(answers)
        assert (kept.temperature, kept.unsure_threshold) == (
            *(told.temperature, told.unsure_threshold),
        )
    refused = run("prior", "tiny", "--dataset", "mine", "--json")
    assert refused.exit_code == 1
    assert "--answers labels" in refused.stderr
    assert run("evaluate", "--dataset", "mine", "--answers", "labels").exit_code == 0
    assert run("prior", "tiny", "--dataset", "mine", "--json").exit_code == 0


def test_fer2013_is_answered_as_labels(models: Path) -> None:
    refused = run("evaluate", "tiny", "--answers", "voters")
    assert refused.exit_code == 2
    assert "--answers needs --dataset" in refused.stderr


def test_calibrate_measures_both_answers(models: Path) -> None:
    before = read_card(models / "tiny")
    done = run("calibrate", "tiny", "--detector", "none")
    assert done.exit_code == 0, done.output
    card = read_card(models / "tiny")
    assert card.voters is not None
    assert before.voters is not None
    assert card.voters.model_copy(update={"calibration": before.voters.calibration}) == (
        before.voters
    )
    assert card.voters.calibration.risk < 0.2
    rows = read_calibration(models)
    assert {row.answers_as for row in rows} == set(AnswersAs)
    assert current_calibration(rows, [card]) == rows
    assert current_calibration(rows, [before]) == []
    right = {row.answers_as: row.accuracy for row in rows if row.condition == "as_it_is"}
    assert right[AnswersAs.VOTERS] in (0, 1), "all of these faces have one word"
    assert "tiny as voters" in done.stdout
