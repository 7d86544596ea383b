"""The mean course of a measure around the stimulus's onset, with its bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core.emotions import LABELS, valence
from fer_core.errors import ContractError
from fer_core.metrics.intervals import LEVEL
from fer_core.pipeline.recording import STATES
from fer_core.studies.statistics.bootstrap import (
    FEWEST,
    RESAMPLES,
    drawn_weights,
    quantile_interval,
    tail,
)
from fer_core.studies.statistics.figures import GROUP
from fer_core.studies.statistics.tables import CELL, StudyTables
from fer_core.studies.statistics.totals import NO_FACE, CodedFrames, coded_frames


@dataclass(frozen=True, slots=True)
class Grid:
    """Equal steps of time around the onset at 0 s.

    Attributes:
        step_s: width of a step.
        first, last: its steps are ``first`` to ``last - 1``; step i goes from i times ``step_s``
            to i + 1 times it, so that the onset is always an edge.
    """

    step_s: float
    first: int
    last: int

    @classmethod
    def between(cls, from_s: float, to_s: float, step_s: float) -> "Grid":
        """Steps from ``from_s`` to ``to_s``, both in seconds from the onset, in whole steps.

        Raises:
            ContractError: no step between the two.
        """
        if step_s <= 0 or to_s - from_s < step_s / 2:
            raise ContractError(
                "no step between begin and end",
                where="Grid.between",
                expected="from_s < to_s, step_s above 0",
                received=f"{from_s:g} to {to_s:g} s by {step_s:g} s",
            )
        return cls(step_s, round(from_s / step_s), round(to_s / step_s))

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def middles_s(self) -> NDArray[np.float64]:
        """(g,) seconds from the onset to the middle of each step."""
        return np.asarray((np.arange(self.first, self.last) + 0.5) * self.step_s)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The course of one measure under one condition, over g steps.

    Attributes:
        network, condition, measure: of what.
        seconds: (g,) from the onset to the middle of each step.
        mean: (g,) over participants; NaN where nobody's face was seen.
        low, high: (g,) the pointwise 95 % interval: true for one moment chosen beforehand.
        band_low, band_high: (g,) the simultaneous 95 % band: the whole true course lies within it
            in 95 of 100 such studies; cut at what the measure can be. NaN for fewer than `FEWEST`
            participants; without width, which says little, where all of them are alike.
        seen: (g,) int64 participants with a face in this step.
        participants: with a face in any step.
    """

    network: str
    condition: str
    measure: str
    seconds: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    band_low: NDArray[np.float64]
    band_high: NDArray[np.float64]
    seen: NDArray[np.int64]
    participants: int


