"""From frames to findings: pure functions on tables, each with its formula, source and limits."""

from fer_core.studies.statistics.agreement import (
    CoderAgreement,
    Coefficient,
    coder_agreement,
    cohens_kappa,
    krippendorffs_alpha,
)
from fer_core.studies.statistics.bootstrap import FEWEST, difference_intervals, mean_intervals
from fer_core.studies.statistics.codings import INTERVAL_COLUMNS, network_intervals
from fer_core.studies.statistics.comparison import (
    FAMILY,
    ConditionComparison,
    compare_conditions,
)
from fer_core.studies.statistics.correction import (
    CorrectedShares,
    corrected_difference,
    corrected_shares,
    unconfused,
)
from fer_core.studies.statistics.course import Course, Grid, course_totals, mean_courses
from fer_core.studies.statistics.effects import cohens_dz, hedges_g
from fer_core.studies.statistics.figures import (
    MEANS,
    MEASURES,
    SHARES,
    baseline_changes,
    condition_figures,
    participant_figures,
)
from fer_core.studies.statistics.networks import Survival, disagreements, survivals
from fer_core.studies.statistics.sentences import (
    in_words,
    measure_words,
    participants_sentence,
    quality_sentence,
    sentence,
)
from fer_core.studies.statistics.significance import sign_flip_p, welch_p
from fer_core.studies.statistics.tables import (
    BASELINE_COLUMNS,
    FRAME_COLUMNS,
    SHEET_COLUMNS,
    StudyTables,
)
from fer_core.studies.statistics.totals import baseline_totals, counted_totals

__all__ = [
    "BASELINE_COLUMNS",
    "FAMILY",
    "FEWEST",
    "FRAME_COLUMNS",
    "INTERVAL_COLUMNS",
    "MEANS",
    "MEASURES",
    "SHARES",
    "SHEET_COLUMNS",
    "CoderAgreement",
    "Coefficient",
    "ConditionComparison",
    "CorrectedShares",
    "Course",
    "Grid",
    "StudyTables",
    "Survival",
    "baseline_changes",
    "baseline_totals",
    "coder_agreement",
    "cohens_dz",
    "cohens_kappa",
    "compare_conditions",
    "condition_figures",
    "corrected_difference",
    "corrected_shares",
    "counted_totals",
    "course_totals",
    "difference_intervals",
    "disagreements",
    "hedges_g",
    "in_words",
    "krippendorffs_alpha",
    "mean_courses",
    "mean_intervals",
    "measure_words",
    "network_intervals",
    "participant_figures",
    "participants_sentence",
    "quality_sentence",
    "sentence",
    "sign_flip_p",
    "survivals",
    "unconfused",
    "welch_p",
]
