"""The video page: a video in, player, timeline and files out; cancelled, abandoned, refused."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.emotions import valence
from fer_core.errors import MediaError
from fer_core.media.video_writer import VideoWriter
from fer_core.pipeline.recording import STATES
from fer_core.synthetic.video import write_drawn_video
from tests.waiting import wait_for
from ui.jobs import Job
from ui.videos import job as videos
from ui.videos.job import Settings, Upload, Work, start
from ui.videos.links import links

ROOT = Path(__file__).resolve().parents[2]
PAGE = str(ROOT / "pages" / "3_Videos.py")
FOR_EVER = (
    "import json, time\n"
    "line = {'seconds': 2.0, 'of_seconds': 8.0, 'frames': 60}\n"
    "while True: print(json.dumps(line), flush=True); time.sleep(0.02)"
)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go: nothing may be left there."""
    folder = tmp_path / "disk"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def models(tiny_models: Path, disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    return tiny_models


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command goes on until it is ended; pages that are left are noticed at once."""

    def start(command: Sequence[str], patience_s: float) -> Job:
        assert patience_s > 60  # a hidden tab asks once in a minute
        return Job([sys.executable, "-c", FOR_EVER], patience_s=1.5)

    monkeypatch.setattr(videos, "Job", start)


def video_page(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.session_state["mien_detector"] = "haar"  # comes with OpenCV: no weights to fetch
    page.run()
    assert not page.exception
    return page


def upload(page: AppTest, name: str, data: bytes) -> AppTest:
    page.file_uploader[0].set_value((name, data, "video/mp4")).run()
    assert not page.exception
    return page


def read(page: AppTest, key: str = "videos_read") -> AppTest:
    """Press a button that starts, and look at the page again when the reading has ended."""
    page.button(key=key).click().run()
    assert not page.exception
    if "videos_link" in page.session_state:
        work = begun(page)
        wait_for(lambda: work.progress() and not work.running)  # asking keeps it going
        page.run()
        assert not page.exception
    return page


def begun(page: AppTest) -> Work:
    """The reading that a page has begun."""
    work = links.visit(page.session_state["videos_link"])
    assert work is not None
    return work


def drawn_bytes(folder: Path, seconds: float = 1.0) -> bytes:
    path = folder / "drawn.mp4"
    write_drawn_video(path, seconds)
    return path.read_bytes()


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error, *page.text]
    return "\n".join(str(element.value) for element in shown).replace("\\", "")


@pytest.mark.usefixtures("models")
def test_before_any_video_the_page_offers_an_example() -> None:
    page = video_page()
    assert not page.download_button
    assert not page.error
    assert [button.key for button in page.button] == ["videos_example"]


@pytest.mark.usefixtures("models")
def test_a_video_is_read_in_a_process_of_its_own_and_leaves_no_files(
    tmp_path: Path, disk: Path
) -> None:
    name = "[my](mailto:x@x.example) **clip**.mp4"
    page = read(upload(video_page(), name, drawn_bytes(tmp_path)))
    assert not page.error, words(page)
    (told,) = (element.value for element in page.text)
    assert told == f"{name} · 640 x 480 · 0:01 · 10 of 10 frames read · 1 face"
    assert not any(button.key == "videos_read" for button in page.button)  # nothing new to read
    offered = [button.label for button in page.download_button]
    assert offered[:4] == ["Video (MP4)", "Table (CSV)", "Columns (JSON)", "Data (JSON)"]
    assert set(offered[4:]) == {"CSV"}, "each chart's numbers"
    assert all(name not in element.value for element in [*page.markdown, *page.caption])
    spoken = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert len(spoken) == 4
    assert all("face 1" in words for words in spoken)
    assert "felt" not in words(page)
    outcome = begun(page).outcome
    assert outcome is not None
    assert outcome.mp4[4:8] == b"ftyp"
    (table,) = page.dataframe
    assert table.value[list(STATES)].sum(axis=1).tolist() == pytest.approx([1.0])
    smoothed = outcome.reading.recording.smoothed
    assert table.value["valence"].tolist() == pytest.approx([valence(smoothed).mean()], abs=1e-6)
    assert list(disk.iterdir()) == []
    page.selectbox(key="videos_every").set_value(3).run()
    assert page.button(key="videos_read")
    page.button(key="videos_discard").click().run()
    assert not page.download_button
    assert "videos_link" not in page.session_state
    assert "job" not in page.query_params


@pytest.mark.usefixtures("models")
def test_a_result_stands_above_what_brought_it(tmp_path: Path) -> None:
    page = read(upload(video_page(), "clip.mp4", drawn_bytes(tmp_path)))
    kinds = [element.type for element in page.main]
    assert kinds.index("video") < kinds.index("file_uploader")


@pytest.mark.usefixtures("models")
def test_a_file_that_is_no_video_gets_its_sentence(disk: Path) -> None:
    page = read(upload(video_page(), "diary.mp4", b"Dear diary, no video today."))
    (error,) = page.error
    assert "not a video that can be read" in error.value.replace("\\", "")
    assert "Traceback" not in error.value
    assert not page.download_button
    assert list(disk.iterdir()) == []
    assert page.button(key="videos_read")  # another try is possible


@pytest.mark.usefixtures("models", "endless")
def test_progress_tells_how_far_and_can_be_cancelled(disk: Path) -> None:
    page = upload(video_page(), "a.mp4", b"whatever")
    page.button(key="videos_read").click().run()
    work = begun(page)
    wait_for(lambda: work.progress()[0] > 0)
    share, told = work.progress()
    assert share == pytest.approx(0.25)
    assert told == "0:02 of 0:08 · 60 frames"
    page.run()
    page.button(key="videos_cancel").click().run()
    assert not page.exception
    assert not page.error
    wait_for(lambda: not work.running)
    assert list(disk.iterdir()) == []
    assert page.button(key="videos_read")


@pytest.mark.usefixtures("models", "endless")
def test_a_reading_that_nobody_asks_for_ends_and_makes_room(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "places", threading.BoundedSemaphore(1))
    page = upload(video_page(), "a.mp4", b"whatever")
    page.button(key="videos_read").click().run()
    work = begun(page)
    other = upload(video_page(), "b.mp4", b"whatever")
    other.button(key="videos_read").click().run()
    assert "try again" in words(other)
    wait_for(lambda: not work.running)
    assert list(disk.iterdir()) == []
    page.run()
    assert "nobody came back" in words(page)
    other.button(key="videos_read").click().run()
    assert "try again" not in words(other)
    last = begun(other)
    other.button(key="videos_cancel").click().run()
    wait_for(lambda: not last.running)


@pytest.mark.usefixtures("models", "endless")
def test_the_address_leads_back_to_a_reading_and_nothing_else_does(disk: Path) -> None:
    page = upload(video_page(), "a.mp4", b"whatever")
    page.button(key="videos_read").click().run()
    link, work = page.query_params["job"], begun(page)
    again = video_page(job=link)  # another tab, or the same one after a reload
    assert again.button(key="videos_cancel")
    assert "leads back to it" in words(again)
    stranger = video_page()
    assert [button.key for button in stranger.button] == ["videos_example"]
    guess = video_page(job=link[:-1] + ("A" if link[-1] != "A" else "B"))
    assert "not here any more" in words(guess)
    assert "job" not in guess.query_params
    again.button(key="videos_cancel").click().run()
    wait_for(lambda: not work.running)
    page.run()  # the tab that began it
    assert "not here any more" in words(page)
    assert list(disk.iterdir()) == []


@pytest.mark.usefixtures("models")
def test_what_was_read_is_found_again_by_its_address(tmp_path: Path) -> None:
    page = read(upload(video_page(), "clip.mp4", drawn_bytes(tmp_path)))
    again = video_page(job=page.query_params["job"])
    assert "clip.mp4 · 640 x 480" in words(again)
    assert again.download_button(key="videos_mp4")
    again.button(key="videos_discard").click().run()
    page.run()
    assert not page.download_button


def test_a_server_that_is_ended_leaves_no_video_on_its_disk(disk: Path) -> None:
    pid_file = disk / "pid"
    telling = f"import os; open({str(pid_file)!r}, 'w').write(str(os.getpid()))\n{FOR_EVER}"
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from ui.videos import job as videos\n"
        "from ui.jobs import Job\n"
        f"for_ever = [sys.executable, '-c', {telling!r}]\n"
        "videos.Job = lambda command, patience_s: Job(for_ever, patience_s)\n"
        "upload = videos.Upload('a', 'a.mp4', lambda: b'private')\n"
        "work = videos.start(upload, videos.Settings('tiny', 'haar', 1))\n"
        "while not work.progress()[0]: time.sleep(0.05)\n"
        f"print(*Path({str(disk)!r}).glob('mien-work-*/*'))\n"
    )
    # As after SIGTERM, which Streamlit answers by an orderly end.
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(disk)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "this video" in done.stdout  # it was there
    assert list(disk.glob("mien-*")) == []  # other programs' files may stay
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_without_room_on_the_disk_nothing_is_left_and_no_place_is_taken(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(videos, "places", threading.BoundedSemaphore(1))

    def load() -> bytes:
        raise OSError(28, "No space left on device")

    for _ in range(2):  # the second try gets as far as the first
        with pytest.raises(MediaError, match="No space"):
            start(Upload("a", "a.mp4", load), Settings("tiny", "haar", 1))
    assert list(disk.iterdir()) == []


@pytest.mark.usefixtures("models")
def test_a_video_without_faces_says_what_helps(tmp_path: Path) -> None:
    path = tmp_path / "wall.mp4"
    with VideoWriter(path, 10) as writer:
        for number in range(3):
            writer.write(np.full((48, 64, 3), 120, np.uint8), number / 10)
    page = read(upload(video_page(), "wall.mp4", path.read_bytes()))
    assert "No face was found" in words(page)
    assert len(page.download_button) == 4


def test_without_any_network_the_page_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path / "nothing"))
    page = video_page()
    assert any("No network is here yet" in info.value for info in page.info)
    assert not page.button
