"""Folders on the disk for work that is under way, gone when it ends, however the server ends.

A folder is locked by the server that made it. The system gives the lock back when that server is
killed, so that the next one knows what was left behind.
"""

import os
import shutil
import stat
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from time import time

from fer_core.storage.atomic import in_use, is_abandoned

STALE_S = 24 * 3600.0
"""No work takes so long: where a system has no locks, an older folder was left behind."""

_PREFIX = "mien-work-"


class WorkFolder:
    """A new folder that only this user can read.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        """Make it.

        Raises:
            OSError: there is no room for it, or no right to.
        """
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._locked = ExitStack()
        self._locked.enter_context(in_use(self.path))

    def remove(self) -> None:
        """With all that is in it; harmless where it is gone."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._locked.close()


@cache
def sweep() -> None:
    """Remove what servers that were killed left behind; once in this server's life."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's, or gone already
            told = folder.lstat()
            mine = not hasattr(os, "getuid") or told.st_uid == os.getuid()
            if not (mine and stat.S_ISDIR(told.st_mode)):
                continue
            if is_abandoned(folder) or time() - told.st_mtime > STALE_S:
                shutil.rmtree(folder, ignore_errors=True)
