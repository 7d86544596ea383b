"""Showing the read picture at once: the browser is told not to hold frames back.

WebRTC receivers delay video to smooth out what comes irregularly. For a picture that reacts to
one's face, late is worse than uneven. The RTP extension "playout delay" lets the sender say so;
aiortc does not know it, so it is taught here.
Source: https://webrtc.googlesource.com/src/+/main/docs/native-code/rtp-hdrext/playout-delay
"""

from aiortc import rtp
from aiortc.codecs import HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

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
