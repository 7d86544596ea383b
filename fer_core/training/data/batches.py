"""One epoch of training batches."""

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.faces import InputSpec, to_network_inputs
from fer_core.runs.recipe import Recipe
from fer_core.training.data.augmentation import augment, mix, spoil

Batch = tuple[NDArray[np.float32], ...]

Reader = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Faces (b, side, side, channels), 0-255 -> a teacher's probabilities (b, 7)."""


class EpochBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Shuffled, augmented batches of one epoch.

    The order and every random change follow from seed, epoch and batch number alone, so that a
    resumed training sees what an uninterrupted one would have seen.

    Attributes:
        epoch: counts from 0.
        epochs: how many are planned.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.int64],
        recipe: Recipe,
        spec: InputSpec,
        *,
        seed: int,
        epoch: int,
        teacher: NDArray[np.float32] | None = None,
        votes: NDArray[np.float32] | None = None,
        reader: Reader | None = None,
    ) -> None:
        """Prepare one epoch.

        Args:
            pixels: (n, 48, 48) uint8 faces.
            labels: (n,) classes.
            recipe: augmentation, batch size and the rest.
            spec: the network's input.
            seed: source of all chance, together with the epoch.
            epoch: counts from 0.
            teacher: (n, 7) probabilities of the recipe's teacher, where it has one.
            votes: (n, 7) shares of votes, where a second head learns them.
            reader: the recipe's teacher, where it reads each batch.
        """
        super().__init__()
        self._pixels, self._labels = pixels, labels
        self._teacher, self._votes, self._reader = teacher, votes, reader
        self._recipe, self._spec = recipe, spec
        self._seed, self.epoch, self.epochs = seed, epoch, recipe.epochs
        rng = np.random.default_rng([seed, epoch])
        counts = np.bincount(labels, minlength=len(LABELS)).clip(1)
        self._weights = (len(labels) / np.count_nonzero(counts) / counts).astype(np.float32)
        if recipe.balance == "sampler":
            chances = self._weights[labels] / self._weights[labels].sum()
            self._order = rng.choice(len(labels), len(labels), p=chances)
        else:
            self._order = rng.permutation(len(labels))

    def __len__(self) -> int:
        return len(self._order) // self._recipe.batch_size  # a short last batch upsets BatchNorm

    def __getitem__(self, index: int) -> Batch:
        """Faces (b, side, side, channels), targets (b, 7; 14 with votes), perhaps weights (b,)."""
        size = self._recipe.batch_size
        rows = self._order[index * size : (index + 1) * size]
        rng = np.random.default_rng([self._seed, self.epoch, index])
        clear = augment(self._pixels[rows], self._recipe.augmentation, rng)
        faces = self._as_input(spoil(clear, self._recipe.augmentation, rng))
        targets = np.eye(len(LABELS), dtype=np.float32)[self._labels[rows]]
        if self._teacher is not None:
            share = np.float32(self._recipe.teacher_share)
            targets = (1 - share) * targets + share * self._teacher[rows]
        if self._votes is not None:
            targets = np.concatenate([targets, self._votes[rows]], axis=1)
        # A teacher that reads each batch knows the right answer to a mixture; without mixtures it
        # tells what it has learned by heart.
        late = self._reader is None and self.epoch >= 0.9 * self._recipe.epochs
        mixture = None
        if self._recipe.mixup and not late and rng.random() < 0.5:
            own = rng.beta(self._recipe.mixup, self._recipe.mixup)
            mixture = partial(mix, share=own, other=rng.permutation(len(rows)))
            faces, targets = mixture(faces), mixture(targets)
        if self._reader is not None:
            # What is hidden from the learner, its teacher sees: the answer is that of a clear face.
            seen = self._as_input(clear)
            opinion = self._reader(mixture(seen) if mixture else seen)
            share, labels = np.float32(self._recipe.teacher_share), targets[:, : len(LABELS)]
            labels[:] = (1 - share) * labels + share * opinion
        if self._recipe.balance == "weights":
            return faces, targets, self._weights[self._labels[rows]]
        return faces, targets

    def _as_input(self, faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return to_network_inputs(faces, self._spec).astype(np.float32)
