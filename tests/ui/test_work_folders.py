"""Folders of work under way: gone with the work, or once the server was killed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import time

import pytest

from ui import work_folders
from ui.work_folders import WorkFolder, sweep

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys
from ui.work_folders import WorkFolder
folder = WorkFolder()
(folder.path / "this video").write_bytes(b"private")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go; no server has looked there yet."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sweep.cache_clear()
    return tmp_path


@pytest.fixture
def server(disk: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another one, with a folder in use."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(disk)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_a_folder_is_private_and_gone_with_its_work(disk: Path) -> None:
    folder = WorkFolder()
    (folder.path / "this video").write_bytes(b"private")
    assert folder.path.stat().st_mode & 0o077 == 0
    sweep()
    assert folder.path.is_dir()  # it is our own, and in use
    folder.remove()
    assert list(disk.iterdir()) == []
    folder.remove()  # again does no harm


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_a_killed_server_left_goes_with_the_next_one(
    disk: Path, server: "subprocess.Popen[str]"
) -> None:
    assert server.stdout is not None
    left = Path(server.stdout.readline().strip())
    others = {disk / "another program's", disk / "mien-work-link"}
    (disk / "another program's").mkdir()
    (disk / "mien-work-link").symlink_to(disk / "another program's")
    sweep()
    assert (left / "this video").exists()  # that server runs, and reads it
    server.kill()
    server.wait()
    sweep.cache_clear()
    sweep()
    assert set(disk.iterdir()) == others


def test_without_locks_a_folder_goes_when_it_is_old(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_folders, "is_abandoned", lambda folder: False)
    for name, age_s in (("old", work_folders.STALE_S + 60), ("new", 3600)):
        (disk / f"mien-work-{name}").mkdir()
        os.utime(disk / f"mien-work-{name}", (time() - age_s,) * 2)
    sweep()
    assert [path.name for path in disk.iterdir()] == ["mien-work-new"]


def test_it_looks_once(disk: Path) -> None:
    sweep()
    (disk / "mien-work-later").mkdir()
    sweep()
    assert (disk / "mien-work-later").is_dir()