def course_totals(tables: StudyTables, measures: Sequence[str], grid: Grid) -> pd.DataFrame:
    """Seconds and integrals of measures by step of the grid; additive, as `totals` are.

    After the onset only the stretch that counts is taken; before it all that the grid reaches,
    as a baseline may lie before that stretch. Entries without an onset are left out.

    Args:
        tables: of a study, or of one recording.
        measures: of `figures.MEASURES`.
        grid: around the onset.

    Returns:
        `CELL`, ``step`` (number in the grid), ``seconds`` with a face, and each measure times
        seconds. Steps without a face are left out.
    """
    frames = coded_frames(tables)
    row, step, seconds = _pieces(frames, grid)
    cell = frames.cell[row]
    index = cell * len(grid) + (step - grid.first)
    size = len(frames.cells) * len(grid)
    columns = {"seconds": np.bincount(index, seconds, size)}
    for measure in measures:
        weights = _values(frames, measure)[row] * seconds
        columns[measure] = np.bincount(index, weights, size)
    filled = np.flatnonzero(columns["seconds"] > 0)
    words = frames.cells[list(CELL)].iloc[filled // len(grid)].reset_index(drop=True)
    steps = {"step": filled % len(grid) + grid.first}
    return words.assign(**steps, **{name: values[filled] for name, values in columns.items()})


def _values(frames: CodedFrames, measure: str) -> NDArray[np.float64]:
    """(m,) a measure of each frame: 0 or 1 for a share."""
    kind, _, word = measure.partition("_")
    if kind == "share" and word in STATES:
        return np.asarray(frames.state == STATES.index(word), np.float64)
    if kind == "mean" and word in LABELS:
        return np.asarray(frames.probabilities[:, LABELS.index(word)], np.float64)
    if measure == "valence":
        return valence(frames.probabilities)
    raise ContractError(
        "not a measure",
        where="course_totals",
        expected="share_<state>, mean_<class> or valence",
        received=measure,
    )


def _pieces(
    frames: CodedFrames, grid: Grid
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Frames with a face, cut at the grid's edges: row, step and seconds of each piece."""
    onset, start, end = (
        frames.cells[name].to_numpy(np.float64) for name in ("onset_s", "start_s", "end_s")
    )
    zero = onset[frames.cell]
    begins, ends = frames.begins_s - zero, np.fmin(frames.ends_s, end[frames.cell]) - zero
    # Rounding must not put a frame that ends at an edge into the step behind it.
    first = np.floor(begins / grid.step_s + 1e-9)
    last = np.ceil(ends / grid.step_s - 1e-9)
    with np.errstate(invalid="ignore"):
        kept = (frames.said != NO_FACE) & (last > grid.first) & (first < grid.last)
    rows = np.flatnonzero(kept)
    first = first[rows].clip(grid.first).astype(np.int64)
    counts = last[rows].clip(max=grid.last).astype(np.int64) - first
    counts = counts.clip(0)
    row = np.repeat(rows, counts)
    step = np.repeat(first - np.append(0, counts.cumsum())[:-1], counts) + np.arange(len(row))
    left = np.maximum(begins[row], step * grid.step_s)
    counting = np.where(step >= 0, np.fmax(start - onset, -np.inf)[frames.cell[row]], -np.inf)
    right = np.minimum(ends[row], (step + 1) * grid.step_s)
    seconds = (right - np.fmax(left, counting)).clip(0) / frames.faces[row]
    return row, step, seconds


def mean_courses(
    totals: pd.DataFrame,
    measure: str,
    grid: Grid,
    baseline_s: tuple[float, float] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Course, ...]:
    """The mean course over participants of each network and condition.

    Args:
        totals: as `course_totals` gives for this grid.
        measure: one of its columns.
        grid: the same.
        baseline_s: from when until when, in seconds from the onset, each participant's own mean is
            taken away from the whole course; a participant not seen then is left out. None takes
            nothing away.
        resamples: bootstrap samples of participants.
        seed: makes the bands repeatable.

    Raises:
        ContractError: a baseline that is not within the grid.
    """
    steps = None if baseline_s is None else _baseline_steps(grid, baseline_s)
    pooled = totals.groupby([*GROUP, "step"], observed=True)[["seconds", measure]].sum()
    courses = []
    for (network, condition), own in pooled.groupby(["network", "condition"], observed=True):
        seconds, integral = _by_step(own["seconds"], grid), _by_step(own[measure], grid)
        values = integral / np.where(seconds > 0, seconds, np.nan)
        if steps is not None:
            weight = seconds[:, steps].sum(axis=1)
            before = integral[:, steps].sum(axis=1) / np.where(weight > 0, weight, np.nan)
            values = (values - before[:, None])[weight > 0]
        courses.append(
            _course(
                str(network),
                str(condition),
                measure,
                grid,
                values,
                steps is not None,
                resamples,
                seed,
            )
        )
    return tuple(courses)


def _by_step(column: "pd.Series[float]", grid: Grid) -> NDArray[np.float64]:
    """(participants, g), 0 in steps that a participant does not have."""
    table = column.unstack("step").reindex(columns=range(grid.first, grid.last))
    return table.fillna(0.0).to_numpy(np.float64)


def _baseline_steps(grid: Grid, baseline_s: tuple[float, float]) -> slice:
    first, last = (round(second / grid.step_s) - grid.first for second in baseline_s)
    if not 0 <= first < last <= len(grid):
        raise ContractError(
            "a baseline that is not within the course",
            where="mean_courses",
            expected=f"within {grid.first * grid.step_s:g} to {grid.last * grid.step_s:g} s",
            received=f"{baseline_s[0]:g} to {baseline_s[1]:g} s",
        )
    return slice(first, last)


def _course(
    network: str,
    condition: str,
    measure: str,
    grid: Grid,
    values: NDArray[np.float64],
    changed: bool,
    resamples: int,
    seed: int,
) -> Course:
    """From (n, g) values of participants, NaN where a face was not seen."""
    seen = np.isfinite(values)
    count = seen.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean = np.nansum(values, axis=0) / np.where(count, count, np.nan)
    low, high, band = _bands(np.nan_to_num(values), seen, mean, resamples, seed)
    least, most = _possible(measure, changed)
    return Course(
        network,
        condition,
        measure,
        grid.middles_s,
        mean,
        low,
        high,
        (mean - band).clip(least, most),
        (mean + band).clip(least, most),
        count,
        len(values),
    )


def _possible(measure: str, changed: bool) -> tuple[float, float]:
    """The smallest and the largest value that a measure, or its change, can have."""
    low, high = (-1.0, 1.0) if measure == "valence" else (0.0, 1.0)
    return (low - high, high - low) if changed else (low, high)


def _bands(
    filled: NDArray[np.float64],
    seen: NDArray[np.bool_],
    mean: NDArray[np.float64],
    resamples: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Pointwise ends, and half the simultaneous band's width, (g,) each.

    The band is mean ± q · standard error; q is the 95 % quantile, over resamples of participants,
    of the largest deviation anywhere, each in units of the standard error of its own resample.
    Without these own units it covers 60 to 80 % for a dozen participants; with them 95 % and
    more (500 drawn studies each).
    Source: Degras 2011, Statistica Sinica 21, 1735-1765 (bands of mean courses); Efron &
    Tibshirani 1993, An Introduction to the Bootstrap, section 12.5 (studentised).
    """
    n, g = filled.shape
    nothing = np.full(g, np.nan)
    if n < 2:
        return nothing, nothing, nothing
    weights = drawn_weights(n, resamples, seed) * n
    with np.errstate(invalid="ignore", divide="ignore"):
        counts = weights @ seen
        means = weights @ filled / counts
        spread = weights @ filled**2 / counts - means**2
        errors = np.sqrt(spread.clip(0) / (counts - 1))
        own_spread = (filled**2).sum(axis=0) / seen.sum(axis=0) - mean**2
        own_error = np.sqrt(own_spread.clip(0) / (seen.sum(axis=0) - 1))
    low, high = nothing.copy(), nothing.copy()
    for count in np.unique(seen.sum(axis=0)):
        alike = seen.sum(axis=0) == count
        if count >= 2:
            some = np.where(np.isfinite(means[:, alike]), means[:, alike], mean[alike])
            low[alike], high[alike] = quantile_interval(some, tail(int(count)))
    if n < FEWEST:
        return low, high, nothing
    # A resample of one value only, again and again, has no error to measure in.
    usable = errors > 1e-9
    away = np.divide(np.abs(means - mean), errors, where=usable, out=np.zeros_like(means))
    return low, high, own_error * np.quantile(away.max(axis=1), LEVEL)
