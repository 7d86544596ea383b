"""YuNet's weights: only the right file is ever used, and the internet never makes anyone wait."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fer_core.errors import DetectorError
from fer_core.faces import (
    YUNET_FILE,
    cache_folder,
    fallback_reason,
    fetch_yunet,
    make_detector,
    weights,
    yunet_weights,
)
from fer_core.faces.__main__ import main as fetch_ahead
from fer_core.faces.weights import BackgroundFetch, FetchState

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0\nsize 229738\n"
)
CONTENT = b"stands for the network " * 100


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and `CONTENT` as the file whose digest is right."""
    monkeypatch.setenv("MIEN_CACHE", str(tmp_path))
    monkeypatch.setattr(weights, "YUNET_SHA256", hashlib.sha256(CONTENT).hexdigest())
    return tmp_path


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Replace the internet: each mirror gives bytes or raises; returns the list of calls."""

    def serve(*answers: bytes | Exception) -> list[str]:
        urls = [f"https://mirror{number}.invalid/w.onnx" for number in range(len(answers))]
        calls: list[str] = []

        def download(_self: object, url: str, output_file: str, _pooch: object) -> None:
            calls.append(url)
            answer = answers[urls.index(url)]
            if isinstance(answer, Exception):
                raise answer
            Path(output_file).write_bytes(answer)

        monkeypatch.setattr(weights, "YUNET_MIRRORS", tuple(urls))
        monkeypatch.setattr("pooch.HTTPDownloader.__call__", download)
        return calls

    return serve


def test_the_digest_is_that_of_the_real_file(yunet_cache: Path) -> None:
    path = yunet_weights()
    assert path == yunet_cache / YUNET_FILE
    assert path.stat().st_size == 229_738


def test_the_cache_is_the_users_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIEN_CACHE", raising=False)
    assert cache_folder().name == "mien"


@pytest.mark.parametrize("content", [None, b"", POINTER, CONTENT[:-1]])
def test_only_the_right_file_is_used(cache: Path, content: bytes | None) -> None:
    if content is not None:
        (cache / YUNET_FILE).write_bytes(content)
    assert yunet_weights() is None
    detector = make_detector("yunet")
    assert detector.name == "haar"
    assert fallback_reason("yunet", detector).startswith("Haar finds the faces")


def test_the_right_file_is_used(cache: Path) -> None:
    (cache / YUNET_FILE).write_bytes(CONTENT)
    assert yunet_weights() == cache / YUNET_FILE


def test_a_folder_in_its_place_is_not_a_file(cache: Path) -> None:
    (cache / YUNET_FILE).mkdir()
    assert yunet_weights() is None


def test_the_first_mirror_is_enough(cache: Path, mirrors: Callable[..., list[str]]) -> None:
    calls = mirrors(CONTENT, CONTENT)
    assert yunet_weights(download=True) == cache / YUNET_FILE
    assert len(calls) == 1
    assert yunet_weights(download=True) == cache / YUNET_FILE
    assert len(calls) == 1  # the second time it is here


def test_the_second_mirror_helps_out_and_a_pointer_is_replaced(
    cache: Path, mirrors: Callable[..., list[str]]
) -> None:
    (cache / YUNET_FILE).write_bytes(POINTER)
    calls = mirrors(POINTER, CONTENT)
    assert fetch_yunet().read_bytes() == CONTENT
    assert len(calls) == 2
    assert [path.name for path in cache.iterdir()] == [YUNET_FILE]  # nothing half-written


def test_offline_each_mirror_is_tried_once_and_the_sentence_says_what_to_do(
    cache: Path, mirrors: Callable[..., list[str]]
) -> None:
    calls = mirrors(ConnectionError("no route"), POINTER)
    with pytest.raises(DetectorError) as caught:
        yunet_weights(download=True)
    assert len(calls) == 2
    for part in ("mirror0.invalid", "mirror1.invalid: another file", YUNET_FILE, str(cache)):
        assert part in str(caught.value)
    assert list(cache.iterdir()) == []
    assert make_detector("yunet", download=True).name == "haar"


def test_a_cache_that_cannot_be_written_is_named(
    cache: Path, mirrors: Callable[..., list[str]]
) -> None:
    mirrors(PermissionError("read-only"))
    with pytest.raises(DetectorError, match="cannot write to"):
        fetch_yunet()


def test_the_background_fetch_runs_once_and_never_blocks(
    cache: Path, mirrors: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = mirrors(CONTENT)
    gate = threading.Event()
    fetch = weights.fetch_yunet

    def slow() -> Path:
        gate.wait(10)
        return fetch()

    monkeypatch.setattr(weights, "fetch_yunet", slow)
    background = BackgroundFetch()
    monkeypatch.setattr("fer_core.faces.detectors.yunet.background_fetch", background)
    assert background.state == FetchState("idle")
    for _ in range(5):
        background.start()  # returns although the mirror does not answer
    assert background.state.step == "running"
    assert "being fetched" in fallback_reason("yunet", make_detector("yunet"))
    gate.set()
    assert background.wait(10) == FetchState("done")
    background.start()
    assert len(calls) == 1


def test_a_failed_background_fetch_leaves_its_sentence(
    cache: Path, mirrors: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = mirrors(ConnectionError("no route"))
    background = BackgroundFetch()
    monkeypatch.setattr("fer_core.faces.detectors.yunet.background_fetch", background)
    background.start()
    assert background.wait(10).step == "failed"
    background.start()
    assert len(calls) == 1  # one try for a process
    assert "Connect to the internet once" in fallback_reason("yunet", make_detector("yunet"))


def test_what_is_here_is_not_fetched(cache: Path, mirrors: Callable[..., list[str]]) -> None:
    calls = mirrors(CONTENT)
    (cache / YUNET_FILE).write_bytes(CONTENT)
    background = BackgroundFetch()
    background.start()
    assert background.wait(10).step == "done"
    assert calls == []


def test_the_set_up_fetches_them_once_and_says_so(
    cache: Path, mirrors: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    calls = mirrors(CONTENT)
    fetch_ahead()
    assert (cache / YUNET_FILE).read_bytes() == CONTENT
    assert str(cache) in capsys.readouterr().out
    fetch_ahead()
    assert len(calls) == 1
    assert capsys.readouterr().out == ""


def test_a_set_up_without_internet_goes_on(
    cache: Path, mirrors: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    mirrors(OSError("no route"))
    fetch_ahead()
    assert "could not be fetched" in capsys.readouterr().out
    assert not list(cache.iterdir())
