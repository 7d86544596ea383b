"""A video in which nobody is to be recognised: every face that was read is covered.

Covered is more than the face's box, in the frames between those that were read as well. A frame in
which a known face was missed, such as a head that is turned away, is blurred whole, and so is one
that was not read. Faces that were never found stay: detectors miss some, and a person has to look.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import TimedFrame, VideoIndex, VideoReader
from fer_core.pipeline.annotate import UNSURE_RGB
from fer_core.pipeline.assembled import NO_TRACK, Assembled
from fer_core.pipeline.left_out import LeftOut, blurred, blurred_whole
from fer_core.storage.atomic import new_file
from fer_core.synthetic.face import POSES, Pose, draw_face
from fer_core.synthetic.scenes import drawn_heads

_NOTHING = LeftOut()

Cover = Literal["blur", "drawn"]
"""What is put over a face: its own colours as a blot, or the drawn face with the expression."""

MISSED_S = 10.0
"""A face that is away for no longer than this was missed; one that is away longer had gone."""

HELD_S = 0.5
"""So long before a face was found and after it was lost, its place is covered as well: it was
coming or going, and a person may know what a detector does not."""

_GROWN = 1.5  # width and height of what is covered, in boxes: hair, ears and chin
_BLOT_CELLS = 2
# Coarser than detectors and people need: at 4 cells across YuNet still finds some faces.

_CONTRAST = 0.08
# Of the drawn face's light and dark, inverted: at more, detectors take it for a face.


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """Faces to be covered in one frame that was read.

    Attributes:
        boxes: (n, 4) float32 in pixels of the upright video.
        shown: n of what each shows; None while the network is unsure.
        poses: n of how the drawn face looks; None of a face that does not count.
    """

    boxes: NDArray[np.float32]
    shown: tuple[Emotion | None, ...]
    poses: tuple[Pose | None, ...]


class Coverage:
    """What is to be covered when, worked out from all that was read of a recording."""

    def __init__(
        self,
        assembled: Assembled,
        *,
        network: int = 0,
        unsure_threshold: float,
        ignored: Collection[int] = (),
    ) -> None:
        """Look at all rows.

        Args:
            assembled: of the whole recording, with everybody in it, also who does not count.
            network, unsure_threshold: whose expressions the drawn face shows; see
                `fer_core.pipeline.assembled.recording_of`.
            ignored: track ids of faces that do not count: covered, but nothing is shown of them.
        """
        self._ignored = list(ignored)
        readings = assembled.readings
        self._numbers, first = np.unique(readings.frame, return_index=True)
        self._begins_s = readings.time_s[first]
        self._ends_s = self._begins_s + readings.step_s[first]
        self._assembled, self._network = assembled, network
        self._threshold = unsure_threshold
        self._frame = np.searchsorted(self._numbers, readings.frame)
        self._missed = np.zeros(len(self._numbers), np.bool_)
        self._rows: list[list[int]] = [[] for _ in self._numbers]
        for track_id in np.unique(assembled.track_ids):
            if track_id != NO_TRACK:
                self._add(np.flatnonzero(assembled.track_ids == track_id))

    def _add(self, rows: NDArray[np.int64]) -> None:
        """Take in all rows of one track."""
        frames = self._frame[rows]
        for row, frame in zip(rows.tolist(), frames.tolist(), strict=True):
            self._rows[frame].append(row)
        seen_s = self._begins_s[frames]
        gone = np.flatnonzero(np.diff(frames) > 1)
        missed = seen_s[gone + 1] - seen_s[gone] <= MISSED_S
        for before in gone[missed]:
            self._missed[frames[before] + 1 : frames[before + 1]] = True
        away = gone[~missed]
        for row in rows[[0, *(away + 1)]]:  # it is coming
            self._hold(int(row), -1)
        for row in rows[[*away, -1]]:  # it is going
            self._hold(int(row), 1)

    def _hold(self, row: int, way: int) -> None:
        """Cover a face's place in the frames shortly before or after a row's."""
        frame = int(self._frame[row])
        at_s = self._begins_s[frame]
        frame += way
        while 0 <= frame < len(self._numbers) and abs(self._begins_s[frame] - at_s) <= HELD_S:
            self._rows[frame].append(row)
            frame += way

    def at(self, number: int, seconds: float) -> "_Faces | None":
        """What to cover in a frame of the file; None: all of it.

        Args:
            number: of the frame, from 0.
            seconds: when it is shown.
        """
        frame = int(np.searchsorted(self._numbers, number, side="right")) - 1
        if frame < 0 or self._missed[frame]:
            return None
        rows = self._rows[frame]
        if number > self._numbers[frame]:
            if seconds >= self._ends_s[frame] + 1e-6:
                return None  # nobody looked
            after = frame + 1
            if after < len(self._numbers):
                if self._missed[after]:
                    return None
                rows = [*rows, *self._rows[after]]
        return self._faces(rows)

    def _faces(self, rows: list[int]) -> _Faces:
        probabilities = np.nan_to_num(self._assembled.smoothed[self._network][rows])
        return _Faces(
            self._assembled.readings.boxes[rows].reshape(-1, 4),
            tuple(
                Emotion(int(row.argmax())) if row.max() >= self._threshold else None
                for row in probabilities
            ),
            tuple(
                None if skipped else _pose(row)
                for row, skipped in zip(
                    probabilities,
                    np.isin(self._assembled.track_ids[rows], self._ignored),
                    strict=True,
                )
            ),
        )


def _pose(probabilities: NDArray[np.float32]) -> Pose:
    """The pose between those of the classes; rounded, so that it need not be drawn every time."""
    values = sum(
        share * np.array(astuple(POSES[emotion]))
        for emotion, share in zip(Emotion, probabilities.tolist(), strict=True)
    )
    return Pose(*np.round(values, 1).tolist())


def anonymise_video(
    path: Path,
    index: VideoIndex,
    assembled: Assembled,
    out: Path,
    *,
    cover: Cover = "blur",
    sound: bool = False,
    network: int = 0,
    unsure_threshold: float,
    ignored: Collection[int] = (),
    left_out: LeftOut = _NOTHING,
    tell: Callable[[float], None] | None = None,
) -> tuple[str, ...]:
    """Write a video with every face covered that was read in it.

    Args:
        path: the file that was read.
        index: of this very file.
        assembled: all that was read of it, with everybody in it.
        out: the MP4 to write, at most `fer_core.media.videos.LONGEST_PX` long.
        cover: what is put over a face.
        sound: take the sound over; a voice is known as a face is.
        network, unsure_threshold, ignored: see `Coverage`.
        left_out: what becomes of some stretches; where they are cut, there is no sound.
        tell: told every few frames which share of it is done, 0-1.

    Returns:
        Sentences on what a person should know of the file that was written.

    Raises:
        MediaError: the video cannot be decoded, or ``out`` cannot be written.
        StorageError: nor can anything else, in the place of ``out``.
    """
    coverage = Coverage(
        assembled, network=network, unsure_threshold=unsure_threshold, ignored=ignored
    )
    sound = sound and not left_out.cuts
    whole = 0
    with (
        VideoReader(path, index) as video,
        new_file(out) as place,
        VideoWriter(
            place, index.frames_per_second, source=video if sound else None, name=out.name
        ) as writer,
    ):
        for frame, faces in _with_faces(video, coverage):
            shown_s = left_out.time(frame.seconds)
            if shown_s is not None:
                hidden = None if left_out.covers(frame.seconds) else faces
                whole += faces is None
                writer.write(covered(frame.rgb, hidden, index.scale, cover), shown_s)
            if tell is not None and frame.number % 25 == 0:
                tell(min(1.0, frame.seconds / max(index.seconds, 1e-6)))
    notes = list(writer.notes)
    if whole:
        notes.append(
            f"{whole:,} of {video.frames:,} frames are blurred whole: a known face was missed in "
            "them, or they were not read."
        )
    return tuple(notes)


def _with_faces(
    video: VideoReader, coverage: Coverage
) -> Iterator[tuple[TimedFrame, _Faces | None]]:
    for frame in video:
        yield frame, coverage.at(frame.number, frame.seconds)


def covered(
    rgb: NDArray[np.uint8], faces: _Faces | None, scale: float, cover: Cover
) -> NDArray[np.uint8]:
    """A frame without faces.

    Args:
        rgb: (h, w, 3) uint8; not changed.
        faces: to be covered; None: all of it.
        scale: pixels of the upright video for one of the frame's.
        cover: what is put over each.

    Returns:
        (h, w, 3) uint8 RGB.
    """
    if faces is None:
        return blurred_whole(rgb)
    out = rgb.copy()
    boxes = faces.boxes / np.float32(scale)
    for box in boxes:
        _blot(out, rgb, box)
    if cover == "drawn":
        # The largest last: it is in front.
        for face in np.argsort(boxes[:, 2] * boxes[:, 3], kind="stable"):
            if (pose := faces.poses[face]) is not None:
                _paste_drawn(out, boxes[face], faces.shown[face], pose)
    return out


class _Area(NamedTuple):
    """Rows and columns of a picture, and the same counted from an area's own corner."""

    rows: slice
    columns: slice
    own_rows: slice
    own_columns: slice


