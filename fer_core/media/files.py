"""Files of unknown origin, before anything in them is read: what they are called, what they are."""

import stat
import unicodedata
from pathlib import Path

from fer_core.errors import MediaError

_LONGEST_NAME = 80

# Characters that turn the reading direction: `gpj.exe` could show as `exe.jpg`.
_DIRECTION_MARKS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

_NO_REGULAR_FILE = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device or terminal"),
    (stat.S_ISBLK, "a disk"),
)


def display_name(name: str) -> str:
    """A file's name fit to be shown and to be part of a new file's name.

    Args:
        name: as it came: perhaps with folders of either kind, control characters, marks that turn
            the reading direction, or hundreds of characters.

    Returns:
        The last part of it, 1 to 80 characters; long names lose their middle and keep their end.
    """
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    kept = "".join(
        character
        for character in last
        if character not in _DIRECTION_MARKS
        and unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
    ).strip()
    if kept in ("", ".", ".."):
        return "picture"
    if len(kept) > _LONGEST_NAME:
        kept = f"{kept[: _LONGEST_NAME - 21]}…{kept[-20:]}"
    return kept


def file_size(path: Path) -> int:
    """Size of a regular file in bytes, asked before it is opened.

    A pipe or terminal may never answer, and a device such as ``/dev/zero`` has no end.

    Raises:
        MediaError: no such file, or none that is regular.
    """
    name = display_name(path.name)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name with a zero character
        raise unreadable(name, error) from error
    if not stat.S_ISREG(status.st_mode):
        kinds = (word for test, word in _NO_REGULAR_FILE if test(status.st_mode))
        raise MediaError(
            "the file cannot be read",
            where=name,
            expected="a regular file",
            received=next(kinds, "something else"),
            remedy="Copy what you want to be read into a file, and name that.",
        )
    return status.st_size


def unreadable(name: str, error: Exception) -> MediaError:
    """The sentence for a file that the operating system does not hand over."""
    return MediaError(
        "the file cannot be read",
        where=name,
        received=getattr(error, "strerror", None) or type(error).__name__,
        remedy="Check that the file is there and that you may open it.",
    )
