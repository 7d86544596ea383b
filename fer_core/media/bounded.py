"""A limit on how often a decoder may ask for more of a file."""

import io

from fer_core.errors import MediaError

MAX_READS = 1_000_000
"""An animation of 100 MB is read in 800,000 parts; made of parts of a few bytes each, which is
minutes of work, it is refused after about a second."""


class BoundedFile(io.BytesIO):
    """Bytes in memory as a file that can be read in at most `MAX_READS` parts.

    Raises:
        MediaError: on reading, once there were so many.
    """

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self._name, self._left = name, MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """As `io.BytesIO`."""
        if self._left <= 0:
            raise MediaError(
                "decoding the picture would take too long",
                where=self._name,
                expected=f"at most {MAX_READS:,} parts",
                received="more than that",
                remedy="Save it again with a picture program.",
            )
        self._left -= 1
        return super().read(size)
