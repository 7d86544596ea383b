"""How a training is, in words."""

from collections import Counter

from fer_core.evaluation.families import in_per_cent
from fer_core.metrics import spread
from fer_core.runs.families import RunFamily
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

_PLURAL: dict[Condition, str] = {
    "waiting": "wait",
    "finished": "have ended",
    "failed": "did not get to their end",
    "killed": "were ended from outside",
}
"""Of what several seeds can be at once."""


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


def share_done(condition: Condition, snapshot: Snapshot | None) -> float:
    """Of a training's planned epochs, 0 to 1."""
    if condition == "finished":
        return 1.0
    return snapshot.share if snapshot else 0.0


def share_of_family(family: RunFamily) -> float:
    """Of all epochs of all seeds, 0 to 1."""
    conditions = family.conditions().values()
    shares = [
        share_done(condition, run.snapshot())
        for run, condition in zip(family.runs, conditions, strict=True)
    ]
    return sum(shares) / len(shares)


def how_far_family(family: RunFamily) -> str:
    """One line: how many seeds are where, and the mean of the best so far."""
    conditions = family.conditions()
    counts = Counter(conditions.values())
    words = [f"{len(conditions)} seeds"]
    for state in STATES:
        if state not in counts:
            continue
        seeds = [seed for seed, condition in conditions.items() if condition == state]
        if counts[state] == len(conditions):
            words.append(f"each {STATES[state][1]}")
        elif len(seeds) == 1:
            words.append(f"seed {seeds[0]} {STATES[state][1]}")
        else:
            words.append(f"{len(seeds)} {_PLURAL.get(state, STATES[state][1])}")
    best = [best_so_far(run) for run in family.runs]
    known = [value for value in best if value is not None]
    if len(known) > 1:
        words.append(f"best on average {in_per_cent(spread(known))}")
    elif known:
        words.append(f"best {known[0]:.1%}")
    return " · ".join(words)


def best_so_far(run: Run) -> float | None:
    """Its best accuracy on the validation faces; None before the first whole epoch."""
    history = run.history()
    return float(history["val_accuracy"].max()) if len(history) else None