def _area(shape: tuple[int, ...], left: int, top: int, width: int, height: int) -> _Area | None:
    """An area as far as it lies in a picture; None where it does not."""
    y0, y1 = max(0, top), min(shape[0], top + height)
    x0, x1 = max(0, left), min(shape[1], left + width)
    if y0 >= y1 or x0 >= x1:
        return None
    own = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    return _Area(slice(y0, y1), slice(x0, x1), *own)


def _blot(out: NDArray[np.uint8], rgb: NDArray[np.uint8], box: NDArray[np.float32]) -> None:
    """Cover a face and what is around it with its own coarse colours."""
    x, y, width, height = box.tolist()
    wide, high = round(_GROWN * width) + 2, round(_GROWN * height) + 2
    left, top = round(x + width / 2 - wide / 2), round(y + height / 2 - high / 2)
    area = _area(out.shape, left, top, wide, high)
    if area is not None:
        place = area.rows, area.columns
        out[place] = blurred(rgb[place], _BLOT_CELLS)


@lru_cache(maxsize=64)
def _drawn(pose: Pose, emotion: Emotion | None) -> NDArray[np.uint8]:
    """The drawn face in an expression's colour, its light and dark exchanged and faint."""
    grey = cv2.cvtColor(draw_face(pose), cv2.COLOR_RGB2GRAY).astype(np.float32)
    colour = UNSURE_RGB if emotion is None else emotion.style.rgb
    tinted = (1 - _CONTRAST) * np.array(colour, np.float32) + _CONTRAST * (255 - grey)[..., None]
    return np.asarray(tinted, np.uint8)


@lru_cache(maxsize=1)
def _head() -> tuple[NDArray[np.float32], tuple[float, float, float, float]]:
    head = drawn_heads(1)[0]
    return head.alpha, head.face


def _paste_drawn(
    out: NDArray[np.uint8], box: NDArray[np.float32], emotion: Emotion | None, pose: Pose
) -> None:
    """Put the drawn face where a face is, as high as it."""
    alpha, (face_x, face_y, face_w, face_h) = _head()
    x, y, width, height = box.tolist()
    scale = height / face_h
    size = round(alpha.shape[1] * scale), round(alpha.shape[0] * scale)
    if min(size) < 1:
        return
    left = round(x + width / 2 - (face_x + face_w / 2) * scale)
    top = round(y + height / 2 - (face_y + face_h / 2) * scale)
    area = _area(out.shape, left, top, *size)
    if area is None:
        return
    picture = cv2.resize(_drawn(pose, emotion), size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)[..., None]
    own, place = (area.own_rows, area.own_columns), (area.rows, area.columns)
    out[place] = (share[own] * picture[own] + (1 - share[own]) * out[place]).astype(np.uint8)
