"""What a browser test needs around it: a server, a Chromium, a fake camera, a look at the video."""

import base64
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Frame, FrameLocator, Page, Playwright, expect

from fer_core.faces import YUNET_FILE
from tests.browser import served
from ui.live.faces import IDLE

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The system's Chromium or Chrome; None where there is none."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def launch_with_camera(playwright: Playwright, camera: Path) -> Browser:
    """A headless Chromium whose camera plays a Motion JPEG file, for commands that measure."""
    executable = find_chromium()
    if executable is None:
        raise SystemExit("No Chromium found: apt install chromium.")
    return playwright.chromium.launch(
        executable_path=executable,
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ],
    )


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Processor time since start-up, as the kernel counts it (Linux; zeros elsewhere)."""

    stolen: int = 0
    total: int = 0

    @classmethod
    def now(cls) -> "ProcessorTime":
        counts = Path("/proc/stat")
        if not counts.exists():
            return cls()
        # user, nice, system, idle, iowait, irq, softirq, steal; guests are in the first two
        row = [int(value) for value in counts.read_text().splitlines()[0].split()[1:9]]
        return cls(row[7], sum(row))

    def stolen_since(self) -> float:
        """Share of the time that a virtual machine's host gave to others: such runs are slow."""
        now = ProcessorTime.now()
        return round((now.stolen - self.stolen) / max(now.total - self.total, 1), 3)


def detector_cache(folder: Path) -> dict[str, str]:
    """Environment of a server that finds YuNet's weights in ``folder``, where they lie beside."""
    weights = ROOT.parent / "shared" / "models" / YUNET_FILE
    if not weights.exists():
        return {}
    shutil.copy(weights, folder)
    return {"MIEN_CACHE": str(folder)}


def wait_for(what: Callable[[], Any], words: str, timeout_s: float = 20.0) -> Any:
    """Ask until the answer is neither None nor False; fails with ``words`` after ``timeout_s``."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        answer = what()
        if answer is not None and answer is not False:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{words}: not within {timeout_s:.0f} s")


@dataclass(frozen=True, slots=True)
class Server:
    """A running dashboard."""

    url: str
    pid: int
    log: Path

    def threads(self) -> int:
        """Threads of the server's process (Linux), else 0.

        A file is asked for first: only then does the web server let go of threads that have been
        idle for ten seconds, and a page that loads leaves up to a dozen.
        """
        with urllib.request.urlopen(self.url, timeout=30) as answer:
            answer.read()
        tasks = Path(f"/proc/{self.pid}/task")
        return len(list(tasks.iterdir())) if tasks.exists() else 0

    def thread_names(self) -> dict[int, str]:
        """Names of its Python threads, by the kernel's number."""
        before = self.log.read_text(errors="replace").count("\nTHREADS ")
        os.kill(self.pid, signal.SIGUSR2)

        def told() -> str | None:
            parts = self.log.read_text(errors="replace").split("\nTHREADS ")
            return parts[-1] if len(parts) > before + 1 and "}" in parts[-1] else None

        line = str(wait_for(told, "the server names its threads", 10)).split("}")[0] + "}"
        return {int(number): str(name) for number, name in json.loads(line).items()}

    def name_threads(self) -> None:
        """Write what each Python thread does into the log, which a failed test shows."""
        os.kill(self.pid, signal.SIGUSR1)
        time.sleep(1.0)


def _free_port() -> int:
    for port in range(8641, 8741):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port from 8641 to 8740")


