"""Logits and labels to figures: NumPy and SciPy only, each with its formula and source."""

from fer_core.metrics.agreement import fleiss_kappa
from fer_core.metrics.calibration import BINS, Reliability, ece, fit_temperature, reliability
from fer_core.metrics.classification import (
    accuracy,
    class_shares,
    confusion_matrix,
    macro_f1,
    per_class,
    per_class_table,
)
from fer_core.metrics.conformal import DEFAULT_COVERAGE, choose_set_threshold
from fer_core.metrics.evaluation import evaluate_split
from fer_core.metrics.intervals import Difference, bootstrap_difference, bootstrap_interval
from fer_core.metrics.logistic import fit_logistic, fit_softmax
from fer_core.metrics.report import AccuracyFigures, ClassReport, SplitReport
from fer_core.metrics.scoring import brier, log_loss
from fer_core.metrics.seeds import (
    SeedDifference,
    Spread,
    paired_difference,
    spread,
    unpaired_difference,
)
from fer_core.metrics.selection import (
    DEFAULT_RISK,
    RiskCoverage,
    choose_unsure_threshold,
    risk_coverage,
)
from fer_core.metrics.significance import (
    ALPHA,
    Comparison,
    agreement_matrix,
    bonferroni,
    holm,
    mcnemar_exact,
)

__all__ = [
    "ALPHA",
    "BINS",
    "DEFAULT_COVERAGE",
    "DEFAULT_RISK",
    "AccuracyFigures",
    "ClassReport",
    "Comparison",
    "Difference",
    "Reliability",
    "RiskCoverage",
    "SeedDifference",
    "SplitReport",
    "Spread",
    "accuracy",
    "agreement_matrix",
    "bonferroni",
    "bootstrap_difference",
    "bootstrap_interval",
    "brier",
    "choose_set_threshold",
    "choose_unsure_threshold",
    "class_shares",
    "confusion_matrix",
    "ece",
    "evaluate_split",
    "fit_logistic",
    "fit_softmax",
    "fit_temperature",
    "fleiss_kappa",
    "holm",
    "log_loss",
    "macro_f1",
    "mcnemar_exact",
    "paired_difference",
    "per_class",
    "per_class_table",
    "reliability",
    "risk_coverage",
    "spread",
    "unpaired_difference",
]
