"""The external package's speed on a video: what is counted, and how its process is asked."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.portrait_video import write_portrait_video
from fer_core.benchmark import frame_path as bench
from fer_core.benchmark.external_video import VideoSpeed, run_external, time_frames
from fer_core.errors import MediaError, ModelError
from fer_core.faces import HaarDetector
from fer_core.zoo import load_classifier


class EverySecond:
    """Finds a face in every second frame."""

    version = "1"

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def read(self, image: NDArray[np.uint8]) -> list[Any]:
        self.shapes.append(image.shape)
        return [{}] if len(self.shapes) % 2 else []


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_portrait_video(tmp_path_factory.mktemp("video") / "face.mp4", seconds=0.5)


def other_python(folder: Path, script: str) -> Path:
    """An "environment" that answers the command with a script of ours."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\n{script}\n")
    path.chmod(0o755)
    return path


ANSWER = VideoSpeed(version="1", frames=2, frames_classified=1, p50_ms=500, frames_per_second=2)


def test_the_package_is_timed_after_its_warm_up(video: Path) -> None:
    reader = EverySecond()
    speed = time_frames(reader, video, frames=6, warm_up=3)
    assert reader.shapes == [(480, 640, 3)] * 9
    assert (speed.frames, speed.frames_classified) == (6, 3)
    assert speed.frames_per_second > 0
    with pytest.raises(MediaError, match="more than 15 frames"):
        time_frames(reader, video, frames=6, warm_up=15)


def test_its_own_environment_is_asked_for_the_same_frames(video: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    script = f"import sys; open({str(asked)!r}, 'w').write(' '.join(sys.argv[1:]))\n"
    python = other_python(tmp_path, f"{script}print('hello')\nprint({ANSWER.model_dump_json()!r})")
    assert run_external("fer", python, video, 300, 10) == ANSWER
    assert asked.read_text().endswith(f"--video {video} --frames 300 --warm-up 10")


@pytest.mark.parametrize(
    ("script", "told"),
    [("raise SystemExit('no fer here')", "no fer here"), ("print('[1]')", "exit 0")],
)
def test_an_environment_that_cannot_answer_is_named(
    video: Path, tmp_path: Path, script: str, told: str
) -> None:
    with pytest.raises(ModelError, match=told):
        run_external("fer", other_python(tmp_path, script), video, 1, 0)
    with pytest.raises(ModelError, match="did not answer"):
        run_external("fer", tmp_path / "nowhere", video, 1, 0)


@pytest.mark.slow
def test_bench_states_the_ratio(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_models: Path
) -> None:
    monkeypatch.setattr(bench, "WARM_UP", 2)
    python = other_python(tmp_path, f"print({ANSWER.model_dump_json()!r})")
    result = bench.run_bench(
        HaarDetector, load_classifier(tiny_models / "tiny"), video, external_python=python
    )
    assert (result.frames, result.frames_classified) == (13, 13)
    ratio = result.frames_per_second / ANSWER.frames_per_second
    assert result.peers["fer"].times_faster == pytest.approx(ratio, abs=0.1)


@pytest.mark.slow
def test_four_drawn_faces_are_all_read(monkeypatch: pytest.MonkeyPatch, tiny_models: Path) -> None:
    monkeypatch.setattr(bench, "FRAMES", 5)
    monkeypatch.setattr(bench, "WARM_UP", 3)  # Haar has to find a face in three frames
    result = bench.run_bench(HaarDetector, load_classifier(tiny_models / "tiny"), faces=4)
    assert result.frames == 5
    assert result.faces_per_frame >= 3.5
