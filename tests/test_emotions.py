"""The seven classes and their looks."""

from itertools import combinations

import numpy as np
import pytest
from colorspacious import cspace_convert

from fer_core.emotions import LABELS, Emotion, valence

VISION = {
    "normal": None,
    "deuteranopia": {"name": "sRGB1+CVD", "cvd_type": "deuteranomaly", "severity": 100},
    "protanopia": {"name": "sRGB1+CVD", "cvd_type": "protanomaly", "severity": 100},
}


def test_labels_are_in_the_order_of_fer2013() -> None:
    assert LABELS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    assert [Emotion(column).label for column in range(7)] == list(LABELS)


@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart_for_every_eye(vision: str) -> None:
    colours = np.array([emotion.style.rgb for emotion in Emotion]) / 255
    space = VISION[vision]
    seen = cspace_convert(colours, space, "sRGB1") if space else colours
    points = cspace_convert(np.clip(seen, 0, 1), "sRGB1", "CAM02-UCS")
    nearest = min(float(np.linalg.norm(a - b)) for a, b in combinations(points, 2))
    assert nearest >= 17.5


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("emotion", Emotion)
def test_text_can_be_read_on_its_colour(emotion: Emotion) -> None:
    pair = sorted(_luminance(colour) for colour in (emotion.style.colour, emotion.style.ink))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 5.85  # WCAG asks for 4.5


def test_dashes_and_markers_differ() -> None:
    assert len({emotion.style.dash for emotion in Emotion}) == len(Emotion)
    assert len({emotion.style.marker for emotion in Emotion}) == len(Emotion)


def test_valence_by_hand() -> None:
    rows = np.full((3, 7), 0.05)
    rows[[0, 1, 2], [Emotion.HAPPY, Emotion.FEAR, Emotion.SURPRISE]] = 0.7
    assert valence(rows) == pytest.approx([0.65, -0.65, 0.0])
    assert np.isnan(valence(np.full((1, 7), np.nan))).all()
