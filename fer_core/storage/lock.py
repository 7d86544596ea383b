"""Who works on something: a lock that the system takes back from who is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def locked(path: Path, patience_s: float = 0.0) -> Iterator[bool]:
    """Hold a lock where nobody does.

    Args:
        path: of the lock's file, which is made where it is missing.
        patience_s: how long to wait for who holds it.

    Yields:
        Whether it is held now.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=patience_s)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
