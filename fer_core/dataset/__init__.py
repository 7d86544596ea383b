"""FER2013: import, checks, and the compact file that everything reads."""

from fer_core.dataset.challenge_csv import CHALLENGE, Edition, order_digest, read_csv
from fer_core.dataset.fer2013 import (
    SIDE_PX,
    SPLITS,
    VOTES,
    Fer2013,
    Split,
    find_dataset,
    load_dataset,
)
from fer_core.dataset.ferplus import FERPLUS, MAJORITIES, majority, ordered_votes
from fer_core.dataset.selection import DoubtfulLabels, doubtful_labels, sample_rows
from fer_core.dataset.summary import (
    SUMMARY_FILE,
    DatasetSummary,
    FerPlusCounts,
    Spread,
    describe,
    load_summary,
)
from fer_core.settings import DATASET_FILE

__all__ = [
    "CHALLENGE",
    "DATASET_FILE",
    "FERPLUS",
    "MAJORITIES",
    "SIDE_PX",
    "SPLITS",
    "SUMMARY_FILE",
    "VOTES",
    "DatasetSummary",
    "DoubtfulLabels",
    "Edition",
    "Fer2013",
    "FerPlusCounts",
    "Split",
    "Spread",
    "describe",
    "doubtful_labels",
    "find_dataset",
    "load_dataset",
    "load_summary",
    "majority",
    "order_digest",
    "ordered_votes",
    "read_csv",
    "sample_rows",
]
