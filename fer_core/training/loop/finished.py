"""Whether a training is over, so that it need not be gone on with."""

import numpy as np

from fer_core.dataset import Fer2013
from fer_core.errors import ModelError
from fer_core.evaluation.summary import read_history
from fer_core.training.artifacts.folder import CANDIDATE, check_candidate
from fer_core.training.loop.checkpoint import load_checkpoint
from fer_core.training.loop.job import TrainingJob


def is_finished(job: TrainingJob, data: Fer2013) -> bool:
    """Whether a job's run has ended with the candidate that it was to have.

    Raises:
        TrainingError: the run is of other settings.
    """
    saved = load_checkpoint(job.run, job.settings(data.fingerprint), replan=job.replan)
    if saved is None or saved.progress.epoch < job.last_epoch:
        return False
    candidate = job.run / CANDIDATE
    try:
        check_candidate(candidate, job.arch.slug)
        kept = read_history(candidate)["seconds"]
    except ModelError:  # none, or it is damaged: it is written again
        return False
    # One of an earlier training in the same folder stays until the next is whole.
    seconds = [row["seconds"] for row in saved.progress.history]
    return len(kept) == len(seconds) and np.allclose(kept, seconds, rtol=1e-4)
