"""How stored pixels have to be turned and mirrored to stand upright: EXIF and display matrices."""

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Orientation(NamedTuple):
    """One of the eight ways in which a picture can lie: first swapped, then mirrored.

    Attributes:
        swapped: rows become columns.
        mirrored: left and right change places.
        flipped: top and bottom change places.
    """

    swapped: bool = False
    mirrored: bool = False
    flipped: bool = False

    def upright(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Stored pixels (h, w, channels) as they are to be seen, C-contiguous."""
        if self.swapped:
            pixels = pixels.swapaxes(0, 1)
        if self.mirrored:
            pixels = pixels[:, ::-1]
        if self.flipped:
            pixels = pixels[::-1]
        return np.ascontiguousarray(pixels)


_EXIF = {
    2: Orientation(mirrored=True),
    3: Orientation(mirrored=True, flipped=True),
    4: Orientation(flipped=True),
    5: Orientation(swapped=True),
    6: Orientation(swapped=True, mirrored=True),
    7: Orientation(swapped=True, mirrored=True, flipped=True),
    8: Orientation(swapped=True, flipped=True),
}


def of_exif(value: int) -> Orientation:
    """EXIF's orientation 1 to 8; upright for any other value."""
    return _EXIF.get(value, Orientation())


def of_display_matrix(matrix: bytes) -> Orientation:
    """What a video frame's display matrix says: nine 32-bit integers, as FFmpeg hands them on.

    It takes a stored pixel (p, q) to (a p + c q, b p + d q); of a matrix between two quarter turns
    the nearer one is taken.
    """
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(swapped=True, mirrored=c < 0, flipped=b < 0)
    return Orientation(mirrored=a < 0, flipped=d < 0)
