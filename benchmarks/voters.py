"""What a network's second answer is worth, and how much of the voters' shares to take off it.

    python -m benchmarks.voters [flagship nano] [--every 1]

Everybody's answers to PublicTest (no look at PrivateTest), from one view, held to what most of
FER+'s voters named: the models' as labels, those that the outside packages gave when they were
measured, and the models' second answer with shares of the logarithm of the voters' class shares
taken off the logits. The models' also to every fourth of these faces degraded as `robustness` does
it, all conditions together, and to the press photographs in which a face was found.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import (
    NO_WORD,
    Fer2013,
    NamedDataset,
    Split,
    class_votes,
    imported_votes,
    load_dataset,
    load_named,
    voted_labels,
)
from fer_core.emotions import Emotion
from fer_core.evaluation.datasets import dataset_logits
from fer_core.evaluation.evaluate import grey_logits
from fer_core.evaluation.external.report import read_external, read_external_logits
from fer_core.evaluation.robustness import AS_IT_IS, EVERY, corrupted_samples
from fer_core.evaluation.summary import read_logits
from fer_core.metrics import macro_f1, per_class
from fer_core.zoo import MODELS, AnswersAs, Classifier, load_classifier

PRESS = "press"
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def words(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> str:
    """Accuracy, macro-F1, mean recall, neutral's share of the answers."""
    said = logits.argmax(axis=1)
    recall = np.mean([row.recall for row in per_class(labels, said).values() if row.support])
    return (
        f"{(said == labels).mean():6.1%}  {macro_f1(labels, said):.3f}  {recall:.3f}  "
        f"{(said == Emotion.NEUTRAL).mean():4.0%}"
    )


def degraded_answers(
    network: Classifier, data: Fer2013
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits for the faces of `robustness` under every condition, and what most voters named."""
    truth = voted_labels(data)[data.rows(Split.PUBLIC_TEST)[::EVERY]]
    known = truth != NO_WORD
    samples = [one for one in corrupted_samples(data) if one.condition != AS_IT_IS]
    logits = [grey_logits(network, one.faces[known]) for one in samples]
    return np.concatenate(logits), np.tile(truth[known], len(samples))


def of_second_answer(
    slug: str, data: Fer2013, press: NamedDataset, rows: NDArray[np.int64]
) -> None:
    """A line for each of `SHARES`."""
    network = load_classifier(MODELS / slug, threads=0, answers_as=AnswersAs.VOTERS)
    if network.card.voters is None:
        return
    training = data.rows(Split.TRAINING, without_blank=True)
    shares = class_votes(imported_votes(data)[training])
    prior = np.log(shares[shares.sum(axis=1) > 0].mean(axis=0, dtype=np.float64))
    truth, seen = voted_labels(data)[rows], np.flatnonzero(press.found)
    public = grey_logits(network, data.pixels[rows])
    degraded, named = degraded_answers(network, data)
    photographs = dataset_logits(network, press, seen).astype(np.float64)
    print(f"{slug}, as it ships, by the labels   {words(public, data.labels[rows])}")
    for share in SHARES:
        lean = (network.card.voters.prior_share - share) * prior
        print(
            f"{slug}, {share:4} of the prior off   {words(public + lean, truth)}   "
            f"{words(degraded + lean, named)}   "
            f"{words(photographs + lean, press.labels[seen])}",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=["flagship", "nano"])
    parser.add_argument("--every", type=int, default=1, help="one of so many PublicTest faces")
    asked = parser.parse_args()
    data, press = load_dataset(), load_named(PRESS)
    every = data.rows(Split.PUBLIC_TEST)
    known = np.flatnonzero(voted_labels(data)[every] != NO_WORD)[:: asked.every]
    truth = voted_labels(data)[every[known]]
    print(
        "right, macro-F1, mean recall, neutral: PublicTest by FER+'s voters; degraded; press "
        "photographs"
    )
    for slug in asked.models:
        answers = read_logits(MODELS / slug)["public_logits"][known]
        network, seen = load_classifier(MODELS / slug, threads=0), np.flatnonzero(press.found)
        print(
            f"{slug}, its labels' answer       {words(answers, truth)}   "
            f"{words(*degraded_answers(network, data))}   "
            f"{words(dataset_logits(network, press, seen), press.labels[seen])}"
        )
    for package in read_external():
        if package.metrics is not None:
            answers = read_external_logits(MODELS, package.name)["public_logits"][known]
            print(f"{package.name:30} {words(answers, truth)}")
    for slug in asked.models:
        of_second_answer(slug, data, press, every[known])


if __name__ == "__main__":
    main()
