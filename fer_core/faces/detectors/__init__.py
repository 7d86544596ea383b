"""Face detectors by name, a file each.

A new one is a file here with a decorated function of the file's name, which opens it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from fer_core.errors import DetectorError
from fer_core.faces.detection import Detector
from fer_core.registry import Registry


class OpenDetector(Protocol):
    """Opens a detector for the thread that asks."""

    def __call__(self, *, photos: bool, download: bool) -> Detector:
        """See `make_detector`; DetectorError where it cannot be opened."""
        ...


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a detector waits for something that has to be fetched.

    Attributes:
        is_ready: whether all it needs is here; looks at the disk at most.
        reason: the end of a sentence that begins with "... finds the faces", while it is not on.
        fetch: starts to fetch what is missing and returns at once; may be called with each frame.
    """

    is_ready: Callable[[], bool]
    reason: Callable[[], str]
    fetch: Callable[[], None]


@dataclass(frozen=True, slots=True)
class DetectorEntry:
    """A detector before it is opened.

    Attributes:
        name: in `--detector`, results and files.
        title: for people.
        hint: what is special about it, shown behind the title where one chooses.
        needs: what it needs beside OpenCV; empty for nothing.
        rank: the lowest comes first in lists and is the default.
        open: opens it.
        searches: it looks for faces; not offered on pages otherwise.
        missing: about what it has to fetch; None where there is nothing.
        stand_in: name of the detector that is on while this one cannot be opened.
        sightings: of five successive frames of live video, in how many a face must be found before
            it is shown; more than 1 for a detector that takes textures for faces now and then.
    """

    name: str
    title: str
    hint: str
    needs: str
    rank: int
    open: OpenDetector
    searches: bool = True
    missing: Missing | None = None
    stand_in: str = ""
    sightings: int = 1


_DETECTORS: Registry[DetectorEntry] = Registry("face detector", __name__, DetectorError)


def detector(
    *,
    title: str,
    hint: str,
    rank: int,
    needs: str = "",
    searches: bool = True,
    missing: Missing | None = None,
    stand_in: str = "",
    sightings: int = 1,
) -> Callable[[OpenDetector], OpenDetector]:
    """Register the decorated function under its own name; see `DetectorEntry`."""

    def register(opens: OpenDetector) -> OpenDetector:
        name = opens.__name__  # type: ignore[attr-defined]  # a Protocol does not say so
        _DETECTORS.add(
            name,
            DetectorEntry(
                name,
                title,
                hint,
                needs,
                rank,
                opens,
                searches=searches,
                missing=missing,
                stand_in=stand_in,
                sightings=sightings,
            ),
        )
        return opens

    return register


def known_detectors() -> dict[str, DetectorEntry]:
    """All registered detectors by name, the best first."""
    return dict(sorted(_DETECTORS.entries().items(), key=lambda item: item[1].rank))


def make_detector(name: str = "yunet", *, photos: bool = False, download: bool = False) -> Detector:
    """A new detector, for the thread that asks.

    Args:
        name: one of `known_detectors`.
        photos: look longer and find smaller faces, as photos and large video files want; False is
            for live video.
        download: fetch weights where they are missing (seconds; never while a frame waits).
            Where they cannot be fetched, the stand-in comes all the same.

    Returns:
        The detector; its `name` tells whether it is the one asked for, `fallback_reason` why not.

    Raises:
        DetectorError: an unknown name, or nothing that could stand in can be opened either.
    """
    entry = _DETECTORS[name]
    try:
        return entry.open(photos=photos, download=download)
    except DetectorError:
        if not entry.stand_in:
            raise
    # `fallback_reason` says why; most faces are found until then.
    return make_detector(entry.stand_in, photos=photos, download=download)


def fallback_reason(asked: str, detector: Detector) -> str:
    """Why another detector than the one asked for is on, as a sentence; empty where it is not."""
    missing = _DETECTORS[asked].missing
    if detector.name == asked or missing is None:
        return ""
    return f"{_DETECTORS[detector.name].title} finds the faces{missing.reason()}."
