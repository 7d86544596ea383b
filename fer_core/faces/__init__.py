"""Faces in an image and from frame to frame: detection, crops, tracking."""

from fer_core.faces.boxes import pairwise_iou
from fer_core.faces.crops import (
    CROP_MARGIN,
    InputSpec,
    Restoration,
    crop_faces,
    crop_square,
    to_network_input,
    to_network_inputs,
    trained_input,
)
from fer_core.faces.detection import LANDMARKS, Detector, Faces
from fer_core.faces.detectors import DetectorEntry, fallback_reason, known_detectors, make_detector
from fer_core.faces.detectors.haar import HaarDetector
from fer_core.faces.detectors.none import WholeImage
from fer_core.faces.detectors.yunet import LIVE_PASSES, PHOTO_PASSES, YuNetDetector
from fer_core.faces.restoration import SIDE_PX as RESTORED_SIDE_PX
from fer_core.faces.tracking import FaceTracker, match_best
from fer_core.faces.weights import (
    YUNET_FILE,
    FetchState,
    background_fetch,
    cache_folder,
    fetch_yunet,
    yunet_weights,
)

__all__ = [
    "CROP_MARGIN",
    "LANDMARKS",
    "LIVE_PASSES",
    "PHOTO_PASSES",
    "RESTORED_SIDE_PX",
    "YUNET_FILE",
    "Detector",
    "DetectorEntry",
    "FaceTracker",
    "Faces",
    "FetchState",
    "HaarDetector",
    "InputSpec",
    "Restoration",
    "WholeImage",
    "YuNetDetector",
    "background_fetch",
    "cache_folder",
    "crop_faces",
    "crop_square",
    "fallback_reason",
    "fetch_yunet",
    "known_detectors",
    "make_detector",
    "match_best",
    "pairwise_iou",
    "to_network_input",
    "to_network_inputs",
    "trained_input",
    "yunet_weights",
]
