"""Waiting for another thread or process."""

from collections.abc import Callable
from time import sleep


def wait_for(what: Callable[[], object]) -> None:
    """Ask until it is so. A wait for ever is ended by the suite's time limit for a test."""
    while not what():
        sleep(0.02)
