"""Times of external packages stay beside those of our networks."""

from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.speed import read_speed, write_speed
from tests.tiny import tiny_speed


def test_a_package_that_was_not_measured_again_stays(tmp_path: Path) -> None:
    write_speed(tmp_path, tiny_speed("tiny", external="fer"))
    write_speed(tmp_path, tiny_speed("tiny"))
    write_speed(tmp_path, tiny_speed("tiny", external="human"))
    report = read_speed(tmp_path)
    assert report is not None
    assert set(report.external) == {"fer", "human"}
    assert report.relative_time("human", 16) == 0.25


def test_packages_alone_leave_our_networks_as_they_were(tiny_models: Path) -> None:
    ours = tiny_speed("tiny", models=tiny_models)
    write_speed(tiny_models, ours)
    write_speed(tiny_models, tiny_speed(external="human"))
    report = read_speed(tiny_models)
    assert report is not None
    assert report.models == ours.models
    assert set(report.external) == {"human"}


def test_another_reference_time_forgets_packages_and_takes_none_alone(tmp_path: Path) -> None:
    write_speed(tmp_path, tiny_speed("tiny", external="fer"))
    yunet = {"detector": "yunet"}
    with pytest.raises(ModelError, match="expected a reference time of haar and tiny"):
        write_speed(tmp_path, tiny_speed(external="human").model_copy(update=yunet))
    write_speed(tmp_path, tiny_speed("tiny", external="human").model_copy(update=yunet))
    report = read_speed(tmp_path)
    assert report is not None
    assert set(report.external) == {"human"}