@contextmanager
def serving(log: Path, root: Path = ROOT, **environment: str) -> Iterator[Server]:
    """The dashboard of a checkout on a free local port, ended by its process id."""
    port = _free_port()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                sys.executable, str(Path(served.__file__)), "run", "app.py",
                "--server.address=127.0.0.1", f"--server.port={port}",
                "--server.headless=true",
            ],
            cwd=root,
            env=os.environ | {"MALLOC_ARENA_MAX": "2"} | environment,  # as `make run`
            stdout=stream,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"

    def healthy() -> bool:
        assert process.poll() is None, f"the server ended: {log.read_text()[-2000:]}"
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        wait_for(healthy, "the server answers", 60)
        yield Server(url, process.pid, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def write_fake_camera(path: Path, seconds: float = 2.0, fps: int = 30) -> Path:
    """A clip for Chromium's fake camera: the astronaut's face moving a little, 640x480, looping.

    Motion JPEG is pictures one after the other. The portrait is NASA's, from scikit-image.
    """
    from skimage import data

    portrait = data.astronaut()[:300, 30:430]  # 4:3 around the head
    with path.open("wb") as stream:
        for frame in camera_frames(portrait, round(seconds * fps)):
            jpeg = io.BytesIO()
            Image.fromarray(frame).save(jpeg, "JPEG", quality=90)
            stream.write(jpeg.getvalue())
    return path


def camera_frames(portrait: NDArray[np.uint8], n: int) -> Iterator[NDArray[np.uint8]]:
    """The portrait at 640x480, swaying by a few pixels and back within n frames."""
    large = cv2.resize(portrait, (704, 528), interpolation=cv2.INTER_CUBIC)
    for step in range(n):
        angle = 2 * np.pi * step / n
        x, y = 32 + round(24 * np.sin(angle)), 24 + round(16 * np.cos(angle))
        yield np.asarray(large[y : y + 480, x : x + 640], np.uint8)


@dataclass(frozen=True, slots=True)
class LiveWidget:
    """The video widget of the live page, in its own frame."""

    page: Page

    @property
    def inside(self) -> FrameLocator:
        return self.page.frame_locator('iframe[title*="webrtc_streamer"]')

    @property
    def frame(self) -> Frame:
        frames = [frame for frame in self.page.frames if "webrtc_streamer" in frame.url]
        return frames[-1]  # a reload leaves the old one listed for a moment

    def press(self, button: str) -> None:
        self.inside.get_by_role("button", name=button).click(timeout=60_000)

    def wait_for_button(self, button: str) -> None:
        self.inside.get_by_role("button", name=button).wait_for(timeout=60_000)

    def stop(self) -> None:
        """Press STOP, until the page knows: a START before that would be lost by the library."""
        self.press("STOP")
        self.wait_for_button("START")
        self.page.locator(f".st-key-{IDLE}").wait_for(timeout=60_000)

    def picture(self) -> NDArray[np.uint8] | None:
        """What the video shows now, (h, w, 3) RGB; None while it shows nothing."""
        coded = self.frame.evaluate(
            """() => {
                const video = document.querySelector("video");
                if (!video || video.readyState < 2 || !video.videoWidth) return null;
                const canvas = document.createElement("canvas");
                canvas.width = video.videoWidth; canvas.height = video.videoHeight;
                canvas.getContext("2d").drawImage(video, 0, 0);
                return canvas.toDataURL("image/png");
            }"""
        )
        if coded is None:
            return None
        png = base64.b64decode(coded.split(",", 1)[1])
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def start(page: Page) -> LiveWidget:
    """Press START on an opened live page, until a face is read."""
    widget = LiveWidget(page)
    widget.wait_for_button("START")
    widget.press("START")
    wait_for(widget.picture, "a picture", 40)
    expect(page.get_by_text("expression shown").first).to_be_visible(timeout=20_000)
    return widget


def stages(page: Page) -> str:
    """What each stage of a frame takes, which stands folded under "Speed"."""
    # While the part is drawn anew there may be two, of which the last one is new.
    lines = page.locator(".st-key-live_speed [data-testid=stCaptionContainer]")
    return lines.last.text_content() or ""


def widest_run(picture: NDArray[np.uint8], colour: tuple[int, int, int], near: int = 28) -> int:
    """The longest horizontal run of pixels near a colour; a name tag gives a long one."""
    hits = (np.abs(picture.astype(np.int16) - np.array(colour)) <= near).all(axis=2)
    longest, run = 0, np.zeros(len(hits), int)
    for column in hits.T:
        run = np.where(column, run + 1, 0)
        longest = max(longest, int(run.max(initial=0)))
    return longest


def wait_for_movement(widget: LiveWidget) -> None:
    """Until two pictures, one after the other, differ."""
    first = wait_for(widget.picture, "a picture").astype(int)

    def moved() -> bool:
        nonlocal first
        later = widget.picture()
        if later is None:
            return False
        before, first = first, later.astype(int)
        # A busy browser changes the size of what it sends: such a pair says nothing.
        return first.shape == before.shape and float(np.abs(first - before).mean()) > 1.0

    wait_for(moved, "the video moves")
