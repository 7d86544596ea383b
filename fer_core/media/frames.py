"""Decoded frames of a video -> upright RGB frames of one size."""

import av
import numpy as np
from av.sidedata.sidedata import SideData
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.containers import SAVE_AGAIN
from fer_core.media.orientation import Orientation, of_display_matrix

MAX_FRAME_PIXELS = 4096 * 2304
"""Most pixels of a frame that are decoded, read from the header: 4K and a little more."""

LONGEST_PX = 1280
"""Larger frames are scaled down to this longer side while they are converted to RGB. Faces are
looked for on no more pixels, and annotated videos stay small enough to play in a browser."""


class FrameConverter:
    """Turns frames upright, scales them to at most `LONGEST_PX`, all to the size of the first."""

    def __init__(
        self, name: str, pixel_aspect: float, canvas: tuple[int, int] | None = None
    ) -> None:
        """Begin.

        Args:
            name: of the file.
            pixel_aspect: width of a pixel over its height, as stored.
            canvas: width and height of what comes out; None: as the first frame says.
        """
        self._name, self._aspect = name, pixel_aspect
        self._canvas = canvas
        self._reformatter = VideoReformatter()

    def upright_size(self, frame: av.VideoFrame) -> tuple[float, float]:
        """Width and height of a frame with square pixels, before any scaling."""
        return self._upright(frame, orientation_of(frame))

    def _upright(self, frame: av.VideoFrame, lies: Orientation) -> tuple[float, float]:
        size = frame.width * self._aspect, float(frame.height)
        return size[::-1] if lies.swapped else size

    def rgb(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 RGB, the same shape for every frame.

        Raises:
            MediaError: the frame is larger than `MAX_FRAME_PIXELS` or cannot be converted.
        """
        check_frame_size(frame.width, frame.height, self._name)
        lies = orientation_of(frame)
        wide, high = self._upright(frame, lies)
        if self._canvas is None:
            scale = min(1.0, LONGEST_PX / max(wide, high))
        else:
            scale = min(self._canvas[0] / wide, self._canvas[1] / high)
        width, height = max(1, round(wide * scale)), max(1, round(high * scale))
        self._canvas = self._canvas or (width, height)
        lying = (height, width) if lies.swapped else (width, height)
        try:
            # `to_ndarray` alone begins anew with every frame, and starts threads for it.
            rgb24 = self._reformatter.reformat(frame, *lying, format="rgb24", threads=1)
            pixels = rgb24.to_ndarray()
        except (av.FFmpegError, ValueError, MemoryError) as error:
            raise MediaError(
                "the video's frames cannot be converted",
                where=self._name,
                received=f"{frame.format.name}, {frame.width:,} x {frame.height:,}",
                remedy=SAVE_AGAIN,
            ) from error
        upright = lies.upright(np.asarray(pixels, np.uint8))
        if (width, height) == self._canvas:
            return upright
        # The size changed in mid-stream: fitted into the first one, with black beside it.
        rgb = np.zeros((self._canvas[1], self._canvas[0], 3), np.uint8)
        top, left = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
        rgb[top : top + height, left : left + width] = upright
        return rgb


def check_frame_size(width: int, height: int, name: str) -> None:
    """Raise MediaError where a frame has more than `MAX_FRAME_PIXELS`."""
    if width * height > MAX_FRAME_PIXELS:
        raise MediaError(
            "the video's frames are too large",
            where=name,
            expected=f"at most {MAX_FRAME_PIXELS / 1e6:.1f} megapixels (4K)",
            received=f"{width:,} x {height:,}",
            remedy="Save it in a smaller size with a video program.",
        )


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """How a decoded frame has to be turned to stand upright."""
    # FFmpeg's libraries hand the matrix on and leave the turning to us.
    matrix = frame.side_data.get("DISPLAYMATRIX")
    return of_display_matrix(bytes(matrix)) if isinstance(matrix, SideData) else Orientation()
