"""Memory: few pools where it is asked for, nothing on import, garbage gone after a stream."""

import gc
import platform
import subprocess
import sys
import weakref
from pathlib import Path
from time import monotonic, sleep

import pytest

from ui.webrtc import memory
from ui.webrtc.memory import release_memory_soon

ROOT = Path(__file__).resolve().parents[3]

COUNT_POOLS = """
import ctypes, re, sys, threading
from ui.webrtc.memory import limit_pools, release_memory
if sys.argv[1] == "limited":
    assert limit_pools()
libc = ctypes.CDLL("libc.so.6")
for name in ("malloc", "fopen"):
    getattr(libc, name).restype = ctypes.c_void_p
ready = threading.Barrier(8)
def use():
    ready.wait()
    libc.malloc(1000)
    ready.wait()
threads = [threading.Thread(target=use) for _ in range(8)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
stream = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(stream))
libc.fclose(ctypes.c_void_p(stream))
print(len(re.findall("<heap nr=", open(sys.argv[2]).read())))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has pools for threads")
def test_two_pools_where_it_is_asked_for_and_not_on_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)

    def pools(how: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", COUNT_POOLS, how, str(tmp_path / "pools.xml")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    assert pools("imported") > 2
    assert pools("limited") == 2


class Knot:
    """An object that refers to itself, as connections do."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_goes_a_moment_after_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "AFTER_S", 0.05)
    gc.disable()
    try:
        knot = Knot()
        gone = weakref.ref(knot)
        del knot
        assert gone() is not None
        release_memory_soon()
        release_memory_soon()
        end = monotonic() + 5
        while gone() is not None and monotonic() < end:
            sleep(0.02)
        assert gone() is None
    finally:
        gc.enable()
