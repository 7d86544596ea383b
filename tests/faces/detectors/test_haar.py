"""Haar: what is said where OpenCV has lost its cascades."""

import pytest

from fer_core.errors import DetectorError
from fer_core.faces import HaarDetector


def test_haar_says_what_is_missing_without_its_cascade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fer_core.faces.detectors.haar.CASCADE", "gone.xml")
    with pytest.raises(DetectorError, match=r"requirements\.txt"):
        HaarDetector()
