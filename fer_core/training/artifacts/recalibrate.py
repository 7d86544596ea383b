"""Choosing anew what a shipped network says of its confidence: weights and answers stay."""

from pathlib import Path

from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.calibration import (
    Progress,
    choose_calibration,
    known_classes,
    read_to_choose,
)
from fer_core.evaluation.evaluate import refuse_other_dataset, split_figures
from fer_core.evaluation.summary import Metrics, read_logits
from fer_core.faces import Detector
from fer_core.storage.atomic import new_folder, write_text
from fer_core.training.artifacts.folder import copy_files, write_json
from fer_core.zoo import (
    CARD_FILE,
    METRICS_FILE,
    AnswersAs,
    ModelCard,
    check_folder,
    file_entries,
    load_classifier,
)


def recalibrate(
    folder: Path,
    detector: Detector,
    data: Fer2013,
    *,
    progress: Progress = lambda done, total: None,
) -> ModelCard:
    """Choose a network's calibration on PublicTest, as a finished training does; of both answers.

    ``card.json`` and the calibrated figures of ``metrics.json`` change, the latter worked out from
    the stored answers: PrivateTest is not read again, nothing is chosen by it, and this is no look.
    The folder is replaced in one step.

    Args:
        folder: ``models/<slug>``.
        detector: finds the faces of one part.
        data: FER2013, the same that the card names.
        progress: see `read_to_choose`.

    Returns:
        The new card.

    Raises:
        ModelError: the folder is not sound, or was measured on another data set.
        StorageError: it cannot be written.
    """
    classifier = load_classifier(folder, threads=0)
    refuse_other_dataset(classifier.card, data)
    parts = read_to_choose(classifier, detector, data, progress=progress)
    known = known_classes(classifier.card)
    card = classifier.card.calibrated(choose_calibration(parts, detector.name, known))
    if card.voters is not None:
        second = load_classifier(folder, threads=0, answers_as=AnswersAs.VOTERS)
        parts = read_to_choose(second, detector, data, progress=progress)
        chosen = choose_calibration(parts, detector.name, answers_as=AnswersAs.VOTERS)
        card = card.model_copy(
            update={"voters": card.voters.model_copy(update={"calibration": chosen})}
        )
    logits = read_logits(folder)
    private, public = (
        split_figures(
            data,
            split,
            logits[f"{prefix}_logits"],
            logits[f"{prefix}_logits_flip"],
            card.temperature,
        )
        for split, prefix in ((Split.PRIVATE_TEST, "private"), (Split.PUBLIC_TEST, "public"))
    )
    with new_folder(folder) as staged:
        copy_files(folder, staged)
        write_json(staged / METRICS_FILE, Metrics.of(private, public).model_dump())
        card = card.model_copy(update={"files": file_entries(staged)})
        write_text(staged / CARD_FILE, card.to_json())
    return check_folder(folder)
