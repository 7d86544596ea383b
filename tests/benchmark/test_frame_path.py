"""The bench command's object keeps its contract."""

import json
from pathlib import Path

import pytest

from fer_core.benchmark import frame_path as bench
from fer_core.benchmark import models as network_times
from fer_core.errors import ModelError
from fer_core.evaluation.speed import BATCHES, read_speed, write_speed
from fer_core.faces import HaarDetector
from fer_core.live.throughput import STAGES
from fer_core.zoo import load_classifier
from tests.tiny import tiny_speed, write_tiny_folder


@pytest.mark.slow
def test_bench_measures_every_stage(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(bench, "FRAMES", 12)
    network = load_classifier(write_tiny_folder(tmp_path))
    result = bench.run_bench(HaarDetector, network)
    assert list(result.model_dump()) == [
        "processor", "threads", "model", "detector", "frames", "frames_classified",
        "faces_per_frame", "width", "height", "yardstick_ms", "frame_in_yardsticks", "stages",
        "frames_per_second", "faces_per_second", "peak_megabytes", "peers",
    ]  # fmt: skip
    assert tuple(result.stages) == (*STAGES, "frame")
    for times in result.stages.values():
        assert 0 <= times.p50_ms <= times.p95_ms <= times.p99_ms
    # The fastest frame had all of its stages: no stage is left out of the whole.
    whole = result.stages["frame"]
    assert max(result.stages[stage].p50_ms for stage in STAGES) < whole.p50_ms
    assert (result.frames, result.width, result.height) == (12, 640, 480)
    assert result.frame_in_yardsticks.median == pytest.approx(
        whole.p50_ms / result.yardstick_ms, abs=0.006
    )


def test_every_network_is_measured_at_every_batch(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_times, "ROUNDS", 2)
    networks = [load_classifier(tiny_models / slug) for slug in ("tiny", "tiny_b")]
    told: list[tuple[int, int]] = []
    report = network_times.measure_models(
        networks, HaarDetector(), networks[0], progress=lambda *counts: told.append(counts)
    )
    assert told == [(1, 2), (2, 2)]
    assert (report.threads, report.detector, report.yardstick_model) == (1, "haar", "tiny")
    assert set(report.models) == {"tiny", "tiny_b"}
    for slug, speed in report.models.items():
        assert set(speed.ms_per_face) == set(speed.in_yardsticks) == set(BATCHES)
        ratio = report.ms_per_face(slug, 4) / report.yardstick_ms  # type: ignore[operator]
        assert report.relative_time(slug, 4) == pytest.approx(ratio, rel=0.01)
        assert 0 < ratio < 1  # a detection takes longer than one dense layer
    assert report.relative_time("gone") is None


def test_measured_times_on_disk(tmp_path: Path) -> None:
    assert read_speed(tmp_path) is None
    path = write_speed(tmp_path, tiny_speed("tiny"))
    assert list(tmp_path.iterdir()) == [path]
    assert read_speed(tmp_path) == tiny_speed()  # of graphs that are not there
    write_tiny_folder(tmp_path, "tiny", seed=0)
    report = tiny_speed("tiny", models=tmp_path)
    write_speed(tmp_path, report)
    assert read_speed(tmp_path) == report
    values = json.loads(path.read_text())
    assert values["models"]["tiny"]["ms_per_face"]["16"] == 1.0
    path.write_text(json.dumps(values | {"yardstick_ms": -1}))
    with pytest.raises(ModelError, match="yardstick_ms"):
        read_speed(tmp_path)
