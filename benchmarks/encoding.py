"""What a live picture costs to encode, with aiortc's settings and with ours, on a moving portrait.

    python -m benchmarks.encoding [--seconds 3]

Prints JSON: milliseconds of processor for a picture of 640x480, its bytes, and how near the decoded
picture is to the given one (PSNR of its brightness, dB; more is nearer). The portrait moves from
side to side and has a camera's noise; both encoders get the same pictures and the same bitrate.
"""

import argparse
import json
import time
from fractions import Fraction

import av
import cv2
import numpy as np
from aiortc.codecs.vpx import Vp8Decoder, Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from skimage.data import astronaut

from ui.webrtc.encoding import QuickVp8Encoder

FPS, WIDTH, HEIGHT = 30, 640, 480
BITRATE = 1_000_000
NOISE = 4.0
"""Standard deviation of each channel, of 255."""


def moving_portrait(seconds: float) -> list[av.VideoFrame]:
    """Planar pictures as the video thread gives them to the encoder."""
    portrait, rng, frames = astronaut(), np.random.default_rng(0), []
    for row in range(round(seconds * FPS)):
        move = np.array([[1.6, 0, 20 * np.sin(row / 8) - 90], [0, 1.6, -20]], np.float32)
        image = cv2.warpAffine(portrait, move, (WIDTH, HEIGHT))
        image = image + rng.normal(0, NOISE, image.shape)
        planes = cv2.cvtColor(image.clip(0, 255).astype(np.uint8), cv2.COLOR_RGB2YUV_I420)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = row * 90_000 // FPS, Fraction(1, 90_000)
        frames.append(frame)
    return frames


def measure(encoder: Vp8Encoder, frames: list[av.VideoFrame]) -> dict[str, float]:
    """Encode all frames, then decode them."""
    encoder.target_bitrate = BITRATE
    start = time.process_time()
    sent = [encoder.encode(frame)[0] for frame in frames]
    spent = time.process_time() - start
    decoder = Vp8Decoder()
    nearness = []
    for frame, payloads in zip(frames, sent, strict=True):
        data = b"".join(vp8_depayload(payload) for payload in payloads)
        (shown,) = decoder.decode(JitterFrame(data=data, timestamp=0))
        given = frame.to_ndarray(format="gray")
        nearness.append(cv2.PSNR(given, shown.to_ndarray(format="gray")))
    return {
        "ms": round(1e3 * spent / len(frames), 2),
        "bytes": round(sum(len(part) for payloads in sent for part in payloads) / len(frames)),
        "psnr_db": round(float(np.mean(nearness)), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    frames = moving_portrait(parser.parse_args().seconds)
    both = {"aiortc": Vp8Encoder, "ours": QuickVp8Encoder}
    print(json.dumps({name: measure(kind(), frames) for name, kind in both.items()}, indent=2))
