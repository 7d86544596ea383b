"""The whole folder, to put among the models of another Mien."""

from pathlib import Path

from fer_core.storage.atomic import write_bytes
from fer_core.training.export.formats import export_format
from fer_core.zoo import ModelCard


@export_format(title="the model's folder as a ZIP", needs_weights=False)
def archive(folder: Path, card: ModelCard, out: Path) -> Path:
    """``<slug>.zip``."""
    from fer_core.evaluation.takeaway import folder_zip

    target = out / f"{card.slug}.zip"
    write_bytes(target, folder_zip(folder))
    return target
