"""External packages: what others offer for the same task, measured on the same images.

A package is asked through its own network's entrance, with its own preprocessing, for each face of
48x48 grey pixels as the data set has it: no detector of its own in between, so that it is its
network that is compared with ours. Packages live in environments of their own and are imported, or
started, only where they are asked.
"""

from fer_core.evaluation.external.measurement import measure_external, quote_external
from fer_core.evaluation.external.packages import (
    ExternalNetwork,
    ExternalPackage,
    get_package,
    known_packages,
    open_package,
)
from fer_core.evaluation.external.report import (
    EXTERNAL_FOLDER,
    ExternalReport,
    external_key,
    external_name,
    read_external,
    read_external_logits,
    read_external_report,
)

__all__ = [
    "EXTERNAL_FOLDER",
    "ExternalNetwork",
    "ExternalPackage",
    "ExternalReport",
    "external_key",
    "external_name",
    "get_package",
    "known_packages",
    "measure_external",
    "open_package",
    "quote_external",
    "read_external",
    "read_external_logits",
    "read_external_report",
]
