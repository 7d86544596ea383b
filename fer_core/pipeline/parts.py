"""Frames -> readings: the step that is dear, has no memory and may run anywhere.

What comes of a stretch of a video depends on the stretch and on what reads it, and on nothing
before it or beside it: so parts of a file can be read in any order, by any process, and a part
that was read need not be read again.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Detector, Faces, InputSpec, crop_faces
from fer_core.faces.quality import Quality, face_qualities
from fer_core.media.videos import TimedFrame, VideoIndex, VideoPart, VideoReader
from fer_core.pipeline.readings import FrameReading, Readings
from fer_core.zoo import Classifier

BATCH_FRAMES = 16
"""Frames whose faces are classified together: a network reads a face in 0.75 to 0.85 of the time
that it takes alone, and more at once gain nothing."""

SMALL_PX = 640
"""Longer side of a video up to which the detector for live video finds all faces that are large
enough to be read: from 24 px on."""

_BATCH_FACES = 32
# No more faces in a call: a crowd would take hundreds of MB.


@dataclass(frozen=True, slots=True)
class FrameReader:
    """A detector, and the networks that share what it finds. For one thread, as its detector."""

    detector: Detector
    classifiers: tuple[Classifier, ...]

    @property
    def networks(self) -> tuple[str, ...]:
        """Slugs, in the order of readings."""
        return tuple(classifier.card.slug for classifier in self.classifiers)

    def look(self, frame: TimedFrame) -> "_Seen":
        """Find and cut out the faces of a frame; each kind of network input is made once."""
        faces = self.detector.detect(frame.rgb)
        inputs = dict.fromkeys(classifier.card.input for classifier in self.classifiers)
        return _Seen(
            frame.number,
            frame.seconds,
            faces,
            face_qualities(frame.rgb, faces),
            {spec: crop_faces(frame.rgb, faces, spec) for spec in inputs},
        )

    def classify(self, seen: Sequence["_Seen"]) -> list[tuple[NDArray[np.float32], ...]]:
        """By frame: each network's calibrated probabilities, (n, 7) float32."""
        ends = np.cumsum([len(each.faces) for each in seen])
        networks = [
            self._predict(
                classifier, np.concatenate([each.crops[classifier.card.input] for each in seen])
            )
            for classifier in self.classifiers
        ]
        by_frame = [np.split(rows, ends[:-1]) for rows in networks]
        return list(zip(*by_frame, strict=True))

    @staticmethod
    def _predict(classifier: Classifier, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        calls = [
            classifier.predict(crops[start : start + _BATCH_FACES]).probabilities
            for start in range(0, len(crops), _BATCH_FACES)
        ]
        return np.concatenate([np.empty((0, 7), np.float32), *calls])


class _Seen(NamedTuple):
    """What the detector found in a frame, cut out for the networks."""

    frame: int
    time_s: float
    faces: Faces
    qualities: tuple[Quality, ...]
    crops: dict[InputSpec, NDArray[np.uint8]]


class Batch(NamedTuple):
    """Consecutive frames of a video: all that are wanted, and readings of those that were read.

    Attributes:
        frames: all of them, also between those that were read; () where pictures are not kept.
        readings: of every n-th frame.
    """

    frames: tuple[TimedFrame, ...]
    readings: tuple[FrameReading, ...]


def read_batches(
    frames: Iterable[TimedFrame],
    reader: FrameReader,
    *,
    every: int = 1,
    scale: float = 1.0,
    keep_frames: bool = False,
) -> Iterator[Batch]:
    """Read consecutive frames; networks read while the detector looks at the next ones.

    Args:
        frames: in the order of time; the first one is read.
        reader: detector and networks.
        every: n reads every n-th frame.
        scale: pixels of the upright video for one of these frames' pixels.
        keep_frames: hand the frames on with what was read from them.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="networks") as networks:
        before: Future[Batch] | None = None
        kept: list[TimedFrame] = []
        seen: list[_Seen] = []
        for number, frame in enumerate(frames):
            if number % every == 0:
                if len(seen) == BATCH_FRAMES:
                    after = networks.submit(_classified, reader, kept, seen, scale)
                    if before is not None:
                        yield before.result()
                    before, kept, seen = after, [], []
                seen.append(reader.look(frame))
            if keep_frames:
                kept.append(frame)
        if before is not None:
            yield before.result()
        if seen:
            yield _classified(reader, kept, seen, scale)


def _classified(
    reader: FrameReader, kept: list[TimedFrame], seen: list[_Seen], scale: float
) -> Batch:
    readings = tuple(
        FrameReading(each.frame, each.time_s, _scaled(each.faces, scale), each.qualities, rows)
        for each, rows in zip(seen, reader.classify(seen), strict=True)
    )
    return Batch(tuple(kept), readings)


def _scaled(faces: Faces, scale: float) -> Faces:
    if scale == 1.0:
        return faces
    factor = np.float32(scale)
    return Faces(faces.boxes * factor, faces.scores, faces.landmarks * factor)


def wants_small_faces(index: VideoIndex) -> bool:
    """Whether to read a video with a detector that is opened as for photos.

    It takes several times as long; a file needs not be read as fast as it plays.
    """
    return max(index.width, index.height) > SMALL_PX


def read_part(
    video: VideoReader, part: VideoPart, reader: FrameReader, *, every: int = 1
) -> Readings:
    """Readings of a part of a video: the same for the same file and reader, wherever it is done.

    Args:
        video: opened by anybody; what was read of it before does not matter.
        part: of its index.
        reader: detector and networks.
        every: n reads every n-th frame, beginning with the part's first.

    Raises:
        MediaError: as `VideoReader.part`.
    """
    frames = video.part(part, every)
    batches = read_batches(frames, reader, scale=video.index.scale)
    read = [reading for batch in batches for reading in batch.readings]
    return Readings.of_frames(read, reader.networks, part.end_s)
