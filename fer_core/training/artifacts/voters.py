"""A second answer for a network that ships: what FER+'s voters would name, from the same features.

A dense layer beside the one that gives the labels' answer, fitted to the shares of the votes; all
before it stays as it is. As the labels' layer sees only what the other layers make of a face, so
does this one: what people see in a face is in there already, and the labels hide it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from fer_core.dataset import NO_WORD, Fer2013, Split, class_votes, imported_votes, voted_labels
from fer_core.evaluation.calibration import Progress, choose_calibration, read_to_choose
from fer_core.evaluation.dataset_files import EVALUATIONS, read_evaluation
from fer_core.evaluation.evaluate import grey_logits, refuse_other_dataset
from fer_core.faces import Detector, InputSpec, to_network_inputs
from fer_core.faces.corruptions import CONDITIONS, corrupt
from fer_core.metrics import confusion_matrix, fit_softmax
from fer_core.onnx_session import open_session
from fer_core.storage.atomic import new_folder, write_text
from fer_core.training.artifacts.folder import carry_over, copy_files
from fer_core.training.export.voters import add_voters, features_name
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    INPUT_NAME,
    AnswersAs,
    Classifier,
    ModelCard,
    Voters,
    check_folder,
    file_entries,
)
from fer_core.zoo.graph import keep_outputs

PRIOR_SHARE = 0.75
"""Where recall is highest, on degraded faces too, see docs/confidence.md: with all of the voters'
shares whatever is hard to see becomes neutral, with none what is rare is named too often."""

RIDGE = 0.01
"""A tenth and ten times as much come out the same within half a point."""

_BATCH = 256


def learn_voters(
    folder: Path,
    detector: Detector,
    data: Fer2013,
    *,
    most: int | None = None,
    progress: Progress = lambda done, total: None,
) -> ModelCard:
    """Give a shipped network its second answer, and choose what the card says of it.

    Learned from Training: each face as it is, mirrored, and under one of the conditions of
    `robustness`; chosen on PublicTest. The labels' answer stays as it is, PrivateTest is not read.
    The folder is replaced in one step.

    Args:
        folder: ``models/<slug>``.
        detector: finds the faces of one part of what the calibration is chosen on.
        data: FER2013 with FER+'s votes, the same that the card names.
        most: only so many faces of each kind, for rehearsals.
        progress: called with faces read and to read, then as `read_to_choose` does.

    Returns:
        The new card.

    Raises:
        DatasetError: the votes were not imported.
        ModelError: the folder is not sound, or was measured on another data set.
        TrainingError: the network does not end in a dense layer.
        StorageError: the folder cannot be written.
    """
    card = check_folder(folder)
    refuse_other_dataset(card, data)
    truth = voted_labels(data)
    graph = onnx.load(folder / GRAPH_FILE)
    faces, shares = _with_votes(data, most)
    features = _features(graph, faces, card.input, progress)
    kernel, bias = fit_softmax(features, np.tile(shares, (3, 1)), ridge=RIDGE)
    prior = shares.mean(axis=0, dtype=np.float64)
    add_voters(graph, kernel, bias - PRIOR_SHARE * np.log(prior))
    onnx.checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    unfinished = card.model_copy(update={"answers_as": AnswersAs.VOTERS})
    second = Classifier(unfinished, content, threads=0)
    parts = read_to_choose(second, detector, data, most=most, progress=progress)
    public = data.rows(Split.PUBLIC_TEST)
    public = public[truth[public] != NO_WORD]
    said = grey_logits(second, data.pixels[public]).argmax(axis=1)
    voters = Voters(
        faces=len(faces),
        prior_share=PRIOR_SHARE,
        confusion=tuple(map(tuple, confusion_matrix(truth[public], said).tolist())),
        calibration=choose_calibration(parts, detector.name, answers_as=AnswersAs.VOTERS),
    )
    with new_folder(folder) as staged:
        copy_files(folder, staged)
        _drop_second_answers(staged)
        (staged / GRAPH_FILE).write_bytes(content)
        files = file_entries(staged)
        told = card.model_copy(update={"voters": voters, "files": files})
        write_text(staged / CARD_FILE, told.to_json())
    carry_over(folder, card.files[GRAPH_FILE].sha256, files[GRAPH_FILE].sha256)
    return check_folder(folder)


def _drop_second_answers(folder: Path) -> None:
    """What an earlier second answer was measured on is none of the new one's."""
    for path in sorted((folder / EVALUATIONS).glob("*.json")):
        figures = read_evaluation(folder, path.stem)
        if figures is not None and figures.answers_as == AnswersAs.VOTERS:
            path.unlink()
            path.with_suffix(".npz").unlink(missing_ok=True)


def _with_votes(data: Fer2013, most: int | None) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Training faces that somebody has a word of ours for, and the shares of these, (n, 7)."""
    rows = data.rows(Split.TRAINING, without_blank=True)
    shares = class_votes(imported_votes(data)[rows])
    named = shares.sum(axis=1) > 0
    return data.pixels[rows[named][:most]], shares[named][:most]


def _features(
    graph: onnx.ModelProto, faces: NDArray[np.uint8], spec: InputSpec, progress: Progress
) -> NDArray[np.float32]:
    """What the last layer is given: of all faces as they are, mirrored, and degraded, (3 n, k)."""
    name, cut = features_name(graph), onnx.ModelProto()
    cut.CopyFrom(graph)
    cut.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    keep_outputs(cut, [name])
    session = open_session(cut.SerializeToString(), threads=0)
    found = []
    done, total = 0, 3 * len(faces)
    for batch in (*_batches(faces), *_batches(faces[:, :, ::-1]), *_batches(_degraded(faces))):
        inputs = to_network_inputs(batch, spec).astype(np.float32)
        found.append(np.asarray(session.run([name], {INPUT_NAME: inputs})[0], np.float32))
        done += len(batch)
        progress(done, total)
    return np.concatenate(found)


def _batches(faces: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    for start in range(0, len(faces), _BATCH):
        yield faces[start : start + _BATCH]


def _degraded(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Each face under one condition in one severity, which take turns."""
    ways = [(way, severity) for way in CONDITIONS for severity in way.severities]
    out = np.empty_like(faces)
    for number, (condition, severity) in enumerate(ways):
        out[number :: len(ways)] = corrupt(faces[number :: len(ways)], condition, severity)
    return out
