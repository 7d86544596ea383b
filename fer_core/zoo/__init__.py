"""Trained networks: their folders, cards, checks and the classifier that serves them."""

from fer_core.settings import MODELS
from fer_core.zoo.card import CARD_FILE, FileEntry, ModelCard, Published, read_card
from fer_core.zoo.check import (
    CONFUSION_FILE,
    GRAPH_FILE,
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    REQUIRED_FILES,
    WEIGHTS_FILE,
    check_folder,
    check_weights,
    graph_tensors,
    load_classifier,
    sha256_of,
)
from fer_core.zoo.classifier import INPUT_NAME, MAPS_NAME, OUTPUT_NAME, Classifier, softmax
from fer_core.zoo.folders import (
    DEFAULT_SLUGS,
    default_slug,
    find_folder,
    find_folders,
    list_slugs,
    models_root,
    models_roots,
    sound_folders,
)
from fer_core.zoo.ledger import (
    LEDGER_FILE,
    Look,
    enter_look,
    looks_by_slug,
    read_ledger,
    weights_digest,
)
from fer_core.zoo.predictions import Predictions

__all__ = [
    "CARD_FILE",
    "CONFUSION_FILE",
    "DEFAULT_SLUGS",
    "GRAPH_FILE",
    "HISTORY_FILE",
    "INPUT_NAME",
    "LEDGER_FILE",
    "MAPS_NAME",
    "METRICS_FILE",
    "MODELS",
    "OUTPUT_NAME",
    "PREDICTIONS_FILE",
    "REQUIRED_FILES",
    "WEIGHTS_FILE",
    "Classifier",
    "FileEntry",
    "Look",
    "ModelCard",
    "Predictions",
    "Published",
    "check_folder",
    "check_weights",
    "default_slug",
    "enter_look",
    "find_folder",
    "find_folders",
    "graph_tensors",
    "list_slugs",
    "load_classifier",
    "looks_by_slug",
    "models_root",
    "models_roots",
    "read_card",
    "read_ledger",
    "sha256_of",
    "softmax",
    "sound_folders",
    "weights_digest",
]
