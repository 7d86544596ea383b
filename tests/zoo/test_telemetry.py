"""What reads faces tells nobody about it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEEN_ON_CI = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_DISABLE_TELEMETRY")


def test_onnx_runtime_prepares_no_report(tmp_path: Path) -> None:
    """It leaves an identity and a queue of events in the user's cache where it means to report."""
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(tmp_path))
    usual = {name: value for name, value in os.environ.items() if name not in SEEN_ON_CI}
    script = "import fer_core.zoo, sys\nassert 'onnxruntime' in sys.modules\n"
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=usual | places | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
