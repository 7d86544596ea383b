"""All findings of a study in one value: what its page and its report show."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import select

from fer_core.errors import MienError, ModelError, StudyError
from fer_core.evaluation.summary import read_confusion
from fer_core.studies.assemble import assemble
from fer_core.studies.findings import statistics_tables
from fer_core.studies.schema import EditRow, EntryRow, PartRow, RecordingRow, StudyRow
from fer_core.studies.settings import NetworkSettings
from fer_core.studies.sheet import Entry, sheet
from fer_core.studies.statistics import (
    INTERVAL_COLUMNS,
    SHARES,
    ConditionComparison,
    CorrectedShares,
    Grid,
    Survival,
    baseline_changes,
    compare_conditions,
    condition_figures,
    corrected_difference,
    corrected_shares,
    counted_totals,
    network_intervals,
    participant_figures,
    quality_sentence,
    survivals,
)
from fer_core.studies.store import Study
from fer_core.studies.sums import StudySums, study_sums
from fer_core.zoo import AnswersAs, find_folder, models_roots, read_card

_MOST_STEPS = 120
_STEPS_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_MOST_DISAGREEMENTS = 10
_TEST_IMAGES = {
    AnswersAs.LABELS: "PrivateTest of FER2013, by its labels",
    AnswersAs.VOTERS: "PublicTest of FER2013, by the words of most of FER+’s voters",
}
"""What `network_confusion` is about."""


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a study comes to, as far as it is read.

    Attributes:
        study: its name.
        networks: those that read; the first is the one that is reported.
        conditions: names, sorted.
        figures: see `participant_figures`.
        changes: see `baseline_changes`; empty where no recording has a baseline.
        means: see `condition_figures`.
        comparisons: of ``figures``, by network.
        change_comparisons: of ``changes``.
        survivals: of ``comparisons``; () where only one network read.
        courses: see `course_totals`; empty where the sheet has no onset.
        grid: of ``courses``.
        corrected: under each condition, then differences of pairs, of the reported network; ()
            where its confusion matrix is not at hand.
        corrected_by: the images whose confusion matrix that is, in words.
        disagreements: see there; the worst of all recordings.
        notes: sentences on what is missing.
    """

    study: str
    networks: tuple[str, ...]
    conditions: tuple[str, ...]
    figures: pd.DataFrame
    changes: pd.DataFrame
    means: pd.DataFrame
    comparisons: tuple[ConditionComparison, ...]
    change_comparisons: tuple[ConditionComparison, ...]
    survivals: tuple[Survival, ...]
    courses: pd.DataFrame
    grid: Grid
    corrected: tuple[CorrectedShares, ...]
    corrected_by: str
    disagreements: pd.DataFrame
    notes: tuple[str, ...]

    def reported(
        self, comparisons: Sequence[ConditionComparison]
    ) -> tuple[ConditionComparison, ...]:
        """Those by the network that is reported."""
        return tuple(one for one in comparisons if one.network == self.networks[0])

    @property
    def correction_warnings(self) -> tuple[str, ...]:
        """What makes the correction doubtful under some condition; a difference has both's."""
        single = (one for one in self.corrected if not one.second)
        return tuple(dict.fromkeys(warning for one in single for warning in one.warnings))

    def quality(self, network: str = "") -> str:
        """What was unsure and without a face, in a sentence; of the reported network, or one."""
        return quality_sentence(self.means[self.means["network"] == (network or self.networks[0])])

    @property
    def assumption(self) -> str:
        """What the correction takes for granted, in a sentence."""
        return (
            "This assumes that the network errs on these faces as on its test images "
            f"({self.corrected_by})."
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Shares of what was shown at all, by any participant; all where nothing was."""
        seen = [name for name in SHARES if self.figures[name].max() > 0]
        return tuple(seen) or SHARES


def strength(one: ConditionComparison) -> tuple[float, float]:
    """Sorts comparisons: the clearest difference first, then the largest."""
    return one.p if np.isfinite(one.p) else 2.0, -abs(one.difference)


def state_of(study: Study) -> str:
    """A digest of all that findings follow from: equal digests, equal findings."""
    columns = (
        (StudyRow.settings,),
        (RecordingRow.id, RecordingRow.name),
        tuple(EntryRow.__table__.columns),
        (EditRow.id, EditRow.undone),
        (PartRow.recording_id, PartRow.settings, PartRow.number, PartRow.state, PartRow.sha256),
    )
    digest = hashlib.sha256()
    with study.database.read() as session:
        for wanted in columns:
            for row in session.execute(select(*wanted)):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def find(study: Study) -> Results:
    """All findings of a study; some recordings at a time are in memory.

    Raises:
        StudyError: nothing is read yet of anybody who is in the sheet.
        StorageError: the place of the readings cannot be read.
    """
    grid = grid_of(study)
    sums = study_sums(study, grid)
    if not len(sums.counted):
        raise StudyError(
            "nothing is read yet of anybody who is in the sheet",
            where=study.name,
            received=" ".join(sums.notes[:2]),
            remedy="Fill in participant and condition for each recording, and read the study.",
        )
    return _results(study, sums, grid)


@dataclass(frozen=True, slots=True, eq=False)
class NetworkCoding:
    """What the reported network said of some recordings, as a coder would have.

    Attributes:
        intervals: `INTERVAL_COLUMNS`, for `coder_agreement`.
        seconds, face_s, unsure_s: of these recordings: read, with a face, and of that unsure.
    """

    intervals: pd.DataFrame
    seconds: float
    face_s: float
    unsure_s: float


def network_coding(study: Study, recordings: Sequence[str]) -> NetworkCoding:
    """What the reported network said of some recordings.

    Of faces and stretches that count as the sheet says; of a recording that is not in it, all.

    Args:
        study: whose.
        recordings: their names; those that this network did not read are left out.
    """
    entries, found, network = sheet(study), [], study.settings.slugs[0]
    spent = np.zeros(3)
    for name in recordings:
        try:
            mended = assemble(study, study.recording(name))
        except StudyError:
            continue
        if 0 not in mended.networks_read:
            continue
        own = [entry for entry in entries if entry.recording == name] or [Entry(name, "?", "?")]
        tables = statistics_tables((mended,), own)
        found.append(network_intervals(tables, network))
        totals = counted_totals(tables).query("network == @network")
        spent += totals[["seconds", "face_s", "unsure_s"]].sum().to_numpy(np.float64)
    empty = pd.DataFrame(columns=list(INTERVAL_COLUMNS))
    intervals = pd.concat(found, ignore_index=True).drop_duplicates() if found else empty
    return NetworkCoding(intervals, *spent.tolist())


def _results(study: Study, sums: StudySums, grid: Grid) -> Results:
    figures = participant_figures(sums.counted)
    read = set(figures["network"])  # of live recordings, not each network has read
    networks = tuple(slug for slug in study.settings.slugs if slug in read)
    changes = baseline_changes(sums.counted, sums.baselines)
    conditions = tuple(sorted(figures["condition"].unique()))
    reported = study.settings.networks[0]
    corrected, uncorrected = _corrected(participant_figures(sums.raw), reported, conditions)
    comparisons = compare_conditions(figures)
    return Results(
        study=study.name,
        networks=networks,
        conditions=conditions,
        figures=figures,
        changes=changes,
        means=condition_figures(figures),
        comparisons=comparisons,
        change_comparisons=compare_conditions(changes) if len(changes) else (),
        survivals=survivals(comparisons, networks[0]),
        courses=sums.courses,
        grid=grid,
        corrected=corrected,
        corrected_by=_TEST_IMAGES[reported.answers_as],
        disagreements=_worst(sums.disagreements),
        notes=(*sums.notes, *uncorrected),
    )


def _worst(table: pd.DataFrame) -> pd.DataFrame:
    if not len(table):
        return table
    ordered = table.sort_values("disagreement", ascending=False, kind="stable")
    return ordered.head(_MOST_DISAGREEMENTS).reset_index(drop=True)


def _corrected(
    figures: pd.DataFrame, settings: NetworkSettings, conditions: Sequence[str]
) -> tuple[tuple[CorrectedShares, ...], tuple[str, ...]]:
    """What can be corrected, and a sentence where nothing can."""
    try:
        confusion = network_confusion(settings)
    except MienError as error:
        return (), (f"Shares are not corrected: {error}",)
    network = settings.slug
    own = figures[(figures["network"] == network) & (figures["face_s"] > 0)]
    seen = [name for name in conditions if (own["condition"] == name).any()]
    single = [corrected_shares(own, confusion, network, name) for name in seen]
    if len(seen) != 2:
        return tuple(single), ()
    return (*single, corrected_difference(own, confusion, network, seen[0], seen[1])), ()


def grid_of(study: Study) -> Grid:
    """Steps around the onset, as far as the middle one of all entries reaches on each side."""
    entries = sheet(study)
    lengths = {each.name: each.seconds for each in study.recordings()}
    reach = [
        (entry.onset_s - (entry.start_s or 0.0), end_s - entry.onset_s)
        for entry in entries
        if entry.onset_s is not None
        and (end_s := entry.end_s if entry.end_s is not None else lengths[entry.recording])
        > entry.onset_s
    ]
    before_s, after_s = np.median(reach, axis=0).clip(0) if reach else (0.0, 1.0)
    step_s = next(
        (step for step in _STEPS_S if (before_s + after_s) / step <= _MOST_STEPS), _STEPS_S[-1]
    )
    return Grid.between(-float(before_s), max(float(after_s), step_s), step_s)


def network_confusion(settings: NetworkSettings) -> NDArray[np.int64]:
    """How often the network takes what for what, when it answers as it did in the study.

    Raises:
        ModelError: the network is not here, or another one has its name.
    """
    folder = find_folder(settings.slug, *models_roots())
    card = read_card(folder).answering_as(settings.answers_as)
    here = NetworkSettings.of(card)
    if not here.names_as(settings):
        raise ModelError(
            "another network has that name now, which errs otherwise",
            where=settings.slug,
            expected=f"SHA-256 {settings.graph_sha256[:12]}… as {settings.answers_as}",
            received=f"SHA-256 {here.graph_sha256[:12]}… as {here.answers_as}",
            remedy="Put the folder back that the study was read with, or choose the network anew.",
        )
    if card.answers_as == AnswersAs.VOTERS:
        assert card.voters is not None
        return card.voters.counts
    return read_confusion(folder)
