"""Pictures out of a recording: a moment with its faces, and each face's key picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.faces import LANDMARKS, Faces, InputSpec, crop_square, to_network_input
from fer_core.media.videos import VideoIndex, VideoReader
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.assembled import NO_TRACK
from fer_core.pipeline.frame import FrameResult
from fer_core.studies.mended import MendedRecording
from fer_core.studies.recordings import require_pictures
from fer_core.zoo import Predictions

KEY_PX = 96
"""Side of a key picture."""

_EARLY_FRAMES = 60
# Of a part: decoding begins at its first frame, so that early ones are soon there.


def picture_at(mended: MendedRecording, index: VideoIndex, seconds: float) -> NDArray[np.uint8]:
    """The last read frame at a moment, or the first one, with its faces boxed and named.

    Args:
        mended: the recording.
        index: of its file.
        seconds: from its start.

    Returns:
        (h, w, 3) uint8 RGB, at most `fer_core.media.videos.LONGEST_PX` long.

    Raises:
        MediaError: the file is not there any more, or cannot be decoded there.
    """
    readings = mended.readings
    row = max(0, int(np.searchsorted(readings.time_s, seconds + 1e-6, side="right")) - 1)
    rows = np.flatnonzero(readings.frame == readings.frame[row])
    (rgb,) = _frames(mended, index, [int(readings.frame[row])])
    return draw(rgb, _result(mended, index, rows))


def _result(mended: MendedRecording, index: VideoIndex, rows: NDArray[np.int64]) -> FrameResult:
    readings = mended.readings
    rows = rows[mended.assembled.track_ids[rows] != NO_TRACK]
    scale = np.float32(index.scale)
    return FrameResult(
        width=index.canvas[0],
        height=index.canvas[1],
        faces=Faces(
            readings.boxes[rows] / scale,
            readings.scores[rows],
            readings.landmarks[rows].reshape(-1, LANDMARKS, 2) / scale,
        ),
        predictions=Predictions(
            mended.assembled.smoothed[0][rows], mended.settings.networks[0].unsure_threshold
        ),
        model=readings.networks[0],
        milliseconds={},
        track_ids=tuple(mended.assembled.track_ids[rows].tolist()),
    )


def key_pictures(
    mended: MendedRecording, index: VideoIndex, track_ids: Sequence[int]
) -> dict[int, NDArray[np.uint8]]:
    """A picture of each face: large, surely found, and soon decoded.

    Returns:
        By track id, (`KEY_PX`, `KEY_PX`, 3) uint8 RGB.

    Raises:
        MediaError: the file is not there any more, or cannot be decoded.
    """
    readings = mended.readings
    firsts = np.array([part.first_frame for part in index.parts])
    into = readings.frame - firsts[np.searchsorted(firsts, readings.frame, side="right") - 1]
    worth = np.nan_to_num(readings.scores * np.sqrt(readings.boxes[:, 2] * readings.boxes[:, 3]))
    worth = np.where(into <= _EARLY_FRAMES, worth, worth * 1e-3)
    rows = [
        int(np.where(mended.assembled.track_ids == one, worth, -1).argmax()) for one in track_ids
    ]
    frames = _frames(mended, index, [int(readings.frame[row]) for row in rows])
    return {
        one: to_network_input(
            crop_square(rgb, readings.boxes[row] / np.float32(index.scale), 0.15),
            InputSpec(KEY_PX, 3, 0.0),
        )
        for one, row, rgb in zip(track_ids, rows, frames, strict=True)
    }


def _frames(
    mended: MendedRecording, index: VideoIndex, numbers: Sequence[int]
) -> list[NDArray[np.uint8]]:
    """Frames by their number in the file."""
    require_pictures(mended.recording)
    found: dict[int, NDArray[np.uint8]] = {}
    firsts = [part.first_frame for part in index.parts]
    with VideoReader(mended.recording.path, index) as video:
        for number in sorted(set(numbers)):
            part = index.parts[int(np.searchsorted(firsts, number, side="right")) - 1]
            # Only the first one and the one that is wanted become pictures.
            for frame in video.part(part, max(1, number - part.first_frame)):
                found[number] = frame.rgb
                if frame.number >= number:
                    break
    if missing := set(numbers) - set(found):
        raise MediaError(
            "this moment cannot be decoded",
            where=mended.recording.name,
            received=f"nothing at frame {min(missing)}",
            remedy="Choose another moment; what was read of it is not hurt.",
        )
    return [found[number] for number in numbers]
