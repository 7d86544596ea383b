"""The compact file of a data set: NumPy arrays, written in one step."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, compressed: bool = True
) -> None:
    """Replace a file by arrays; a reader never sees half of it, a failure leaves the old one.

    Raises:
        DatasetError: the disk is full, the folder cannot be written, or the place is taken by
            something that is no regular file.
    """
    if path.exists() and not path.is_file():
        raise DatasetError(
            "a data set cannot be written here",
            where=path,
            expected="the name of a file",
            received="a folder, a device or a pipe",
            remedy="Name another place.",
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    save = np.savez_compressed if compressed else np.savez
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as stream:
                save(stream, **arrays)  # type: ignore[arg-type]  # stub: allow_pickle
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            "the data set cannot be written",
            where=path,
            received=error.strerror or type(error).__name__,
            remedy="Make room on the disk, or name another place that you may write to.",
        ) from error
