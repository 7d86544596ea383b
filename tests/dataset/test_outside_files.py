"""Every kind of wrong file at both imports: one sentence and exit status 1, never a traceback."""

import contextlib
import gzip
import io
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core import cli
from fer_core.dataset import dataset_path
from tests.commands import Commands

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT.parent / "shared" / "cases"
CSV = "emotion,pixels,Usage\n" + f"3,{' '.join(['7'] * 2304)},Training\n" * 30


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def locked(members: dict[str, bytes]) -> bytes:
    """A ZIP whose entries say that they need a password."""
    data = bytearray(packed(members))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    return bytes(data)


def nameless(members: dict[str, bytes]) -> bytes:
    """A ZIP whose entry has no name, its one letter counted as something else."""
    data = bytearray(packed(members))
    at = data.index(b"PK\x01\x02")
    data[at + 28], data[at + 30] = 0, 1
    return bytes(data)


def unknown_method(members: dict[str, bytes]) -> bytes:
    data = bytearray(packed(members))
    for magic, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(magic) + offset] = 97
    return bytes(data)


FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "the file is empty"),
    "web_page.csv": (b"\n<!DOCTYPE html><html>", "Sign in with the browser"),
    "web_page.zip": (b"<html><head>", "Sign in with the browser"),
    "page_inside.zip": (packed({"fer2013.csv": b"<html>"}), "Sign in with the browser"),
    "noise.csv": (np.random.default_rng(0).bytes(4000), "UTF-8"),
    "zeros.csv": (bytes(50_000), "no text"),
    "latin.csv": ("emotion,pixels,Usage\n0,ö,Training".encode("latin-1"), "UTF-8"),
    "one_line.csv": (b"0 " * 150_000, "goes on and on"),
    "pointer.csv": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n", "a picture"),
    "document.csv": (b"%PDF-1.7", "a PDF document"),
    "x.rar": (b"Rar!\x1a\x07\x00", "Unpack it"),
    "x.7z": (b"7z\xbc\xaf\x27\x1c", "Unpack it"),
    "x.tar.xz": (b"\xfd7zXZ\x00rest", "Unpack it"),
    "cut.csv.gz": (gzip.compress(CSV.encode())[:60], "cut off or damaged"),
    "wrong_sum.csv.gz": (gzip.compress(CSV.encode())[:-8] + bytes(8), "cut off or damaged"),
    "cut.zip": (packed({"fer2013.csv": CSV.encode()})[:-40], "cut off or damaged"),
    "hurt.zip": (packed({"fer2013.csv": CSV.encode()}).replace(b"\xed", b"\x00", 1), "fer2013"),
    "cut.tar": (tarred({"fer2013.csv": CSV.encode()})[:9000], "cut off or damaged"),
    "cut.tar.gz": (gzip.compress(tarred({"fer2013.csv": CSV.encode()}))[:150], "cut off"),
    "locked.zip": (locked({"fer2013.csv": CSV.encode()}), "password"),
    "method.zip": (unknown_method({"fer2013.csv": CSV.encode()}), "Unpack it"),
    "nameless.zip": (nameless({"x": CSV.encode()}), "nothing"),
    "nothing.zip": (packed({}), "nothing"),
    "bomb.zip": (packed({"fer2013.csv": bytes(250_000_000)}), "100 times as large"),
    "too_few.csv": (CSV.encode(), "not complete"),
}
"""Name -> contents, and words of the sentence that FER2013's import answers."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing is imported yet."""
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "data" / "fer2013.npz"))
    return tmp_path


