"""A finished folder into the place of another one, so that one of the two is always there."""

import ctypes
import errno
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

_ASIDE = ".old"
_RELATIVE_TO_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def exchange(first: Path, second: Path) -> bool:
    """Swap two folders in one step.

    Returns:
        Whether that was done; False where the system or its file system cannot.

    Raises:
        OSError: it can, but not with these two.
    """
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = os.fsencode(first), os.fsencode(second)
    if rename(_RELATIVE_TO_HERE, names[0], _RELATIVE_TO_HERE, names[1], _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(first), None, str(second))


def put_folder(finished: Path, target: Path) -> None:
    """Put a folder in place of another one; the old one is afterwards where the new one was.

    Where two folders cannot be swapped in one step, the old one steps aside first; killed in
    between, `restore_folder` puts it back.

    Args:
        finished: the new folder, in the same parent.
        target: its place; may be empty.

    Raises:
        OSError: the parent cannot be written to; ``target`` is as it was.
    """
    if not target.exists():
        finished.rename(target)
    elif not exchange(finished, target):
        aside = _aside(target)
        shutil.rmtree(aside, ignore_errors=True)  # of a replacement that was complete
        target.rename(aside)
        try:
            finished.rename(target)
        finally:
            restore_folder(target)
        aside.rename(finished)


def restore_folder(target: Path) -> None:
    """Put a folder back whose replacement was interrupted; nothing where none was."""
    if not target.exists():
        # Another process may do the same at this moment, or the writer itself go on.
        with suppress(OSError):
            _aside(target).rename(target)


def restore_folders(parent: Path) -> None:
    """The same for every folder in ``parent``."""
    for aside in parent.glob(f".*{_ASIDE}"):
        restore_folder(parent / aside.name[1 : -len(_ASIDE)])


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}{_ASIDE}")
