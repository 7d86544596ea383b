"""FER2013 and data sets with a name: import, checks, and the compact files that all read."""

from fer_core.dataset.challenge_csv import CHALLENGE, Edition, order_digest, read_csv
from fer_core.dataset.checks import (
    DatasetChecks,
    check_dataset,
    copy_groups,
    in_fer2013,
    leak_note,
)
from fer_core.dataset.fer2013 import (
    FER2013,
    SIDE_PX,
    SPLITS,
    VOTES,
    Fer2013,
    Split,
    dataset_path,
    find_dataset,
    load_dataset,
)
from fer_core.dataset.ferplus import (
    FERPLUS,
    MAJORITIES,
    NO_WORD,
    class_votes,
    imported_votes,
    majority,
    ordered_votes,
    voted_labels,
)
from fer_core.dataset.ferplus_csv import votes_digest
from fer_core.dataset.labels import LabelTable, label_codes, label_table
from fer_core.dataset.named import (
    DatasetInfo,
    LabelUse,
    NamedDataset,
    RefusedPicture,
    check_name,
    list_datasets,
    load_named,
    read_info,
)
from fer_core.dataset.pictures import SPLIT_NAMES, Found, Labelled, open_pictures
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
    "FER2013",
    "FERPLUS",
    "MAJORITIES",
    "NO_WORD",
    "SIDE_PX",
    "SPLITS",
    "SPLIT_NAMES",
    "SUMMARY_FILE",
    "VOTES",
    "DatasetChecks",
    "DatasetInfo",
    "DatasetSummary",
    "DoubtfulLabels",
    "Edition",
    "Fer2013",
    "FerPlusCounts",
    "Found",
    "LabelTable",
    "LabelUse",
    "Labelled",
    "NamedDataset",
    "RefusedPicture",
    "Split",
    "Spread",
    "check_dataset",
    "check_name",
    "class_votes",
    "copy_groups",
    "dataset_path",
    "describe",
    "doubtful_labels",
    "find_dataset",
    "imported_votes",
    "in_fer2013",
    "label_codes",
    "label_table",
    "leak_note",
    "list_datasets",
    "load_dataset",
    "load_named",
    "load_summary",
    "majority",
    "open_pictures",
    "order_digest",
    "ordered_votes",
    "read_csv",
    "read_info",
    "sample_rows",
    "voted_labels",
    "votes_digest",
]
