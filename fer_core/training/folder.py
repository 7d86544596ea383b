"""Writing model folders; knows no Keras."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_core.zoo import CARD_FILE, FileEntry, sha256_of

CANDIDATE = "candidate"
"""Folder inside of a training's run, until `freeze` measures it and moves it to ``models/``."""


KERNEL_PREFIX = "weight_"
"""Names of the kernels in an exported graph begin with it; the ledger's digest is over these."""


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file for people and programs."""
    path.write_text(json.dumps(value, indent=2) + "\n")


def file_entries(folder: Path) -> dict[str, FileEntry]:
    """Hash and size of every file in a folder but the card."""
    return {
        path.name: FileEntry(sha256=sha256_of(path), bytes=path.stat().st_size)
        for path in sorted(folder.iterdir())
        if path.name != CARD_FILE
    }
