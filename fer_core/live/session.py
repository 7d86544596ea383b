"""One viewer's live stream: frames go in on one thread, what was read comes out on another."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.errors import MienError
from fer_core.live.history import LastMinute, Past
from fer_core.live.observer import FrameReading, Watcher
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import FrameResult, Pipeline
from fer_core.pipeline.recording import Recorder, Recording
from fer_core.pipeline.smoothing import Smoother
from fer_core.zoo import Predictions

_log = logging.getLogger(__name__)

WINDOW_S = 2.0
"""Frames a second and milliseconds are of this much past."""

RETRY_S = 2.0
"""After a pipeline could not be built, how long before the next try: a try may hash 30 MB."""

STAGES = ("decode", "detect", "crop", "classify", "smooth", "draw", "encode")
"""What happens to a frame, in this order."""


@dataclass(frozen=True, slots=True)
class View:
    """How the picture is shown; acts from the next frame on.

    Attributes:
        boxes, labels: whether faces are outlined and named.
        smoothing: readings averaged over time; False shows each frame's own.
        mirror: the picture as in a mirror. What is read stays as the camera saw it.
    """

    boxes: bool = True
    labels: bool = True
    smoothing: bool = True
    mirror: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """The newest frame with what was read from it.

    Attributes:
        image: (h, w, 3) uint8 RGB as the camera saw it, nothing drawn; not to be changed.
        result: its faces, with the probabilities that were shown.
    """

    image: NDArray[np.uint8]
    result: FrameResult


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What a viewer's page shows of the stream, at one moment.

    Attributes:
        result: the newest frame's faces with smoothed probabilities; None before the first.
        frames_per_second: frames on which the classifier ran, over the last `WINDOW_S`.
        arriving_per_second: frames that came, over the same time; 0 until it is over once.
        milliseconds: median of each of `STAGES` over the same time.
        processed: frames on which the classifier ran since the stream began.
        age_s: how long ago the newest frame was read; infinite before the first.
        trouble: a sentence for people on what went wrong with the newest frame; "" if nothing.
    """

    result: FrameResult | None = None
    frames_per_second: float = 0.0
    arriving_per_second: float = 0.0
    milliseconds: dict[str, float] = field(default_factory=dict)
    processed: int = 0
    age_s: float = float("inf")
    trouble: str = ""


class _NotReading(Exception):
    """Frames are passed through for a reason that is known already, as a whole sentence."""


