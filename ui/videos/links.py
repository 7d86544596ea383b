"""Every video that this server reads or has read, by the link that leads back to it.

A link cannot be guessed, and nothing is found without it: who has it may look, cancel and discard.
What nobody comes back to is ended and forgotten, so that neither places nor memory stay taken.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

from ui.videos.job import PATIENCE_S, Work

FREED_AFTER_S = PATIENCE_S
"""After the last visit; an open page counts as a visitor all the time."""

MOST_BYTES = 1_000_000_000
"""Annotated videos kept in memory, for all visitors together; what was not visited for longest
goes first."""

_LOOK_S = 20.0


@dataclass(slots=True)
class _Entry:
    work: Work
    visited_s: float


class Links:
    """The readings of a server; from any thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin with none; ``clock`` gives seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._watched = False

    def add(self, work: Work) -> str:
        """Take a reading in.

        Returns:
            Its link: 128 random bits, as text for an address.
        """
        link = secrets.token_urlsafe(16)
        with self._lock:
            self._entries[link] = _Entry(work, self._clock())
            watched, self._watched = self._watched, True
        if not watched:
            threading.Thread(target=self._watch, name="video links", daemon=True).start()
        return link

    def visit(self, link: str) -> Work | None:
        """The reading behind a link; None where there is none, or none any more."""
        with self._lock:
            entry = self._entries.get(link)
            if entry is None:
                return None
            entry.visited_s = self._clock()
            return entry.work

    def drop(self, link: str) -> None:
        """End a reading and forget it; harmless where it is gone."""
        with self._lock:
            entry = self._entries.pop(link, None)
        if entry is not None:
            entry.work.stop()

    def free(self) -> None:
        """Drop what nobody came back to, and what is too much."""
        with self._lock:
            since = self._clock() - FREED_AFTER_S
            oldest_first = sorted(self._entries.items(), key=lambda item: item[1].visited_s)
            too_many = sum(_size(entry) for _, entry in oldest_first) - MOST_BYTES
            left = []
            for link, entry in oldest_first:
                if entry.visited_s < since or (too_many > 0 and _size(entry)):
                    left.append(link)
                    too_many -= _size(entry)
        for link in left:
            self.drop(link)

    def _watch(self) -> None:
        while True:
            sleep(_LOOK_S)
            self.free()


def _size(entry: _Entry) -> int:
    return len(entry.work.outcome.mp4) if entry.work.outcome else 0


links = Links()
"""Of this server."""
