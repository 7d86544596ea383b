"""A network with a second answer gives the one that it is asked for, with its own confidence."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from fer_core.errors import ContractError
from fer_core.metrics import macro_f1
from fer_core.zoo import GRAPH_FILE, AnswersAs, Voters, graph_tensors, load_classifier, read_card
from fer_core.zoo.card import CARD_FILE
from tests.tiny import SIDE, write_tiny_folder
from tests.voters import COUNTS, tiny_voters, write_voters_folder

FACES = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 1), np.uint8)


def test_each_answer_comes_with_its_own_confidence(tmp_path: Path) -> None:
    folder = write_voters_folder(tmp_path)
    labels = load_classifier(folder)
    voters = load_classifier(folder, answers_as=AnswersAs.VOTERS)
    assert not np.allclose(labels.logits(FACES), voters.logits(FACES), atol=0.1)
    first, second = labels.predict(FACES), voters.predict(FACES)
    assert (first.answers_as, second.answers_as) == (AnswersAs.LABELS, AnswersAs.VOTERS)
    assert first.unsure_threshold == 0.2
    assert second.unsure_threshold == tiny_voters().calibration.one_view.unsure_threshold
    two = voters.with_views(2).predict(FACES)
    assert two.unsure_threshold == tiny_voters().calibration.two_views.unsure_threshold
    assert two.set_threshold is not None
    assert first.set_threshold is None


def test_only_what_is_asked_for_is_computed(tmp_path: Path) -> None:
    folder = write_voters_folder(tmp_path)
    assert load_classifier(folder).outputs == ("logits",)
    assert load_classifier(folder, answers_as=AnswersAs.VOTERS).outputs == ("voters",)


def test_maps_are_those_of_the_answer(tmp_path: Path) -> None:
    folder = write_voters_folder(tmp_path)
    tensors = graph_tensors(folder / GRAPH_FILE)
    for answers_as, constant in ((AnswersAs.LABELS, "bias"), (AnswersAs.VOTERS, "voters_bias")):
        network = load_classifier(folder, maps=True, answers_as=answers_as)
        logits, maps = network.activation_maps(FACES)
        np.testing.assert_array_equal(logits, network.logits(FACES))
        # Behind global pooling a map's mean and the layer's constant are the score.
        np.testing.assert_allclose(maps.mean(axis=(2, 3)) + tensors[constant], logits, atol=1e-4)


def test_a_network_without_a_second_answer_gives_the_one_it_has(tmp_path: Path) -> None:
    folder = write_tiny_folder(tmp_path)
    network = load_classifier(folder, answers_as=AnswersAs.VOTERS)
    assert network.predict(FACES).answers_as == AnswersAs.LABELS
    np.testing.assert_array_equal(network.logits(FACES), load_classifier(folder).logits(FACES))
    assert "voters" not in (folder / CARD_FILE).read_text()


def test_the_card_on_the_disk_is_that_of_the_labels(tmp_path: Path) -> None:
    folder = write_voters_folder(tmp_path)
    card = read_card(folder)
    assert card.answers_as == AnswersAs.LABELS
    assert card.voters == tiny_voters()
    assert type(card).model_validate_json(card.to_json()) == card
    second = card.answering_as(AnswersAs.VOTERS)
    assert second.answering_as(AnswersAs.VOTERS) is second
    with pytest.raises(ContractError, match="forgets"):
        second.answering_as(AnswersAs.LABELS)


def test_figures_follow_from_the_counts() -> None:
    voters = tiny_voters()
    true, said = np.nonzero(COUNTS)
    each = COUNTS[true, said]
    true, said = np.repeat(true, each), np.repeat(said, each)
    assert voters.n == COUNTS.sum()
    assert voters.accuracy == pytest.approx((true == said).mean())
    assert voters.macro_f1 == pytest.approx(macro_f1(true, said))


@pytest.mark.parametrize("counts", [((1, 2), (3, 4)), ((0,) * 7,) * 7, ((-1,) * 7,) * 7])
def test_counts_that_are_none_are_refused(counts: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValidationError):
        Voters.model_validate(tiny_voters().model_dump() | {"confusion": counts})