def _with_banner(image: NDArray[np.uint8], words: str, *, mirror: bool) -> NDArray[np.uint8]:
    # ASCII only: OpenCV's fonts have nothing else. The full sentence is beside the video.
    out = np.ascontiguousarray(image[:, ::-1]) if mirror else image.copy()
    height = min(out.shape[0], 36)
    out[:height] //= 4
    cv2.putText(
        out, words, (10, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1, cv2.LINE_AA
    )
    return out


def _arriving(arrivals: list[tuple[float, int]], now_s: float) -> float:
    """Frames a second over the last `WINDOW_S`; 0 while the stream is younger than that."""
    if not arrivals or now_s - arrivals[0][0] < WINDOW_S:
        return 0.0
    recent = [(time_s, frames) for time_s, frames in arrivals if now_s - time_s <= WINDOW_S]
    if len(recent) < 2:
        return 0.0
    # The first ones came before the first moment.
    return sum(frames for _, frames in recent[1:]) / (recent[-1][0] - recent[0][0])


class LiveSession:
    """Reads one viewer's frames; shared by the thread of the page and the thread of the video.

    The page says how frames are to be read (`use`, `refuse`) and shown (`show`), and looks at the
    newest result (`snapshot`, `still`) and at the last minute (`past`); the video thread calls
    `read` for each frame and `close` at the end. A detector belongs to one thread, so the pipeline
    is built by the video thread itself.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin without a pipeline; ``clock`` gives seconds and is replaced by tests."""
        self._clock = clock
        self._lock = threading.Lock()
        self._key: object = None
        self._make: Callable[[], Pipeline] | None = None
        self._refusal = ""
        # The video thread's own from here to the next comment.
        self._pipeline: Pipeline | None = None
        self._built: object = None
        self._retry_at = 0.0
        self._smoother = Smoother()
        # Guarded by the lock.
        self._view = View()
        self._image: NDArray[np.uint8] | None = None
        self._result: FrameResult | None = None
        self._last_minute = LastMinute()
        self._recorder: Recorder | None = None
        self._recorded: Recording | None = None
        self._watchers: tuple[Watcher, ...] = ()
        self._recent: deque[tuple[float, dict[str, float]]] = deque(maxlen=240)
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=240)
        self._processed = 0
        self._trouble = ""

    @property
    def clock(self) -> Callable[[], float]:
        """What gives this session its seconds; its watchers must use the same one."""
        return self._clock

    def use(self, key: object, make: Callable[[], Pipeline]) -> None:
        """From the next frame on, read with what ``make`` builds.

        Args:
            key: equal keys mean equal pipelines; with the key of before, nothing is built anew.
            make: called on the video thread.
        """
        with self._lock:
            if key != self._key or self._refusal:
                self._key, self._make, self._refusal, self._retry_at = key, make, "", 0.0

    def refuse(self, sentence: str) -> None:
        """From the next frame on, pass frames through and say why they are not read."""
        with self._lock:
            self._key, self._make, self._refusal = None, None, sentence

    def watch(self, watcher: Watcher) -> None:
        """From the next frame on, tell ``watcher`` of each one that is read."""
        with self._lock:
            self._watchers = (*self._watchers, watcher)

    @property
    def view(self) -> View:
        """How the picture is shown."""
        with self._lock:
            return self._view

    def show(self, view: View) -> None:
        """From the next frame on, show the picture so."""
        with self._lock:
            self._view = view

    def read(self, image: NDArray[np.uint8], decode_ms: float = 0.0) -> NDArray[np.uint8]:
        """Read and draw one frame. Never raises: a frame that cannot be read passes with a banner.

        Args:
            image: (h, w, 3) uint8 RGB; kept as `still` until the next one, so not to be changed.
            decode_ms: what decoding it took, for `Snapshot.milliseconds`.

        Returns:
            A new (h, w, 3) uint8 RGB picture.
        """
        try:
            return self._read(image, decode_ms)
        except (MienError, _NotReading) as error:
            sentence = str(error)
        except Exception as error:
            sentence = f"The picture could not be read ({type(error).__name__}: {error})."
            with self._lock:
                fresh = sentence != self._trouble
            if fresh:  # once, not thirty times a second
                _log.exception("A live frame could not be read")
        with self._lock:
            self._trouble = sentence
            self._result = self._image = None
            mirror = self._view.mirror
        return _with_banner(image, "Not read: see the message beside the video", mirror=mirror)

    def _read(self, image: NDArray[np.uint8], decode_ms: float) -> NDArray[np.uint8]:
        pipeline = self._current_pipeline()
        raw = pipeline(image)
        start, now = perf_counter(), self._clock()
        track_ids, smoothed = self._smoother.update(
            raw.faces.boxes, raw.predictions.probabilities, now
        )
        raw, view = replace(raw, track_ids=track_ids), self.view
        # The smoother goes on where it is not shown: faces keep their tracks.
        result = (
            replace(raw, predictions=Predictions(smoothed, raw.predictions.unsure_threshold))
            if view.smoothing
            else raw
        )
        smoothed_at = perf_counter()
        drawn = draw(
            image,
            result,
            labels=view.labels,
            boxes=view.boxes,
            mirror=view.mirror,
        )
        milliseconds = {
            "decode": decode_ms,
            **raw.milliseconds,
            "smooth": (smoothed_at - start) * 1e3,
            "draw": (perf_counter() - smoothed_at) * 1e3,
        }
        with self._lock:
            self._result = replace(result, milliseconds=milliseconds)
            self._image = image
            self._last_minute.add(now, track_ids, result.predictions.probabilities)
            if self._recorder is not None:
                shown = result.predictions
                self._recorder.add(now, track_ids, shown.probabilities, shown.unsure, raw.model)
            self._recent.append((now, milliseconds))
            self._processed += 1
            self._trouble = ""
            watchers = self._watchers
        reading = FrameReading(
            time_s=now,
            image=image,
            faces=raw.faces,
            track_ids=track_ids,
            own=raw.predictions,
            shown=result.predictions,
            model=raw.model,
        )
        for watcher in watchers:  # without the lock: each has its own
            watcher.take(reading)
        return drawn

    def _current_pipeline(self) -> Pipeline:
        with self._lock:
            key, make, refusal, retry_at = self._key, self._make, self._refusal, self._retry_at
            trouble = self._trouble
        if make is None:
            raise _NotReading(refusal or "No network is chosen yet.")
        if self._pipeline is None or key != self._built:
            if self._clock() < retry_at:
                raise _NotReading(trouble)
            self._pipeline = None
            try:
                self._pipeline = make()
            except BaseException:
                with self._lock:
                    self._retry_at = self._clock() + RETRY_S
                raise
            self._built = key
        return self._pipeline

    def arrived(self, frames: int) -> None:
        """So many frames came since the last call; all but the newest are left unread."""
        with self._lock:
            self._arrivals.append((self._clock(), frames))

    def note(self, stage: str, milliseconds: float) -> None:
        """Add a stage that came after `read`, such as ``encode``, to the newest frame."""
        with self._lock:
            if self._recent:
                self._recent[-1][1][stage] = milliseconds

    def close(self) -> None:
        """End of the stream: drop the detector, the faces and what was measured.

        A recording ends too, but is kept: the person asked for it.
        """
        with self._lock:
            self._end_recording()
            self._pipeline, self._built, self._retry_at = None, None, 0.0
            self._smoother = Smoother()
            self._result, self._image, self._trouble = None, None, ""
            self._last_minute.clear()
            self._recent.clear()
            self._arrivals.clear()
            self._processed = 0
            watchers = self._watchers
        for watcher in watchers:
            watcher.end()

    def still(self) -> Still | None:
        """The newest frame that was read, with its pixels; None before the first."""
        with self._lock:
            if self._image is None or self._result is None:
                return None
            return Still(self._image, self._result)

    def faces_of_last_minute(self) -> tuple[int, ...]:
        """Track ids of the last minute, the one seen longest first."""
        with self._lock:
            return self._last_minute.tracks(self._clock())

    def past(self, track_id: int) -> Past:
        """One face's readings of the last minute; empty where it was not seen."""
        with self._lock:
            return self._last_minute.of(track_id, self._clock())

    def start_recording(self) -> None:
        """From now on, keep readings.

        Nothing happens while a recording runs, or while there is one in `recorded`, which is kept
        until `discard_recording`.
        """
        with self._lock:
            if self._recorder is None and self._recorded is None:
                self._recorder = Recorder(self._clock())

    def mark(self, label: str = "") -> None:
        """Mark this moment of the recording that runs."""
        with self._lock:
            if self._recorder is not None:
                self._recorder.mark(self._clock(), label)

    def stop_recording(self) -> None:
        """End the recording that runs; `recorded` has it."""
        with self._lock:
            self._end_recording()

    def _end_recording(self) -> None:
        if self._recorder is not None:
            self._recorded, self._recorder = self._recorder.stop(self._clock()), None

    def discard_recording(self) -> None:
        """Forget what was recorded."""
        with self._lock:
            self._recorded = None

    @property
    def recorded(self) -> Recording | None:
        """The last finished recording, until `discard_recording`."""
        with self._lock:
            return self._recorded

    @property
    def recording_since_s(self) -> float | None:
        """How long the recording runs; None where none does, or where it is full."""
        with self._lock:
            if self._recorder is not None and self._recorder.full:
                self._end_recording()
            return None if self._recorder is None else self._clock() - self._recorder.started_s

    def snapshot(self) -> Snapshot:
        """What is known now."""
        with self._lock:
            now = self._clock()
            recent = [(time, stages) for time, stages in self._recent if now - time <= WINDOW_S]
            arrivals = list(self._arrivals)
            newest = self._recent[-1][0] if self._recent else -float("inf")
            measured = [dict(stages) for _, stages in recent]
            result, processed, trouble = self._result, self._processed, self._trouble
        # Between the first and the last of n frames lie n - 1 intervals.
        span = recent[-1][0] - recent[0][0] if len(recent) > 1 else 0.0
        return Snapshot(
            result=result,
            frames_per_second=(len(recent) - 1) / span if span > 0 else 0.0,
            arriving_per_second=_arriving(arrivals, now),
            milliseconds={
                stage: float(np.median([stages[stage] for stages in measured if stage in stages]))
                for stage in STAGES
                if any(stage in stages for stages in measured)
            },
            processed=processed,
            age_s=now - newest,
            trouble=trouble,
        )
