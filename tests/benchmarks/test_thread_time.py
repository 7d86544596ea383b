"""Processor time by thread, of this very process."""

import os
import sys
import threading
import time

import pytest

from benchmarks.thread_time import OTHER, ThreadTime, milliseconds_a_frame


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_a_busy_thread_is_found_by_its_name() -> None:
    before, stop = ThreadTime.of(os.getpid()), threading.Event()

    def work() -> None:
        while not stop.is_set() and time.thread_time() < 0.3:
            sum(range(1000))
        stop.wait(30)

    thread = threading.Thread(target=work, name="async_media_processor_1")
    thread.start()
    while (after := ThreadTime.of(os.getpid())).threads.get(thread.native_id or 0, 0.0) < 0.25:
        time.sleep(0.02)
    stop.set()
    thread.join()
    names = {thread.native_id or 0: thread.name}
    spent = milliseconds_a_frame(before, after, names, frames=10)
    assert spent["reading: decode, detect, classify, draw"] >= 25
    assert spent["total"] >= 25


def test_time_of_threads_that_have_ended_is_not_lost() -> None:
    before = ThreadTime(1.0, {1: 0.5, 2: 0.5})
    after = ThreadTime(3.0, {1: 1.5, 3: 0.25})
    spent = milliseconds_a_frame(before, after, {1: "MainThread", 3: "nobody knows"}, frames=100)
    assert spent == {"total": 20.0, "server's loop: pages, packets, sending": 10.0, OTHER: 10.0}
