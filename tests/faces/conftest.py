"""Fixtures for tests of faces."""

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """(512, 512, 3) RGB: one frontal face."""
    return np.asarray(data.astronaut(), np.uint8)
