"""A cache that reads again when what it has read changes on the disk."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def until_changed(
    paths: Callable[..., Iterable[Path]], cache: Callable[..., Any], **options: Any
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function returns until one of the files and folders that it reads changes.

    Args:
        paths: called with the function's own arguments; what it reads. A folder stands for all
            that is in it. None of them need exist: one that comes is a change, too.
        cache: ``st.cache_data`` (each caller gets a copy) or ``st.cache_resource`` (all share it).
        options: for ``cache``, as ``max_entries`` and ``show_spinner``.

    Returns:
        A decorator. What the function raises is not kept.
    """

    def decorate(read: Callable[P, T]) -> Callable[P, T]:
        # Under the function's own name and source, by which Streamlit tells its caches apart.
        @wraps(read)
        def uncached(*args: Any, on_disk: str, **kwargs: Any) -> Any:
            return read(*args, **kwargs)

        kept = cache(**options)(uncached)

        @wraps(read)
        def reader(*args: P.args, **kwargs: P.kwargs) -> T:
            found: T = kept(*args, on_disk=_state(paths(*args, **kwargs)), **kwargs)
            return found

        return reader

    return decorate


def _state(paths: Iterable[Path]) -> str:
    """Every file of these, with its time and size: equal only where nothing has changed."""
    return "\n".join(line for path in paths for line in (str(path), *sorted(_files(path))))


def _files(path: Path) -> Iterator[str]:
    inside = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    for file in inside if path.is_dir() else (path,):
        with suppress(OSError):  # not there, or gone in this very moment
            told = file.stat()
            yield f"{file} {told.st_mtime_ns} {told.st_size}"
