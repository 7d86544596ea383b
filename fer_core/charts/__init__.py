"""Data to Plotly figures: pure functions in one template, used by pages and reports alike."""

from fer_core.charts.across import across_datasets_figure
from fer_core.charts.calibration import reliability_figure, risk_coverage_figure
from fer_core.charts.classes import recall_figure, recall_heatmap_figure
from fer_core.charts.confusion import confusion_difference_figure, confusion_figure, row_shares
from fer_core.charts.cost import COST_AXES, Cost, cost_figure, cost_of
from fer_core.charts.curves import Measure, learning_curves_figure
from fer_core.charts.game import game_figure
from fer_core.charts.last_minute import last_minute_figure
from fer_core.charts.layers import layers_figure
from fer_core.charts.pairs import agreement_figure, mcnemar_figure
from fer_core.charts.ranking import ranking_figure
from fer_core.charts.recording import (
    dwell_figure,
    timeline_figure,
    transitions_figure,
    valence_figure,
)
from fer_core.charts.robustness import robustness_heatmap_figure, severity_figure
from fer_core.charts.seeds import seed_bands_figure
from fer_core.charts.slices import slices_figure
from fer_core.charts.studies import (
    coder_figure,
    comparison_figure,
    course_figure,
    networks_figure,
    shares_figure,
)
from fer_core.charts.table import figure_csv
from fer_core.charts.template import (
    GRID,
    INK,
    TEMPLATE,
    darker,
    emotion_fill,
    empty_figure,
    new_figure,
    series_style,
)
from fer_core.charts.tracks import lanes_figure
from fer_core.charts.variants import ablation_figure, variants_figure

__all__ = [
    "COST_AXES",
    "GRID",
    "INK",
    "TEMPLATE",
    "Cost",
    "Measure",
    "ablation_figure",
    "across_datasets_figure",
    "agreement_figure",
    "coder_figure",
    "comparison_figure",
    "confusion_difference_figure",
    "confusion_figure",
    "cost_figure",
    "cost_of",
    "course_figure",
    "darker",
    "dwell_figure",
    "emotion_fill",
    "empty_figure",
    "figure_csv",
    "game_figure",
    "lanes_figure",
    "last_minute_figure",
    "layers_figure",
    "learning_curves_figure",
    "mcnemar_figure",
    "networks_figure",
    "new_figure",
    "ranking_figure",
    "recall_figure",
    "recall_heatmap_figure",
    "reliability_figure",
    "risk_coverage_figure",
    "robustness_heatmap_figure",
    "row_shares",
    "seed_bands_figure",
    "series_style",
    "severity_figure",
    "shares_figure",
    "slices_figure",
    "timeline_figure",
    "transitions_figure",
    "valence_figure",
    "variants_figure",
]
