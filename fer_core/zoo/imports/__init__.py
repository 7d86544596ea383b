"""Somebody else's network, made one that every page can use: reading, preparing, class order."""

from fer_core.zoo.imports.adapter import FLOOR, SCORES_NAME, prepared_network, served_network
from fer_core.zoo.imports.candidates import Candidates, Said, find_candidates
from fer_core.zoo.imports.classes import ClassOrder, fitting_order, named_order, usual_orders
from fer_core.zoo.imports.foreign import ForeignNetwork, read_network
from fer_core.zoo.imports.preparation import (
    COLOURS,
    LAYOUTS,
    RANGES,
    Preparation,
    parse_range,
)
from fer_core.zoo.imports.probe import Probe, probe
from fer_core.zoo.imports.source import MAX_BYTES, Source, read_source

__all__ = [
    "COLOURS",
    "FLOOR",
    "LAYOUTS",
    "MAX_BYTES",
    "RANGES",
    "SCORES_NAME",
    "Candidates",
    "ClassOrder",
    "ForeignNetwork",
    "Preparation",
    "Probe",
    "Said",
    "Source",
    "find_candidates",
    "fitting_order",
    "named_order",
    "parse_range",
    "prepared_network",
    "probe",
    "read_network",
    "read_source",
    "served_network",
    "usual_orders",
]
