"""One viewer's live stream: frames go in on one thread, what was read comes out on another."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import MienError
from fer_core.faces import known_detectors
from fer_core.live.observer import Observer
from fer_core.live.sampling import Sampling
from fer_core.live.share import FULL, Share
from fer_core.live.sightings import Sightings
from fer_core.live.throughput import Throughput
from fer_core.live.wording import Wording
from fer_core.pipeline.frame import FrameResult, Pipeline
from fer_core.pipeline.stream import Stream, StreamFrame

_log = logging.getLogger(__name__)

RETRY_S = 2.0
"""After a pipeline could not be built, how long before the next try: a try may hash 30 MB."""


@dataclass(frozen=True, slots=True)
class View:
    """How the video is shown; acts from the next frame on.

    Attributes:
        boxes, labels: whether faces are outlined and named.
        smoothing: probabilities averaged over time; False shows each frame's own.
        mirror: the video as in a mirror. What is read stays as the camera saw it.
    """

    boxes: bool = True
    labels: bool = True
    smoothing: bool = True
    mirror: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What a viewer's page shows of the stream, at one moment.

    Attributes:
        frame: the newest one; None before the first, and where it could not be read.
        frames_per_second, arriving_per_second, milliseconds: see `Throughput`.
        age_s: how long ago the newest frame was read; infinite before the first.
        trouble: a sentence for people on what went wrong with the newest frame; "" if nothing.
    """

    frame: StreamFrame | None = None
    frames_per_second: float = 0.0
    arriving_per_second: float = 0.0
    milliseconds: dict[str, float] = field(default_factory=dict)
    age_s: float = float("inf")
    trouble: str = ""


class _NotReading(Exception):
    """Frames are passed through for a reason that is known already, as a whole sentence."""


