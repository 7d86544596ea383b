"""What FER+'s ten voters say of each image, in one word.

Source: Barsoum et al. 2016 (arXiv:1608.01041). Their training merges and drops votes; here the
plain majority counts, because it can be explained in one sentence.
"""

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset.fer2013 import VOTES, Fer2013
from fer_core.emotions import LABELS
from fer_core.errors import ContractError, DatasetError

FERPLUS = "ferplus"
"""What recipes call the voters where they teach."""

MAJORITIES = (*LABELS, "contempt", "unknown", "no face", "tie")
"""What a majority can be: FER2013's classes in their order, FER+'s other options, or none."""

NO_WORD = -1
"""In place of a label where the voters have no word, or none that is a class."""

TIE = MAJORITIES.index("tie")

VOTE_WORDS = {
    "neutral": "neutral",
    "happiness": "happy",
    "surprise": "surprise",
    "sadness": "sad",
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "contempt": "contempt",
    "unknown": "unknown",
    "NF": "no face",
}
"""The word of `MAJORITIES` for each of `VOTES`."""

_COLUMNS = np.array(sorted(range(len(VOTES)), key=lambda i: MAJORITIES.index(VOTE_WORDS[VOTES[i]])))


def ordered_votes(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Votes in the order of `MAJORITIES` without the tie.

    Args:
        votes: (n, 10) in the order of `VOTES`.

    Returns:
        (n, 10); the first seven columns are those of `Emotion`.

    Raises:
        ContractError: another shape.
    """
    if votes.ndim != 2 or votes.shape[1] != len(VOTES):
        raise ContractError(
            "not FER+ votes",
            where="ordered_votes",
            expected=f"(n, {len(VOTES)})",
            received=votes.shape,
        )
    return votes[:, _COLUMNS].astype(np.int64)


def majority(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The option with strictly the most votes.

    Args:
        votes: (n, 10) in the order of `VOTES`; n may be 0.

    Returns:
        (n,) index into `MAJORITIES`; `TIE` where two options share the first place.
    """
    counts = ordered_votes(votes)
    most = counts.max(axis=1, initial=0)
    tied = (counts == most[:, None]).sum(axis=1) > 1
    return np.where(tied, TIE, counts.argmax(axis=1))


def class_votes(votes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How the votes for FER2013's classes are shared.

    Args:
        votes: (n, 10) in the order of `VOTES`.

    Returns:
        (n, 7), rows summing to 1; to 0 where nobody named one of these classes.
    """
    counts = ordered_votes(votes)[:, : len(LABELS)].astype(np.float32)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True).clip(min=1), np.float32)


def voted_labels(data: Fer2013) -> NDArray[np.int64]:
    """What most of the voters named, as a label: (n,), `NO_WORD` where that is none of our classes.

    Raises:
        DatasetError: the votes were not imported.
    """
    word = majority(imported_votes(data))
    return np.where(word < len(LABELS), word, NO_WORD)


def imported_votes(data: Fer2013) -> NDArray[np.uint8]:
    """The votes, (n, 10) in the order of `VOTES`, of who cannot do without.

    Raises:
        DatasetError: they were not imported.
    """
    if data.votes is None:
        raise DatasetError(
            "FER+'s votes have not been imported",
            remedy="Run: python -m fer_core data import fer2013.csv --ferplus fer2013new.csv",
        )
    return data.votes
