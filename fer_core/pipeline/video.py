"""A video through the pipeline: readings of every face over time, and the video with them drawn in.

The same `Stream` as live, on the video's own clock.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.emotions import Emotion
from fer_core.faces import InputSpec, crop_square, fit_face
from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import VideoReader
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.recording import STATES, Network, Recording, face_summaries
from fer_core.pipeline.recording_rows import RecordingRows
from fer_core.pipeline.stream import Stream, StreamFrame
from fer_core.storage.atomic import new_file, write_npz, write_text
from fer_core.synthetic.face import LOOP_S, demo_frame

MOST_READINGS = 400_000
"""Fifteen faces over the longest video that is read at 30 frames a second; some 20 MB."""

MOST_STILLS = 200
"""Best stills that are held while a video is read; 15 MB."""

STILL_PX = 160
"""Side of a still."""

SMALL_PX = 640
"""Longer side of a video up to which the detector for live video finds all faces that are large
enough to be read: from 24 px on."""

SUMMARY, READINGS = "summary.json", "readings.npz"
"""What `save_reading` writes into a folder."""

_DRAWN_FPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class FaceStill:
    """The clearest view of one face showing one expression.

    Attributes:
        track_id: of the face.
        emotion: what it shows, above the network's threshold for "unsure".
        seconds: when.
        confidence: the smoothed probability then, 0 to 1.
        rgb: (`STILL_PX`, `STILL_PX`, 3) uint8 RGB.
    """

    track_id: int
    emotion: Emotion
    seconds: float
    confidence: float
    rgb: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class VideoReading:
    """What was read from one video.

    Attributes:
        path: the file as it was given.
        model, detector: what read it.
        views: how often each face was looked at, see `Classifier.views`.
        width, height: of the upright video, pixels.
        seconds: its length, as far as it could be decoded.
        frames: in it.
        frames_read: those on which faces were looked for and classified.
        every: n, where that is every n-th one.
        recording: the readings.
        stills: by face and expression; see `FaceStill`.
        notes: sentences on what a person should know, such as that the file ends early.
    """

    path: str
    model: str
    detector: str
    width: int
    height: int
    seconds: float
    frames: int
    frames_read: int
    every: int
    recording: Recording
    views: int = 1
    stills: tuple[FaceStill, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VideoProgress:
    """How far the reading is: seconds of the video, of how many (None: unknown), and frames."""

    seconds: float
    of_seconds: float | None
    frames: int


def wants_small_faces(path: Path) -> bool:
    """Whether to read a video with a detector that is opened as for photos.

    It takes several times as long; a file needs not be read as fast as it plays.

    Raises:
        MediaError: as `read_video`.
    """
    with VideoReader(path) as video:
        return max(video.width, video.height) > SMALL_PX


def read_video(
    path: Path,
    pipeline: Pipeline,
    *,
    every: int = 1,
    annotated: Path | None = None,
    tell: Callable[[VideoProgress], None] | None = None,
) -> VideoReading:
    """Read every face of a video.

    Args:
        path: the file.
        pipeline: detector and network.
        every: n reads every n-th frame; the boxes stay where they are in between.
        annotated: also write the video with its faces drawn in as an MP4 there, with its sound, at
            most `fer_core.media.videos.LONGEST_PX` long.
        tell: called after each frame.

    Raises:
        MediaError: the file is refused or cannot be decoded, or ``annotated`` cannot be written.
        StorageError: nor can anything else, in the place of ``annotated``.
    """
    with ExitStack() as stack:
        video = stack.enter_context(VideoReader(path))
        writer = None
        if annotated is not None:
            place = stack.enter_context(new_file(annotated))
            writer = stack.enter_context(
                VideoWriter(place, video.frames_per_second, source=video, name=annotated.name)
            )
        collected = _collect(video, pipeline, every, writer, tell)
    notes = video.notes + (writer.notes if writer is not None else ())
    if collected.rows.full:
        notes += (f"Only the first {MOST_READINGS:,} readings of faces were kept.",)
    return VideoReading(
        path=str(path),
        model=pipeline.classifier.card.slug,
        detector=pipeline.detector.name,
        width=video.width,
        height=video.height,
        seconds=video.seconds,
        frames=video.frames,
        frames_read=collected.frames_read,
        every=every,
        recording=collected.rows.recording(video.seconds),
        views=pipeline.classifier.views,
        stills=collected.stills.found(),
        notes=notes,
    )


def _collect(
    video: VideoReader,
    pipeline: Pipeline,
    every: int,
    writer: VideoWriter | None,
    tell: Callable[[VideoProgress], None] | None,
) -> "_Collected":
    stream, collected = Stream(pipeline, gapless=True), _Collected()
    for timed in video:
        if (video.frames - 1) % every == 0:
            frame = stream(timed.rgb, timed.seconds)
            collected.add(frame)
        if writer is not None:
            writer.write(draw(timed.rgb, frame.smoothed), timed.seconds)
        if tell is not None:
            tell(VideoProgress(video.seconds, video.declared_s, video.frames))
    return collected


class _Collected:
    """What is kept of the frames that were read."""

    def __init__(self) -> None:
        self.rows = RecordingRows(MOST_READINGS)
        self.stills = _Stills()
        self.frames_read = 0

    def add(self, frame: StreamFrame) -> None:
        self.rows.add(frame.time_s, frame)
        self.stills.add(frame)
        self.frames_read += 1


class _Stills:
    """Keeps the clearest view of each face showing each expression."""

    def __init__(self) -> None:
        self._best: dict[tuple[int, Emotion], FaceStill] = {}

    def add(self, frame: StreamFrame) -> None:
        smoothed = frame.smoothed
        for track_id, box, emotion, confidence, unsure in zip(
            smoothed.track_ids,
            smoothed.faces.boxes,
            smoothed.predictions.emotions,
            smoothed.predictions.confidences,
            smoothed.predictions.unsure,
            strict=True,
        ):
            best = self._best.get((track_id, emotion))
            full = best is None and len(self._best) >= MOST_STILLS
            if unsure or full or (best is not None and best.confidence >= confidence):
                continue
            face = fit_face(crop_square(frame.image, box, 0.1), InputSpec(STILL_PX, 3, 0.0))
            self._best[track_id, emotion] = FaceStill(
                track_id, emotion, frame.time_s, float(confidence), face
            )

    def found(self) -> tuple[FaceStill, ...]:
        """By face and expression."""
        return tuple(still for _, still in sorted(self._best.items()))


def video_json(reading: VideoReading) -> dict[str, Any]:
    """One video as the JSON object of ``video --json``.

    Returns:
        ``path``, ``width``, ``height``, ``seconds``, ``frames``, ``frames_read``, ``every``,
        ``model``, ``detector``, ``views``, ``states`` (rows and columns of ``transitions``),
        ``faces`` (by number; see `fer_core.pipeline.recording.face_summaries`), ``notes`` and
        ``error`` (None).
    """
    return {
        "path": reading.path,
        "width": reading.width,
        "height": reading.height,
        "seconds": round(reading.seconds, 3),
        "frames": reading.frames,
        "frames_read": reading.frames_read,
        "every": reading.every,
        "model": reading.model,
        "detector": reading.detector,
        "views": reading.views,
        "states": list(STATES),
        "faces": face_summaries(reading.recording),
        "notes": list(reading.notes),
        "error": None,
    }


def failed_json(path: str, model: str, error: str) -> dict[str, Any]:
    """`video_json` of a file that could not be read: the sentence in ``error`` and no faces."""
    nothing = dict.fromkeys(("width", "height", "seconds", "frames", "frames_read"))
    return {"path": path, **nothing, "model": model, "faces": {}, "notes": [], "error": error}


def save_reading(folder: Path, reading: VideoReading) -> None:
    """Write all but the annotated video into a folder, for `load_reading`.

    That is ``summary.json`` (as `video_json`) and ``readings.npz`` (readings and stills, not
    rounded): how a command in a process of its own hands a reading on.

    Raises:
        StorageError: they cannot be written.
    """
    recording = reading.recording
    arrays: dict[str, NDArray[Any]] = {
        "seconds": recording.seconds,
        "track_ids": recording.track_ids,
        "raw": recording.raw,
        "smoothed": recording.smoothed,
        "unsure": recording.unsure,
        "steps_s": recording.steps_s,
        "full": np.array(recording.full),
        "stills_rgb": np.array([still.rgb for still in reading.stills], np.uint8).reshape(
            -1, STILL_PX, STILL_PX, 3
        ),
        "stills_of": np.array(
            [(still.track_id, still.emotion) for still in reading.stills], np.int64
        ).reshape(-1, 2),
        "stills_at": np.array(
            [(still.seconds, still.confidence) for still in reading.stills], np.float64
        ).reshape(-1, 2),
    }
    write_npz(folder / READINGS, arrays)
    write_text(folder / SUMMARY, json.dumps(video_json(reading), indent=2))


def load_reading(folder: Path) -> VideoReading:
    """What `save_reading` wrote."""
    summary = json.loads((folder / SUMMARY).read_text())
    with np.load(folder / READINGS) as arrays:
        recording = Recording(
            seconds=arrays["seconds"],
            track_ids=arrays["track_ids"],
            raw=arrays["raw"],
            smoothed=arrays["smoothed"],
            unsure=arrays["unsure"],
            steps_s=arrays["steps_s"],
            markers=(),
            networks=(Network(0.0, summary["model"]),),
            duration_s=summary["seconds"],
            full=bool(arrays["full"]),
        )
        stills = tuple(
            FaceStill(int(track_id), Emotion(int(column)), float(seconds), float(confidence), rgb)
            for (track_id, column), (seconds, confidence), rgb in zip(
                arrays["stills_of"], arrays["stills_at"], arrays["stills_rgb"], strict=True
            )
        )
    same = ("path", "model", "detector", "width", "height", "seconds", "frames", "frames_read")
    return VideoReading(
        **{name: summary[name] for name in same},
        every=summary["every"],
        recording=recording,
        views=summary["views"],
        stills=stills,
        notes=tuple(summary["notes"]),
    )


def write_drawn_video(path: Path, seconds: float = LOOP_S) -> None:
    """Write the demo's drawn face, which changes its expression, as an MP4 without sound.

    Raises:
        MediaError: the file cannot be written.
    """
    with VideoWriter(path, _DRAWN_FPS) as writer:
        for number in range(round(seconds * _DRAWN_FPS)):
            writer.write(demo_frame(number / _DRAWN_FPS), number / _DRAWN_FPS)
