"""Figures on a named data set: by hand, against scikit-learn, and as they are kept."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from fer_core.dataset import Fer2013, NamedDataset, label_table, open_pictures
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import DatasetError, ModelError
from fer_core.evaluation.dataset_files import (
    EVALUATIONS,
    keep_evaluation,
    measured_datasets,
    read_dataset_logits,
    read_evaluation,
)
from fer_core.evaluation.datasets import (
    DatasetFigures,
    Overlaps,
    dataset_figures,
    dataset_logits,
    find_overlaps,
    split_rows,
)
from fer_core.faces import Faces, WholeImage
from fer_core.pipeline.dataset_import import import_pictures
from fer_core.pipeline.frame import Pipeline
from fer_core.zoo import load_classifier, read_card
from tests.tiny import write_class_folders

WORDS = label_table()


class Blind:
    """Finds the whole image, and nothing in a dark one."""

    name = "blind"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        return WholeImage().detect(image) if image.mean() > 20 else Faces.none()


@pytest.fixture
def data(tmp_path: Path) -> NamedDataset:
    """28 pictures without disgust, in two splits, one of them without a face."""
    source = write_class_folders(tmp_path / "faces", splits=("train", "test"), each=2)
    for folder in source.glob("*/disgust"):
        for path in folder.iterdir():
            path.replace(path.parents[1] / "fear" / f"more_{path.name}")
    PIL.Image.fromarray(np.zeros((48, 48), np.uint8)).save(source / "test" / "sad" / "1.png")
    with open_pictures(source, WORDS) as found:
        return import_pictures(found, source, "mine", WORDS, Blind, ready=False)


def measured(data: NamedDataset, models: Path, overlaps: Overlaps | None = None) -> DatasetFigures:
    classifier = load_classifier(models / "tiny")
    split, rows = split_rows(data, "all")
    logits = dataset_logits(classifier, data, rows)
    overlaps = overlaps or find_overlaps(data, None)
    return dataset_figures(logits, data, split, rows, classifier.card, overlaps)


def test_figures_by_hand(data: NamedDataset, tiny_models: Path) -> None:
    card = read_card(tiny_models / "tiny").model_copy(
        update={"temperature": 2.0, "unsure_threshold": 0.5}
    )
    split, rows = split_rows(data, "test")
    true = data.labels[rows]
    said = np.where(true == Emotion.FEAR, Emotion.SAD, true)
    sure = np.arange(14) < 5
    logits = np.where(np.eye(7, dtype=bool)[said], np.where(sure, 8, 1)[:, None], 0)
    logits = logits.astype(np.float16)
    logits[~data.found[rows]] = np.nan
    figures = dataset_figures(logits, data, split, rows, card, find_overlaps(data, None))
    assert (figures.n, figures.without_face, figures.split) == (14, 1, "test")
    right = (said == true) & data.found[rows]
    assert figures.accuracy == pytest.approx(right.sum() / 14, abs=1e-6)
    assert right.sum() == 14 - 4 - 1
    with_nobody = np.where(data.found[rows], said, 7)
    expected = f1_score(true, with_nobody, average="macro", labels=np.unique(true))
    assert figures.macro_f1 == pytest.approx(expected, abs=1e-6)
    assert figures.per_class["sad"].model_dump() == pytest.approx(
        {"precision": 1 / 5, "recall": 1 / 2, "f1": 2 / 7, "support": 2}, abs=1e-6
    )
    assert figures.per_class["disgust"].support == 0
    assert figures.share_unsure == pytest.approx(8 / 13, abs=1e-6)
    assert figures.accuracy_sure == pytest.approx(right[sure].mean(), abs=1e-6)
    assert figures.answers["sad"] == pytest.approx(5 / 13, abs=1e-6)
    assert figures.labels["sad"] == pytest.approx(2 / 14, abs=1e-6)
    confidence = np.where(sure, 1 / (1 + 6 * np.exp(-4)), 1 / (1 + 6 * np.exp(-0.5)))
    gaps = [
        abs((right[part] - confidence[part]).sum())
        for part in (sure & data.found[rows], ~sure & data.found[rows])
    ]
    assert figures.ece_calibrated == pytest.approx(sum(gaps) / 13, abs=1e-5)
    assert figures.accuracy_low <= figures.accuracy <= figures.accuracy_high


def test_answers_are_those_of_predict(data: NamedDataset, tiny_models: Path) -> None:
    classifier = load_classifier(tiny_models / "tiny")  # 24 px, so crops are made anew
    pipeline = Pipeline(Blind(), classifier)
    logits = dataset_logits(classifier, data, data.rows())
    for row in np.flatnonzero(data.found)[::5]:
        direct = pipeline(data.picture(row).rgb).predictions
        assert direct.probabilities.argmax() == logits[row].argmax()
    assert np.isnan(logits[~data.found]).all()
    assert np.isfinite(logits[data.found].astype(np.float32)).all()


def test_what_is_drawn_for_the_interval(data: NamedDataset, tiny_models: Path) -> None:
    n = len(data)
    figures = measured(data, tiny_models)
    assert (figures.interval_over, figures.clusters) == ("picture", n)
    persons = np.array([f"p{row // 7}" for row in range(n)])
    persons[:3] = ""
    by_person = measured(replace(data, persons=persons), tiny_models)
    assert (by_person.interval_over, by_person.clusters) == ("person", 4 + 3)
    groups = np.array([f"g{row % 2}" for row in range(n)])
    assert measured(replace(data, groups=groups), tiny_models).interval_over == "picture"
    sessions = np.array([f"g{row // 2}" for row in range(n)])
    by_session = measured(replace(data, groups=sessions), tiny_models)
    assert (by_session.interval_over, by_session.clusters) == ("group", 14)
    assert by_session.accuracy == figures.accuracy
    both = measured(replace(data, groups=sessions, persons=persons), tiny_models)
    assert both.interval_over == "person"


def test_a_leak_is_said_beside_every_figure(data: NamedDataset, tiny_models: Path) -> None:
    unknown = measured(data, tiny_models)
    assert unknown.in_fer2013 is unknown.accuracy_unseen is None
    assert "FER2013 is not imported here" in unknown.text()
    rows = np.flatnonzero(data.found)[:6]
    fer2013 = Fer2013(data.faces[rows], data.labels[rows], np.array([0, 0, 0, 1, 2, 0], np.uint8))
    leaky = measured(data, tiny_models, find_overlaps(data, fer2013))
    assert leaky.in_fer2013 == {"Training": 4, "PublicTest": 1, "PrivateTest": 1}
    assert "4 of Training, 1 of PublicTest, 1 of PrivateTest" in leaky.text()
    assert "% without those of Training" in leaky.text()
    logits = dataset_logits(load_classifier(tiny_models / "tiny"), data, data.rows())
    right = (np.nan_to_num(logits, nan=-1).argmax(axis=1) == data.labels) & data.found
    others = np.setdiff1d(data.rows(), rows[[0, 1, 2, 5]])
    assert leaky.accuracy_unseen == pytest.approx(right[others].mean(), abs=1e-6)


def test_which_pictures_are_measured_on(data: NamedDataset) -> None:
    split, rows = split_rows(data)
    assert (split, len(rows)) == ("test", 14)
    none = replace(data, splits=np.zeros(len(data), np.uint8))
    assert split_rows(none)[0] == "all"
    assert len(split_rows(none)[1]) == len(data)
    with pytest.raises(DatasetError, match=r"mine, validation.*--split all"):
        split_rows(data, "validation")


def test_figures_are_kept_and_computed_again(data: NamedDataset, tiny_models: Path) -> None:
    folder = tiny_models / "tiny"
    classifier = load_classifier(folder)
    split, rows = split_rows(data)
    logits = dataset_logits(classifier, data, rows)
    figures = dataset_figures(logits, data, split, rows, classifier.card, find_overlaps(data, None))
    assert read_evaluation(folder, "mine") is None
    assert measured_datasets([folder]) == ()
    assert keep_evaluation(folder, figures, logits) == {}
    assert read_evaluation(folder, "mine") == figures
    assert figures.is_about(classifier.card)
    assert not figures.is_about(read_card(tiny_models / "tiny_b"))
    assert measured_datasets([folder, tiny_models / "tiny_b"]) == ("mine",)
    kept = read_dataset_logits(folder, figures)
    np.testing.assert_array_equal(kept, logits.astype(np.float32))
    again = dataset_figures(
        kept.astype(np.float16), data, split, rows, classifier.card, find_overlaps(data, None)
    )
    assert again == figures  # from what is kept, to the last digit
    before = (folder / EVALUATIONS / "mine.json").stat().st_mtime_ns
    assert keep_evaluation(folder, figures, logits) == {}
    assert (folder / EVALUATIONS / "mine.json").stat().st_mtime_ns == before
    load_classifier(folder)  # the folder is as sound as without


def test_figures_that_changed_are_named_and_replaced(data: NamedDataset, tiny_models: Path) -> None:
    folder = tiny_models / "tiny"
    classifier = load_classifier(folder)
    split, rows = split_rows(data)
    logits = dataset_logits(classifier, data, rows)
    figures = dataset_figures(logits, data, split, rows, classifier.card, find_overlaps(data, None))
    better = figures.model_copy(
        update={"accuracy": figures.accuracy / 2, "ece": figures.ece + 1e-5}
    )
    keep_evaluation(folder, better, logits)
    assert keep_evaluation(folder, figures, logits) == {
        "accuracy": (better.accuracy, figures.accuracy)
    }
    assert read_evaluation(folder, "mine") == figures
    known = figures.model_copy(
        update={"in_fer2013": {"Training": 0, "PublicTest": 0, "PrivateTest": 0}}
    )
    assert keep_evaluation(folder, known, logits) == {}
    assert keep_evaluation(folder, figures, logits) == {}  # does not forget what was known
    assert read_evaluation(folder, "mine") == known
    other = figures.model_copy(update={"graph_sha256": "0" * 64, "accuracy": 0.0})
    assert keep_evaluation(folder, other, logits) == {}  # of another network: no contradiction
    assert read_evaluation(folder, "mine") == other


@pytest.mark.parametrize("content", ["", "{}", '{"n": 0}', "<html>"])
def test_damaged_files_are_named_and_measuring_heals_them(
    data: NamedDataset, tiny_models: Path, content: str
) -> None:
    folder = tiny_models / "tiny"
    classifier = load_classifier(folder)
    split, rows = split_rows(data)
    logits = dataset_logits(classifier, data, rows)
    figures = dataset_figures(logits, data, split, rows, classifier.card, find_overlaps(data, None))
    keep_evaluation(folder, figures, logits)
    (folder / EVALUATIONS / "mine.json").write_text(content)
    with pytest.raises(ModelError, match=r"evaluate --dataset mine tiny"):
        read_evaluation(folder, "mine")
    keep_evaluation(folder, figures, logits)
    (folder / EVALUATIONS / "mine.npz").write_bytes(content.encode())
    with pytest.raises(ModelError, match=r"tiny/evaluations/mine\.npz.*evaluate --dataset"):
        read_dataset_logits(folder, figures)
    keep_evaluation(folder, figures, logits)
    assert read_dataset_logits(folder, figures).shape == (14, len(LABELS))
    assert json.loads((folder / EVALUATIONS / "mine.json").read_text())["n"] == 14
