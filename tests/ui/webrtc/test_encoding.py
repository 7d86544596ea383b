"""aiortc's encoder with less work: the settings reach it, and a browser can read what comes out."""

from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest
from aiortc import codecs
from aiortc.codecs.vpx import Vp8Decoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from fer_core.synthetic.face import demo_frame
from ui.webrtc.encoding import LESS_WORK, QuickVp8Encoder, encode_with_less_work

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=96)


@pytest.fixture
def unpatched() -> Iterator[None]:
    before = codecs.Vp8Encoder
    yield
    codecs.Vp8Encoder = before


def pictures(width: int = 640, height: int = 480) -> list[av.VideoFrame]:
    found = []
    for row in range(4):
        image = cv2.resize(demo_frame(row / 30), (width, height))
        frame = av.VideoFrame.from_ndarray(np.asarray(image, np.uint8), format="rgb24")
        frame.pts, frame.time_base = row * 3000, Fraction(1, 90000)
        found.append(frame)
    return found


def decoded(payloads: list[bytes]) -> np.ndarray:
    data = b"".join(vp8_depayload(payload) for payload in payloads)
    (frame,) = Vp8Decoder().decode(JitterFrame(data=data, timestamp=0))
    return frame.to_ndarray(format="rgb24")


def test_connections_get_the_encoder_and_its_settings_reach_the_codec(unpatched: None) -> None:
    encode_with_less_work()
    encode_with_less_work()
    encoder = codecs.get_encoder(VP8)
    assert isinstance(encoder, QuickVp8Encoder)
    # aiortc makes a context and then assigns its options.
    context = SimpleNamespace(options={})
    encoder.codec = context
    encoder.codec.options = {"cpu-used": "-6", "deadline": "realtime"}
    assert context.options == {"deadline": "realtime"} | LESS_WORK


def test_the_codec_knows_all_settings() -> None:
    encoder = QuickVp8Encoder()
    encoder.encode(pictures()[0])
    # Once it is open, those are left that it did not know; aiortc's "partitions" is one.
    assert not set(encoder.codec.options) & set(LESS_WORK)


def test_what_it_encodes_is_the_picture() -> None:
    encoder = QuickVp8Encoder()
    for frame in pictures():
        payloads, _ = encoder.encode(frame, force_keyframe=True)
    given = frame.to_ndarray(format="rgb24")
    assert cv2.PSNR(given, decoded(payloads)) > 30


def test_another_size_and_another_bitrate_begin_a_new_codec() -> None:
    encoder = QuickVp8Encoder()
    encoder.encode(pictures()[0])
    payloads, _ = encoder.encode(pictures(320, 240)[0])
    assert decoded(payloads).shape == (240, 320, 3)
    before = encoder.codec
    encoder.target_bitrate = encoder.target_bitrate * 2
    encoder.encode(pictures(320, 240)[1])
    assert encoder.codec is not before
