"""A shipped model in the format of another runtime."""

import shutil
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.training.export.onnx_graph import load_weights
from fer_core.training.networks import build_network, get_architecture
from fer_core.zoo import CARD_FILE, GRAPH_FILE, WEIGHTS_FILE, check_folder


def deliver(folder: Path, format: str, out: Path) -> Path:
    """Write a model for use elsewhere.

    Args:
        folder: ``models/<slug>``.
        format: ``onnx`` copies the graph; ``litert`` and ``saved_model`` rebuild the network
            from its Keras weights.
        out: folder to write into; the card goes beside the model.

    Returns:
        What was written: a file, or a folder for ``saved_model``.

    Raises:
        ModelError: the model folder is not sound.
        TrainingError: it ships without Keras weights.
    """
    card = check_folder(folder)
    if format != "onnx" and WEIGHTS_FILE not in card.files:
        raise TrainingError(
            "this model ships without Keras weights",
            where=folder.name,
            expected=WEIGHTS_FILE,
            remedy="Use --format onnx, which every model has.",
        )
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / CARD_FILE, out / f"{card.slug}.{CARD_FILE}")
    if format == "onnx":
        return Path(shutil.copy(folder / GRAPH_FILE, out / f"{card.slug}.onnx"))
    model = build_network(get_architecture(card.slug))
    load_weights(model, folder / WEIGHTS_FILE)
    target = out / (f"{card.slug}.tflite" if format == "litert" else card.slug)
    kind = "litert" if format == "litert" else "tf_saved_model"
    model.export(str(target), format=kind, verbose=False)
    return target
