"""The graph that the dashboard itself serves from."""

from pathlib import Path

from fer_core.training.export.formats import export_format
from fer_core.zoo import GRAPH_FILE, ModelCard


@export_format(title="ONNX, as Mien itself reads it", needs_weights=False)
def onnx(folder: Path, card: ModelCard, out: Path) -> Path:
    """``<slug>.onnx``, which also says what its confidence is worth; `models import` reads it."""
    from fer_core.zoo.stated import write_with_confidence  # ONNX takes a moment to import

    return write_with_confidence(folder / GRAPH_FILE, card, out / f"{card.slug}.onnx")
