"""A network that somebody trained on his own pictures, measured on FER2013 and on those kept back.

Temperature and threshold stay as they were chosen, on faces of the data set that it learned from.
"""

from pathlib import Path

from fer_core.dataset import Fer2013, NamedDataset, Split
from fer_core.evaluation.dataset_files import keep_evaluation
from fer_core.evaluation.datasets import (
    DatasetFigures,
    dataset_figures,
    dataset_logits,
    fair_rows,
    find_overlaps,
    split_rows,
)
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.measuring import measure_private_test
from fer_core.evaluation.summary import Metrics
from fer_core.storage.atomic import write_npz, write_text
from fer_core.zoo import (
    GRAPH_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Classifier,
    ModelCard,
    load_classifier,
)


def measure_on_fer2013(card: ModelCard, data: Fer2013, staged: Path) -> ModelCard:
    """Read both test splits, which is a look at PrivateTest; leaves figures and answers.

    Args:
        card: the network's.
        data: FER2013, from which it has not learned.
        staged: its folder.

    Returns:
        The card, which says what it was measured on.
    """
    classifier = Classifier(card, staged / GRAPH_FILE, threads=0)
    logits, logits_flip = both_logits(classifier, data.part(Split.PUBLIC_TEST)[0])
    write_npz(
        staged / PREDICTIONS_FILE, {"public_logits": logits, "public_logits_flip": logits_flip}
    )
    public = split_figures(data, Split.PUBLIC_TEST, logits, logits_flip, card.temperature)
    private = measure_private_test(classifier, data, staged)
    figures = Metrics.of(private, public)
    write_text(staged / METRICS_FILE, figures.model_dump_json(indent=2) + "\n")
    return card.model_copy(update={"dataset_fingerprint": data.fingerprint})


def measure_on_named(folder: Path, data: NamedDataset, fer2013: Fer2013 | None) -> DatasetFigures:
    """Measure a network on the faces of a data set that it has not learned from, and keep that.

    Args:
        folder: a sound model folder.
        data: the data set.
        fer2013: to look for its pictures; None where it is not imported.
    """
    classifier = load_classifier(folder, threads=0)
    part, rows = fair_rows(classifier.card, data, *split_rows(data))
    logits = dataset_logits(classifier, data, rows)
    overlaps = find_overlaps(data, fer2013)
    figures = dataset_figures(logits, data, part, rows, classifier.card, overlaps)
    keep_evaluation(folder, figures, logits)
    return figures
