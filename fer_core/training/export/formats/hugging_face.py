"""A folder as a repository of the Hugging Face hub has it."""

import shutil
from pathlib import Path

from fer_core.storage.atomic import write_text
from fer_core.training.export.formats import export_format
from fer_core.zoo import CARD_FILE, GRAPH_FILE, ModelCard


@export_format(title="a folder for the Hugging Face hub: ONNX and its card", needs_weights=False)
def hugging_face(folder: Path, card: ModelCard, out: Path) -> Path:
    """A folder ``<slug>`` with `README.md`, the network and `card.json`; uploads nothing."""
    from fer_core.evaluation.takeaway import README, hub_card

    target = out / card.slug
    target.mkdir(exist_ok=True)
    for name in (GRAPH_FILE, CARD_FILE):
        shutil.copy(folder / name, target)
    write_text(target / README, hub_card(folder))
    return target
