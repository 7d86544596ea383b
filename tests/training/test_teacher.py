"""Learning from another network, and from votes."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import FERPLUS, VOTES, Fer2013, Split
from fer_core.emotions import Emotion
from fer_core.errors import TrainingError
from fer_core.faces import InputSpec, Restoration
from fer_core.runs.recipe import Augmentation, Recipe
from fer_core.training.artifacts.freeze import freeze
from fer_core.training.data.batches import EpochBatches
from fer_core.training.data.teacher import teacher_probabilities, teacher_reader
from fer_core.training.loop.fit import train
from fer_core.training.loop.job import TrainingJob
from fer_core.training.networks import get_architecture
from fer_core.zoo import (
    CARD_FILE,
    MODELS,
    check_folder,
    load_classifier,
    softmax,
)
from tests.training.drawn import RECIPE, SPEC, drawn_faces, job_of

ROOT = Path(__file__).resolve().parents[2]


def test_a_teacher_that_reads_each_batch_sees_clear_faces() -> None:
    drawn = drawn_faces(400)
    pixels, labels = drawn.part(Split.TRAINING)
    recipe = Recipe(
        epochs=2,
        learning_rate=0.1,
        batch_size=16,
        mixup=1.0,
        teacher="any",
        teacher_reads="each_batch",
        augmentation=Augmentation(degraded=1.0, erasing=1.0),
    )
    seen: list[NDArray[np.float32]] = []

    def reader(faces: NDArray[np.float32]) -> NDArray[np.float32]:
        seen.append(faces)
        return np.full((len(faces), 7), 1 / 7, np.float32)

    batches = EpochBatches(
        pixels, labels, recipe, InputSpec(48, 1, 0.0), seed=0, epoch=0, reader=reader
    )
    learned = [batches[index][0] for index in range(len(batches))]
    originals = {face.tobytes() for face in pixels[..., None].astype(np.float32)}
    unmixed = [clear for clear in seen if clear[0].tobytes() in originals]
    assert unmixed  # half of the batches are mixtures, of which no face is an original
    for clear, faces in zip(seen, learned, strict=True):
        assert clear.shape == faces.shape
        assert not np.array_equal(clear, faces)
    for clear in unmixed:
        assert all(face.tobytes() in originals for face in clear)


def test_a_teacher_softens_the_targets(data: Fer2013) -> None:
    recipe = RECIPE.model_copy(update={"teacher": "x", "teacher_share": 0.75})
    teacher = np.full((len(data), 7), 1 / 7, np.float32)
    batches = EpochBatches(data.pixels, data.labels, recipe, SPEC, seed=0, epoch=0, teacher=teacher)
    _, targets = batches[0]
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(targets.max(axis=1), 0.25 + 0.75 / 7, rtol=1e-6)


def test_voters_teach_with_their_shares_and_labels_where_nobody_voted() -> None:
    votes = np.zeros((5, len(VOTES)), np.uint8)
    votes[0, VOTES.index("happiness")], votes[0, VOTES.index("surprise")] = 6, 2
    votes[0, VOTES.index("contempt")] = 2
    votes[1, VOTES.index("unknown")] = 10
    blank = np.zeros((5, 48, 48), np.uint8)
    pixels = np.random.default_rng(0).integers(0, 255, (5, 48, 48)).astype(np.uint8)
    pixels[2] = blank[2]
    labels = np.array([Emotion.FEAR, Emotion.SAD, Emotion.FEAR, Emotion.ANGRY, Emotion.ANGRY])
    splits = np.array([0, 0, 0, 1, 2], np.uint8)
    data = Fer2013(pixels, labels.astype(np.int64), splits, votes)

    def read(of: Fer2013) -> NDArray[np.float32]:
        return teacher_probabilities(
            FERPLUS, 2.0, of, models=ROOT, kept=ROOT, report=lambda line: None
        )

    shares = read(data)
    assert shares.shape == (2, 7), "the blank image is left out"
    assert shares[0, Emotion.HAPPY] == 0.75
    assert shares[0, Emotion.SURPRISE] == 0.25
    assert shares[1, Emotion.SAD] == 1
    with pytest.raises(TrainingError, match="not imported"):
        read(Fer2013(pixels, labels.astype(np.int64), splits))


def test_a_teacher_reads_the_training_faces_once(tmp_path: Path) -> None:
    small = drawn_faces(160)
    recipe = RECIPE.model_copy(update={"epochs": 1, "teacher": "triple"})
    told: list[list[str]] = []
    for name in ("first", "second"):
        said: list[str] = []
        job = TrainingJob(
            get_architecture("flip24"), recipe, 0, tmp_path / name,
            precision="float32", report=said.append,
        )  # fmt: skip
        train(job, small)
        told.append([line for line in said if "reads" in line])
    assert [len(lines) for lines in told] == [1, 0]
    (kept,) = (tmp_path / "teachers").glob("*.npy")
    assert np.load(kept).shape == (len(small.part(Split.TRAINING, without_blank=True)[0]), 7)


def test_what_a_teacher_says_of_restored_faces_is_kept_apart(tmp_path: Path) -> None:
    models, said = tmp_path / "models", list[str]()
    folder = Path(shutil.copytree(MODELS / "triple", models / "triple"))
    card = check_folder(folder)
    for kind in (Restoration.NONE, Restoration.CAMERA, Restoration.CAMERA):
        changed = card.model_copy(update={"input": replace(card.input, restoration=kind)})
        (folder / CARD_FILE).write_text(changed.to_json())
        teacher_probabilities(
            "triple", 2.0, drawn_faces(), models=models, kept=tmp_path / "kept", report=said.append
        )
    assert len(said) == len(list((tmp_path / "kept").iterdir())) == 2


def test_a_teacher_may_read_the_faces_as_they_are_learned_from(
    tmp_path: Path, data: Fer2013, finished: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    freeze(finished, models, data)
    spec = check_folder(models / "triple").input
    reader = teacher_reader("triple", 2.0, views=1, models=models, spec=spec, precision="float32")
    recipe = RECIPE.model_copy(
        update={"teacher": "triple", "teacher_share": 0.75, "teacher_reads": "each_batch"}
    )
    order = {"seed": 0, "epoch": 1}
    plain, _ = EpochBatches(data.pixels, data.labels, recipe, spec, **order)[0]
    faces, targets = EpochBatches(data.pixels, data.labels, recipe, spec, **order, reader=reader)[0]
    np.testing.assert_array_equal(faces, plain)
    read = load_classifier(models / "triple").logits(faces.astype(np.uint8))
    opinion = softmax(read, 2.0)
    labels = (targets - 0.75 * opinion) / 0.25
    np.testing.assert_allclose(np.sort(labels, axis=1)[:, -1], 1, atol=2e-2)
    np.testing.assert_allclose(np.sort(labels, axis=1)[:, :-1], 0, atol=2e-2)

    both = teacher_reader("triple", 2.0, views=2, models=models, spec=spec, precision="float32")
    mirrored = load_classifier(models / "triple").logits(faces[:, :, ::-1].astype(np.uint8))
    np.testing.assert_allclose(both(faces), softmax((read + mirrored) / 2, 2.0), atol=2e-3)

    job = replace(job_of(tmp_path / "run", until=1), recipe=recipe, models=models)
    assert train(job, data).progress.epoch == 1
    with pytest.raises(TrainingError, match="cannot read each batch"):
        teacher_reader(
            "triple", 2.0, views=1, models=models, spec=replace(spec, side_px=32),
            precision="float32",
        )  # fmt: skip
