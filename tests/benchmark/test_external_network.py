"""An outside package's time for a face: the child's and the parent's side of the conversation."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.benchmark import models as network_times
from fer_core.benchmark.external_network import PeerTimer, serve_times
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
    def probabilities(self, faces):
        time.sleep(0.002 * len(faces))
serve_times(Slow(), "1.2", sys.stdin, sys.stdout)
"""


class Counting:
    """A network that notes how many faces it got."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        assert (faces.shape[1:], faces.dtype) == ((48, 48), np.uint8)
        self.counts.append(len(faces))
        return np.full((len(faces), 7), 1 / 7)


def test_the_child_answers_each_question_with_so_many_times() -> None:
    network, answers = Counting(), io.StringIO()
    questions = io.StringIO('{"faces": 1, "runs": 3}\n{"faces": 4, "runs": 2}\n')
    serve_times(network, "1.2", questions, answers)
    version, one, four = (json.loads(line) for line in answers.getvalue().splitlines())
    assert version == {"version": "1.2"}
    assert (len(one["ms"]), len(four["ms"])) == (3, 2)
    assert network.counts == [1, 1, 1, 4, 4]


def test_networks_and_package_take_turns(
    tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_times, "ROUNDS", 2)
    network = load_classifier(tiny_models / "tiny")
    with PeerTimer("fer", other_python(tmp_path, CHILD)) as peer:
        assert peer.version == "1.2"
        report = network_times.measure_models([network], HaarDetector(), network, peer=peer)
    assert set(report.peers) == {"fer"}
    assert set(report.peers["fer"].ms_per_face) == set(BATCHES)
    time_ms = report.peers["fer"].ms_per_face[1]
    assert time_ms >= 2  # as long as it sleeps
    assert report.relative_time("fer") == pytest.approx(time_ms / report.yardstick_ms, rel=0.01)


@pytest.mark.parametrize("script", ["raise SystemExit('no fer here')", "print('hello')", ""])
def test_an_environment_that_cannot_answer_is_named(tmp_path: Path, script: str) -> None:
    with pytest.raises(ModelError, match="did not answer"):
        PeerTimer("fer", other_python(tmp_path, script))
    with pytest.raises(ModelError, match="did not answer"):
        PeerTimer("fer", tmp_path / "nowhere")


def test_a_package_that_ends_in_between_is_named(tmp_path: Path) -> None:
    script = "import json; print(json.dumps({'version': '1'}))"
    with (
        PeerTimer("fer", other_python(tmp_path, script)) as peer,
        pytest.raises(ModelError, match="did not answer"),
    ):
        peer.times_ms(1, 1)
