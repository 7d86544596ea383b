"""The same weights behind another preparation of the face: a candidate for `freeze`."""

from dataclasses import replace
from pathlib import Path

from fer_core.dataset import Fer2013, Split
from fer_core.evaluation.calibration import (
    Progress,
    choose_calibration,
    known_classes,
    read_to_choose,
)
from fer_core.evaluation.evaluate import both_logits, refuse_other_dataset, split_figures
from fer_core.faces import Detector, Restoration
from fer_core.storage.atomic import new_folder, write_npz, write_text
from fer_core.training.artifacts.folder import CANDIDATE, write_json
from fer_core.zoo import (
    CARD_FILE,
    CONFUSION_FILE,
    GRAPH_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Classifier,
    check_folder,
    file_entries,
)


def reread(
    folder: Path,
    run: Path,
    restoration: Restoration,
    detector: Detector,
    data: Fer2013,
    *,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Read PublicTest with a shipped network's weights and another restoration; choose anew.

    Args:
        folder: ``models/<slug>``.
        run: gets the candidate, as a training's folder has it.
        restoration: see `fer_core.faces.InputSpec`.
        detector: finds the faces of one part of what the calibration is chosen on.
        data: FER2013, the same that the card names.
        progress: see `read_to_choose`.

    Returns:
        The candidate's folder, without a second answer; PrivateTest was not read.

    Raises:
        ContractError: the network's input cannot be restored.
        ModelError: the folder is not sound, or was measured on another data set.
        StorageError: the candidate cannot be written.
    """
    card = check_folder(folder)
    refuse_other_dataset(card, data)
    # A second answer was learned from faces as they were prepared before.
    prepared = replace(card.input, restoration=restoration)
    card = card.model_copy(update={"input": prepared, "voters": None})
    classifier = Classifier(card, folder / GRAPH_FILE, threads=0)
    logits, logits_flip = both_logits(classifier, data.part(Split.PUBLIC_TEST)[0])
    parts = read_to_choose(classifier, detector, data, progress=progress)
    card = card.calibrated(choose_calibration(parts, detector.name, known_classes(card)))
    with new_folder(run / CANDIDATE) as staged:
        for name in card.files.keys() - {CONFUSION_FILE, METRICS_FILE, PREDICTIONS_FILE}:
            (staged / name).write_bytes((folder / name).read_bytes())
        write_npz(
            staged / PREDICTIONS_FILE, {"public_logits": logits, "public_logits_flip": logits_flip}
        )
        public = split_figures(data, Split.PUBLIC_TEST, logits, logits_flip, card.temperature)
        write_json(staged / METRICS_FILE, {"public_test": public.model_dump()})
        card = card.model_copy(update={"files": file_entries(staged)})
        write_text(staged / CARD_FILE, card.to_json())
    return run / CANDIDATE
