"""YuNet's weights: fetched once into the user's cache, and refused where they are not the ones.

Nothing here is ever called while a frame waits: frames ask `yunet_weights`, which only looks at
the disk; the download runs in a thread of its own, and Haar serves until it is done.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pooch

from fer_core.errors import DetectorError
from fer_core.settings import get_settings

YUNET_FILE = "face_detection_yunet_2026may.onnx"
YUNET_SHA256 = "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0"
YUNET_MIRRORS = (
    # The file is in Git LFS: a raw.githubusercontent.com address gives a text pointer instead.
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
    "47534e27c9851bb1128ccc0102f1145e27f23f98/models/face_detection_yunet/" + YUNET_FILE,
    "https://huggingface.co/opencv/face_detection_yunet/resolve/main/" + YUNET_FILE,
)
"""Tried in this order, once each."""

TIMEOUT_S = 10.0
"""For connecting and for each wait on a mirror; the file is 0.2 MB."""


def cache_folder() -> Path:
    """Where fetched files are kept: ``MIEN_CACHE`` where set, else the user's cache folder."""
    return get_settings().cache


def yunet_weights(*, download: bool = False) -> Path | None:
    """The weights' path if they are here and are the right ones.

    Args:
        download: fetch them where they are not.

    Returns:
        The file, its SHA-256 checked; None where it is missing, or is another file (as a Git LFS
        pointer is).

    Raises:
        DetectorError: only with ``download``, see `fetch_yunet`.
    """
    path = cache_folder() / YUNET_FILE
    try:
        if pooch.file_hash(str(path)) == YUNET_SHA256:
            return path
    except OSError:
        pass  # missing, a folder or not readable: all the same to a caller
    return fetch_yunet() if download else None


def fetch_yunet(*, timeout_s: float = TIMEOUT_S, progress: bool = False) -> Path:
    """Fetch the weights, one try for each mirror, and keep them.

    They are written to a temporary file, hashed, then moved: the cache never holds half a file.

    Args:
        timeout_s: of each mirror, seconds.
        progress: show a progress bar on standard error.

    Returns:
        The file in `cache_folder`.

    Raises:
        DetectorError: no mirror could be reached or gave the right file; says what each answered.
    """
    downloader = pooch.HTTPDownloader(timeout=timeout_s, progressbar=progress)
    answers = []
    for url in YUNET_MIRRORS:
        try:
            return Path(
                pooch.retrieve(
                    url,
                    known_hash=f"sha256:{YUNET_SHA256}",
                    fname=YUNET_FILE,
                    path=cache_folder(),
                    downloader=downloader,
                )
            )
        except Exception as error:  # requests, urllib3, OSError, pooch's ValueError: one outcome
            host = url.split("/")[2]
            if isinstance(error, PermissionError):
                reason = f"cannot write to {cache_folder()}"
            elif isinstance(error, ValueError):
                reason = "another file (wrong SHA-256)"
            else:
                reason = "no usable answer"
            answers.append(f"{host}: {reason}")
    raise DetectorError(
        "the YuNet face detector could not be fetched",
        received="; ".join(answers),
        remedy=f"Connect to the internet once, or put {YUNET_FILE} into {cache_folder()}.",
    )


@dataclass(frozen=True, slots=True)
class FetchState:
    """How far the fetch of this process is.

    Attributes:
        step: ``"idle"`` before the first call, then ``"running"``, then ``"done"`` or ``"failed"``.
        sentence: what to tell a person; empty unless failed.
    """

    step: Literal["idle", "running", "done", "failed"]
    sentence: str = ""


class BackgroundFetch:
    """Fetches the weights in a daemon thread, at most once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._state = FetchState("idle")

    @property
    def state(self) -> FetchState:
        """How far it is; safe to ask from any thread."""
        return self._state

    def start(self) -> None:
        """Start the fetch unless it was started before or the weights are here; returns at once."""
        with self._lock:
            if self._thread is not None:
                return
            if yunet_weights() is not None:
                self._state = FetchState("done")
                return
            self._state = FetchState("running")
            self._thread = threading.Thread(target=self._run, name="yunet-fetch", daemon=True)
            self._thread.start()

    def wait(self, timeout_s: float | None = None) -> FetchState:
        """Wait for a started fetch to end, at most ``timeout_s`` seconds."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._state

    def _run(self) -> None:
        try:
            fetch_yunet()
        except DetectorError as error:
            self._state = FetchState("failed", str(error))
        else:
            self._state = FetchState("done")


background_fetch = BackgroundFetch()
"""The process's one fetch: ``background_fetch.start()`` from any page, as often as it likes."""
