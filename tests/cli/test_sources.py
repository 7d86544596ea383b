"""What commands write never replaces, nor joins, what they read."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from typer.testing import CliRunner, Result

from fer_core.cli import app
from fer_core.media.video_writer import VideoWriter
from fer_core.pipeline.video_export import SUMMARY


@pytest.fixture
def run(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))

    def invoke(*arguments: object) -> Result:
        words = [*map(str, arguments), "--model", "tiny", "--detector", "none"]
        return CliRunner().invoke(app, words)

    return invoke


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with two pictures, one in a folder below."""
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.png", "deep/b.png"):
        noise = np.random.default_rng(len(name)).integers(0, 255, (30, 40, 3), np.uint8)
        PIL.Image.fromarray(noise).save(folder / name)
    return folder


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    with VideoWriter(path, 10) as writer:
        for number in range(3):
            writer.write(np.full((48, 64, 3), 40 * number, np.uint8), number / 10)
    return path


def linked(kind: str, source: Path, link: Path) -> Path:
    if kind == "itself":
        return source
    if kind == "by another path":
        return source.parent / ".." / source.parent.name / source.name
    if kind == "symbolic link":
        link.symlink_to(source)
    else:
        os.link(source, link)
    return link


KINDS = ("itself", "by another path", "symbolic link", "hard link")


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_never_replaces_a_picture(
    run: Callable[..., Result], photos: Path, tmp_path: Path, kind: str
) -> None:
    source = photos / "deep" / "b.png"
    before = source.read_bytes()
    target = linked(kind, source, tmp_path / "table.csv")
    for given in (source, photos):
        done = run("predict", given, "--csv", target)
        assert done.exit_code == 2
        assert "would be overwritten" in done.output
        assert "Choose another name" in done.output
        assert source.read_bytes() == before


@pytest.mark.parametrize("kind", ["symbolic link", "hard link"])
def test_annotated_pictures_never_replace_a_picture(
    run: Callable[..., Result], photos: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    linked(kind, photos / "a.png", out / "a_expressions.png")
    before = (photos / "a.png").read_bytes()
    assert run("predict", photos, "--annotate", out).exit_code == 2
    assert (photos / "a.png").read_bytes() == before


def test_a_picture_that_is_named_like_an_annotated_one_is_not_replaced(
    run: Callable[..., Result], photos: Path
) -> None:
    source = (photos / "a.png").rename(photos / "a_expressions.png")
    before = source.read_bytes()
    assert run("predict", source, "--annotate", photos).exit_code == 2
    assert source.read_bytes() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", ["--out", "--csv", "--keep"])
def test_nothing_of_a_video_replaces_it(
    run: Callable[..., Result], film: Path, tmp_path: Path, option: str, kind: str
) -> None:
    if option == "--keep":
        film = film.rename(tmp_path / SUMMARY)
    before = film.read_bytes()
    target = linked(kind, film, tmp_path / "result")
    if option == "--keep":
        if kind not in ("itself", "by another path"):
            (tmp_path / "kept").mkdir()
            target = target.rename(tmp_path / "kept" / SUMMARY)
        target = target.parent
    done = run("video", film, option, target)
    assert done.exit_code == 2, done.output
    assert film.read_bytes() == before


def test_an_annotated_folder_is_not_read_again(run: Callable[..., Result], photos: Path) -> None:
    for _ in range(2):
        done = run("predict", photos, photos / "deep", "--annotate", photos)
        assert done.exit_code == 0
        assert len(done.output.splitlines()) == 3
    assert sorted(path.name for path in photos.glob("*.png")) == [
        *("a.png", "a_expressions.png", "b_2_expressions.png", "b_expressions.png")
    ]
    # Elsewhere such a name is a picture like any other, and so is one that is asked for.
    assert len(run("predict", photos).output.splitlines()) == 5
    assert run("predict", photos / "a_expressions.png").exit_code == 0


def test_results_replace_those_of_an_earlier_run(
    run: Callable[..., Result], photos: Path, film: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        assert run("predict", photos, "--csv", tmp_path / "a.csv").exit_code == 0
        assert run("video", film, "--out", tmp_path / "a.mp4").exit_code == 0


def test_a_device_is_not_replaced_by_a_video(
    run: Callable[..., Result], film: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    done = run("video", film, "--out", pipe)
    assert done.exit_code == 1
    assert "not a file that could be replaced" in str(done.exception)
    assert pipe.is_fifo()
