"""A model folder whose network has a second answer, for tests that need one."""

from pathlib import Path

import numpy as np

from fer_core.training.export.voters import add_voters
from fer_core.zoo import CARD_FILE, Voters
from fer_core.zoo.confidence import Confidence
from tests.tiny import tiny_calibration, tiny_card, tiny_conv_graph, write_tiny_folder

COUNTS = np.diag(np.arange(7) + 3) + np.eye(7, k=1, dtype=int)


def tiny_voters() -> Voters:
    """What a card says of it, made up."""
    return Voters(
        faces=40,
        prior_share=0.5,
        confusion=tuple(map(tuple, COUNTS.tolist())),
        calibration=tiny_calibration(
            Confidence(temperature=0.6, unsure_threshold=0.4, set_threshold=0.1),
            Confidence(temperature=0.5, unsure_threshold=0.45, set_threshold=0.1),
        ),
    )


def write_voters_folder(models: Path, slug: str = "tiny") -> Path:
    """Write a sound model folder ``models/<slug>`` whose second answer is another one."""
    rng = np.random.default_rng(7)
    graph = tiny_conv_graph()
    add_voters(graph, rng.normal(0, 2, (4, 7)), rng.normal(0, 2, 7))
    folder = write_tiny_folder(models, slug, graph=graph)
    (folder / CARD_FILE).write_text(tiny_card(slug, folder, voters=tiny_voters()).to_json())
    return folder
