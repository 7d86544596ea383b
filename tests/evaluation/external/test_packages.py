"""Every registered package keeps one contract, installed or not."""

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.external import get_package, known_packages, open_package
from fer_core.registry import file_names


@pytest.mark.parametrize("name", known_packages())
def test_a_package_answers_in_probabilities_or_says_how_to_get_it(name: str) -> None:
    package = get_package(name)
    assert package.name == name
    assert package.title
    assert package.source
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), np.uint8)
    try:
        with open_package(name) as network:
            version, found = network.version, network.probabilities(faces)
    except ModelError as error:
        version, found = str(error), np.full((3, 7), 1 / 7)
        assert package.needs in version  # installed or not, both are right
    assert version
    assert found.shape == (3, 7)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=0.05)


def test_the_names_are_those_of_the_files() -> None:
    # The command line lists files, so that `--help` imports none of them.
    assert sorted(known_packages()) == list(file_names("fer_core.evaluation.external.packages"))


def test_an_unknown_package_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match="deepface, face_api, fer, human"):
        get_package("azure")
