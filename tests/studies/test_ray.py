"""Reading by a Ray cluster on loopback: the same bytes, the same answers, and its end is told."""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import Popen, run

import pytest
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.errors import StudyError
from fer_core.studies.engines.local import local_engine
from fer_core.studies.engines.ray import ray_engine
from fer_core.studies.lead import Ended, run_study
from fer_core.studies.progress import progress_of
from fer_core.synthetic.scenes import drawn_heads
from tests.studies.conftest import MakeStudy
from tests.studies.drawn import write_faces
from tests.studies.test_run import attempts, files_of
from tests.studies.workers import LOOPBACK, ROOT, listening_addresses, ray_cluster, session_of

Cluster = tuple[str, "Popen[bytes]"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Three worker processes; its address, and the process that all of it belongs to."""
    with ray_cluster(3) as (address, head):
        yield address, head


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LOOPBACK.items():
        monkeypatch.setenv(name, value)


def kill_a_reader(session: int, killed: list[int]) -> None:
    """End one process of a Ray cluster in the middle of a part."""
    while not killed:
        for pid in session_of(session):
            with suppress(OSError):
                if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"ray::read_remotely"):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                    return


def test_without_ray_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fer_core.studies.engines.ray.find_spec", lambda name: None)
    with pytest.raises(StudyError, match=r"requirements-ray\.txt"):
        ray_engine("auto")


def test_ray_reports_to_nobody_whatever_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    program = """
import os, sys, types
from fer_core.studies.engines import ray as engine
class Ray(types.ModuleType):  # what is set by the time that it is asked for
    def init(self, **options):
        self.told, self.own = options["runtime_env"]["env_vars"], dict(os.environ)
ray = sys.modules["ray"] = Ray("ray")
engine._knock = lambda address: None
with engine.connected(engine.Speaker(), "127.0.0.1:9"):
    assert ray.told["RAY_USAGE_STATS_ENABLED"] == ray.own["RAY_USAGE_STATS_ENABLED"] == "0"
"""
    command = [sys.executable, "-c", program]
    done = run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_cluster_that_was_never_there(make_study: MakeStudy) -> None:
    study = make_study(seconds=1.0)
    ended = run_study(study, ray_engine("127.0.0.1:9"))
    assert "127.0.0.1:9: the Ray cluster cannot be reached" in ended.sentence
    assert progress_of(study).sentence == ended.sentence
    assert attempts(study) == [0]


def test_a_cluster_gives_the_same_bytes_though_a_process_is_killed(
    make_study: MakeStudy, cluster: Cluster
) -> None:
    address, head = cluster
    both = {"videos": 2, "seconds": 3.0, "networks": ("tiny", "tiny_b"), "detector": "haar"}
    alone = make_study("alone", **both)
    assert run_study(alone, local_engine(1)) == Ended(parts=6)
    together = make_study("together", **both)
    killed: list[int] = []
    killer = threading.Thread(target=kill_a_reader, args=(head.pid, killed), daemon=True)
    killer.start()
    assert run_study(together, ray_engine(address)) == Ended(parts=6)
    assert killed
    loopback = {"0100007F", "0000000000000000FFFF00000100007F", "0" * 24 + "01000000"}
    assert listening_addresses(session_of(head.pid)) <= loopback
    assert files_of(together) == files_of(alone)


def test_a_folder_of_photos_is_read_in_order(
    home: Path, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cv2

    monkeypatch.setattr("fer_core.studies.engines.pictures.CHUNK", 2)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, head in enumerate(drawn_heads(4)):
        cv2.imwrite(str(folder / f"{number}.png"), head.picture[:, :, ::-1])
    (folder / "1b.jpg").write_bytes(b"<html>")

    def predicted(*options: str) -> list[dict[str, object]]:
        arguments = ["predict", str(folder), "--model", "tiny", "--detector", "none", "--json"]
        done = CliRunner().invoke(app, [*arguments, *options])
        assert done.exit_code == 1, f"{done.output} {done.exception!r}"  # one is no photo
        return [json.loads(line) for line in done.stdout.splitlines()]

    here = predicted()
    there = predicted("--engine", "ray", "--address", cluster[0])
    assert [each["path"] for each in there] == [each["path"] for each in here]
    assert [each["error"] for each in there] == [each["error"] for each in here]
    for ours, theirs in zip(here, there, strict=True):
        for one, other in zip(ours["faces"], theirs["faces"], strict=True):  # type: ignore[call-overload]
            assert other["probabilities"] == pytest.approx(one["probabilities"], abs=1e-5)
            assert other["box"] == one["box"]


def test_a_cluster_that_is_gone_is_told_and_what_was_read_is_kept(
    make_study: MakeStudy, home: Path, cluster: Cluster
) -> None:
    address, head = cluster
    study = make_study(seconds=2.0)
    run_study(study, local_engine(1))
    before = files_of(study)
    study.add([write_faces(home / "more.mp4", 3.0, seed=7)])
    head.terminate()
    head.wait(60)
    for pid in session_of(head.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    ended = run_study(study, ray_engine(address))
    assert "cannot be reached" in ended.sentence
    assert "--engine local" in ended.sentence
    assert files_of(study) == before
    arguments = ["predict", str(home / "nothing"), "--model", "tiny", "--detector", "none"]
    done = CliRunner().invoke(app, [*arguments, "--engine", "ray", "--address", address])
    assert "cannot be reached" in str(done.exception)
    assert run_study(study, local_engine(1)) == Ended(parts=3)
