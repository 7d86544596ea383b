"""Compare with families: mean and spread, each seed, and what is more than chance."""

import shutil
from pathlib import Path

import pytest

from fer_core.evaluation.seeds import SEEDS
from fer_core.evaluation.variants import enter_variant
from tests.pages.test_compare import charts, opened, words
from tests.seeds import write_seeds
from tests.tiny import tiny_variant


@pytest.fixture
def families(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two networks with three seeds each."""
    write_seeds(tiny_models / "tiny", {0: 0.56, 1: 0.58, 2: 0.57})
    write_seeds(tiny_models / "tiny_b", {0: 0.50, 1: 0.52, 2: 0.51})
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tiny_models / "none.npz"))
    return tiny_models


def test_a_family_has_its_spread_its_band_and_each_seed(families: Path) -> None:
    page = opened("Seeds")
    family = next(table.value for table in page.dataframe if "Seeds" in table.value)
    assert sorted(family["Accuracy"]) == [
        "51.0 % ± 1.0 (50.0 to 52.0)",
        "57.0 % ± 1.0 (56.0 to 58.0)",
    ]
    assert set(family["What ships"]) == {"another training, not counted here"}
    each = [table.value for table in page.dataframe if "Best epoch" in table.value]
    assert sorted(list(table["Accuracy"].round(6)) for table in each) == [
        [50.0, 52.0, 51.0],
        [56.0, 58.0, 57.0],
    ]
    assert charts(page) == 1
    assert "more than seeds make; few seeds" in words(page)
    assert "trained otherwise" in words(page)


def test_a_family_stands_beside_a_network_without_seeds(families: Path) -> None:
    shutil.rmtree(families / "tiny_b" / SEEDS)
    shown = words(opened("Seeds"))
    assert "of the first against the one training of the second" in shown or (
        "the one training of the first against" in shown
    )
    shutil.rmtree(families / "tiny" / SEEDS)
    assert "None of the chosen networks was trained with several seeds" in words(opened("Seeds"))


def test_one_damaged_seed_costs_no_other_one(families: Path) -> None:
    (families / "tiny" / SEEDS / "1.json").write_text("{}")
    (families / "tiny_b" / SEEDS / "1.npz").write_bytes(b"noise")
    page = opened("Seeds")
    family = next(table.value for table in page.dataframe if "Seeds" in table.value)
    assert sorted(family["Seeds"]) == [2, 3]
    assert "1.json: the figures of a seed cannot be used" in words(page)
    assert "tiny_b/seeds/1.npz" in words(page)


def test_what_made_the_difference_says_what_lies_inside_the_seeds(families: Path) -> None:
    for seed, accuracy in enumerate((0.50, 0.51, 0.52)):
        row = tiny_variant("tiny", "none")
        enter_variant(families, row.model_copy(update={"seed": seed, "public_accuracy": accuracy}))
    for name, accuracy in (("near", 0.53), ("far", 0.60)):
        row = tiny_variant("tiny", name, batch_size=64)
        enter_variant(families, row.model_copy(update={"public_accuracy": accuracy}))
    shown = words(opened("What made the difference"))
    assert "+2.0 points, inside what other seeds do" in shown
    assert "+9.0 points, more than other seeds do" in shown
    assert "of several seeds, from the lowest to the highest" in shown
    assert "near has one seed, taken to vary as the other does" in shown


def test_what_made_the_difference_says_where_chance_is_not_known(families: Path) -> None:
    enter_variant(families, tiny_variant("tiny", "none"))
    enter_variant(families, tiny_variant("tiny", "other", batch_size=64))
    shown = words(opened("What made the difference"))
    assert "one seed each, so whether chance alone makes it is not known" in shown
