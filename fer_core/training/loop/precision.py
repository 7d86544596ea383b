"""float32 or bfloat16: whichever is faster on this processor."""

import math
from time import perf_counter

from fer_core.training.loop.learner import build_learner
from fer_core.training.loop.training_set import TrainingSet

_FASTER = 1.1
"""bfloat16 must win by this much: it costs accuracy at the last digit and timing is noisy."""


def choose_precision(training_set: TrainingSet) -> str:
    """The policy to compute in, as the job asks; ``auto``: a few steps are timed in each.

    Processors with AMX or AVX512-bf16 may gain; without, bfloat16 is ten times slower.
    """
    job = training_set.job
    if job.precision != "auto":
        return job.precision
    batch = training_set.batches(job.recipe.epochs - 1)[0]  # the largest side, if they differ
    models = {policy: build_learner(job, policy, 100) for policy in ("float32", "mixed_bfloat16")}
    fastest = dict.fromkeys(models, math.inf)
    for attempt in range(7):  # in turns and by the fastest step: other work disturbs both alike
        for policy, model in models.items():
            start = perf_counter()
            model.train_on_batch(*batch)
            if attempt:  # the first one builds the graph
                fastest[policy] = min(fastest[policy], perf_counter() - start)
    ratio = fastest["float32"] / fastest["mixed_bfloat16"]
    chosen = "mixed_bfloat16" if ratio >= _FASTER else "float32"
    job.report(f"{job.arch.slug}: bfloat16 runs at {ratio:.2f} times float32's speed: {chosen}")
    return chosen
