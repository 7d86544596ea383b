"""A video with its faces drawn in: while it is read, or in a second pass with what was read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import TimedFrame, VideoIndex, VideoReader
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.assembled import Assembled, results_by_frame
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.left_out import LeftOut, blurred_whole
from fer_core.storage.atomic import new_file

_FRAMES_AT_ONCE = 8
_NOTHING = LeftOut()


class Annotator:
    """Draws and writes frames on a thread of its own, so that reading the next ones goes on.

    What a frame that was read shows holds until the next one that was.
    """

    def __init__(
        self,
        writer: VideoWriter,
        names: Mapping[int, str] | None = None,
        left_out: LeftOut = _NOTHING,
    ) -> None:
        """Begin.

        Args:
            writer: used by nobody else from now on.
            names: what faces are called, by track id.
            left_out: what becomes of some stretches.
        """
        self._names, self._left_out = names or {}, left_out
        self._writer = writer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="annotator")
        self._pending: Future[None] | None = None
        self._shown: FrameResult | None = None

    def add(self, frames: Sequence[TimedFrame], results: Mapping[int, FrameResult]) -> None:
        """Take in the next frames, once those before them are written.

        Args:
            frames: in the order of time.
            results: by number, of those that were read.

        Raises:
            MediaError: the file cannot be written.
        """
        self._wait()
        self._pending = self._thread.submit(self._write, frames, results)

    def _write(self, frames: Sequence[TimedFrame], results: Mapping[int, FrameResult]) -> None:
        for frame in frames:
            self._shown = results.get(frame.number, self._shown)
            shown_s = self._left_out.time(frame.seconds)
            if shown_s is not None:
                self._writer.write(self._drawn(frame), shown_s)

    def _drawn(self, frame: TimedFrame) -> NDArray[np.uint8]:
        if self._left_out.covers(frame.seconds):
            return blurred_whole(frame.rgb)
        if self._shown is None:
            return frame.rgb
        called = tuple(self._names.get(track, track) for track in self._shown.track_ids)
        return draw(frame.rgb, self._shown, numbers=called)

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()

    def __enter__(self) -> "Annotator":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()
        if error is None:
            self._wait()


def annotate_video(
    path: Path,
    index: VideoIndex,
    parts: Iterable[Assembled],
    out: Path,
    *,
    network: int = 0,
    unsure_threshold: float,
    names: Mapping[int, str] | None = None,
    left_out: LeftOut = _NOTHING,
    tell: Callable[[float], None] | None = None,
) -> tuple[str, ...]:
    """Write a video with its faces drawn in, from what was read of it before.

    Args:
        path: the file that was read.
        index: of this very file.
        parts: its rows in the order of time, mended or not.
        out: the MP4 to write, with its sound, at most `fer_core.media.videos.LONGEST_PX` long.
        network, unsure_threshold: as for `fer_core.pipeline.assembled.recording_of`.
        names: what faces are called, by track id; others are shown by their number.
        left_out: what becomes of some stretches; where they are cut, there is no sound.
        tell: told every few frames which share of it is done, 0-1.

    Returns:
        Sentences on what a person should know of the file that was written.

    Raises:
        MediaError: the video cannot be decoded, or ``out`` cannot be written.
        StorageError: nor can anything else, in the place of ``out``.
    """
    results: dict[int, FrameResult] = {}
    coming = iter(parts)
    reached = -1
    with (
        VideoReader(path, index) as video,
        new_file(out) as place,
        VideoWriter(
            place,
            index.frames_per_second,
            source=None if left_out.cuts else video,
            name=out.name,
        ) as writer,
        Annotator(writer, names, left_out) as annotator,
    ):
        frames: list[TimedFrame] = []
        for frame in video:
            more = next(coming, None) if frame.number > reached else None
            if more is not None or len(frames) == _FRAMES_AT_ONCE:
                annotator.add(frames, results)
                frames = []
                if tell is not None:
                    tell(min(1.0, frame.seconds / max(index.seconds, 1e-6)))
            while more is not None:
                results = results_by_frame(
                    more,
                    size=index.canvas,
                    scale=index.scale,
                    network=network,
                    unsure_threshold=unsure_threshold,
                )
                reached = max(results, default=reached)
                more = next(coming, None) if frame.number > reached else None
            frames.append(frame)
        annotator.add(frames, results)
    return writer.notes
