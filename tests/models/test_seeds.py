"""What ships of further seeds: figures that their own logits give, one look each."""

import numpy as np
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.families import read_families
from fer_core.evaluation.seeds import (
    SEEDS,
    SeedReport,
    read_seed_history,
    read_seed_logits,
)
from fer_core.metrics import accuracy, macro_f1
from fer_core.zoo import MODELS, read_ledger

FAMILIES, ERRORS = read_families(MODELS)
EACH = [
    pytest.param(one, id=f"{slug} {one.seed}")
    for slug, family in FAMILIES.items()
    for one in family.seeds
]
LARGEST_SEED_BYTES = 100_000


def test_no_seed_is_damaged_and_none_is_another_ones_copy() -> None:
    assert ERRORS == []
    seeds = [one for family in FAMILIES.values() for one in family.seeds]
    assert len({one.weights_sha256 for one in seeds}) == len(seeds)
    for slug, family in FAMILIES.items():
        answers = {
            read_seed_logits(MODELS / slug, one)["private_logits"].tobytes() for one in family.seeds
        }
        assert len(answers) == len(family.seeds) >= 3


@pytest.mark.parametrize("one", EACH)
def test_a_seed_is_whole_small_and_one_look(one: SeedReport) -> None:
    folder = MODELS / one.slug
    files = [folder / SEEDS / f"{one.seed}.{kind}" for kind in ("json", "npz")]
    assert sum(path.stat().st_size for path in files) < LARGEST_SEED_BYTES
    looks = [look for look in read_ledger() if look.weights_sha256 == one.weights_sha256]
    assert [look.slug for look in looks] == [one.slug]
    assert looks[0].public_accuracy == pytest.approx(one.public_test.accuracy, abs=1e-5)
    assert looks[0].private_accuracy == pytest.approx(one.private_test.accuracy, abs=1e-5)
    assert one.private_test.accuracy < 0.77  # more than the labels' own noise allows is a bug
    curve = read_seed_history(folder, one)["val_accuracy"]
    assert int(curve.argmax()) + 1 == one.best_epoch
    # Keras in training, ONNX Runtime with weights in float16 here.
    assert curve.max() == pytest.approx(one.public_test.accuracy, abs=0.005)


@pytest.mark.dataset
@pytest.mark.parametrize("one", EACH)
def test_figures_of_a_seed_come_from_its_logits(one: SeedReport, fer2013: Fer2013) -> None:
    assert one.dataset_fingerprint == fer2013.fingerprint
    logits = read_seed_logits(MODELS / one.slug, one)
    for split, name, figures in (
        (Split.PUBLIC_TEST, "public_logits", one.public_test),
        (Split.PRIVATE_TEST, "private_logits", one.private_test),
    ):
        labels, said = fer2013.part(split)[1], logits[name].argmax(axis=1)
        assert accuracy(labels, said) == pytest.approx(figures.accuracy, abs=1e-9)
        assert macro_f1(labels, said) == pytest.approx(figures.macro_f1, abs=1e-9)
        twin_free = ~fer2013.twins[fer2013.rows(split)]
        right = np.asarray(said == labels)[twin_free].mean()
        assert right == pytest.approx(figures.accuracy_twin_free, abs=1e-9)
