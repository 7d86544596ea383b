"""Figures need NumPy and SciPy, and nothing that serves networks."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_metrics_load_neither_networks_nor_pictures() -> None:
    code = "import sys, fer_core.metrics; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    ours = {name for name in loaded if name.startswith("fer_core.")}
    assert {name.split(".")[1] for name in ours} == {"emotions", "errors", "metrics"}
    assert "scipy.special" in loaded
    others = {name.split(".")[0] for name in loaded}
    assert not others & {"onnx", "onnxruntime", "cv2", "PIL", "pandas", "sklearn", "keras"}
