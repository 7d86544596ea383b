"""Freezing: measured once, entered once, and the network that ships is never gone."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013
from fer_core.errors import MienError, ModelError, StorageError, TrainingError
from fer_core.evaluation.summary import read_summaries, read_summary
from fer_core.faces import Restoration, WholeImage, to_network_inputs
from fer_core.faces.corruptions import low_light
from fer_core.faces.restoration import filtered
from fer_core.training.artifacts.freeze import freeze
from fer_core.training.artifacts.reread import reread
from fer_core.zoo import (
    CARD_FILE,
    check_folder,
    load_classifier,
    read_card,
    read_ledger,
    stored_weights_digest,
)
from tests.tiny import tiny_dataset, write_tiny_candidate
from tests.unlucky import killed_at_every_step, room_for
from tests.voters import tiny_voters


@pytest.fixture
def data(tmp_path: Path) -> Fer2013:
    return tiny_dataset(tmp_path / "fer2013.npz")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def shipped(tmp_path: Path, models: Path, data: Fer2013) -> str:
    """A network in the place of the next one; the digest of its weights."""
    write_tiny_candidate(tmp_path / "before" / "tiny", data, seed=1)
    return stored_weights_digest(freeze(tmp_path / "before" / "tiny", models, data))


@pytest.fixture
def run(tmp_path: Path, data: Fer2013) -> Path:
    """The training that is frozen next."""
    write_tiny_candidate(tmp_path / "runs" / "tiny", data, seed=2)
    return tmp_path / "runs" / "tiny"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_frozen_folder_is_whole_and_its_look_entered(
    shipped: str, run: Path, models: Path, data: Fer2013
) -> None:
    folder = freeze(run, models, data)
    assert stored_weights_digest(folder) != shipped
    summary = read_summary(folder)
    assert summary.metrics.n == summary.confusion.sum() == 20
    looks = read_ledger(models)
    assert [look.weights_sha256 for look in looks] == [shipped, stored_weights_digest(folder)]
    assert looks[1].private_accuracy == pytest.approx(summary.metrics.accuracy, abs=1e-6)
    assert names(models) == ["looks.csv", "tiny"]
    freeze(run, models, data)
    assert len(read_ledger(models)) == 2, "the same weights again are no new look"


FREEZE = """
import sys
from pathlib import Path
from fer_core.dataset import load_dataset
from fer_core.storage import exchange
from fer_core.training.artifacts.freeze import freeze
data = load_dataset(Path(sys.argv[3]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", ["", "exchange.exchange = lambda a, b: False"], ids=["in one step", "in two"]
)
def test_killed_anywhere_a_network_ships_and_its_look_is_entered(
    shipped: str, run: Path, models: Path, data: Fer2013, tmp_path: Path, way: str
) -> None:
    seen = []
    for _ in killed_at_every_step(
        FREEZE + way,
        "freeze(Path(sys.argv[4]), Path(sys.argv[5]), data)",
        tmp_path / "fer2013.npz",
        run,
        models,
    ):
        _, errors = read_summaries(models)  # what each page and command begins with
        assert errors == []
        load_classifier(models / "tiny")
        digest = stored_weights_digest(models / "tiny")
        assert digest in {look.weights_sha256 for look in read_ledger(models)}
        seen.append(digest == shipped)
    assert seen == sorted(seen, reverse=True), "once new it stays new"
    assert True in seen
    assert len(read_ledger(models)) == 2
    assert names(models) == ["looks.csv", "tiny"]


def _cut(name: str) -> Callable[[Path], object]:
    return lambda run: os.truncate(run / "candidate" / name, 10)


def _other_figures(run: Path) -> None:
    (run / "candidate" / "metrics.json").write_text('{"public_test": {"accuracy": 2}}')
    card = json.loads((run / "candidate" / "card.json").read_text())
    del card["files"]["metrics.json"]
    (run / "candidate" / "card.json").write_text(json.dumps(card))


def _other_ledger(run: Path) -> None:
    (run.parents[1] / "models" / "looks.csv").write_text("what,ever\n1,2\n")


@pytest.mark.parametrize(
    ("damage", "error", "words"),
    [
        (_cut("model.onnx"), ModelError, "damaged"),
        (_cut("card.json"), ModelError, "card is not valid"),
        (_cut("predictions.npz"), ModelError, "damaged"),
        (_other_figures, ModelError, r"metrics\.json.*public_test"),
        (_other_ledger, ModelError, "ledger of looks"),
        (lambda run: shutil.rmtree(run / "candidate"), TrainingError, "nothing to freeze"),
    ],
)
def test_whatever_is_wrong_nothing_is_measured_or_replaced(
    shipped: str,
    run: Path,
    models: Path,
    data: Fer2013,
    damage: Callable[[Path], object],
    error: type[MienError],
    words: str,
) -> None:
    damage(run)
    before = (models / "looks.csv").read_bytes()
    with pytest.raises(error, match=words):
        freeze(run, models, data, force=True)
    assert (models / "looks.csv").read_bytes() == before
    assert stored_weights_digest(models / "tiny") == shipped
    assert names(models) == ["looks.csv", "tiny"]


def test_damaged_figures_that_ship_are_a_sentence(
    shipped: str, run: Path, models: Path, data: Fer2013
) -> None:
    (models / "tiny" / "metrics.json").write_text("[]")
    with pytest.raises(ModelError, match=r"tiny/metrics\.json"):
        freeze(run, models, data)
    assert stored_weights_digest(freeze(run, models, data, force=True)) != shipped


def test_a_file_in_the_models_place_is_not_replaced(run: Path, models: Path, data: Fer2013) -> None:
    (models / "tiny").write_text("mine")
    with pytest.raises(StorageError, match="expected a folder, received a file"):
        freeze(run, models, data, force=True)
    assert read_ledger(models) == []
    assert (models / "tiny").read_text() == "mine"


def test_no_room_is_a_sentence_and_what_ships_stays(
    shipped: str, run: Path, models: Path, data: Fer2013
) -> None:
    largest = max(path.stat().st_size for path in (run / "candidate").iterdir())
    with room_for(largest - 1), pytest.raises(StorageError, match=r"models/tiny: .*Free some room"):
        freeze(run, models, data, force=True)
    check_folder(models / "tiny")
    assert stored_weights_digest(models / "tiny") == shipped
    assert names(models) == ["looks.csv", "tiny"]


def test_another_restoration_is_another_network_with_a_look_of_its_own(
    tmp_path: Path, models: Path, data: Fer2013
) -> None:
    write_tiny_candidate(tmp_path / "before" / "tiny", data, seed=1, side=48)
    folder = freeze(tmp_path / "before" / "tiny", models, data)
    plain, run = stored_weights_digest(folder), tmp_path / "runs" / "tiny"
    candidate = reread(folder, run, Restoration.CAMERA, WholeImage(), data)
    assert stored_weights_digest(folder) == plain, "nothing has changed yet"
    assert len(read_ledger(models)) == 1, "PrivateTest was not read"
    assert json.loads((candidate / "metrics.json").read_text()).keys() == {"public_test"}
    freeze(run, models, data, force=True)
    card = check_folder(folder)
    assert card.input.restoration == Restoration.CAMERA
    assert card.calibration is not None
    digests = [look.weights_sha256 for look in read_ledger(models)]
    assert digests == [plain, stored_weights_digest(folder)]
    assert plain != stored_weights_digest(folder)
    classifier, dim = load_classifier(folder), low_light(data.pixels[0], 0.1)
    crop = to_network_inputs(dim[None], card.input)
    assert np.array_equal(crop[0, ..., 0], filtered(dim))
    assert classifier.logits(crop).shape == (1, 7)
    both = card.model_copy(update={"voters": tiny_voters()})
    (folder / CARD_FILE).write_text(both.to_json())
    back = read_card(reread(folder, run, Restoration.NONE, WholeImage(), data), slug="tiny")
    assert back.input.restoration == Restoration.NONE
    assert back.voters is None, "it was learned from faces that were prepared otherwise"
