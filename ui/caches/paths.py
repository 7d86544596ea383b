"""What the caches watch: each is kept until one of these files or folders changes."""

from pathlib import Path

from fer_core.dataset import find_dataset
from fer_core.zoo import CARD_FILE, find_folder, models_roots


def models() -> list[Path]:
    """All folders of models."""
    return list(models_roots())


def folder(slug: str) -> Path:
    """A network's folder.

    Raises:
        ModelError: there is none.
    """
    return find_folder(slug, *models_roots())


def card(slug: str, *_: object) -> list[Path]:
    """A folder's card stands for the folder: it holds the digest of every other file."""
    return [folder(slug) / CARD_FILE]


def challenge() -> list[Path]:
    """FER2013, where it is here."""
    return [path for path in (find_dataset(),) if path is not None]
