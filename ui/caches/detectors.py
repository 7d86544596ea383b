"""Face detectors, one for each thread."""

import threading

from fer_core.faces import Detector, fallback_reason, known_detectors, make_detector

_thread = threading.local()


def detector(name: str, *, photos: bool = False) -> Detector:
    """The calling thread's own face detector: OpenCV's keep state while they search.

    Never waits for the internet. Where a detector's weights are missing, their fetch starts in the
    background, its stand-in comes in its place, and the first call after they arrive gives it.

    Args:
        name: one of `fer_core.faces.detectors`.
        photos: also find small faces in large pictures, which takes longer.

    Returns:
        A detector whose `name` says which one is really on; see `detector_reason`.

    Raises:
        MienError: no detector can be loaded at all; the page shows its sentence.
    """
    kept: dict[tuple[str, bool], Detector] = _thread.__dict__.setdefault("detectors", {})
    found = kept.get((name, photos))
    missing = known_detectors()[name].missing
    # Looking for what was missing costs less than a new stand-in.
    if found is None or (found.name != name and missing and missing.is_ready()):
        found = kept[name, photos] = make_detector(name, photos=photos)
    if found.name != name and missing:
        missing.fetch()
    return found


def detector_reason(name: str) -> str:
    """Why another detector than ``name`` is on, as a sentence; empty where it is the one."""
    return fallback_reason(name, detector(name))
