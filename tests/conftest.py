"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

from tests.tiny import write_tiny_folder


@pytest.fixture
def tiny_models(tmp_path: Path) -> Path:
    """A models folder with two sound tiny models, `tiny` and `tiny_b`."""
    models = tmp_path / "models"
    write_tiny_folder(models, "tiny", seed=0)
    write_tiny_folder(models, "tiny_b", seed=1)
    return models
