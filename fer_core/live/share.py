"""Several viewers on one machine: each gets its share of it, and overload bends nothing else.

Without this, four viewers on two cores that their browsers share fell to half a frame a second each
and to seconds of delay: frames that nobody had time for were decoded, read and queued all the same.
"""

import os
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

FULL = 30.0
"""Frames a second that a camera is asked for."""

FEWEST = 4.0
"""However many look: below it, a face can no longer be followed."""

FRAMES_A_CORE = 20.0
"""Frames a second that are read for each core, of all viewers together. A frame costs the server
some 17 ms on a quiet machine (docs/performance.md), pages and browsers on it want their part."""

GONE_S = 2.0
"""A viewer without a frame for so long has left."""


@dataclass(frozen=True, slots=True)
class Share:
    """What each viewer gets.

    Attributes:
        viewers: who share the machine, at least 1.
        frames_per_second: that are read, `FEWEST` to `FULL`.
        smaller: whether pictures go back at half their width and height.
    """

    viewers: int = 1
    frames_per_second: float = FULL
    smaller: bool = False

    @property
    def limited(self) -> bool:
        """Whether it is less than a single viewer gets."""
        return self.frames_per_second < FULL or self.smaller


def share_of(viewers: int, cores: int) -> Share:
    """What each of some viewers gets on so many cores."""
    fair = FRAMES_A_CORE * cores / max(viewers, 1)
    return Share(max(viewers, 1), min(FULL, max(FEWEST, fair)), smaller=viewers > max(cores, 1))


class Viewers:
    """Who streams now; from any thread."""

    def __init__(self, cores: int, clock: Callable[[], float] = monotonic) -> None:
        """Nobody yet.

        Args:
            cores: that the process may use.
            clock: gives seconds.
        """
        self._cores, self._clock = cores, clock
        self._lock = threading.Lock()
        self._seen: dict[Hashable, float] = {}

    def seen(self, viewer: Hashable) -> Share:
        """A frame of this viewer has come: what it gets now."""
        with self._lock:
            self._seen[viewer] = self._clock()
            return share_of(len(self._present()), self._cores)

    def left(self, viewer: Hashable) -> None:
        """This viewer's stream has ended."""
        with self._lock:
            self._seen.pop(viewer, None)

    def with_one_more(self) -> Share:
        """What each would get with a further viewer."""
        with self._lock:
            return share_of(len(self._present()) + 1, self._cores)

    def _present(self) -> dict[Hashable, float]:
        since = self._clock() - GONE_S
        if any(at < since for at in self._seen.values()):
            self._seen = {viewer: at for viewer, at in self._seen.items() if at >= since}
        return self._seen


def own_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


viewers = Viewers(own_cores())
"""Of this server."""
