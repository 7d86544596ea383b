"""Charts of one face of a recording, live or from a file, with their captions."""

from collections.abc import Mapping
from typing import Any

from fer_core.charts import dwell_figure, transitions_figure, valence_figure
from fer_core.pipeline.recording import Recording, Stretch, dwell_seconds, transitions
from ui.widgets.figure import show_figure
from ui.widgets.timeline import clock


def show_valence(recording: Recording, face: int, key: str, **options: Any) -> None:
    """Valence over time.

    Args:
        recording: what was recorded.
        face: track id of one of its faces.
        key: of the chart.
        options: of `show_figure`.
    """
    show_figure(
        valence_figure(recording, face),
        key,
        "Derived: *happy* less the strongest of *angry*, *disgust*, *fear* and *sad*.",
        alt=f"Valence of face {face}, -1 to 1, over {clock(recording.duration_s)} minutes",
        **options,
    )


def show_dwell(parts: tuple[Stretch, ...], face: int, key: str) -> None:
    """How long the face showed what.

    Args:
        parts: its stretches.
        face: its track id.
        key: of the chart.
    """
    seconds = dwell_seconds(parts)
    show_figure(
        dwell_figure(seconds),
        key,
        "Times in which the face was not seen are left out.",
        alt=dwell_words(face, seconds),
    )


def show_transitions(parts: tuple[Stretch, ...], face: int, key: str) -> None:
    """What the face showed after what.

    Args:
        parts: its stretches.
        face: its track id.
        key: of the chart.
    """
    show_figure(
        transitions_figure(transitions(parts)),
        key,
        "How often one directly followed the other; short unsure stretches are bridged.",
        alt=f"How often one expression of face {face} directly followed another",
    )


def dwell_words(face: int, seconds: Mapping[str, float]) -> str:
    """The bars of `dwell_figure` for people who do not see them: the longest first."""
    shown = sorted((item for item in seconds.items() if item[1]), key=lambda item: -item[1])
    return f"How long face {face} showed what: " + ", ".join(
        f"{state} {value:.1f} s" for state, value in shown
    )
