"""Glass to glass: from the camera's picture to the read one on the screen, by bar code.

    python -m benchmarks.latency [--seconds 15] [--model compact] [--viewers 1]

In place of a camera, a canvas in the page draws a portrait and the time as black and white cells;
the same page reads the cells of the video that comes back, so that both times are of one clock.
Prints JSON. ``latency_ms`` ends when the browser hands the frame over for display.
"""

import argparse
import base64
import io
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from skimage import data

from fer_core.zoo import find_folder, models_roots
from tests.browser.stage import (
    LiveWidget,
    ProcessorTime,
    camera_frames,
    detector_cache,
    launch_with_camera,
    serving,
    start,
    wait_for,
    write_fake_camera,
)

BITS = 16
"""Milliseconds modulo 65,536, in Gray code: a cell misread while it changes is one step off."""

_CAMERA = """() => {
    const BITS = %(bits)d, portrait = new Image();
    portrait.src = "data:image/jpeg;base64,%(portrait)s";
    navigator.mediaDevices.getUserMedia = async () => {
        await portrait.decode();
        const canvas = document.createElement("canvas");
        canvas.width = 640; canvas.height = 480;
        const pen = canvas.getContext("2d");
        const cell = canvas.width / (2 * BITS);
        const draw = () => {
            pen.drawImage(portrait, 0, 0);
            const now = Math.floor(performance.now()) %% 65536, gray = now ^ (now >> 1);
            for (let bit = 0; bit < BITS; bit++) {
                const on = (gray >> bit) & 1;  // each bit, and its opposite beside it
                pen.fillStyle = on ? "white" : "black"; pen.fillRect(2 * bit * cell, 0, cell, 32);
                pen.fillStyle = on ? "black" : "white";
                pen.fillRect((2 * bit + 1) * cell, 0, cell, 32);
            }
        };
        draw();
        setInterval(draw, 1000 / 30);
        return canvas.captureStream(30);
    };
}"""

_READ = """(bits) => {
    const video = document.querySelector("video"), canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", {willReadFrequently: true});
    window.latencies = []; window.codes = []; window.unread = 0;
    const next = () => {
        const now = performance.now();
        canvas.width = video.videoWidth; canvas.height = 32;
        pen.drawImage(video, 0, 0);
        const row = pen.getImageData(0, Math.round(video.videoHeight / 30), canvas.width, 1).data;
        const light = i => row[4 * Math.round((i + 0.5) * canvas.width / (2 * bits))];
        let gray = 0, sound = true;
        for (let bit = 0; bit < bits; bit++) {
            const difference = light(2 * bit) - light(2 * bit + 1);
            if (Math.abs(difference) < 60) sound = false;
            if (difference > 0) gray |= 1 << bit;
        }
        let code = gray;
        for (let shift = gray >> 1; shift; shift >>= 1) code ^= shift;
        if (sound) {
            window.codes.push(code);
            window.latencies.push((Math.floor(now) - code + 65536) % 65536);
        } else window.unread += 1;
        video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
}"""


def _portrait() -> str:
    frame = next(camera_frames(data.astronaut()[:300, 30:430], 60))
    jpeg = io.BytesIO()
    # The head a little lower: what is drawn at the face stays clear of the cells.
    Image.fromarray(np.roll(frame, 40, axis=0)).save(jpeg, "JPEG", quality=90)
    return base64.b64encode(jpeg.getvalue()).decode()


def measure(seconds: float, model: str, viewers: int = 1) -> dict[str, object]:
    """Run the server and the browser, and measure after a warm-up of five seconds.

    Args:
        seconds: how long is measured.
        model: slug of the network that reads.
        viewers: of whom the last one is measured; the others show a fake camera.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        only = folder / "only"
        only.mkdir()
        (only / model).symlink_to(find_folder(model, *models_roots()))
        environment = {"MIEN_MODELS": str(only)} | detector_cache(folder)
        with serving(folder / "log", **environment) as server, sync_playwright() as playwright:
            browser = launch_with_camera(playwright, write_fake_camera(folder / "face.mjpeg"))
            for _ in range(viewers - 1):
                other = browser.new_context().new_page()
                other.goto(f"{server.url}/Live")
                start(other)
            page = browser.new_context().new_page()
            page.goto(f"{server.url}/Live?mirror=off")  # the bar code is read as it was drawn
            widget = LiveWidget(page)
            widget.wait_for_button("START")
            widget.frame.evaluate(_CAMERA % {"bits": BITS, "portrait": _portrait()})
            widget.press("START")
            wait_for(widget.picture, "a picture", 60)
            page.get_by_text("expression shown").first.wait_for(timeout=20_000)
            time.sleep(5)
            widget.frame.evaluate(_READ, BITS)
            processor = ProcessorTime.now()
            time.sleep(seconds)
            stolen = processor.stolen_since()
            latencies, codes, unread = widget.frame.evaluate(
                "[window.latencies, window.codes, window.unread]"
            )
            status = page.get_by_text("frames/s read").inner_text()
            browser.close()
    if not latencies:
        raise SystemExit("No bar code came back readable.")
    p50, p90, p99 = np.percentile(latencies, (50, 90, 99))
    return {
        "model": model,
        "viewers": viewers,
        "seconds": seconds,
        "cores": os.cpu_count(),
        "load_average_1min": round(os.getloadavg()[0], 2),
        "stolen_share": stolen,
        "latency_ms": {"p50": round(p50), "p90": round(p90), "p99": round(p99)},
        "frames_shown": len(latencies) + unread,
        "unreadable": unread,
        "different_frames_per_second": round(len(set(codes)) / seconds, 1),
        "status": status,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--viewers", type=int, default=1)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.seconds, asked.model, asked.viewers), indent=2))
