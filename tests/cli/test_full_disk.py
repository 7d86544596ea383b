"""A disk that is full in the middle of a result: a sentence, and no half of a file."""

import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from fer_core.media.video_writer import VideoWriter
from tests.commands import Commands

ROOM = 2_000
"""Bytes that a file may have: the same error as on a full disk, for every user."""


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
    tmp_path: Path,
    tiny_models: Path,
    noise: tuple[Path, Path],
    arguments: tuple[str, str, str],
    run_command: Commands,
) -> None:
    command, option, result = arguments
    source = noise[command == "video"]
    done = run_command(
        [
            *(command, source, "--model", "tiny", "--detector", "none"),
            *(option, tmp_path / result),
        ],
        folder=tmp_path,
        environment={"MIEN_MODELS": tiny_models},
        room=ROOM,
    )
    assert done.code == 1, done.err
    assert "cannot be written" in done.err
    assert "Traceback" not in done.err
    assert [path for path in (tmp_path / "result").rglob("*") if path.is_file()] == []
