"""Words for a recording's charts: for people who do not see them, and for times."""

from collections.abc import Mapping

from fer_core.pipeline.recording import Recording


def clock(seconds: float) -> str:
    """``1:05`` for 65 seconds, ``1:00:05`` for an hour and five."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def timeline_words(recording: Recording, face: int) -> str:
    """The timeline for people who do not see it."""
    return (
        f"Share of each of the seven expressions of face {face}, stacked, over "
        f"{clock(recording.duration_s)} minutes"
    )


def valence_chart_words(recording: Recording, face: int) -> str:
    """The valence chart for people who do not see it."""
    return f"Valence of face {face}, -1 to 1, over {clock(recording.duration_s)} minutes"


def dwell_words(face: int, seconds: Mapping[str, float]) -> str:
    """The bars of `dwell_figure` for people who do not see them: the longest first."""
    shown = sorted((item for item in seconds.items() if item[1]), key=lambda item: -item[1])
    return f"How long face {face} showed what: " + ", ".join(
        f"{state} {value:.1f} s" for state, value in shown
    )


def transitions_words(face: int) -> str:
    """The matrix of `transitions_figure` for people who do not see it."""
    return f"How often one expression of face {face} directly followed another; in the JSON file"
