"""A video that is read: a command in a process of its own, its files, and what came of it.

In a process of its own (`python -m fer_core video`) no other viewer's video waits for it. Files are
on disk while it runs and at no other time.
"""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from fer_core.errors import MediaError
from fer_core.media import display_name
from fer_core.pipeline.video import VideoReading
from fer_core.pipeline.video_export import load_reading
from ui.jobs import Job, fer_core_command
from ui.widgets.timeline import clock
from ui.work_folders import WorkFolder

EVERY = {1: "every frame", 2: "every 2nd", 3: "every 3rd", 5: "every 5th"}
"""Which frames are read, and what the page calls it."""

AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
"""Videos that are read at the same time, for all visitors together: each fills a core and more."""

PATIENCE_S = 1800.0
"""How long a reading goes on, and its result is kept, when nobody asks for it any more."""

places = threading.BoundedSemaphore(AT_ONCE)
"""One for each video that is read."""

_WAIT_S = 0.1
_LAST_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A video as it came.

    Attributes:
        key: tells this very upload from every other one.
        name: the file's name, not to be trusted.
        load: its bytes, called only when they are needed; None for the drawn example.
    """

    key: str
    name: str
    load: Callable[[], bytes] | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a video is read: a model's slug, a detector's name, and every n-th frame."""

    slug: str
    detector: str
    every: int


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A video that was read.

    Attributes:
        key: of its `Upload`.
        name: fit to be shown letter by letter.
        settings: with which it was read.
        reading: what was read.
        mp4: the annotated video.
    """

    key: str
    name: str
    settings: Settings
    reading: VideoReading
    mp4: bytes


def start(upload: Upload, settings: Settings) -> "Work":
    """Begin to read a video.

    Raises:
        MediaError: other visitors' videos have taken all `places`, or this one cannot be written
            to the disk.
    """
    if not places.acquire(blocking=False):
        raise MediaError(
            "Other visitors' videos are being read on this machine",
            remedy="Please try again in a moment.",
        )
    try:
        return Work(upload, settings)
    except BaseException as error:
        places.release()
        if not isinstance(error, OSError):
            raise
        raise MediaError(
            "The video cannot be put aside for reading",
            received=error.strerror or type(error).__name__,
            remedy="There may be no room left on the disk.",
        ) from error


class Work:
    """A video that is being read. Ends by itself: when done, on `stop`, or when nobody asks.

    Its folder with the video is removed by its own thread as soon as the command has ended,
    whether anybody still looks or not; so it is when the server ends meanwhile.

    Attributes:
        outcome: what was read; None until then, and where it failed.
        failure: why it ended without an outcome, in a sentence; "" until then.
    """

    def __init__(self, upload: Upload, settings: Settings) -> None:
        """Write the video to a new folder and start the command; a place is taken already.

        Args:
            upload: what to read.
            settings: how.

        Raises:
            OSError: the video cannot be written to the disk.
        """
        self._upload, self._settings = upload, settings
        self.outcome: Outcome | None = None
        self.failure = ""
        self._stopped = False
        self._began: tuple[float, float] | None = None
        self._files = WorkFolder()
        self._folder = self._files.path
        try:
            source = ["--drawn"]
            if upload.load is not None:
                # Not under its own name: it is somebody else's text, and may be no file name here.
                path = self._folder / "this video"
                path.write_bytes(upload.load())
                source = [str(path)]
            self._job = Job(
                fer_core_command(
                    *("video", *source, "--progress"),
                    *("--out", str(self._annotated), "--keep", str(self._folder)),
                    *("--model", settings.slug, "--detector", settings.detector),
                    *("--every", str(settings.every)),
                ),
                patience_s=PATIENCE_S,
            )
        except BaseException:
            self._files.remove()
            raise
        self._collector = threading.Thread(target=self._collect, name="video", daemon=True)
        atexit.register(self._end)
        self._collector.start()

    @property
    def _annotated(self) -> Path:
        return self._folder / "annotated.mp4"

    def _collect(self) -> None:
        try:
            while self._job.running:
                sleep(_WAIT_S)
            self.failure = self._job.failure
            if not self.failure and not self._stopped and self._annotated.exists():
                name = display_name(self._upload.name)
                self.outcome = Outcome(
                    key=self._upload.key,
                    name=name,
                    settings=self._settings,
                    reading=replace(load_reading(self._folder), path=name),
                    mp4=self._annotated.read_bytes(),
                )
            elif not self.failure:
                self.failure = "Reading was ended, because nobody came back to it."
        except Exception as error:  # the sentence below is all that a person can use of it
            self.failure = f"What was read could not be fetched ({type(error).__name__})."
        finally:
            self._files.remove()
            atexit.unregister(self._end)
            places.release()

    def _end(self) -> None:
        """The server ends, and threads with it: nobody's video may stay on its disk."""
        self.stop()
        self._collector.join(_LAST_WAIT_S)
        self._files.remove()

    @property
    def running(self) -> bool:
        """Whether it goes on; False only once `outcome` or `failure` is there."""
        return self._collector.is_alive()

    def stop(self) -> None:
        """End it; what was read until then is dropped."""
        self._stopped = True
        self._job.stop()

    def progress(self) -> tuple[float, str]:
        """How far it is: a share from 0 to 1, and words with the time left."""
        line = self._job.line()
        if not line:
            return 0.0, "Opening the video …"
        return self._told(line)

    def _told(self, line: dict[str, Any]) -> tuple[float, str]:
        seconds, frames = float(line["seconds"]), int(line["frames"])
        words = f"{clock(seconds)} read · {frames:,} frames"
        if not line["of_seconds"]:
            return 0.0, words
        share = min(1.0, seconds / float(line["of_seconds"]))
        now = monotonic()
        self._began = self._began or (now, share)
        words = f"{clock(seconds)} of {clock(float(line['of_seconds']))} · {frames:,} frames"
        done = share - self._began[1]
        if done > 0.02:
            left_s = (now - self._began[0]) / done * (1 - share)
            words += f" · about {clock(left_s)} left"
        return share, words
