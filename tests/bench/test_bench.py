"""The bench command's object keeps its contract."""

from pathlib import Path

from fer_core.analysis import bench
from fer_core.faces import HaarDetector
from fer_core.zoo import load_classifier
from tests.tiny import write_tiny_folder


def test_bench_measures_every_stage(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(bench, "FRAMES", 12)
    network = load_classifier(write_tiny_folder(tmp_path))
    result = bench.run_bench(HaarDetector, network)
    assert set(result) >= {
        "processor", "threads", "yardstick_ms", "stages", "frames_per_second", "faces_per_second",
        "peak_megabytes", "peers",
    }  # fmt: skip
    assert set(result["stages"]) == {
        "decode", "detect", "crop", "classify", "smooth", "draw", "encode", "frame",
    }  # fmt: skip
    for times in result["stages"].values():
        assert 0 <= times["p50_ms"] <= times["p95_ms"] <= times["p99_ms"]
    parts = sum(t["p50_ms"] for name, t in result["stages"].items() if name != "frame")
    assert parts <= result["stages"]["frame"]["p99_ms"] * 1.2
    assert result["yardstick_ms"] > 0
