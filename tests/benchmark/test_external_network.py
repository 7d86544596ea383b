"""An external package's time for a face: the child's and the parent's side of the conversation."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.benchmark import models as network_times
from fer_core.benchmark.external_network import ExternalTimer, serve_times
from fer_core.errors import ModelError
from fer_core.evaluation.speed import BATCHES
from fer_core.faces import HaarDetector
from fer_core.zoo import load_classifier
from tests.benchmark.test_external_video import other_python

ROOT = Path(__file__).resolve().parents[2]

CHILD = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from fer_core.benchmark.external_network import serve_times
class Slow:
    version = "1.2"
    def probabilities(self, faces):
        time.sleep(0.002 * len(faces))
serve_times(Slow(), sys.stdin, sys.stdout)
"""


class Counting:
    """A network that notes how many faces it got."""

    version = "1.2"

    def __init__(self) -> None:
        self.counts: list[int] = []

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        assert (faces.shape[1:], faces.dtype) == ((48, 48), np.uint8)
        self.counts.append(len(faces))
        return np.full((len(faces), 7), 1 / 7)


def test_the_child_answers_each_question_with_so_many_times() -> None:
    network, answers = Counting(), io.StringIO()
    questions = io.StringIO('{"faces": 1, "runs": 3}\n{"faces": 4, "runs": 2}\n')
    serve_times(network, questions, answers)
    version, one, four = (json.loads(line) for line in answers.getvalue().splitlines())
    assert version == {"version": "1.2"}
    assert (len(one["ms"]), len(four["ms"])) == (3, 2)
    assert network.counts == [1, 1, 1, 4, 4]


def test_a_network_behind_a_pipe_times_itself() -> None:
    class Piped(Counting):
        def milliseconds(self, faces: NDArray[np.uint8]) -> float:
            return 2.5 * len(faces)

    network, answers = Piped(), io.StringIO()
    serve_times(network, io.StringIO('{"faces": 4, "runs": 2}\n'), answers)
    assert json.loads(answers.getvalue().splitlines()[1]) == {"ms": [10, 10]}
    assert network.counts == []


@pytest.mark.slow
def test_networks_and_package_take_turns(
    tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_times, "ROUNDS", 2)
    network = load_classifier(tiny_models / "tiny")
    with ExternalTimer("fer", other_python(tmp_path, CHILD)) as package:
        assert package.version == "1.2"
        report = network_times.measure_models(
            [network], HaarDetector(), network, external=[package]
        )
    assert set(report.external) == {"fer"}
    assert report.external["fer"].version == "1.2"
    assert report.external["fer"].yardstick_ms == report.yardstick_ms
    assert set(report.external["fer"].ms_per_face) == set(BATCHES)
    time_ms = report.external["fer"].ms_per_face[1]
    assert time_ms >= 2  # as long as it sleeps
    assert report.relative_time("fer") == pytest.approx(time_ms / report.yardstick_ms, rel=0.01)


@pytest.mark.parametrize("script", ["raise SystemExit('no fer here')", "print('hello')", ""])
def test_an_environment_that_cannot_answer_is_named(tmp_path: Path, script: str) -> None:
    with pytest.raises(ModelError, match="did not answer"):
        ExternalTimer("fer", other_python(tmp_path, script))
    with pytest.raises(ModelError, match="did not answer"):
        ExternalTimer("fer", tmp_path / "nowhere")


def test_a_package_that_ends_in_between_is_named(tmp_path: Path) -> None:
    script = "import json; print(json.dumps({'version': '1'}))"
    with (
        ExternalTimer("fer", other_python(tmp_path, script)) as package,
        pytest.raises(ModelError, match="did not answer"),
    ):
        package.times_ms(1, 1)
