"""Giving back the memory that a stream took, and asking the C library for few pools of it.

Without both each START costs some megabytes for good; `benchmarks.soak` measures it. No library is
patched here: glibc is asked by its own calls, and another C library is left alone. Checked with
glibc 2.36, aiortc 1.16 and streamlit-webrtc 0.79, in which a connection that is closed stays in
memory until the garbage collector finds it (asked in https://github.com/aiortc/aiortc/issues/925,
closed without an answer). That Python's memory stays with the process is known to Streamlit
(https://github.com/streamlit/streamlit/issues/12120).
"""

import ctypes
import gc
import sys
import threading
from functools import cache

AFTER_S = 1.0
"""The libraries close the connection within this; their objects are garbage only then."""

_LIBC = "libc.so.6"
_M_ARENA_MAX = -8
_POOLS = 2
"""By default glibc gives every thread a pool of its own, up to eight a core. Video threads come and
go with each stream, and a few blocks in use keep each pool's megabytes: with two, a hundred
streams cost no more than the first. Pools that are there already stay, so `make run` and
`python -m fer_core live` say it earlier, with ``MALLOC_ARENA_MAX``."""

_soon = threading.Lock()


@cache
def limit_pools() -> bool:
    """Keep glibc to two pools of memory; for the start, before streams bring their threads.

    Returns:
        Whether the C library took it; False where it is another one.
    """
    return _ask_glibc("mallopt", _M_ARENA_MAX, _POOLS)


def release_memory() -> bool:
    """Collect garbage and give what is free back to the system.

    A connection is a knot of objects that refer to each other, and Streamlit's own collection is
    off for the sake of the video. What is freed lies between what is not: only asked does glibc
    give it back.

    Returns:
        Whether any went back; False where the C library is another one.
    """
    gc.collect()
    return _ask_glibc("malloc_trim", 0)


def _ask_glibc(function: str, *numbers: int) -> bool:
    if sys.platform != "linux":
        return False
    try:
        return bool(getattr(ctypes.CDLL(_LIBC), function)(*numbers))
    except (OSError, AttributeError):  # another C library
        return False


def release_memory_soon() -> None:
    """`release_memory` in a moment, on a thread of its own; once for several streams that end."""
    if not _soon.acquire(blocking=False):
        return

    def release() -> None:
        _soon.release()
        release_memory()

    timer = threading.Timer(AFTER_S, release)
    timer.daemon = True
    timer.start()
