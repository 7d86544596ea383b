"""A video to measure with: NASA's portrait of Eileen Collins, swaying, 30 frames/s.

python -m benchmarks.portrait_video face.mp4 [--seconds 12] [--width 640]
python -m fer_core bench --video face.mp4 --external-python .venv-external/bin/python
"""

import argparse
from itertools import cycle, islice
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

from tests.browser.stage import camera_frames

FPS = 30


def write_portrait_video(path: Path, seconds: float = 12.0, width: int = 640) -> Path:
    """Write an H.264 file of about that length, of pictures 4:3."""
    height = width * 3 // 4
    sway = [
        np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        for image in camera_frames(data.astronaut()[:300, 30:430], 2 * FPS)
    ]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for image in islice(cycle(sway), round(seconds * FPS)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--width", type=int, default=640)
    asked = parser.parse_args()
    write_portrait_video(asked.path, asked.seconds, asked.width)
