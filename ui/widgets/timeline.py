"""Words for a recording's charts: for people who do not see them, and for times."""

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
