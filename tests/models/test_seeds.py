"""What ships of further seeds: figures that their own logits give, one look each.

The same checks are made of a family that is drawn here, so that they are known to find a fault
whatever ships.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.families import Family, read_families, read_family
from fer_core.evaluation.seeds import (
    SEEDS,
    SeedFigures,
    SeedReport,
    read_seed_history,
    read_seed_logits,
)
from fer_core.evaluation.summary import read_public_metrics
from fer_core.runs.run import CANDIDATE
from fer_core.training.artifacts.seeds import freeze_seeds
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    METRICS_FILE,
    MODELS,
    PREDICTIONS_FILE,
    Classifier,
    file_entries,
    read_card,
    read_ledger,
)
from tests.tiny import tiny_dataset
from tests.training.test_seeds import write_seed

FAMILIES, ERRORS = read_families(MODELS)
SEEDS_THAT_SHIP = [
    pytest.param(one, id=f"{slug} {one.seed}")
    for slug, family in FAMILIES.items()
    for one in family.seeds
]
LEAST_SEEDS = 3
LARGEST_SEED_BYTES = 120_000
"""2 x 3,589 x 7 numbers of two bytes are 100,492, which hardly pack; all else is little."""


def check_figures(folder: Path, one: SeedReport, data: Fer2013) -> None:
    """What is stated of a seed is what its logits give: accuracy, interval, twin-free, macro-F1."""
    assert one.dataset_fingerprint == data.fingerprint
    logits = read_seed_logits(folder, one)
    for split, name, stated in (
        (Split.PUBLIC_TEST, "public_logits", one.public_test),
        (Split.PRIVATE_TEST, "private_logits", one.private_test),
    ):
        report = split_figures(data, split, logits[name], logits[name], temperature=1.0)
        assert SeedFigures.of(report).model_dump() == pytest.approx(stated.model_dump(), abs=1e-9)


def check_ledger(models: Path, family: Family) -> None:
    """PrivateTest was looked at once for each seed, and what was seen is what is stated."""
    ledger = read_ledger(models)
    for one in family.seeds:
        looks = [look for look in ledger if look.weights_sha256 == one.weights_sha256]
        assert [look.slug for look in looks] == [one.slug]
        assert looks[0].public_accuracy == pytest.approx(one.public_test.accuracy, abs=1e-5)
        assert looks[0].private_accuracy == pytest.approx(one.private_test.accuracy, abs=1e-5)


def check_what_ships(folder: Path, family: Family) -> None:
    """No seed is better on PublicTest than the weights that ship, which are its best or others."""
    assert family.shipped_seed in (family.best.seed, None)
    shipped = read_public_metrics(folder).accuracy
    assert shipped >= family.best.public_test.accuracy - 1e-9, (
        f"run: python -m fer_core freeze {family.slug} --runs runs/seed-{family.best.seed}"
    )


def check_no_copies(folder: Path, family: Family) -> None:
    """Each seed is a training of its own."""
    answers = {read_seed_logits(folder, one)["private_logits"].tobytes() for one in family.seeds}
    assert len(answers) == len(family.seeds)
    assert len({one.weights_sha256 for one in family.seeds}) == len(family.seeds)


def test_no_seed_that_ships_is_damaged() -> None:
    assert ERRORS == []
    seeds = [one.weights_sha256 for family in FAMILIES.values() for one in family.seeds]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("slug", FAMILIES)
def test_a_family_that_ships(slug: str) -> None:
    family = FAMILIES[slug]
    assert len(family.seeds) >= LEAST_SEEDS
    check_no_copies(MODELS / slug, family)
    check_ledger(MODELS, family)
    check_what_ships(MODELS / slug, family)


@pytest.mark.parametrize("one", SEEDS_THAT_SHIP)
def test_a_seed_is_whole_small_and_has_its_curves(one: SeedReport) -> None:
    folder = MODELS / one.slug
    files = [folder / SEEDS / f"{one.seed}.{kind}" for kind in ("json", "npz")]
    assert sum(path.stat().st_size for path in files) < LARGEST_SEED_BYTES
    assert one.private_test.accuracy < 0.77  # more than the labels' own noise allows is a bug
    curve = read_seed_history(folder, one)["val_accuracy"]
    assert int(curve.argmax()) + 1 == one.best_epoch
    # Keras in training, ONNX Runtime with weights in float16 here.
    assert curve.max() == pytest.approx(one.public_test.accuracy, abs=0.005)


@pytest.mark.dataset
@pytest.mark.parametrize("one", SEEDS_THAT_SHIP)
def test_figures_of_a_seed_come_from_its_logits(one: SeedReport, fer2013: Fer2013) -> None:
    check_figures(MODELS / one.slug, one, fer2013)


@pytest.fixture
def drawn(tmp_path: Path) -> tuple[Path, Fer2013]:
    """A family frozen as those that ship are, and the data set that it was measured on."""
    data = tiny_dataset(tmp_path / "fer2013.npz")
    models = tmp_path / "models"
    models.mkdir()
    for seed in range(LEAST_SEEDS):
        _read_public(write_seed(tmp_path / "runs", seed, data) / CANDIDATE, data)
    assert freeze_seeds("tiny", tmp_path / "runs", models, data) == []
    return models / "tiny", data


def _read_public(candidate: Path, data: Fer2013) -> None:
    """Put into a candidate what its graph answers to PublicTest, as a training does."""
    card = read_card(candidate, slug="tiny")
    logits, flipped = both_logits(
        Classifier(card, candidate / GRAPH_FILE), data.part(Split.PUBLIC_TEST)[0]
    )
    public = split_figures(data, Split.PUBLIC_TEST, logits, flipped, card.temperature)
    (candidate / METRICS_FILE).write_text(json.dumps({"public_test": public.model_dump()}))
    np.savez(candidate / PREDICTIONS_FILE, public_logits=logits, public_logits_flip=flipped)
    whole = card.model_copy(update={"files": file_entries(candidate)})
    (candidate / CARD_FILE).write_text(whole.to_json())


def family_of(folder: Path) -> Family:
    family = read_family(folder)
    assert family is not None
    return family


def test_a_drawn_family_passes(drawn: tuple[Path, Fer2013]) -> None:
    folder, data = drawn
    for one in family_of(folder).seeds:
        check_figures(folder, one, data)
    check_no_copies(folder, family_of(folder))
    check_ledger(folder.parent, family_of(folder))
    check_what_ships(folder, family_of(folder))


@pytest.mark.parametrize("split", ["public_test", "private_test"])
@pytest.mark.parametrize("figure", SeedFigures.model_fields)
def test_a_figure_that_the_logits_do_not_give_is_found(
    split: str, figure: str, drawn: tuple[Path, Fer2013]
) -> None:
    folder, data = drawn
    one = family_of(folder).seeds[0]
    wrong = 19 if figure == "n" else getattr(getattr(one, split), figure) / 2 + 0.3
    _change(folder, one.seed, split, figure, wrong)
    with pytest.raises((AssertionError, ModelError)):
        check_figures(folder, family_of(folder).seeds[0], data)


def test_a_look_that_was_not_entered_is_found(drawn: tuple[Path, Fer2013]) -> None:
    folder, _ = drawn
    ledger = folder.parent / "looks.csv"
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join(lines[:-1]))
    with pytest.raises(AssertionError):
        check_ledger(folder.parent, family_of(folder))
    ledger.write_text("".join([*lines, lines[-1]]))
    with pytest.raises(AssertionError):
        check_ledger(folder.parent, family_of(folder))


def test_a_better_seed_that_does_not_ship_is_found(drawn: tuple[Path, Fer2013]) -> None:
    folder, _ = drawn
    family = family_of(folder)
    other = next(one.seed for one in family.seeds if one.seed != family.shipped_seed)
    _change(folder, other, "public_test", "accuracy", 0.999)
    with pytest.raises(AssertionError):
        check_what_ships(folder, family_of(folder))


def test_a_copy_of_a_seed_is_found(drawn: tuple[Path, Fer2013]) -> None:
    folder, _ = drawn
    (folder / SEEDS / "1.npz").write_bytes((folder / SEEDS / "0.npz").read_bytes())
    with pytest.raises(AssertionError):
        check_no_copies(folder, family_of(folder))


def _change(folder: Path, seed: int, split: str, figure: str, value: float) -> None:
    path = folder / SEEDS / f"{seed}.json"
    told = json.loads(path.read_text())
    told[split][figure] = value
    path.write_text(json.dumps(told))
