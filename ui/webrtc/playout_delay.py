"""Showing the read picture at once: the browser is told not to hold frames back.

WebRTC receivers delay video to smooth out what comes irregularly. For a picture that reacts to
one's face, late is worse than uneven. The RTP extension "playout delay" lets the sender say so;
aiortc does not know it, so it is taught here: its map of header extensions is replaced by one that
writes the delay, and its list of those that video offers gets one more. Checked with aiortc 1.16;
once https://github.com/aiortc/aiortc/pull/668 (open) is in, this module can go.
Source: https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/playout-delay
"""

from aiortc import rtp
from aiortc.codecs import HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

from ui.webrtc.private_parts import PrivatePart

_BRINGS = "the browser shows each frame as soon as it is there"
RELIES_ON = (
    PrivatePart("aiortc.rtp:HeaderExtensionsMap", ("configure", "set"), "aiortc 1.16.0", _BRINGS),
    PrivatePart(
        "aiortc.rtp",
        ("unpack_header_extensions", "pack_header_extensions"),
        "aiortc 1.16.0",
        _BRINGS,
    ),
    # Both look the map up in its module when a connection begins, which is why replacing it works.
    PrivatePart("aiortc.rtcrtpsender", ("rtp",), "aiortc 1.16.0", _BRINGS),
    PrivatePart("aiortc.codecs", ("HEADER_EXTENSIONS",), "aiortc 1.16.0", _BRINGS),
)

_URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
_AT_ONCE = bytes(3)
"""Twelve bits each for the least and the greatest delay, in 10 ms."""


class _HeaderExtensionsMap(rtp.HeaderExtensionsMap):
    """aiortc's, which also writes the playout delay where both ends agreed on it."""

    def __init__(self) -> None:
        super().__init__()
        self._playout_delay: int | None = None

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == _URI:
                self._playout_delay = extension.id

    def set(self, values: rtp.HeaderExtensions) -> tuple[int, bytes]:
        profile, packed = super().set(values)
        if self._playout_delay is None:
            return profile, packed
        extensions = rtp.unpack_header_extensions(profile, packed)
        return rtp.pack_header_extensions([*extensions, (self._playout_delay, _AT_ONCE)])


def show_frames_at_once() -> None:
    """For all connections of this process from now on; again is harmless."""
    if rtp.HeaderExtensionsMap is not _HeaderExtensionsMap:
        rtp.HeaderExtensionsMap = _HeaderExtensionsMap  # type: ignore[misc]
        HEADER_EXTENSIONS["video"].append(RTCRtpHeaderExtensionParameters(id=5, uri=_URI))
