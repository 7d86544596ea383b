"""Drawn studies whose truth is known: frames from scripts, figures from distributions."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS, Emotion
from fer_core.studies.statistics import FAMILY, SHEET_COLUMNS, StudyTables
from fer_core.studies.statistics.tables import PROBABILITIES

NAN = float("nan")


def probabilities(emotion: Emotion, sure: float = 0.7) -> NDArray[np.float64]:
    """``sure`` for one class, the rest alike."""
    row = np.full(7, (1 - sure) / 6)
    row[emotion] = sure
    return row


def recording(
    name: str,
    shown: Iterable[Emotion | None],
    *,
    participant: str = "P1",
    condition: str = "A",
    network: str = "fer",
    step_s: float = 0.5,
    start_s: float = 0.0,
    track: int = 1,
    unsure: Iterable[int] = (),
    sure: float = 0.7,
) -> pd.DataFrame:
    """Frames of one recording, one for each of what is shown; None is a frame without a face."""
    emotions = list(shown)
    nothing = np.full(7, np.nan)
    rows = [nothing if emotion is None else probabilities(emotion, sure) for emotion in emotions]
    table = pd.DataFrame(np.array(rows), columns=list(PROBABILITIES))
    doubtful = set(unsure)
    return table.assign(
        network=network,
        recording=name,
        participant=participant,
        condition=condition,
        track=pd.array([None if e is None else track for e in emotions], dtype="Int64"),
        time_s=start_s + step_s * np.arange(len(emotions)),
        step_s=step_s,
        unsure=[i in doubtful for i in range(len(emotions))],
    )


def study(
    *frames: pd.DataFrame,
    sheet: dict[str, tuple[float, float, float]] | None = None,
    baselines: dict[str, tuple[float, float]] | None = None,
) -> StudyTables:
    """Recordings with a sheet: by name of the recording start, end and onset; else all empty."""
    together = pd.concat(frames, ignore_index=True)
    entries = together[["recording", "participant", "condition"]].drop_duplicates()
    stretches = [(sheet or {}).get(name, (NAN, NAN, NAN)) for name in entries["recording"]]
    times = pd.DataFrame(stretches, columns=["start_s", "end_s", "onset_s"], index=entries.index)
    rows = [(name, *stretch) for name, stretch in (baselines or {}).items()]
    return StudyTables(
        together,
        entries.join(times)[list(SHEET_COLUMNS)],
        pd.DataFrame(rows, columns=["recording", "start_s", "end_s"]),
    )


def figures_of(
    values: NDArray[np.float64], conditions: Sequence[str], participants: Sequence[str]
) -> pd.DataFrame:
    """Participants' figures of `FAMILY` as if they had been read, one study a network.

    Args:
        values: (studies, conditions, participants, 8) of `FAMILY`.
        conditions: names.
        participants: names; the same under each condition.
    """
    studies, k, n, _ = values.shape
    table = pd.DataFrame(values.reshape(-1, len(FAMILY)), columns=list(FAMILY))
    return table.assign(
        network=np.repeat([f"study {i}" for i in range(studies)], k * n),
        condition=np.tile(np.repeat(list(conditions), n), studies),
        participant=np.tile(list(participants), studies * k),
    )


def drawn_values(
    rng: np.random.Generator, studies: int, participants: int, *, happy: float = 0.0
) -> NDArray[np.float64]:
    """(studies, 2, participants, 8): shares of time by people who differ, and by the day.

    Under the second condition happy is ``happy`` standard deviations of the difference longer.
    Seven shares that sum to 1 before that, skewed, some near 0; and a valence index.
    """
    habits = rng.dirichlet([1, 0.3, 0.5, 3, 1, 0.5, 4], (studies, 1, participants))
    # Both conditions are drawn around the same habits: their difference has no direction.
    shares = rng.gamma(np.repeat(habits, 2, axis=1) * 20 + 0.1)
    shares /= shares.sum(axis=-1, keepdims=True)
    difference = shares[:, 1, :, Emotion.HAPPY] - shares[:, 0, :, Emotion.HAPPY]
    shares[:, 1, :, Emotion.HAPPY] += happy * difference.std()
    valence = shares[..., Emotion.HAPPY] - shares[..., Emotion.SAD]
    return np.concatenate([shares, valence[..., None]], axis=-1)


def shuffled_script(
    rng: np.random.Generator, shares: NDArray[np.float64], frames: int
) -> list[Emotion]:
    """Emotions in random order whose counts come as near to the shares as whole frames can."""
    edges = np.round(np.cumsum(shares) * frames).astype(int)
    counts = np.diff(np.append(0, edges))
    return [Emotion(int(i)) for i in rng.permutation(np.repeat(np.arange(len(LABELS)), counts))]
