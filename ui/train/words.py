"""How a training is, in words."""

from fer_core.runs.run import Condition, Run
from fer_core.runs.snapshot import Snapshot

STATES: dict[Condition, tuple[str, str]] = {
    "waiting": (":material/schedule:", "waits"),
    "starting": (":material/hourglass_top:", "starts"),
    "learning": (":material/model_training:", "learns"),
    "validating": (":material/fact_check:", "reads the validation faces"),
    "finishing": (":material/inventory:", "is written and measured"),
    "paused": (":material/pause_circle:", "is paused"),
    "finished": (":material/check_circle:", "has ended"),
    "failed": (":material/error:", "did not get to its end"),
    "killed": (":material/power_off:", "was ended from outside"),
}
"""A sign and words for each condition."""


def stage_of(condition: Condition) -> str:
    """What a person can do with it changes only from one of these to the next."""
    if condition in ("starting", "learning", "validating", "paused"):
        return "running"
    return condition


def duration(seconds: float) -> str:
    """About how long, as people say it."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def how_far(run: Run, condition: Condition, snapshot: Snapshot | None) -> str:
    """One line: how it is, which epoch, the best so far, and the time left."""
    words = [STATES[condition][1]]
    history, epochs = run.history(), run.order().epochs
    if condition in ("learning", "validating", "paused") and snapshot is not None:
        words.append(f"epoch {snapshot.epoch} of {epochs}")
    elif len(history):
        words.append(f"epoch {len(history)} of {epochs}")
    if len(history):
        best = int(history["val_accuracy"].argmax())
        words.append(f"best {history['val_accuracy'][best]:.1%} after epoch {best + 1}")
    if condition == "learning" and snapshot is not None and snapshot.left_s is not None:
        words.append(f"about {duration(snapshot.left_s)} left")
    return " · ".join(words)
