"""Reading pictures and measuring networks: what pages and commands call."""

from fer_core.analysis.comparison import compare_folders
from fer_core.analysis.leaderboard import leaderboard_markdown, leaderboard_rows
from fer_core.analysis.pipeline import FrameResult, Pipeline
from fer_core.analysis.predict import Reading, predict_paths
from fer_core.analysis.reports import annotated_name, annotated_png, faces_csv, reading_json
from fer_core.analysis.summary import ModelSummary, read_summaries, read_summary

__all__ = [
    "FrameResult",
    "ModelSummary",
    "Pipeline",
    "Reading",
    "annotated_name",
    "annotated_png",
    "compare_folders",
    "faces_csv",
    "leaderboard_markdown",
    "leaderboard_rows",
    "predict_paths",
    "read_summaries",
    "read_summary",
    "reading_json",
]
