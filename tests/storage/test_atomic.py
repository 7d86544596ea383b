"""A file is all old or all new, whatever becomes of the one who writes it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import StorageError
from fer_core.storage.atomic import (
    new_file,
    new_folder,
    new_stream,
    write_bytes,
    write_npz,
    write_text,
)
from tests.unlucky import ROOT, killed_at_every_step, room_for


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    assert write_bytes(tmp_path / "a", b"\x00\xff").read_bytes() == b"\x00\xff"
    text = "Größe\r\n😀\n"
    assert write_text(tmp_path / "new" / "folders" / "b", text).read_bytes() == text.encode()
    arrays = {"x": np.arange(6).reshape(2, 3), "y": np.zeros((0, 7), np.float32)}
    sizes = []
    for compressed in (False, True):
        path = write_npz(tmp_path / "c.npz", arrays, compressed=compressed)
        sizes.append(path.stat().st_size)
        with np.load(path, allow_pickle=False) as file:
            assert set(file.files) == {"x", "y"}
            np.testing.assert_array_equal(file["x"], arrays["x"])
            assert file["y"].shape == (0, 7)
    assert sizes[1] < sizes[0]
    assert names(tmp_path) == ["a", "c.npz", "new"]


def _fail(place: Path) -> None:
    place.write_text("half")
    raise KeyError


def _fail_in_a_file(path: Path) -> None:
    with new_file(path) as place:
        _fail(place)


def _fail_in_a_stream(path: Path) -> None:
    with new_stream(path) as stream:
        stream.write(b"half")
        raise KeyError


def _fail_in_a_folder(path: Path) -> None:
    with new_folder(path.parent) as place:
        _fail(place / path.name)


@pytest.mark.parametrize("fail", [_fail_in_a_file, _fail_in_a_stream, _fail_in_a_folder])
def test_an_error_leaves_the_old_content_and_nothing_else(
    tmp_path: Path, fail: Callable[[Path], None]
) -> None:
    path = write_text(tmp_path / "model" / "a.csv", "old")
    with pytest.raises(KeyError):
        fail(path)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["model"]
    assert names(path.parent) == ["a.csv"]


def test_a_readers_open_file_stays_whole(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a", "old" * 1000)
    with path.open() as reader:
        write_text(path, "new")
        assert reader.read() == "old" * 1000


def test_permissions(tmp_path: Path) -> None:
    def of(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    beside = tmp_path / "usual"
    beside.touch()
    assert of(write_text(tmp_path / "a", "new")) == of(beside)
    private = write_bytes(tmp_path / "key", b"secret", mode=0o600)
    assert of(private) == 0o600
    with new_stream(private) as stream:  # of the file that is there
        assert [of(path) for path in tmp_path.glob(".key.*")] == [0o600]
        stream.write(b"renewed")
    assert (of(private), private.read_bytes()) == (0o600, b"renewed")


def test_a_link_is_followed(tmp_path: Path) -> None:
    real = write_text(tmp_path / "elsewhere" / "real.csv", "old")
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (Path.mkdir, "a folder"),
        (os.mkfifo, "a pipe"),
        (lambda path: path.symlink_to("/dev/null"), "a device"),
    ],
)
def test_what_is_no_file_is_not_replaced(
    tmp_path: Path, make: Callable[[Path], object], word: str
) -> None:
    path = tmp_path / "out.csv"
    make(path)
    with pytest.raises(StorageError, match=rf"out\.csv.*expected a file, received {word}"):
        write_text(path, "rows")
    assert names(tmp_path) == ["out.csv"]
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("mine")
    with (
        pytest.raises(StorageError, match="expected a folder, received a file"),
        new_folder(tmp_path / "model"),
    ):
        pass  # pragma: no cover
    assert (tmp_path / "model").read_text() == "mine"


def test_a_file_in_place_of_a_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("mine")
    for path in (tmp_path / "results" / "a.csv", tmp_path / "results" / "deeper" / "a.csv"):
        with pytest.raises(StorageError, match=r"a\.csv: cannot be written.*A file lies where"):
            write_text(path, "rows")
        with pytest.raises(StorageError, match="cannot be written"), new_folder(path):
            pass  # pragma: no cover
    with pytest.raises(StorageError, match="Name it shorter"):
        write_text(tmp_path / ("n" * 300), "rows")
    assert names(tmp_path) == ["results"]


def test_an_error_of_another_file_is_not_taken_for_ours(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="source"), new_stream(tmp_path / "copy") as stream:
        stream.write((tmp_path / "source").read_bytes())
    assert names(tmp_path) == []


LARGE = bytes(1_000_000)


def _by_stream(path: Path) -> None:
    with new_stream(path) as stream:
        for _ in range(1000):
            stream.write(bytes(1000))


def _into_a_folder(path: Path) -> None:
    with new_folder(path.parent) as place:
        (place / path.name).write_bytes(LARGE)


def _by_copy(path: Path) -> None:
    with new_folder(path.parent) as place:
        shutil.copy(path.parents[1] / "large", place / path.name)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_bytes(path, LARGE),
        lambda path: write_text(path, "x" * 1_000_000),
        lambda path: write_npz(path, {"x": np.zeros(1_000_000)}),
        _by_stream,
        _into_a_folder,
        _by_copy,
    ],
)
def test_no_room_is_a_sentence_and_leaves_nothing(
    tmp_path: Path, write: Callable[[Path], object]
) -> None:
    write_bytes(tmp_path / "large", LARGE)
    path = write_text(tmp_path / "model" / "old.csv", "old")
    with (
        room_for(100_000),
        pytest.raises(
            StorageError,
            match=r"cannot be written \(received File too large\)\. Free some room there",
        ),
    ):
        write(path)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["large", "model"]
    assert names(path.parent) == ["old.csv"]


IMPORTS = """
import os, signal, sys
from pathlib import Path
from fer_core.storage.atomic import new_stream, write_text
"""


def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", "old")
    seen = []
    for _ in killed_at_every_step(IMPORTS, "write_text(Path(sys.argv[3]), 'new')", path):
        seen.append(path.read_text())
        assert len(names(tmp_path)) <= 2, "what earlier writers left is cleared"
    assert seen[:2] == ["old", "old"]
    assert seen == sorted(seen, reverse=True), "once new it stays new"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.csv"]


def test_what_a_killed_writer_had_written_is_cleared_by_the_next(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.csv", "old")
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{IMPORTS}\nwith new_stream(Path(sys.argv[1])) as stream:\n"
            "    stream.write(bytes(100_000))\n    os.kill(os.getpid(), signal.SIGKILL)",
            str(path),
        ],
        cwd=ROOT,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    assert len(names(tmp_path)) == 2
    write_text(tmp_path / "b.csv", "another file's writer does not touch it")
    assert len(names(tmp_path)) == 3
    write_text(path, "new")
    assert names(tmp_path) == ["a.csv", "b.csv"]


def test_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with new_stream(path) as slow:
        slow.write(b"slow")
        write_text(path, "quick")
        assert path.read_text() == "quick"
        command = f"{IMPORTS}\nwrite_text(Path(sys.argv[1]), 'of another process')"
        subprocess.run([sys.executable, "-c", command, str(path)], cwd=ROOT, check=True)
        assert path.read_text() == "of another process"
    assert path.read_text() == "slow"
    assert names(tmp_path) == ["a.csv"]
