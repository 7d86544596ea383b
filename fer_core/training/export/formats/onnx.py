"""The graph that the dashboard itself serves from."""

import shutil
from pathlib import Path

from fer_core.training.export.formats import export_format
from fer_core.zoo import GRAPH_FILE, ModelCard


@export_format(title="ONNX, as Mien itself reads it", needs_weights=False)
def onnx(folder: Path, card: ModelCard, out: Path) -> Path:
    """A copy: ``<slug>.onnx``."""
    return Path(shutil.copy(folder / GRAPH_FILE, out / f"{card.slug}.onnx"))
