"""The playout delay is agreed on with browsers that know it, and then stands in every packet."""

import asyncio

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription, codecs, rtp
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

from ui.webrtc.playout_delay import show_frames_at_once

URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
MID = RTCRtpHeaderExtensionParameters(id=4, uri="urn:ietf:params:rtp-hdrext:sdes:mid")


@pytest.fixture(autouse=True)
def aiortc_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtp, "HeaderExtensionsMap", rtp.HeaderExtensionsMap)
    monkeypatch.setitem(codecs.HEADER_EXTENSIONS, "video", codecs.HEADER_EXTENSIONS["video"][:])


def packed(*extensions: RTCRtpHeaderExtensionParameters) -> list[tuple[int, bytes]]:
    """What a packet's header carries after these were agreed on."""
    mapping = rtp.HeaderExtensionsMap()
    mapping.configure(RTCRtpParameters(headerExtensions=list(extensions)))
    return rtp.unpack_header_extensions(*mapping.set(rtp.HeaderExtensions(mid="0")))


def test_agreed_delay_is_zero_in_every_packet() -> None:
    show_frames_at_once()
    delay = RTCRtpHeaderExtensionParameters(id=7, uri=URI)
    assert packed(MID, delay) == [(4, b"0"), (7, b"\0\0\0")]


def test_a_browser_that_does_not_know_it_gets_what_it_got() -> None:
    before = packed(MID)
    show_frames_at_once()
    assert packed(MID) == before == [(4, b"0")]


def test_an_offer_with_it_is_answered_with_it() -> None:
    for _ in range(2):
        show_frames_at_once()

    async def answer() -> str:
        browser, server = RTCPeerConnection(), RTCPeerConnection()
        browser.addTransceiver("video")
        offer = (await browser.createOffer()).sdp
        await server.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        sdp = (await server.createAnswer()).sdp
        await browser.close()
        await server.close()
        return str(sdp)

    assert asyncio.run(answer()).count(URI) == 1
