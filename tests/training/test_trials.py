"""Variants and ablations: trainings that leave a row and no network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013
from fer_core.errors import TrainingError
from fer_core.evaluation.variants import VARIANTS_FILE, read_variants
from fer_core.runs.recipe import RECIPES, load_recipe
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.loop.checkpoint import load_checkpoint
from fer_core.training.loop.queue import run_queue
from fer_core.training.networks import build_network, get_architecture
from fer_core.zoo import (
    read_ledger,
)
from tests.training.drawn import RECIPE, drawn_faces, options_of


def test_a_variant_leaves_a_row_and_no_look_at_privatetest(tmp_path: Path) -> None:
    data = drawn_faces(320)  # PrivateTest that cannot be read without being noticed
    blind = Fer2013(data.pixels[:240], data.labels[:240], data.splits[:240])
    said: list[str] = []
    assert run_queue(["triple"], options_of(tmp_path), blind, report=said.append) == []
    (row,) = read_variants(tmp_path)
    assert (row.slug, row.variant, row.recipe) == ("triple", "published", "published_triple")
    assert (row.epochs, row.public_n, row.seed) == (2, 80, 0)
    assert row.public_accuracy_low <= row.public_accuracy <= row.public_accuracy_high
    assert row.settings["optimizer"] == "adam"
    assert "entered in" in said[-1]
    run = tmp_path / "runs" / "triple--published"
    assert not (run / CANDIDATE).exists()
    assert read_ledger(tmp_path) == []
    # Going on after an interruption gives the same row, but for the clock.
    assert run_queue(["triple"], options_of(tmp_path, resume=True), blind, report=said.append) == []
    assert read_variants(tmp_path) == [row]


def test_a_rehearsed_variant_stands_apart(tmp_path: Path, data: Fer2013) -> None:
    options = options_of(tmp_path, smoke=True, recipe="plain_small_sampler", variant="sampler")
    small = drawn_faces(160)
    assert run_queue(["triple"], options, small, report=lambda line: None) == []
    assert not (tmp_path / VARIANTS_FILE).exists()
    (row,) = read_variants(tmp_path / "runs" / "smoke_triple--sampler")
    assert row.settings["balance"] == "sampler"


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"variant": "../up"}, "called"), ({"start": Path("models/triple")}, "begins anew")],
)
def test_a_variant_that_cannot_be_is_refused_at_once(
    tmp_path: Path, data: Fer2013, changes: dict[str, object], word: str
) -> None:
    with pytest.raises(TrainingError, match=word):
        run_queue(["triple"], options_of(tmp_path, **changes), data, report=lambda line: None)


@pytest.mark.parametrize(
    ("base", "name", "setting"),
    [
        ("plain_small", "sampler", {"balance": "sampler"}),
        ("plain_small", "weights", {"balance": "weights"}),
        ("bn_tiny", "upscaled", {"side_px": 96}),
    ],
)
def test_an_ablation_changes_one_setting(base: str, name: str, setting: dict[str, object]) -> None:
    usual, changed = load_recipe(base), load_recipe(f"{base}_{name}")
    assert changed == usual.model_copy(update=setting | {"source": changed.source})


def test_each_ablation_of_nano_changes_one_setting() -> None:
    usual = load_recipe("ablations/none").model_dump()
    names = {path.stem for path in (RECIPES / "ablations").glob("*.json")} - {"none"}
    changed = {
        name: {
            setting
            for setting, value in load_recipe(f"ablations/{name}").model_dump().items()
            if value != usual[setting] and setting != "source"
        }
        for name in names
    }
    assert changed.pop("votes") == {"teacher", "teacher_share"}
    assert changed.pop("taught") == {"teacher", "teacher_share"}
    assert changed
    assert all(len(settings) == 1 for settings in changed.values()), changed


def test_only_a_variant_has_another_input_than_its_architecture(tmp_path: Path) -> None:
    small = drawn_faces(160)
    options = options_of(tmp_path, smoke=True, recipe="bn_tiny_upscaled", variant="upscaled")
    assert run_queue(["triple"], options, small, report=lambda line: None) == []
    run = tmp_path / "runs" / "smoke_triple--upscaled"
    (row,) = read_variants(run)
    assert row.settings["side_px"] == 96
    checkpoint = load_checkpoint(run, {})
    assert checkpoint
    shapes = {tensor.shape for tensor in checkpoint.weights}
    assert (12 * 12 * 10, 32) in shapes, "the dense layer of faces at 96 px"
    said: list[str] = []
    shipping = options_of(tmp_path, smoke=True, recipe="bn_tiny_upscaled", variant=None)
    assert run_queue(["triple"], shipping, small, report=said.append) == ["triple"]
    assert "another network" in said[-1]


@pytest.mark.parametrize(
    ("slug", "setting"),
    [("flip48", {"standardise": False}), ("nano", {"network": {"excite": True, "width": 1.5}})],
)
def test_only_a_variant_is_another_network(
    tmp_path: Path, data: Fer2013, slug: str, setting: dict[str, object]
) -> None:
    recipe = tmp_path / "other.json"
    recipe.write_text(RECIPE.model_copy(update={"epochs": 1, **setting}).model_dump_json())
    options = options_of(tmp_path, smoke=True, recipe=str(recipe), variant="other")
    assert run_queue([slug], options, data, report=lambda line: None) == []
    checkpoint = load_checkpoint(tmp_path / "runs" / f"smoke_{slug}--other", {})
    assert checkpoint
    shapes = {tensor.shape for tensor in checkpoint.weights}
    assert ((3, 3, 36, 48) in shapes) == ((1, 1, 48, 6) in shapes) == (slug == "nano")
    said: list[str] = []
    options = options_of(tmp_path, smoke=True, recipe=str(recipe), variant=None)
    assert run_queue([slug], options, data, report=said.append) == [slug]
    assert "another network" in said[-1]


def test_the_published_flip48_does_not_standardise_its_faces() -> None:
    arch = get_architecture("flip48")
    assert arch.standardise
    published = replace(arch, standardise=load_recipe("published_flip48").standardise)
    dim, bright = np.full((2, 1, 48, 48, 1), 40, np.float32)
    bright += 100
    for network, same in ((arch, True), (published, False)):
        model = build_network(network)
        assert np.allclose(model(dim), model(bright), atol=1e-4) == same


def test_a_choice_that_an_architecture_does_not_have_is_refused(
    tmp_path: Path, data: Fer2013
) -> None:
    recipe = tmp_path / "other.json"
    recipe.write_text(RECIPE.model_copy(update={"network": {"depth": 2.0}}).model_dump_json())
    said: list[str] = []
    options = options_of(tmp_path, smoke=True, recipe=str(recipe), variant="deeper")
    assert run_queue(["nano"], options, data, report=said.append) == ["nano"]
    assert "no such choice" in said[-1]
    assert "width, excite" in said[-1]


@pytest.mark.parametrize("slug", ["flip24", "flip48", "shallow_readme", "triple"])
def test_published_recipes_say_what_is_known_and_what_is_assumed(slug: str) -> None:
    recipe = load_recipe(f"published_{slug}")
    assert "Known:" in recipe.source
    assert "Assumed:" in recipe.source
    assert recipe.schedule == "constant"
    assert recipe.averaging == recipe.label_smoothing == recipe.l2 == 0
