"""What was measured of networks and packages, as the folders of models say it."""

from pathlib import Path

import streamlit as st

from fer_core.evaluation.calibration_report import (
    CALIBRATION_FILE,
    CalibrationRow,
    read_calibration,
)
from fer_core.evaluation.dataset_files import read_all_evaluations
from fer_core.evaluation.datasets import DatasetFigures
from fer_core.evaluation.external import EXTERNAL_FOLDER, ExternalReport, read_external
from fer_core.evaluation.external.robustness import ExternalRobustnessRow, read_external_robustness
from fer_core.evaluation.families import Family, read_families
from fer_core.evaluation.leaderboard import ModelSummary, read_summaries
from fer_core.evaluation.robustness import ROBUSTNESS_FILE, RobustnessRow, read_robustness
from fer_core.evaluation.seeds import SEEDS, read_seed_history, read_seeds
from fer_core.evaluation.selftest_report import SELFTEST_FILE, SelfTestReport, read_selftest
from fer_core.evaluation.speed import SpeedReport, read_speed
from fer_core.evaluation.summary import History
from fer_core.evaluation.variants import VARIANTS_FILE, Variant, read_variants
from fer_core.zoo import models_root, models_roots
from ui.caches import paths
from ui.until_changed import until_changed


@until_changed(paths.models, st.cache_data, show_spinner="Reading the models …")
def summaries() -> tuple[list[ModelSummary], list[str]]:
    """Results of all sound model folders, most accurate first, and a sentence for each other."""
    found, errors = read_summaries(*models_roots())
    return found, [str(error) for error in errors]


# The folders as well: what a file says counts only for the networks that are there.
@until_changed(paths.models, st.cache_data, show_spinner=False)
def speed() -> SpeedReport | None:
    """The time each network takes for a face, from `speed.json`; None where nobody measured it.

    Raises:
        MienError: the file is damaged.
    """
    return read_speed(*models_roots())


@until_changed(lambda: [models_root() / SELFTEST_FILE], st.cache_data, show_spinner=False)
def selftest() -> SelfTestReport | None:
    """The last self-test, from `selftest.json`; None where nobody has run it.

    Raises:
        MienError: the file is damaged.
    """
    return read_selftest(models_root())


@until_changed(lambda: [models_root() / EXTERNAL_FOLDER], st.cache_data, show_spinner=False)
def external() -> list[ExternalReport]:
    """External packages that were measured or quoted, from `models/external`; [] without.

    Raises:
        MienError: a file is damaged.
    """
    return read_external(models_root())


@until_changed(paths.models, st.cache_data, show_spinner=False)
def dataset_figures() -> tuple[dict[str, dict[str, DatasetFigures]], list[str]]:
    """What networks were measured at on named data sets: data set -> slug -> figures.

    Only of the graphs that are there now; with a sentence for each file that cannot be read.
    """
    return read_all_evaluations(*models_roots())


def _seeds() -> list[Path]:
    return [*paths.models(), *(path for root in models_roots() for path in root.glob(f"*/{SEEDS}"))]


@until_changed(_seeds, st.cache_data, show_spinner=False)
def families() -> tuple[dict[str, Family], list[str]]:
    """Networks with several seeds, by slug, and a sentence for each seed that cannot be used."""
    found, errors = read_families(*models_roots())
    return found, [str(error) for error in errors]


@until_changed(lambda slug: [paths.folder(slug) / SEEDS], st.cache_data, show_spinner=False)
def seed_histories(slug: str) -> dict[int, History]:
    """Learning curves of a network's seeds; {} for one without.

    Raises:
        MienError: a file is damaged.
    """
    folder = paths.folder(slug)
    seeds, _ = read_seeds(folder)
    return {one.seed: read_seed_history(folder, one) for one in seeds}


@until_changed(lambda: [models_root() / VARIANTS_FILE], st.cache_data, show_spinner=False)
def variants() -> list[Variant]:
    """Trainings for comparison, from `variants.csv`; [] where there is no such file.

    Raises:
        MienError: the file is damaged.
    """
    return read_variants(models_root())


@until_changed(lambda: [models_root() / ROBUSTNESS_FILE], st.cache_data, show_spinner=False)
def robustness() -> list[RobustnessRow]:
    """What `robustness.csv` holds, of earlier graphs too; [] where nobody measured.

    Raises:
        MienError: the file is damaged.
    """
    return read_robustness(models_root())


@until_changed(lambda: [models_root() / EXTERNAL_FOLDER], st.cache_data, show_spinner=False)
def external_robustness() -> list[ExternalRobustnessRow]:
    """What `external/robustness.csv` holds, of earlier versions too; [] where nobody measured.

    Raises:
        MienError: the file is damaged.
    """
    return read_external_robustness(models_root())


@until_changed(lambda: [models_root() / CALIBRATION_FILE], st.cache_data, show_spinner=False)
def calibration() -> list[CalibrationRow]:
    """What `calibration.csv` holds, of earlier choices too; [] where nobody measured.

    Raises:
        MienError: the file is damaged.
    """
    return read_calibration(models_root())
