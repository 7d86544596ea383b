"""A video of the drawn face, for people without one."""

from pathlib import Path

from fer_core.media.video_writer import VideoWriter
from fer_core.synthetic.face import LOOP_S, demo_frame

_FPS = 10


def write_drawn_video(path: Path, seconds: float = LOOP_S) -> None:
    """Write the demo's drawn face, which changes its expression, as an MP4 without sound.

    Raises:
        MediaError: the file cannot be written.
    """
    with VideoWriter(path, _FPS) as writer:
        for number in range(round(seconds * _FPS)):
            writer.write(demo_frame(number / _FPS), number / _FPS)
