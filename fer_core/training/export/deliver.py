"""A shipped model in the format of another runtime."""

import os
import tempfile
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.storage.atomic import write_bytes
from fer_core.storage.exchange import put_folder
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
        StorageError: the card cannot be written.
        TrainingError: there is no such format, the model ships without the Keras weights that it
            is made from, or the result would replace the model folder.
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
    if os.path.realpath(out / card.slug) == os.path.realpath(folder):
        raise TrainingError(
            "the result could replace what it is made of",
            where=out,
            expected="another folder",
            received="the folder of models",
            remedy="Name another place: --out.",
        )
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{card.slug}.", dir=out) as staging:
        written = chosen.write(folder, card, Path(staging))
        target = out / written.name
        if written.is_dir():
            put_folder(written, target)
        else:
            written.replace(target)
    write_bytes(out / f"{card.slug}.{CARD_FILE}", (folder / CARD_FILE).read_bytes())
    return target
