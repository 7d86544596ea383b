"""LiteRT, once TensorFlow Lite: for phones and small computers."""

from pathlib import Path

from fer_core.training.export.formats import export_format
from fer_core.zoo import ModelCard


@export_format(title="LiteRT (TensorFlow Lite), for phones", needs_weights=True)
def litert(folder: Path, card: ModelCard, out: Path) -> Path:
    """``<slug>.tflite``, weights as float32."""
    from fer_core.training.export.onnx_graph import shipped_network

    target = out / f"{card.slug}.tflite"
    shipped_network(folder, card).export(str(target), format="litert", verbose=False)
    return target
