"""Timing a few steps of a training before it is started."""

import sys
from time import perf_counter

import numpy as np

from fer_core.runs.cost import Cost
from fer_core.training.loop.job import TrainingJob
from fer_core.training.loop.learner import EVALUATION_BATCH, build_learner
from fer_core.training.loop.training_set import TrainingSet, batch_teacher

_STEPS, _MOST_S = 6, 20.0


def time_training(training_set: TrainingSet) -> Cost:
    """Learn from a few batches and read some faces, with a network that is then thrown away.

    Raises:
        TrainingError: the recipe does not fit the network.
        ModelError: the recipe's teacher is not sound.
    """
    job = training_set.job
    policy = "float32" if job.precision == "auto" else job.precision
    model = build_learner(job, policy, 100)
    batches = training_set.batches(job.recipe.epochs - 1, batch_teacher(job, policy))
    times, begun = [], perf_counter()
    for number in range(min(_STEPS, len(batches))):
        start = perf_counter()
        model.train_on_batch(*batches[number])
        times.append(perf_counter() - start)
        if perf_counter() - begun > _MOST_S:
            break
    return Cost(
        # The first one builds the graph; the fastest, as other work disturbs whichever it meets.
        step_s=min(times[1:] or times),
        face_s=_face_s(job, model),
        peak_megabytes=_peak_megabytes(),
    )


def _face_s(job: TrainingJob, model: object) -> float:
    faces = np.zeros((EVALUATION_BATCH, *job.input().shape), np.float32)
    best = float("inf")
    for _ in range(3):
        start = perf_counter()
        model.predict_on_batch(faces)  # type: ignore[attr-defined]  # Keras has no types
        best = min(best, perf_counter() - start)
    return best / len(faces)


def _peak_megabytes() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