@pytest.fixture
def mien(here: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command that has to fail in a sentence, and gives that."""

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["mien", *map(str, arguments)])
        said = io.StringIO()
        with contextlib.redirect_stderr(said), pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == 1
        sentence = said.getvalue()
        assert sentence.strip().endswith((".", "!")), sentence
        assert "Traceback" not in sentence
        assert not dataset_path().exists()
        return sentence

    return run


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_is_answered_in_a_sentence(
    name: str, here: Path, mien: Callable[..., str]
) -> None:
    content, words = FILES[name]
    (here / name).write_bytes(content)
    assert words in mien("data", "import", here / name)
    assert name in mien("data", "import", here / name, "--name", "mine")
    (here / "votes.csv").write_text(CSV)
    assert name in mien("data", "import", here / name, "--ferplus", here / "votes.csv")


@pytest.mark.parametrize("kind", ["missing", "pipe", "circle", "dead link", "device", "beneath"])
def test_what_is_no_file_is_answered_in_a_sentence(
    kind: str, here: Path, mien: Callable[..., str]
) -> None:
    path = here / "fer2013.csv"
    words = "not a regular file"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "circle":
        path.symlink_to(path)
        words = "cannot be read"
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "beneath":
        path.write_text(CSV)
        path, words = path / "more.csv", "cannot be read"
    else:
        words = "no such file"
        if kind == "dead link":
            path.symlink_to("gone.csv")
    assert words in mien("data", "import", path)
    assert words in mien("data", "import", path, "--name", "mine")


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """As a person who may not do everything, where tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("inner", [False, True])
def test_a_folder_without_permission(inner: bool, here: Path, mien: Callable[..., str]) -> None:
    here.chmod(0o755)
    for parent in here.parents:
        if not parent.stat().st_mode & stat.S_IXOTH:
            parent.chmod(0o755)
    shut = here / "faces" / "happy"
    shut.mkdir(parents=True)
    (shut if inner else shut.parent).chmod(0)
    with nobody():
        assert "Permission denied" in mien("data", "import", here / "faces")
        assert "Permission denied" in mien("data", "import", here / "faces", "--name", "mine")
    (shut if inner else shut.parent).chmod(0o755)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block", "blocks"), [(b"0" * 1_000_000, 300), (b"0,1,Training\n" * 80_000, 60)]
)
@pytest.mark.parametrize("more", [[], ["--name", "mine", "--labels", "fer2013"]])
def test_a_gzip_file_that_grows_and_grows_takes_little_memory(
    block: bytes, blocks: int, more: list[str], here: Path
) -> None:
    with gzip.open(here / "x.csv.gz", "wb", compresslevel=1) as stream:
        stream.write(b"emotion,pixels,Usage\n")
        for _ in range(blocks):
            stream.write(block)
    arguments = ["mien", "data", "import", str(here / "x.csv.gz"), *more]
    # Its own peak: what `getrusage` says of a child begins with the size of its parent.
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from fer_core.cli import main\n"
        f"sys.argv = {arguments!r}\n"
        "try: main()\n"
        "finally: print(Path('/proc/self/status').read_text())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (peak,) = (line for line in done.stdout.splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) / 1e3 < 700  # megabytes; 190 of them for the program itself


def test_a_full_disk_is_answered_in_a_sentence(here: Path, run_command: Commands) -> None:
    for word in ("happy", "sad"):
        (here / "faces" / word).mkdir(parents=True)
        for number in range(12):
            face = np.random.default_rng([len(word), number]).integers(0, 256, (48, 48), np.uint8)
            Image.fromarray(face).save(here / "faces" / word / f"{number}.png")
    words = ("data", "import", here / "faces", "--name", "mine")
    place = {"MIEN_DATASET": dataset_path()}
    done = run_command(words, folder=here, room=20_000, environment=place)
    assert done.code == 1
    assert "mine.npz: cannot be written" in done.err
    assert "Free some room" in done.err
    assert "Traceback" not in done.err
    assert list((here / "data").iterdir()) == []


def test_an_import_never_replaces_what_it_reads(here: Path, mien: Callable[..., str]) -> None:
    source = here / "fer2013.csv"
    source.write_text(CSV)
    (here / "link.npz").symlink_to(source)
    assert "would replace" in mien("data", "import", source, "--out", source)
    assert "would replace" in mien("data", "import", source, "--out", here / "link.npz")
    assert source.read_text() == CSV


@pytest.mark.skipif(not CASES.is_dir(), reason="the project's files of real people are not here")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kaggle_layout_challenge.zip", "icml_face_data.csv: the file is not complete"),
        ("login_page.zip", "Sign in with the browser"),
        ("cut.csv.gz", "cut off or damaged"),
    ],
)
def test_files_that_people_had(name: str, words: str, mien: Callable[..., str]) -> None:
    assert words in mien("data", "import", CASES / name)
