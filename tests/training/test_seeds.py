"""`train --seeds` and `freeze --seeds`: ended anywhere it goes on, and each seed is one look."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError, TrainingError
from fer_core.evaluation.families import read_family
from fer_core.evaluation.seeds import (
    SEEDS,
    read_seed_history,
    read_seed_logits,
    read_seeds,
)
from fer_core.runs.recipe import Augmentation, Recipe, load_recipe, recipe_name
from fer_core.runs.shelf import seed_runs
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.artifacts.freeze import freeze
from fer_core.training.artifacts.seeds import freeze_seeds
from fer_core.training.loop.options import TrainingOptions
from fer_core.training.loop.queue import run_queue
from fer_core.zoo import check_folder, read_ledger, stored_weights_digest
from tests.tiny import tiny_dataset, write_tiny_candidate
from tests.training.drawn import drawn_faces

RECIPE = Recipe(
    epochs=2, batch_size=16, learning_rate=0.02, augmentation=Augmentation(flip=True, shift=0.1)
)


def _options(folder: Path, **changes: object) -> TrainingOptions:
    recipe = folder / "recipe.json"
    recipe.write_text(RECIPE.model_dump_json())
    options = TrainingOptions(
        recipe=str(recipe),
        epochs=None,
        seed=0,
        resume=False,
        start=None,
        weights=None,
        precision="float32",
        smoke=False,
        budget_limited=False,
        runs=folder / "runs",
        models=folder / "models",
        seeds=2,
    )
    return replace(options, **changes)  # type: ignore[arg-type]


@pytest.mark.slow
def test_seeds_are_trained_one_after_the_other_and_go_on_where_they_ended(tmp_path: Path) -> None:
    data, said = drawn_faces(), list[str]()
    options = _options(tmp_path)
    # Ended in the second seed, after its first epoch.
    assert run_queue(["triple"], replace(options, seeds=1), data, report=said.append) == []
    begun = replace(options, seed=1, seeds=1, epochs=1)
    assert run_queue(["triple"], begun, data, report=said.append) == []
    shutil.rmtree(seed_runs(options.runs, 1) / "triple" / CANDIDATE)
    said.clear()
    longer = replace(options, epochs=2)
    assert run_queue(["triple"], longer, data, report=said.append) == []
    assert said[0].startswith("seed 0, triple: is finished")
    assert said[1] == "seed 1, triple: resumed after epoch 1"
    digests = {
        stored_weights_digest(seed_runs(options.runs, seed) / "triple" / CANDIDATE)
        for seed in (0, 1)
    }
    assert len(digests) == 2
    said.clear()
    assert run_queue(["triple"], longer, data, report=said.append) == []
    assert [line for line in said if "is finished" not in line] == []


@pytest.mark.slow
def test_a_candidate_that_is_not_of_this_training_does_not_count(tmp_path: Path) -> None:
    data, options = drawn_faces(), _options(tmp_path, seeds=1)
    candidate = seed_runs(options.runs, 0) / "triple" / CANDIDATE
    assert run_queue(["triple"], options, data, report=lambda line: None) == []
    (candidate / "model.onnx").write_bytes(b"damaged")
    said: list[str] = []
    assert run_queue(["triple"], options, data, report=said.append) == []
    assert "written to" in said[-1]
    other = json.loads((tmp_path / "recipe.json").read_text()) | {"learning_rate": 0.1}
    changed = tmp_path / "other.json"
    changed.write_text(json.dumps(other))
    said.clear()
    failed = run_queue(["triple"], replace(options, recipe=str(changed)), data, report=said.append)
    assert failed == ["triple"]
    assert "belongs to other settings" in said[0]


@pytest.mark.parametrize("changes", [{"start": Path("runs/triple/candidate")}, {"name": "mine"}])
def test_what_has_no_seeds_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    options = _options(tmp_path, **changes)
    with pytest.raises(TrainingError, match="learns FER2013 from the beginning"):
        run_queue(["triple"], options, drawn_faces(), report=lambda line: None)


def test_the_name_of_a_recipe_is_known_by_its_settings() -> None:
    settings = load_recipe("bn_tiny_taught").model_dump(mode="json")
    assert recipe_name(settings | {"best_epoch": 3, "epochs": 7}) == "bn_tiny_taught"
    assert recipe_name(settings | {"learning_rate": 0.123}) == ""


@pytest.fixture
def data(tmp_path: Path) -> Fer2013:
    return tiny_dataset(tmp_path / "fer2013.npz")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def runs(tmp_path: Path, data: Fer2013) -> Path:
    """Three finished seeds of a network."""
    runs = tmp_path / "runs"
    for seed in range(3):
        write_seed(runs, seed, data)
    return runs


def write_seed(runs: Path, seed: int, data: Fer2013, weights: int | None = None) -> Path:
    """A finished training of that seed, with predictions that its graph really gives."""
    run = seed_runs(runs, seed) / "tiny"
    write_tiny_candidate(run, data, seed if weights is None else weights)
    card = json.loads((run / CANDIDATE / "card.json").read_text())
    card |= {"seed": seed, "recipe": RECIPE.model_dump(mode="json") | {"best_epoch": 2 + seed % 2}}
    (run / CANDIDATE / "card.json").write_text(json.dumps(card))
    return run


def test_each_seed_is_one_look_and_ships_as_figures(
    runs: Path, models: Path, data: Fer2013
) -> None:
    said: list[str] = []
    assert freeze_seeds("tiny", runs, models, data, report=said.append) == []
    folder = models / "tiny"
    seeds, errors = read_seeds(folder)
    assert errors == []
    assert [one.seed for one in seeds] == [0, 1, 2]
    labels = data.part(Split.PRIVATE_TEST)[1]
    ledger = {look.weights_sha256: look for look in read_ledger(models)}
    for one in seeds:
        logits = read_seed_logits(folder, one)["private_logits"]
        assert (logits.argmax(axis=1) == labels).mean() == one.private_test.accuracy
        look = ledger[one.weights_sha256]
        assert look.private_accuracy == pytest.approx(one.private_test.accuracy, abs=1e-6)
        assert len(read_seed_history(folder, one)) == one.epochs
    assert len(read_ledger(models)) == 3, "one look a seed"
    family = read_family(folder)
    assert family is not None
    assert family.shipped_seed == family.best.seed, "what ships was chosen on PublicTest"
    check_folder(folder)

    before = (models / "looks.csv").read_bytes()
    said.clear()
    assert freeze_seeds("tiny", runs, models, data, report=said.append) == []
    assert all("measured before" in line for line in said)
    assert (models / "looks.csv").read_bytes() == before


def test_what_ships_stays_and_its_successor_keeps_the_seeds(
    tmp_path: Path, runs: Path, models: Path, data: Fer2013
) -> None:
    write_tiny_candidate(tmp_path / "before" / "tiny", data, seed=9)
    digest = stored_weights_digest(freeze(tmp_path / "before" / "tiny", models, data))
    freeze_seeds("tiny", runs, models, data)
    folder = models / "tiny"
    assert stored_weights_digest(folder) == digest
    family = read_family(folder)
    assert family is not None
    assert family.shipped_seed is None
    assert "another training and not counted" in family.text()
    freeze(seed_runs(runs, 1) / "tiny", models, data, force=True)
    after = read_family(folder)
    assert after is not None
    assert after.seeds == family.seeds
    assert after.shipped_seed == 1
    assert len(read_ledger(models)) == 4, "a seed that ships was measured as a seed"


def test_one_bad_seed_costs_no_other_one(runs: Path, models: Path, data: Fer2013) -> None:
    (seed_runs(runs, 1) / "tiny" / CANDIDATE / "model.onnx").write_bytes(b"damaged")
    wrong = seed_runs(runs, 2) / "tiny" / CANDIDATE / "card.json"
    wrong.write_text(wrong.read_text().replace('"seed": 2', '"seed": 7'))
    said: list[str] = []
    assert freeze_seeds("tiny", runs, models, data, report=said.append) == [1, 2]
    assert [one.seed for one in read_seeds(models / "tiny")[0]] == [0]
    assert "damaged" in said[1]
    assert "another seed than its folder's name says" in said[2]
    assert len(read_ledger(models)) == 1


def test_a_seed_is_not_measured_until_it_fits(
    tmp_path: Path, runs: Path, models: Path, data: Fer2013
) -> None:
    freeze_seeds("tiny", runs, models, data)
    shutil.rmtree(seed_runs(runs, 1))
    write_seed(runs, 1, data, weights=8)
    said: list[str] = []
    assert freeze_seeds("tiny", runs, models, data, report=said.append) == [1]
    assert "measured with other weights" in said[1]
    assert len(read_ledger(models)) == 3
    assert freeze_seeds("tiny", runs, models, data, force=True) == []
    assert len(read_ledger(models)) == 4


def test_seeds_of_another_recipe_are_no_family(runs: Path, models: Path, data: Fer2013) -> None:
    freeze_seeds("tiny", runs, models, data)
    run = write_seed(runs, 3, data)
    card = run / CANDIDATE / "card.json"
    card.write_text(card.read_text().replace('"learning_rate": 0.02', '"learning_rate": 0.03'))
    said: list[str] = []
    assert freeze_seeds("tiny", runs, models, data, report=said.append) == [3]
    assert "expected the same learning_rate as seed 0, received learning_rate 0.03" in said[3]
    assert len(read_ledger(models)) == 3


def test_nothing_to_freeze_is_a_sentence(tmp_path: Path, models: Path, data: Fer2013) -> None:
    with pytest.raises(TrainingError, match=r"no seeds to freeze.*train tiny --seeds 3"):
        freeze_seeds("tiny", tmp_path / "runs", models, data)


def test_a_damaged_ledger_is_noticed_before_a_look(runs: Path, models: Path, data: Fer2013) -> None:
    (models / "looks.csv").write_text("what,ever\n1,2\n")
    with pytest.raises(ModelError, match="ledger of looks"):
        freeze_seeds("tiny", runs, models, data)
    assert not (models / "tiny" / SEEDS).exists()
