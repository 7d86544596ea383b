"""What a video thread does with the frames that came: decode the newest, read, draw, encode it."""

from collections.abc import Sequence
from time import perf_counter

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.live.session import LiveSession
from fer_core.media.frames import orientation_of
from fer_core.pipeline.annotate import draw


def process_frames(live: LiveSession, frames: Sequence[av.VideoFrame]) -> av.VideoFrame:
    """Read and draw the newest of some frames.

    Args:
        live: the viewer's session; it is told what each stage took.
        frames: those that came since the last call, at least one.

    Returns:
        A new frame in planar YUV. One that could not be read passes with a banner.
    """
    live.throughput.on_arrival(len(frames))
    start = perf_counter()
    image = _upright_rgb(frames[-1])
    decoded = perf_counter()
    view = live.view
    try:
        frame = live.read(image)
        read = perf_counter()
        drawn = draw(
            image, live.wording(frame), labels=view.labels, boxes=view.boxes, mirror=view.mirror
        )
    except Exception as error:  # whatever a frame brings, the video goes on
        live.fail(error)
        return _planar(_with_banner(image, mirror=view.mirror))
    drawn_at = perf_counter()
    out = _planar(drawn)
    live.throughput.on_read(
        {
            "decode": (decoded - start) * 1e3,
            **frame.raw.milliseconds,
            "draw": (drawn_at - read) * 1e3,
            "encode": (perf_counter() - drawn_at) * 1e3,
        }
    )
    return out


def _upright_rgb(frame: av.VideoFrame) -> NDArray[np.uint8]:
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    return orientation_of(frame).upright(pixels)


def _planar(image: NDArray[np.uint8]) -> av.VideoFrame:
    # What WebRTC's codecs want; converted here, the server's event loop stays free for packets.
    if image.shape[0] % 2 or image.shape[1] % 2:
        return av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
    # The same colours as FFmpeg's conversion, but for rounding, in a fifth of its time; even
    # sizes only.
    planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420), np.uint8)
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _with_banner(image: NDArray[np.uint8], *, mirror: bool) -> NDArray[np.uint8]:
    out = np.ascontiguousarray(image[:, ::-1]) if mirror else image.copy()
    height = min(out.shape[0], 36)
    out[:height] //= 4
    # ASCII only: OpenCV's fonts have nothing else. The full sentence is beside the video.
    words = "Not read: see the message beside the video"
    white = (255, 255, 255)
    cv2.putText(out, words, (10, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, white, 1, cv2.LINE_AA)
    return out
