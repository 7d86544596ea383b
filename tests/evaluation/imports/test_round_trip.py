"""A network of ours, exported and imported again, is the same one to the last digit."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.imports.folder import Naming, write_import
from fer_core.evaluation.imports.measuring import measure_import
from fer_core.evaluation.imports.plan import plan_import
from fer_core.evaluation.summary import Metrics, read_metrics
from fer_core.training.export.deliver import deliver
from fer_core.zoo import MODELS, load_classifier, read_card
from fer_core.zoo.graph import KERNEL_PREFIX
from fer_core.zoo.imports import Said
from fer_core.zoo.stated import STATED_KEY, stated_confidence

EVERY = 5
"""One of so many faces of the test splits: the same answers on these are the same on all."""


@pytest.fixture(scope="module")
def some(fer2013: Fer2013) -> Fer2013:
    """Some faces of the real data set's test splits."""
    rows = np.concatenate(
        [fer2013.rows(split)[::EVERY] for split in (Split.PUBLIC_TEST, Split.PRIVATE_TEST)]
    )
    return Fer2013(fer2013.pixels[rows], fer2013.labels[rows], fer2013.splits[rows])


def figures(slug: str, data: Fer2013) -> Metrics:
    """Those of a shipped network on these faces, by this machine."""
    network = load_classifier(MODELS / slug, threads=0)
    return Metrics.of(
        *(
            split_figures(
                data, split, *both_logits(network, data.part(split)[0]), network.card.temperature
            )
            for split in (Split.PRIVATE_TEST, Split.PUBLIC_TEST)
        )
    )


@pytest.mark.slow
@pytest.mark.dataset
def test_nano_comes_back_with_its_figures_to_the_last_digit(some: Fer2013, tmp_path: Path) -> None:
    file = deliver(MODELS / "nano", "onnx", tmp_path)
    plan = plan_import(file, Said(), some)
    assert plan.doubts == ()
    folder = write_import(plan, Naming("again"), tmp_path / "imports", some)
    ours, theirs = figures("nano", some), read_metrics(folder)
    for split, back in ((ours, theirs), (ours.public_test, theirs.public_test)):
        assert split.n == back.n == -(-3589 // EVERY)
        for name in ("accuracy", "macro_f1", "accuracy_flip", "ece", "ece_calibrated", "log_loss"):
            assert getattr(back, name) == getattr(split, name), name
    card, shipped = read_card(folder), read_card(MODELS / "nano")
    assert card.calibration == shipped.calibration is not None
    assert card.unsure_threshold == shipped.unsure_threshold


def test_the_file_says_what_confidence_is_worth_for_these_weights(tmp_path: Path) -> None:
    file = deliver(MODELS / "triple", "onnx", tmp_path)
    card = read_card(MODELS / "triple")
    model = onnx.load(file)
    stated = stated_confidence(model)
    assert stated is not None
    assert (stated.temperature, stated.unsure_threshold) == (
        card.temperature,
        card.unsure_threshold,
    )
    assert [entry.key for entry in model.metadata_props].count(STATED_KEY) == 1
    kernel = next(
        tensor for tensor in model.graph.initializer if tensor.name.startswith(KERNEL_PREFIX)
    )
    values = onnx.numpy_helper.to_array(kernel) * 1.01
    kernel.CopyFrom(onnx.numpy_helper.from_array(values.astype(values.dtype), kernel.name))
    assert stated_confidence(model) is None, "trained on since"


@pytest.mark.parametrize("note", ["", "{}", '{"temperature": -1}', "noise"])
def test_a_note_that_cannot_be_used_is_none(note: str) -> None:
    model = onnx.load(MODELS / "triple" / "model.onnx")
    assert stated_confidence(model) is None
    model.metadata_props.add(key=STATED_KEY, value=note)
    assert stated_confidence(model) is None


def test_what_the_file_states_stays_without_fer2013_and_when_it_comes(
    striped: Fer2013, tmp_path: Path
) -> None:
    file = deliver(MODELS / "triple", "onnx", tmp_path)
    said = Said(range="0..255", labels="fer2013", layout="NHWC")
    folder = write_import(
        plan_import(file, said, None), Naming("again"), tmp_path / "imports", None
    )
    shipped = read_card(MODELS / "triple")
    assert read_card(folder).temperature == shipped.temperature
    measure_import(folder, striped)
    card = read_card(folder)
    assert (card.temperature, card.unsure_threshold) == (
        shipped.temperature,
        shipped.unsure_threshold,
    )
    assert any("what its confidence is worth" in note for note in card.imported.notes)  # type: ignore[union-attr]
