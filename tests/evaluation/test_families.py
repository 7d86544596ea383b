"""Seeds on the disk, and families of them: figures, sentences, and what is damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.families import read_families, read_family
from fer_core.evaluation.seeds import (
    SEEDS,
    read_seed,
    read_seed_history,
    read_seed_logits,
    to_halves,
)
from fer_core.evaluation.summary import read_history
from tests.seeds import write_seeds
from tests.tiny import write_tiny_folder


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_seeds(write_tiny_folder(tmp_path, "tiny"), {0: 0.56, 1: 0.58, 2: 0.57})


@pytest.fixture
def other(tmp_path: Path) -> Path:
    folder = write_tiny_folder(tmp_path, "other", seed=1)
    return write_seeds(folder, {1: 0.55, 2: 0.56, 3: 0.99})


def test_rounding_to_halves_changes_no_answer() -> None:
    rng = np.random.default_rng(0)
    logits = np.repeat(rng.normal(0, 5, (2000, 1)), 7, axis=1).astype(np.float32)
    # So close that most would be level in float16.
    logits += rng.normal(0, 1e-3, logits.shape).astype(np.float32)
    assert (logits.astype(np.float16).argmax(axis=1) != logits.argmax(axis=1)).mean() > 0.2
    halves = to_halves(logits)
    assert halves.dtype == np.float16
    np.testing.assert_array_equal(halves.argmax(axis=1), logits.argmax(axis=1))
    np.testing.assert_allclose(halves, logits, atol=0.04, rtol=2e-3)
    far = to_halves(np.array([[1e6, 2e6, 0, 0, 0, 0, -1e6]], np.float32))
    assert far.argmax() == 1
    assert np.isfinite(far).all()


def test_what_is_kept_is_read(tiny: Path) -> None:
    report = read_seed(tiny, 1)
    assert report is not None
    assert report.private_test.accuracy == 0.58
    logits = read_seed_logits(tiny, report)["private_logits"]
    assert logits.shape == (60, 7)
    np.testing.assert_allclose(
        read_seed_history(tiny, report)["val_loss"], read_history(tiny)["val_loss"]
    )
    assert read_seed(tiny, 7) is None


def test_a_family_has_mean_and_standard_deviation(tiny: Path) -> None:
    family = read_family(tiny)
    assert family is not None
    accuracy = family.spread("accuracy")
    assert (accuracy.n, accuracy.mean) == (3, pytest.approx(0.57))
    assert accuracy.sd == pytest.approx(0.01)
    assert family.best.seed == 1
    assert family.shipped_seed is None
    assert family.text() == (
        "tiny, seeds 0, 1, 2 (recipe bn_tiny, 3 epochs): PrivateTest 57.0 % ± 1.0 (56.0 to 58.0), "
        "macro-F1 0.520 ± 0.010; PublicTest 57.0 % ± 1.0 (56.0 to 58.0), best with seed 1; what "
        "ships is another training and not counted among them"
    )
    assert json.loads(json.dumps(family.summary()))["private_test"]["accuracy"]["n"] == 3


def test_a_damaged_seed_costs_no_other_one(tiny: Path, other: Path) -> None:
    (tiny / SEEDS / "1.json").write_text('{"slug": "tiny"}')
    (tiny / SEEDS / "notes.json").write_text("not of a seed")
    families, errors = read_families(tiny.parent)
    assert families["tiny"].numbers == (0, 2)
    assert families["other"].numbers == (1, 2, 3)
    (error,) = errors
    assert "freeze tiny --seeds" in str(error)
    with pytest.raises(ModelError, match=r"1\.json"):
        read_family(tiny)


def test_seeds_of_another_network_or_recipe_are_refused(tiny: Path, tmp_path: Path) -> None:
    path = tiny / SEEDS / "1.json"
    text = path.read_text()
    path.write_text(text.replace('"tiny"', '"large"'))
    with pytest.raises(ModelError, match="figures of a seed are another's"):
        read_seed(tiny, 1)
    path.write_text(text)
    write_seeds(tiny, {5: 0.5}, recipe="plain")
    with pytest.raises(ModelError, match="not of one recipe"):
        read_family(tiny)
    families, errors = read_families(tmp_path)
    assert (families, len(errors)) == ({}, 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"noise"),
        lambda path: np.savez(path, public_logits=np.zeros((60, 7))),
        lambda path: np.savez(
            path, public_logits=np.zeros((60, 7)), private_logits=np.full((60, 7), np.nan)
        ),
    ],
    ids=["gone", "noise", "array missing", "NaN"],
)
def test_damaged_logits_of_a_seed_are_a_sentence(tiny: Path, damage: object) -> None:
    report = read_seed(tiny, 1)
    assert report is not None
    damage(tiny / SEEDS / "1.npz")  # type: ignore[operator]
    with pytest.raises(ModelError, match=r"tiny/seeds/1\.npz.*freeze tiny --seeds"):
        read_seed_logits(tiny, report)
    with pytest.raises(ModelError, match=r"tiny/seeds/1\.npz"):
        read_seed_history(tiny, report)
