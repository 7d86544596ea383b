"""Commands on what answers are worth: what they print, write and refuse."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from fer_core.cli import app
from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.calibration_report import read_calibration
from fer_core.evaluation.leaning import TAUS
from fer_core.evaluation.summary import read_logits
from fer_core.zoo import CARD_FILE, read_card
from tests.tiny import N, tiny_card


@pytest.fixture
def data(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Fer2013:
    """As many faces in each split as tiny networks have answers; `tiny` was measured on them."""
    rng = np.random.default_rng(0)
    splits = np.repeat(np.arange(3, dtype=np.uint8), N)
    labels = np.arange(3 * N) % 7
    data = Fer2013(rng.integers(0, 256, (3 * N, 48, 48), np.uint8), labels, splits)
    data.save(tiny_models.parent / "fer2013.npz")
    folder = tiny_models / "tiny"
    card = tiny_card("tiny", folder, dataset_fingerprint=data.fingerprint)
    (folder / CARD_FILE).write_text(card.to_json())
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tiny_models.parent / "fer2013.npz"))
    return data


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.mark.usefixtures("data")
def test_calibrate_chooses_and_measures(tiny_models: Path) -> None:
    done = run("calibrate", "tiny", "--detector", "none", "--json")
    assert done.exit_code == 0, done.output
    rows = read_calibration(tiny_models)
    assert json.loads(done.stdout) == [row.model_dump() for row in rows]
    card = read_card(tiny_models / "tiny")
    assert card.calibration is not None
    assert card.calibration.detector == "none"
    assert {row.temperature for row in rows} == {card.temperature}


def test_prior_is_of_the_stored_answers(tiny_models: Path, data: Fer2013) -> None:
    done = run("prior", "tiny", "--json")
    assert done.exit_code == 0, done.output
    (trial,) = json.loads(done.stdout)
    assert [row["tau"] for row in trial["rows"]] == list(TAUS)
    said = read_logits(tiny_models / "tiny")["public_logits"].argmax(axis=1)
    right = (said == data.part(Split.PUBLIC_TEST)[1]).mean()
    assert trial["rows"][0]["accuracy"] == pytest.approx(right, abs=1e-6)


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("command", [("calibrate", "--detector", "none"), ("prior",)])
def test_a_network_of_another_data_set_is_a_sentence_and_the_others_go_on(
    command: tuple[str, ...],
) -> None:
    done = run(*command, "tiny_b", "tiny", "--json")
    assert done.exit_code == 1
    assert "tiny_b: the model was measured on another copy" in done.stderr
    assert {found["slug"] for found in json.loads(done.stdout)} == {"tiny"}
