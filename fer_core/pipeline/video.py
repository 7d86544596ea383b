"""A video through the pipeline: readings of every face over time, and the video with them drawn in.

Read and assembled as a study's recordings are, in one go.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import TimedFrame, VideoIndex, VideoReader
from fer_core.pipeline.annotated_video import Annotator
from fer_core.pipeline.assembled import (
    Assembled,
    RowAssembler,
    joined,
    recording_of,
    results_by_frame,
)
from fer_core.pipeline.frame import FrameResult, Pipeline
from fer_core.pipeline.parts import FrameReader, read_batches
from fer_core.pipeline.readings import FrameReading, Readings
from fer_core.pipeline.recording import Recording
from fer_core.pipeline.stills import FaceStill, Stills
from fer_core.storage.atomic import new_file
from fer_core.zoo import AnswersAs, sha256_of
from fer_core.zoo.confidence import Confidence


@dataclass(frozen=True, eq=False)
class VideoReading:
    """What was read from one video.

    Attributes:
        path: the file as it was given.
        sha256: of it.
        recorded_at: when it was recorded, as the file says; "" where it does not.
        model, detector: what read it.
        width, height: of the upright video, pixels.
        seconds: its length, as players show it.
        frames: that could be decoded.
        every: n, where every n-th one was read.
        assembled: all rows, followed and smoothed.
        confidence: what the network's card says of its answers.
        views: how often each face was looked at, see `Classifier.views`.
        answers_as: whose word the answers are, see `fer_core.zoo.ModelCard`.
        stills: by face and expression, where they were asked for; see `FaceStill`.
        notes: sentences on what a person should know, such as that the file ends early.
    """

    path: str
    sha256: str
    recorded_at: str
    model: str
    detector: str
    width: int
    height: int
    seconds: float
    frames: int
    every: int
    assembled: Assembled
    confidence: Confidence
    views: int = 1
    answers_as: AnswersAs = AnswersAs.LABELS
    stills: tuple[FaceStill, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def unsure_threshold(self) -> float:
        """Confidence below which a face is unsure."""
        return self.confidence.unsure_threshold

    @property
    def frames_read(self) -> int:
        """Frames on which faces were looked for and classified."""
        return self.assembled.readings.frames_read

    @cached_property
    def recording(self) -> Recording:
        """The faces alone, for timelines."""
        return recording_of(self.assembled, self.seconds, unsure_threshold=self.unsure_threshold)


@dataclass(frozen=True, slots=True)
class VideoProgress:
    """How far the reading is: seconds of the video, of how many, and frames."""

    seconds: float
    of_seconds: float
    frames: int


def read_video(
    path: Path,
    pipeline: Pipeline,
    *,
    index: VideoIndex | None = None,
    every: int = 1,
    annotated: Path | None = None,
    stills: bool = False,
    tell: Callable[[VideoProgress], None] | None = None,
) -> VideoReading:
    """Read every face of a video.

    Args:
        path: the file.
        pipeline: detector and network.
        index: of this very file; None: made now.
        every: n reads every n-th frame; the boxes stay where they are in between.
        annotated: also write the video with its faces drawn in as an MP4 there, with its sound, at
            most `fer_core.media.videos.LONGEST_PX` long.
        stills: also keep each face's clearest views.
        tell: called every few frames.

    Raises:
        MediaError: the file is refused or cannot be decoded, or ``annotated`` cannot be written.
        StorageError: nor can anything else, in the place of ``annotated``.
    """
    with ExitStack() as stack:
        video = stack.enter_context(VideoReader(path, index))
        kept = Stills() if stills else None
        writer = annotator = None
        if annotated is not None:
            rate = video.index.frames_per_second
            place = stack.enter_context(new_file(annotated))
            writer = stack.enter_context(
                VideoWriter(place, rate, source=video, name=annotated.name)
            )
            annotator = stack.enter_context(Annotator(writer))
        assembled = _read(video, pipeline, every, kept, annotator, tell)
    return VideoReading(
        path=str(path),
        sha256=sha256_of(path),
        recorded_at=video.index.recorded_at,
        model=pipeline.classifier.card.slug,
        detector=pipeline.detector.name,
        width=video.index.width,
        height=video.index.height,
        seconds=video.index.seconds,
        frames=video.frames,
        every=every,
        assembled=assembled,
        confidence=pipeline.classifier.confidence,
        views=pipeline.classifier.views,
        answers_as=pipeline.classifier.card.answers_as,
        stills=kept.found() if kept is not None else (),
        notes=video.notes + (writer.notes if writer is not None else ()),
    )


def _read(
    video: VideoReader,
    pipeline: Pipeline,
    every: int,
    stills: Stills | None,
    annotator: Annotator | None,
    tell: Callable[[VideoProgress], None] | None,
) -> Assembled:
    reader = FrameReader(pipeline.detector, (pipeline.classifier,))
    index, assembler, parts = video.index, RowAssembler(), []
    wanted = stills is not None or annotator is not None
    for part in index.parts:
        frames = video.part(part, 1 if wanted else every)
        step = every if wanted else 1
        read: list[FrameReading] = []
        followed = []
        for batch in read_batches(
            frames, reader, every=step, scale=index.scale, keep_frames=wanted
        ):
            rows = Readings.of_frames(batch.readings, reader.networks, part.end_s)
            followed.append(assembler.add(rows))
            read += batch.readings
            if wanted:
                results = results_by_frame(
                    followed[-1],
                    size=index.canvas,
                    scale=index.scale,
                    unsure_threshold=pipeline.classifier.confidence.unsure_threshold,
                )
                _show(batch.frames, results, stills, annotator)
            if tell is not None:
                tell(VideoProgress(batch.readings[-1].time_s, index.seconds, video.frames))
        if followed:
            whole = joined(followed)
            rows = Readings.of_frames(read, reader.networks, part.end_s)
            parts.append(Assembled(rows, whole.track_ids, whole.smoothed))
    return joined(parts)


def _show(
    frames: Sequence[TimedFrame],
    results: Mapping[int, FrameResult],
    stills: Stills | None,
    annotator: Annotator | None,
) -> None:
    if stills is not None:
        for frame in frames:
            if frame.number in results:
                stills.add(frame.rgb, frame.seconds, results[frame.number])
    if annotator is not None:
        annotator.add(frames, results)