class LiveSession:
    """Reads one viewer's frames; shared by the thread of the page and the thread of the video.

    The page says how frames are to be read (`use`, `refuse`) and shown (`view`), lets others
    follow (`observe`), and looks at the newest frame (`look`; `snapshot` for who only asks). The
    video thread calls `read` for each frame and `wording` for what to write on it, `fail` for one
    that could not be read, and `close` at the end. A detector belongs to
    one thread, so the pipeline is built by the video thread itself.

    Attributes:
        clock: gives this session its seconds; its observers must use the same one.
        throughput: of its frames; whoever calls `read` tells it.
        view: replaced as a whole by the page, so it needs no lock.
        share: of the machine, replaced as a whole by the video thread.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin without a pipeline; ``clock`` is replaced by tests."""
        self.clock = clock
        self.throughput = Throughput(clock)
        self.view = View()
        self.share = Share()
        self._lock = threading.Lock()
        # The video thread's own.
        self._stream: Stream | None = None
        self._built: object = None
        self._sightings, self._needed = Sightings(), 1
        self._pacing = Sampling(FULL)
        # Locks for itself.
        self._wording = Wording()
        # Guarded by the lock.
        self._key: object = None
        self._make: Callable[[], Pipeline] | None = None
        self._refusal = ""
        self._retry_at_s = 0.0
        self._observers: tuple[Observer, ...] = ()
        self._newest: StreamFrame | None = None
        self._read_s = -float("inf")
        self._trouble = ""

    def use(self, key: object, make: Callable[[], Pipeline]) -> None:
        """From the next frame on, read with what ``make`` builds.

        Args:
            key: equal keys mean equal pipelines; with the key of before, nothing is built anew.
            make: called on the video thread.
        """
        with self._lock:
            if key != self._key or self._refusal:
                self._key, self._make, self._refusal, self._retry_at_s = key, make, "", 0.0

    def refuse(self, sentence: str) -> None:
        """From the next frame on, pass frames through and say why they are not read."""
        with self._lock:
            self._key, self._make, self._refusal = None, None, sentence

    def observe(self, observer: Observer) -> None:
        """From the next frame on, tell ``observer`` of each one that is read."""
        with self._lock:
            self._observers = (*self._observers, observer)

    def takes(self, share: Share) -> bool:
        """Whether the frame that has just come is to be read, at this share of the machine.

        Each frame is asked about once; by the video thread.
        """
        if share.frames_per_second != self.share.frames_per_second:
            self._pacing = Sampling(share.frames_per_second)
        self.share = share
        return share.frames_per_second >= FULL or self._pacing.takes(self.clock())

    def read(self, image: NDArray[np.uint8]) -> StreamFrame:
        """Read the next frame and tell the observers.

        Faces that a detector of the cruder kind found in this frame only are left out of it, see
        `Sightings`.

        Args:
            image: (h, w, 3) uint8 RGB; kept until the next one, so not to be changed.

        Raises:
            Exception: anything that building a pipeline or reading with it raises. Whoever calls
                tells `fail` and lets the video go on.
        """
        frame = self._current_stream()(image, self.clock(), smoothing=self.view.smoothing)
        frame = self._sightings.confirmed(frame, self._needed)
        with self._lock:
            self._newest, self._read_s, self._trouble = frame, self.clock(), ""
            observers = self._observers
        for observer in observers:  # without the lock: each has its own
            observer.on_frame(frame)
        return frame

    def _current_stream(self) -> Stream:
        with self._lock:
            key, make, refusal, retry_at_s = self._key, self._make, self._refusal, self._retry_at_s
            trouble = self._trouble
        if make is None:
            raise _NotReading(refusal or "No network is chosen yet.")
        if self._stream is None or key != self._built:
            if self.clock() < retry_at_s:
                raise _NotReading(trouble)
            self._built = None
            try:
                pipeline = make()
            except BaseException:
                with self._lock:
                    self._retry_at_s = self.clock() + RETRY_S
                raise
            if self._stream is None:
                self._stream = Stream(pipeline)
            else:
                self._stream.pipeline = pipeline  # faces keep their track ids
            self._built = key
            entry = known_detectors().get(pipeline.detector.name)
            self._needed = entry.sightings if entry else 1
        return self._stream

    def wording(self, frame: StreamFrame) -> FrameResult:
        """What to write on a frame: the same as the page says at this moment, see `Wording`.

        Without smoothing each frame speaks for itself.
        """
        return self._wording.of(frame.shown, self.clock()) if frame.smoothing else frame.shown

    def fail(self, error: Exception) -> None:
        """The newest frame could not be read or drawn: until the next one there is none."""
        sentence = str(error)
        if not isinstance(error, MienError | _NotReading):
            sentence = f"The frame could not be read ({type(error).__name__}: {error})."
            with self._lock:
                fresh = sentence != self._trouble
            if fresh:  # once, not thirty times a second
                _log.error("A live frame could not be read", exc_info=error)
        with self._lock:
            self._trouble, self._newest = sentence, None

    def close(self) -> None:
        """End of the stream: drop the detector, the faces and what was measured."""
        with self._lock:
            self._stream, self._built, self._retry_at_s = None, None, 0.0
            self._sightings = Sightings()
            self._newest, self._read_s, self._trouble = None, -float("inf"), ""
            observers = self._observers
        self.throughput.clear()
        for observer in observers:
            observer.on_end()

    def look(self) -> Snapshot:
        """`snapshot` for who shows it to people: from now on the video says the same."""
        now = self.snapshot()
        if now.frame is not None:
            self._wording.renew(now.frame.shown, self.clock())
        return now

    def snapshot(self) -> Snapshot:
        """What is known now."""
        with self._lock:
            frame, read_s, trouble = self._newest, self._read_s, self._trouble
        return Snapshot(
            frame=frame,
            frames_per_second=self.throughput.frames_per_second,
            arriving_per_second=self.throughput.arriving_per_second,
            milliseconds=self.throughput.milliseconds,
            age_s=self.clock() - read_s,
            trouble=trouble,
        )
