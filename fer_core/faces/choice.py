"""Detectors by name."""

from typing import Literal, get_args

from fer_core.errors import DetectorError
from fer_core.faces.detection import Detector
from fer_core.faces.haar import LIVE_PX, PHOTO_PX, HaarDetector
from fer_core.faces.weights import background_fetch, yunet_weights
from fer_core.faces.whole import WholeImage
from fer_core.faces.yunet import LIVE_PASSES, PHOTO_PASSES, YuNetDetector

DetectorName = Literal["yunet", "haar", "none"]
DETECTORS: tuple[str, ...] = get_args(DetectorName)
"""All names, the best first."""


def make_detector(name: str = "yunet", *, photos: bool = False, download: bool = False) -> Detector:
    """A new detector, for the thread that asks.

    Args:
        name: one of `DETECTORS`.
        photos: look longer and find smaller faces, as photos want; False is for live video.
        download: fetch YuNet's weights where they are missing (seconds; never while a frame
            waits). Where they cannot be fetched, Haar comes in their place all the same.

    Returns:
        The detector; its `name` tells whether it is the one asked for, `fallback_reason` why not.

    Raises:
        DetectorError: an unknown name, or OpenCV without its cascades.
    """
    if name not in DETECTORS:
        raise DetectorError(
            "unknown face detector",
            expected=", ".join(DETECTORS),
            received=name,
            remedy="Choose one of these.",
        )
    if name == "none":
        return WholeImage()
    if name == "yunet":
        try:
            weights = yunet_weights(download=download)
            if weights is not None:
                return YuNetDetector(weights, passes=PHOTO_PASSES if photos else LIVE_PASSES)
        except DetectorError:
            pass  # `fallback_reason` says why; Haar finds most faces until then
    return HaarDetector(longer_px=PHOTO_PX if photos else LIVE_PX)


def fallback_reason(asked: str, detector: Detector) -> str:
    """Why another detector than the one asked for is on, as a sentence; empty where it is not."""
    if detector.name == asked:
        return ""
    state = background_fetch.state
    if state.step == "failed":
        return f"Haar finds the faces, because {state.sentence}"
    if state.step == "running":
        return "Haar finds the faces while the YuNet face detector is being fetched."
    if state.step == "done":
        return "Haar finds the faces for now; YuNet is ready and comes next."
    return "Haar finds the faces, because YuNet's weights have not been fetched yet."
