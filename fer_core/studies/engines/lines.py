"""The lines between who leads and a worker: tasks on its input, what it says on its output."""

import json
import os
import sys
import threading
from queue import SimpleQueue
from typing import Any

from fer_core.studies.tasks import PartTask

READY, ALIVE, GONE = "ready", "alive", "gone"
"""Keys of lines that are no answers: it takes so many tasks at once; it is there; it can read
nothing any more, and why, in a sentence."""

ALIVE_EVERY_S = 5.0


class Speaker:
    """Says lines of JSON on the standard output, which nothing else gets between."""

    def __init__(self) -> None:
        """Take the output; whatever a library prints goes to the errors from now on."""
        self._lock = threading.Lock()
        self._out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(self, line: str) -> None:
        """Print a line of JSON at once."""
        with self._lock:
            self._out.write(line.encode() + b"\n")
            self._out.flush()

    def tell(self, **what: Any) -> None:
        """Say an object of these."""
        self.say(json.dumps(what))


class Lines(Speaker):
    """A worker's side. When whoever gave the tasks is gone, this process ends at once.

    Even in the middle of a part: somebody else may have begun it already.

    Attributes:
        tasks: those that came and were not taken yet.
    """

    def __init__(self) -> None:
        """Begin to listen, and to say that this process is alive."""
        super().__init__()
        self.tasks: SimpleQueue[PartTask] = SimpleQueue()
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        threading.Thread(target=self._beat, name="alive", daemon=True).start()

    def _listen(self) -> None:
        try:
            for line in sys.stdin.buffer:
                self.tasks.put(PartTask.model_validate_json(line))
        finally:
            os._exit(0)

    def _beat(self) -> None:
        pause = threading.Event()
        while not pause.wait(ALIVE_EVERY_S):
            self.tell(**{ALIVE: True})
