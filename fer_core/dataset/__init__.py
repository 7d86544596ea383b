"""FER2013: import, checks, and the compact file that everything reads."""

from fer_core.dataset.challenge_csv import CHALLENGE, Edition, order_digest, read_csv
from fer_core.dataset.fer2013 import (
    DATASET_FILE,
    SIDE_PX,
    SPLITS,
    VOTES,
    Fer2013,
    Split,
    find_dataset,
    load_dataset,
)
from fer_core.dataset.summary import DatasetSummary, describe

__all__ = [
    "CHALLENGE",
    "DATASET_FILE",
    "SIDE_PX",
    "SPLITS",
    "VOTES",
    "DatasetSummary",
    "Edition",
    "Fer2013",
    "Split",
    "describe",
    "find_dataset",
    "load_dataset",
    "order_digest",
    "read_csv",
]
