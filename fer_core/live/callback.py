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
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.images import resized

_SMALLEST_PX = 240
"""No picture gets a shorter side than this: its tags could not be read."""


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
        small, worded = _as_sent(image, live.wording(frame), smaller=live.share.smaller)
        drawn = draw(small, worded, labels=view.labels, boxes=view.boxes, mirror=view.mirror)
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


def _as_sent(
    image: NDArray[np.uint8], result: FrameResult, *, smaller: bool
) -> tuple[NDArray[np.uint8], FrameResult]:
    """Half as wide and high where that is wanted and leaves something to see."""
    size = (image.shape[1] // 4 * 2, image.shape[0] // 4 * 2)  # even, as codecs have it
    if not smaller or min(size) < _SMALLEST_PX:
        return image, result
    half = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return half, resized(result, size[0] / image.shape[1], size)


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
