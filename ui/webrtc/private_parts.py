"""What this room takes from libraries though they do not promise it.

Each module here that replaces or reads such a part lists it in ``RELIES_ON``. In use, a part that
is gone costs what it brought and nothing else, where that can be; so that nobody finds out by
wondering, a test asks for every one of them.
"""

import inspect
import re
from dataclasses import dataclass
from importlib.metadata import version
from pkgutil import resolve_name


@dataclass(frozen=True, slots=True)
class PrivatePart:
    """Something inside a library.

    Attributes:
        owner: module or class, as ``package.module:Class``.
        names: its attributes; of a class also those that it gives to its instances only.
        checked: the library's name as pip knows it and the version in which they were last seen.
        brings: what is lost without them.
    """

    owner: str
    names: tuple[str, ...]
    checked: str
    brings: str

    def complaint(self) -> str:
        """A sentence on what the installed library no longer has; "" where all is there."""
        try:
            owner = resolve_name(self.owner)
            gone = [name for name in self.names if not _has(owner, name)]
        except (ImportError, AttributeError):
            gone = [self.owner]
        if not gone:
            return ""
        library, _ = self.checked.split()
        return (
            f"{library} {version(library)} no longer has {', '.join(gone)} of {self.owner}, which "
            f"{self.checked} had. Lost: {self.brings}. See whether the library does it by itself "
            "now, else how."
        )


def _has(owner: object, name: str) -> bool:
    if hasattr(owner, name) or name in getattr(owner, "__annotations__", {}):
        return True
    # Those that only instances have: some of these classes cannot be built outside of a server.
    assigned = re.compile(rf"\bself\.{re.escape(name)}\b[^=\n]*=[^=]")
    return inspect.isclass(owner) and any(
        assigned.search(inspect.getsource(kind))
        for kind in owner.__mro__
        if kind.__module__ != "builtins"
    )
