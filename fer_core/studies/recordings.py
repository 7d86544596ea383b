"""The videos of a study: found in folders, looked into, and known again."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import MediaError
from fer_core.media.containers import VIDEO_SUFFIXES
from fer_core.media.files import display_name, file_size
from fer_core.media.videos import VideoIndex, index_video

_CHUNK_BYTES = 8_000_000

LIVE_SUFFIX = ".parquet"
"""Of a live recording's file, which has rows in place of pictures: see `fer_core.studies.live`."""

Tell = Callable[[str, float], None]
"""Told, while videos are looked into, a file's name and which share of it is done, 0-1."""


@dataclass(frozen=True, slots=True)
class StudyRecording:
    """A video of a study.

    Attributes:
        id: in the database.
        name: unique in the study, from the file's name; what tables and folders call it.
        path: the file.
        copied: whether it lies in the study's own folder, and goes with it.
        bytes, modified_ns, sha256: of the file when it was added.
        added_at: when, in ISO 8601.
        recorded_at, seconds, frames: see `VideoIndex`.
        parts: how many it is read in.
        notes: sentences on what a person should know.
        priority: those with a higher one are read first.
        error: why it cannot be read, in a sentence; "" where it can.
    """

    id: int
    name: str
    path: Path
    copied: bool
    bytes: int
    modified_ns: int
    sha256: str
    added_at: str
    recorded_at: str
    seconds: float
    frames: int
    parts: int
    notes: tuple[str, ...]
    priority: int
    error: str

    @property
    def is_live(self) -> bool:
        """Whether it was recorded live: there are no pictures to be looked at or written."""
        return self.copied and self.path.suffix == LIVE_SUFFIX


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may become a recording; see `StudyRecording`."""

    path: Path
    bytes: int
    modified_ns: int
    sha256: str
    index: VideoIndex


def videos_in(paths: Iterable[Path]) -> list[Path]:
    """Files, and for each folder the videos by their ending in it and below, sorted by path.

    Hidden ones are left out.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in VIDEO_SUFFIXES
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
                and file.is_file()
            )
        else:
            found.append(path)
    return found


def examine(path: Path, tell: Tell | None = None) -> Examined:
    """Look into a file: its digest, and what is in it.

    Raises:
        MediaError: no such file, or not a video that can be read.
    """
    path = path.absolute()
    if not _is_text(path):  # databases, tables and other machines could not name it
        raise MediaError(
            "the name of this file or of its folder is no text",
            where=display_name(path.name),
            expected="UTF-8",
            received=ascii(path.name),
            remedy="Rename it.",
        )
    size = file_size(path)
    index = index_video(path)
    sha256 = _digest(path, size, tell)
    state = path.stat()
    return Examined(path, state.st_size, state.st_mtime_ns, sha256, index)


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _digest(path: Path, size: int, tell: Tell | None) -> str:
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if tell is not None:
                tell(display_name(path.name), done / max(size, 1))
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file of any length."""
    return _digest(path, path.stat().st_size, None)


def fault_of(recording: StudyRecording, *, thoroughly: bool = False) -> str:
    """Why a recording's file is not the one that was added, in a sentence; "" where it is.

    Args:
        recording: which.
        thoroughly: look at its contents also where size and time of change are the same.
    """
    try:
        state = recording.path.stat()
    except OSError as error:
        return str(
            MediaError(
                "the video is not there any more",
                where=recording.path,
                received=error.strerror or type(error).__name__,
                remedy="Bring it back to its place; what was read of it is kept.",
            )
        )
    same = (state.st_size, state.st_mtime_ns) == (recording.bytes, recording.modified_ns)
    if same and not thoroughly:
        return ""
    if state.st_size == recording.bytes and file_digest(recording.path) == recording.sha256:
        return ""
    return str(
        MediaError(
            "the video has changed since it was added",
            where=recording.path,
            expected=f"{recording.bytes:,} bytes, SHA-256 {recording.sha256[:12]}…",
            received=f"{state.st_size:,} bytes",
            remedy="Bring the old one back, or remove the recording and add this one.",
        )
    )


def require_pictures(recording: StudyRecording) -> None:
    """Refuse what needs the pictures of a recording that never had any.

    Raises:
        MediaError: it was recorded live.
    """
    if recording.is_live:
        raise MediaError(
            "a live recording has no pictures",
            where=recording.name,
            remedy="Its rows are all that was kept: use its lanes, timeline and tables.",
        )


def name_for(path: Path, taken: Iterable[str]) -> str:
    """A recording's name, from its file's: letters, digits, ``-``, ``_`` and ``.``, not taken."""
    stem = display_name(path.name).rsplit(".", 1)[0]
    plain = re.sub(r"[^\w.-]+", "_", stem).strip("._-")[:60] or "recording"
    used = {name.lower() for name in taken}  # some file systems do not tell cases apart
    name, number = plain, 1
    while name.lower() in used:
        number += 1
        name = f"{plain}_{number}"
    return name
