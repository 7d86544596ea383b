"""External packages under corruptions: the faces that our networks are measured on."""

from pathlib import Path

import pytest

from fer_core.dataset import Fer2013
from fer_core.errors import ModelError
from fer_core.evaluation.external import EXTERNAL_FOLDER
from fer_core.evaluation.external.robustness import (
    measure_external_robustness,
    read_external_robustness,
    write_external_robustness,
)
from fer_core.evaluation.robustness import (
    AS_IT_IS,
    ROBUSTNESS_FILE,
    SETTINGS,
    measure_robustness,
)
from fer_core.zoo import load_classifier
from tests.evaluation.external.conftest import N


def test_it_is_measured_on_the_conditions_of_our_networks(
    installed: None, data: Fer2013, tiny_models: Path
) -> None:
    told: list[tuple[int, int]] = []
    rows = measure_external_robustness(
        "human", data, every=3, progress=lambda *counts: told.append(counts)
    )
    ours = measure_robustness([load_classifier(tiny_models / "tiny")], data, every=3)
    assert [(row.condition, row.severity, row.n) for row in rows] == [
        (row.condition, row.severity, row.n) for row in ours
    ]
    assert told == [(number, SETTINGS) for number in range(1, SETTINGS + 1)]
    assert (rows[0].condition, rows[0].accuracy, rows[0].n) == (AS_IT_IS, 1.0, N // 3)
    assert min(row.accuracy for row in rows) < 1  # a bar that is covered cannot be read
    assert {(row.name, row.version) for row in rows} == {("human", "1.2.3")}


def test_rows_replace_those_of_the_same_package(
    installed: None, data: Fer2013, tmp_path: Path
) -> None:
    assert read_external_robustness(tmp_path) == []
    human = measure_external_robustness("human", data, every=7)
    other = measure_external_robustness("deepface", data, every=7)
    write_external_robustness(tmp_path, human)
    write_external_robustness(tmp_path, other)
    path = write_external_robustness(tmp_path, human[:1])
    assert path == tmp_path / EXTERNAL_FOLDER / ROBUSTNESS_FILE
    assert read_external_robustness(tmp_path) == [*other, human[0]]
    path.write_text("name,version\nfer,1\n")
    with pytest.raises(ModelError, match="external NAME --robustness"):
        read_external_robustness(tmp_path)
