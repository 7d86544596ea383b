"""A shipped model in the format of another runtime."""

import shutil
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.training.export.formats import get_format
from fer_core.zoo import CARD_FILE, WEIGHTS_FILE, check_folder


def deliver(folder: Path, format: str, out: Path) -> Path:
    """Write a model for use elsewhere.

    Args:
        folder: ``models/<slug>``.
        format: one of `formats.export_formats`.
        out: folder to write into; the card goes beside the model.

    Returns:
        What was written: a file, or a folder.

    Raises:
        ModelError: the model folder is not sound.
        TrainingError: there is no such format, or the model ships without the Keras weights that
            it is made from.
    """
    chosen = get_format(format)
    card = check_folder(folder)
    if chosen.needs_weights and WEIGHTS_FILE not in card.files:
        raise TrainingError(
            "this model ships without Keras weights",
            where=folder.name,
            expected=WEIGHTS_FILE,
            remedy="Use --format onnx, which every model has.",
        )
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / CARD_FILE, out / f"{card.slug}.{CARD_FILE}")
    return chosen.write(folder, card, out)
