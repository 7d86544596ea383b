"""Faces in an image: detection and crops."""

from fer_core.faces.crops import InputSpec, crop_faces, crop_square, fit_face, fit_faces
from fer_core.faces.detection import LANDMARKS, Detector, Faces

__all__ = [
    "LANDMARKS",
    "Detector",
    "Faces",
    "InputSpec",
    "crop_faces",
    "crop_square",
    "fit_face",
    "fit_faces",
]
