"""The dashboard never imports Keras: Streamlit would clear its session after every run, with the
interpreter's lock held, and live video would stall."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUN_ALL_PAGES = """
import sys
from pathlib import Path
from unittest import mock
from streamlit.testing.v1 import AppTest

root = Path(sys.argv[1])
with mock.patch("streamlit_webrtc.component.get_this_session_info", return_value=None):
    for page in [root / "app.py", *sorted((root / "pages").glob("*.py"))]:
        run = AppTest.from_file(str(page), default_timeout=60).run()
        assert not run.exception, (page, [error.value for error in run.exception])
        print("ran", page.name)
print("bad", [name for name in ("keras", "tensorflow", "jax", "torch") if name in sys.modules])
"""


@pytest.mark.usefixtures("yunet_cache")
def test_no_page_brings_keras_or_tensorflow(tiny_models: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL_PAGES, str(ROOT)],
        cwd=ROOT,
        env=os.environ | {"MIEN_MODELS": str(tiny_models), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "ran app.py" in done.stdout
    assert done.stdout.strip().endswith("bad []")
