"""What neither file nor person says is found out on PublicTest, and said to be found so."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.imports.plan import ImportPlan, plan_import
from fer_core.zoo.imports import Said
from tests.foreign import DOUBTED, stripe_network, write_network

pytestmark = pytest.mark.usefixtures("networks_run_here")

ALPHABETICAL = [0, 1, 2, 3, 6, 4, 5]
"""Our classes in the order of their names."""

RIGHT = 1 - 1 / DOUBTED


@pytest.fixture
def plan(tmp_path, striped):  # type: ignore[no-untyped-def]
    """Plans the import of a network, as `plan_import` does from its file."""

    def make(
        model: onnx.ModelProto, said: Said | None = None, data: Fer2013 | None = striped
    ) -> ImportPlan:
        return plan_import(write_network(tmp_path / "theirs.onnx", model), said or Said(), data)

    return make


def settings(found: ImportPlan) -> dict[str, tuple[str, str]]:
    return {name: (one.value, one.how) for name, one in found.imported.settings.items()}


def test_range_and_labels_are_found_by_trying(plan) -> None:  # type: ignore[no-untyped-def]
    found = plan(stripe_network(ALPHABETICAL, channels=1))
    assert settings(found) == {
        "layout": ("NCHW", "file"),
        "channels": ("grey", "file"),
        "range": ("0..1", "tried"),
        "side": ("48", "file"),
        "labels": ("alphabetical", "tried"),
    }
    assert found.doubts == ()
    best, second = found.imported.trials[:2]
    assert best.settings["range"] == "0..1"
    assert best.accuracy == pytest.approx(RIGHT, abs=0.1)
    assert second.accuracy < 0.4
    (said,) = [note for note in found.imported.notes if note.startswith("Found by trying")]
    assert f"range {second.settings['range']}, on {second.accuracy:.1%} of {second.n}" in said
    assert "softmax was taken off" in " ".join(found.imported.notes)


@pytest.mark.slow  # tries every size
def test_layout_and_size_are_found_where_the_file_says_neither(plan) -> None:  # type: ignore[no-untyped-def]
    model = stripe_network(channels=1, sides=("h", "w"))
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "c"
    model.graph.node[0].op_type = "Identity"
    found = plan(model, Said(channels="grey"))
    assert settings(found)["layout"] == ("NCHW", "tried")
    assert settings(found)["side"] == ("48", "tried")


@pytest.mark.slow
def test_a_range_is_found_in_three_channels_of_224_px(plan) -> None:  # type: ignore[no-untyped-def]
    found = plan(stripe_network(side=224, batch=1))
    assert settings(found)["range"] == ("0..1", "tried")
    assert settings(found)["channels"] == ("rgb", "usual")
    assert any("--channels grey3" in note for note in found.imported.notes)
    assert found.preparation.input_spec(0).shape == (224, 224, 3)


def test_shuffled_labels_are_noticed_with_the_order_that_fits(plan) -> None:  # type: ignore[no-untyped-def]
    shuffled = "sad,happy,fear,neutral,angry,surprise,disgust"
    found = plan(stripe_network(channels=1), Said(range="0..1", labels=shuffled))
    (doubt,) = found.doubts
    assert "With the labels named, 1" in doubt or "With the labels named, 2" in doubt
    assert f"in the order {','.join(LABELS)} it is " in doubt
    model = stripe_network(channels=1)
    helper.set_model_props(model, {"labels": str(sorted(LABELS))})
    (doubt,) = plan(model, Said(range="0..1")).doubts
    assert "that its file states" in doubt


def test_a_network_without_a_clue_is_noticed(plan) -> None:  # type: ignore[no-untyped-def]
    model = stripe_network(channels=1)
    kernel = next(one for one in model.graph.initializer if one.name == "kernel")
    kernel.CopyFrom(numpy_helper.from_array(np.zeros((7, 1, 48, 48), np.float32), "kernel"))
    doubts = plan(model).doubts
    assert any("With the best of all settings" in doubt for doubt in doubts)


def test_a_subset_and_an_eighth_class_are_said(plan) -> None:  # type: ignore[no-untyped-def]
    words = "angry,fear,happy,sad,surprise,neutral"
    six = plan(stripe_network([0, 2, 3, 4, 5, 6], channels=1), Said(range="0..1", labels=words))
    assert settings(six)["labels"] == (words, "said")
    assert six.doubts == ()
    assert any("does not know disgust" in note and "wrong" in note for note in six.imported.notes)
    eight = plan(stripe_network([6, 3, 5, 4, 0, 1, 2, None], channels=1), Said(range="0..1"))
    assert settings(eight)["labels"] == ("ferplus", "tried")
    assert any("1 output that is none of the 7" in note for note in eight.imported.notes)
    assert eight.imported.classes[-1] is None


@pytest.mark.parametrize(("ending", "probabilities"), [("", False), ("Softmax", False)])
def test_logits_and_softmax_are_told_apart(plan, ending: str, probabilities: bool) -> None:  # type: ignore[no-untyped-def]
    found = plan(stripe_network(channels=1, ending=ending), Said(range="0..1"))
    assert found.probabilities is probabilities
    assert found.network.ending == ending.lower()


def test_probabilities_that_no_softmax_ends_are_seen_in_the_answers(plan) -> None:  # type: ignore[no-untyped-def]
    model = stripe_network(channels=1, ending="Softmax")
    model.graph.node[-1].output[0] = "shares"
    model.graph.initializer.append(numpy_helper.from_array(np.array(1, np.float32), "one"))
    model.graph.node.append(helper.make_node("Mul", ["shares", "one"], ["answer"]))
    found = plan(model, Said(range="0..1"))
    assert found.probabilities
    assert any("answers with probabilities" in note for note in found.imported.notes)


def test_progress_ends_where_it_said(plan, tmp_path, striped: Fer2013) -> None:  # type: ignore[no-untyped-def]
    told: list[tuple[int, int]] = []
    path = write_network(tmp_path / "n.onnx", stripe_network(channels=1))
    plan_import(path, Said(), striped, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] >= len(striped.rows(Split.PUBLIC_TEST)) // 6
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_without_fer2013_all_has_to_be_known(plan) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ModelError, match=r"--range, --labels.*no FER2013.*data import"):
        plan(stripe_network(channels=1), data=None)
    found = plan(stripe_network(channels=1), Said(range="0..1", labels="fer2013"), data=None)
    assert found.imported.trials == ()
    assert any("whether it reads faces at all was not tried" in n for n in found.imported.notes)


def test_one_face_at_a_time_is_refused(plan) -> None:  # type: ignore[no-untyped-def]
    model = stripe_network(channels=1)
    model.graph.node[-2].CopyFrom(helper.make_node("Reshape", ["columns", "one"], ["flat"]))
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, -1]), "one"))
    model.graph.node.insert(
        len(model.graph.node) - 1, helper.make_node("Slice", ["flat", "a", "b", "c"], ["cut"])
    )
    for name, value in (("a", 0), ("b", 7), ("c", 1)):
        model.graph.initializer.append(numpy_helper.from_array(np.array([value]), name))
    model.graph.node[-1].input[0] = "cut"
    with pytest.raises(ModelError, match=r"one face at a time|cannot be run"):
        plan(model)


def test_answers_that_are_no_numbers_are_refused(plan) -> None:  # type: ignore[no-untyped-def]
    model = stripe_network(channels=1, ending="")
    model.graph.node[-1].CopyFrom(helper.make_node("Log", ["flat"], ["logs"]))
    model.graph.node.append(helper.make_node("Log", ["logs"], ["answer"]))
    with pytest.raises(ModelError, match=r"no number.*finite scores"):
        plan(model)
