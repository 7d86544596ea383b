"""A disk that is full in the middle of a result: a sentence, and no half of a file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from fer_core.media.video_writer import VideoWriter

ROOT = Path(__file__).resolve().parents[2]
ROOM = 2_000
"""Bytes that a file may have: the same error as on a full disk, for every user."""

FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from fer_core.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
sys.argv = ["fer_core", *sys.argv[1:]]
main()
"""


@pytest.fixture
def noise(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and a video that do not compress."""
    rng = np.random.default_rng(0)
    picture, film = tmp_path / "a.png", tmp_path / "a.mp4"
    PIL.Image.fromarray(rng.integers(0, 255, (96, 128, 3), np.uint8)).save(picture)
    with VideoWriter(film, 10) as writer:
        for number in range(30):
            writer.write(rng.integers(0, 255, (96, 128, 3), np.uint8), number / 10)
    return picture, film


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    "arguments",
    [
        ("predict", "--annotate", "result"),
        ("video", "--out", "result/a.mp4"),
        ("video", "--csv", "result/a.csv"),
        ("video", "--keep", "result"),
    ],
)
def test_a_full_disk_is_told_and_nothing_is_left(
    tmp_path: Path, tiny_models: Path, noise: tuple[Path, Path], arguments: tuple[str, str, str]
) -> None:
    command, option, result = arguments
    source = noise[command == "video"]
    done = subprocess.run(
        [
            *(sys.executable, "-c", FULL.replace("ROOM", str(ROOM)), command, str(source)),
            *("--model", "tiny", "--detector", "none", option, str(tmp_path / result)),
        ],
        cwd=ROOT,
        env=os.environ | {"MIEN_MODELS": str(tiny_models), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path for path in (tmp_path / "result").rglob("*") if path.is_file()] == []
