"""Encoding the read picture with less work: a third of the encoder's time at the same quality.

aiortc's VP8 encoder takes noise out of a camera's picture before it encodes it, and looks longer
for the best motion than 640x480 repays. `python -m benchmarks.encoding` measures both on a moving
portrait. Its settings cannot be chosen, so the class that aiortc makes its encoders of is replaced
by one that changes them on the way. Checked with aiortc 1.16; no issue of its asks for them.
Meaning of the settings: https://ffmpeg.org/ffmpeg-codecs.html#libvpx
"""

from typing import Any

from aiortc import codecs
from aiortc.codecs.vpx import Vp8Encoder

from ui.webrtc.private_parts import PrivatePart

_BRINGS = "a third of the time of encoding"
RELIES_ON = (
    PrivatePart("aiortc.codecs", ("Vp8Encoder",), "aiortc 1.16.0", _BRINGS),
    PrivatePart("aiortc.codecs.vpx:Vp8Encoder", ("codec",), "aiortc 1.16.0", _BRINGS),
)

LESS_WORK = {"cpu-used": "-10", "noise-sensitivity": "0"}
"""In place of -6 and 4. The picture is no worse for it: without the denoiser it is nearer to what
was given."""


class _Context:
    """A codec context of PyAV that gets `LESS_WORK` among its options."""

    def __init__(self, context: Any) -> None:
        object.__setattr__(self, "_context", context)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._context, name, value | LESS_WORK if name == "options" else value)


class QuickVp8Encoder(Vp8Encoder):
    """aiortc's, whose codec contexts get `LESS_WORK`."""

    @property
    def codec(self) -> Any:
        """The context that encodes; None before the first picture and when its size changes."""
        return self._context

    @codec.setter
    def codec(self, context: Any) -> None:
        self._context = None if context is None else _Context(context)


def encode_with_less_work() -> None:
    """For all connections of this process from now on; again is harmless."""
    codecs.Vp8Encoder = QuickVp8Encoder  # type: ignore[attr-defined]
