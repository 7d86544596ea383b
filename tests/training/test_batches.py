"""What a batch holds: faces changed at random, targets, balance."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ContractError
from fer_core.faces import InputSpec, Restoration, to_network_inputs
from fer_core.runs.recipe import Augmentation
from fer_core.training.artifacts.candidate import write_candidate
from fer_core.training.artifacts.freeze import checked_candidate
from fer_core.training.data.augmentation import augment, mix, spoil
from fer_core.training.data.batches import EpochBatches
from fer_core.training.loop.fit import train
from fer_core.training.networks import get_architecture
from tests.training.drawn import RECIPE, SPEC, job_of


def test_batches_follow_from_seed_and_epoch_alone(data: Fer2013) -> None:
    pixels, labels = data.pixels, data.labels
    spec = SPEC
    first = EpochBatches(pixels, labels, RECIPE, spec, seed=1, epoch=2)[1]
    again = EpochBatches(pixels, labels, RECIPE, spec, seed=1, epoch=2)[1]
    other = EpochBatches(pixels, labels, RECIPE, spec, seed=1, epoch=3)[1]
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape == (16, 48, 48, 1)
    assert first[0].max() > 1.5  # 0-255: scaling is in the graph, once


@pytest.mark.parametrize("balance", ["sampler", "weights"])
def test_balance_evens_out_the_classes(balance: str) -> None:
    labels = np.repeat([0, 3], [20, 180])
    pixels = np.zeros((200, 48, 48), np.uint8)
    recipe = RECIPE.model_copy(update={"balance": balance, "batch_size": 100})
    batches = EpochBatches(pixels, labels, recipe, SPEC, seed=0, epoch=0)
    share = np.zeros(7)
    for batch in (batches[0], batches[1]):
        weight = batch[2] if balance == "weights" else np.ones(100)
        share += (batch[1] * weight[:, None]).sum(axis=0)
    assert share[0] / share.sum() == pytest.approx(0.5, abs=0.12)


def test_no_augmentation_changes_nothing() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8)
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(augment(faces, Augmentation(), rng), faces)


def test_flip_mirrors_about_the_middle() -> None:
    faces = np.random.default_rng(0).integers(0, 256, (40, 48, 48), np.uint8)
    out = augment(faces, Augmentation(flip=True), np.random.default_rng(1))
    mirrored = [np.array_equal(a, b[:, ::-1]) for a, b in zip(out, faces, strict=True)]
    same = [np.array_equal(a, b) for a, b in zip(out, faces, strict=True)]
    assert all(m != s for m, s in zip(mirrored, same, strict=True))
    assert 5 < sum(mirrored) < 35


def test_degraded_faces_are_a_share_and_stay_recognisable() -> None:
    rows = np.linspace(0, 255, 48)
    faces = np.repeat(np.add.outer(rows, rows)[None] / 2, 400, axis=0).astype(np.uint8)
    out = spoil(faces, Augmentation(degraded=0.5), np.random.default_rng(0))
    changed = np.array([not np.array_equal(a, b) for a, b in zip(out, faces, strict=True)])
    assert 160 < changed.sum() < 240
    # Nearly always bright stays brighter than dark, however dark, noisy or blurred.
    ordered = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(out, faces, strict=True)]
    assert np.quantile(ordered, 0.02) > 0.5
    np.testing.assert_array_equal(out[~changed], faces[~changed])
    again = spoil(faces, Augmentation(degraded=0.5), np.random.default_rng(0))
    np.testing.assert_array_equal(out, again)


def test_faces_are_degraded_as_far_as_robustness_goes() -> None:
    faces = np.full((3000, 48, 48), 200, np.uint8)
    out = spoil(faces, Augmentation(degraded=1.0), np.random.default_rng(0))
    light = out.mean(axis=(1, 2)) / 200
    assert 0.08 <= light.min() < 0.1
    spread = out.std(axis=(1, 2))
    assert 30 < spread.max() < 45


def test_a_covered_face_has_a_rectangle_of_one_grey() -> None:
    rows = np.arange(48)
    faces = np.repeat((np.add.outer(rows, rows * 2) % 7 * 30)[None], 200, axis=0).astype(np.uint8)
    out = spoil(faces, Augmentation(covered=0.5), np.random.default_rng(0))
    changed = out != faces
    assert 70 < changed.any(axis=(1, 2)).sum() < 130
    for face, where in zip(out, changed, strict=True):
        assert len(np.unique(face[where])) <= 1
        assert where.sum() <= 0.37 * 48**2


@pytest.mark.parametrize("kind", [Restoration.CAMERA, Restoration.COMPLETED])
def test_a_recipe_may_restore_what_is_learned_from(
    tmp_path: Path, data: Fer2013, kind: Restoration
) -> None:
    recipe = RECIPE.model_copy(
        update={"restoration": kind, "augmentation": Augmentation(degraded=1.0), "epochs": 1}
    )
    job = replace(job_of(tmp_path / "triple"), recipe=recipe)
    pixels, labels = data.part(Split.TRAINING)
    plain = recipe.model_copy(update={"restoration": Restoration.NONE})
    learned, spoiled = (
        EpochBatches(pixels, labels, each, spec, seed=0, epoch=0)[0][0].astype(np.uint8)
        for each, spec in ((recipe, job.input()), (plain, InputSpec(48, 1, 0.0)))
    )
    assert not np.array_equal(learned, spoiled)
    np.testing.assert_array_equal(learned, to_network_inputs(spoiled[..., 0], job.input()))
    folder = write_candidate(job, train(job, data), data)
    assert checked_candidate(folder, data).input.restoration == kind


def test_faces_that_cannot_be_restored_are_refused_before_the_training(
    tmp_path: Path, data: Fer2013
) -> None:
    recipe = RECIPE.model_copy(update={"restoration": Restoration.COMPLETED})
    job = replace(job_of(tmp_path / "flip24"), arch=get_architecture("flip24"), recipe=recipe)
    with pytest.raises(ContractError, match=r"(?s)cannot be restored.*Set restoration to none"):
        train(job, data)


def test_shift_moves_by_at_most_its_fraction() -> None:
    face = np.zeros((1, 48, 48), np.uint8)
    face[0, 22:26, 22:26] = 255
    for seed in range(20):
        out = augment(face, Augmentation(shift=0.1), np.random.default_rng(seed))[0]
        rows, columns = np.nonzero(out > 60)
        assert abs(rows.mean() - 23.5) <= 5.3
        assert abs(columns.mean() - 23.5) <= 5.3


def test_aspect_changes_width_against_height() -> None:
    face = np.zeros((1, 48, 48), np.uint8)
    face[0, 14:34, 14:34] = 255
    ratios = []
    for seed in range(40):
        out = augment(face, Augmentation(aspect=0.2), np.random.default_rng(seed))[0] > 127
        ratios.append(out.any(axis=0).sum() / out.any(axis=1).sum())
    assert 0.75 < min(ratios) < 0.9
    assert 1.1 < max(ratios) < 1.3


def test_mixup_keeps_targets_a_distribution() -> None:
    rng = np.random.default_rng(0)
    faces, targets = (
        rng.random((8, 4, 4, 1), np.float32),
        np.eye(7, dtype=np.float32)[:7].repeat(2, 0)[:8],
    )
    other = rng.permutation(8)
    mixed_faces, mixed = mix(faces, 0.2, other), mix(targets, 0.2, other)
    np.testing.assert_allclose(mixed.sum(axis=1), 1, rtol=1e-6)
    assert mixed_faces.dtype == np.float32
