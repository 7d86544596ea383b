"""One way for live video and files: read each frame, follow its faces, smooth what they show.

Two steps that can be taken apart. Reading (`Pipeline`) is dear and has no memory: frames can be
read in any order, by any process. Assembling (`Assembler`) is cheap, is all memory, and gives the
same for the same results in the order of time, wherever they were read.
"""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import FaceTracker
from fer_core.pipeline.frame import FrameResult, Pipeline
from fer_core.pipeline.smoothing import Smoother


@dataclass(frozen=True, slots=True, eq=False)
class StreamFrame:
    """One frame of live video or of a file, with its n faces, the largest first; n may be 0.

    Attributes:
        time_s: on the stream's clock, which only goes forward.
        image: (h, w, 3) uint8 RGB, nothing drawn; not to be changed.
        raw: what this frame alone says of each face.
        smoothed: the same faces under the same track ids, averaged over time.
        smoothing: whether people are shown the smoothed probabilities or the raw ones.

    Raises:
        ContractError: on construction, where the results are not of the same tracked faces.
    """

    time_s: float
    image: NDArray[np.uint8]
    raw: FrameResult
    smoothed: FrameResult
    smoothing: bool = True

    def __post_init__(self) -> None:
        faces, track_ids = len(self.raw.faces), self.raw.track_ids
        if len(track_ids) != faces or self.smoothed.track_ids != track_ids:
            raise ContractError(
                "raw and smoothed must be of the same tracked faces",
                where="StreamFrame",
                expected=f"{faces} track ids, twice the same",
                received=f"{track_ids} and {self.smoothed.track_ids}",
            )

    @property
    def shown(self) -> FrameResult:
        """What people are shown: `smoothed`, or `raw` where smoothing is off."""
        return self.smoothed if self.smoothing else self.raw


class Assembler:
    """Follows the faces of a stream and averages what is read from each. For one thread."""

    def __init__(self, *, gapless: bool = False) -> None:
        """Begin with no face; ``gapless`` for a file's frames, see `FaceTracker`."""
        self._tracker = FaceTracker(gapless=gapless)
        self._smoother = Smoother()
        self._model = ""

    def add(self, result: FrameResult, time_s: float) -> tuple[FrameResult, FrameResult]:
        """Take in the next frame.

        Args:
            result: what was read from it; its own track ids do not count.
            time_s: of the frame, on any clock that only goes forward.

        Returns:
            The result with its track ids, 1 for the first face ever seen, and the same with
            smoothed probabilities. With another network the averages begin anew: two networks'
            probabilities have no mean.
        """
        if result.model != self._model:
            self._smoother, self._model = Smoother(), result.model
        track_ids = self._tracker.update(result.faces.boxes, time_s)
        predictions = result.predictions
        smoothed = self._smoother.update(track_ids, predictions.probabilities, time_s)
        self._smoother.keep(self._tracker.known)
        raw = replace(result, track_ids=track_ids)
        return raw, replace(raw, predictions=replace(predictions, probabilities=smoothed))


class Stream:
    """Frames go in one after the other, and come out read, followed and smoothed. For one thread.

    Attributes:
        pipeline: detector and network; another one reads from the next frame on, and faces keep
            their track ids.
    """

    def __init__(self, pipeline: Pipeline, *, gapless: bool = False) -> None:
        """Begin with no face; ``gapless`` for a file's frames, see `FaceTracker`."""
        self.pipeline = pipeline
        self._assembler = Assembler(gapless=gapless)

    def __call__(
        self, image: NDArray[np.uint8], time_s: float, *, smoothing: bool = True
    ) -> StreamFrame:
        """Take in the next frame.

        Args:
            image: (h, w, 3) uint8 RGB; kept in the answer, so not to be changed.
            time_s: of the frame, on any clock that only goes forward.
            smoothing: see `StreamFrame`.

        Raises:
            ContractError: the array is not such an image.
        """
        read = self.pipeline(image)
        start = perf_counter()
        raw, smoothed = self._assembler.add(read, time_s)
        milliseconds = read.milliseconds | {"smooth": (perf_counter() - start) * 1e3}
        return StreamFrame(
            time_s,
            image,
            replace(raw, milliseconds=milliseconds),
            replace(smoothed, milliseconds=milliseconds),
            smoothing,
        )
