"""Drawn faces, and a training of them that has ended."""

from pathlib import Path

import pytest

from fer_core.dataset import Fer2013
from fer_core.training.artifacts.candidate import write_candidate
from fer_core.training.loop.fit import train
from tests.training.drawn import drawn_faces, job_of


@pytest.fixture(scope="module")
def data() -> Fer2013:
    return drawn_faces()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, data: Fer2013) -> Path:
    """A run of three epochs with its candidate."""
    run = tmp_path_factory.mktemp("runs") / "triple"
    job = job_of(run)
    write_candidate(job, train(job, data), data)
    return run
