"""TensorFlow's own format."""

from pathlib import Path

from fer_core.training.export.formats import export_format
from fer_core.zoo import ModelCard


@export_format(title="TensorFlow SavedModel, for TensorFlow Serving", needs_weights=True)
def saved_model(folder: Path, card: ModelCard, out: Path) -> Path:
    """A folder ``<slug>``."""
    from fer_core.training.export.onnx_graph import shipped_network

    target = out / card.slug
    shipped_network(folder, card).export(str(target), format="tf_saved_model", verbose=False)
    return target
