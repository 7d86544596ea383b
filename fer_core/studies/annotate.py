"""A recording's video with the faces that count drawn in, as they were mended."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from fer_core.errors import MediaError
from fer_core.pipeline.annotated_video import annotate_video
from fer_core.pipeline.assembled import NO_TRACK, Assembled
from fer_core.studies.assemble import assemble
from fer_core.studies.mended import MendedRecording
from fer_core.studies.recordings import StudyRecording, fault_of
from fer_core.studies.store import Study
from fer_core.studies.tables import counted_rows

_FRAMES_AT_ONCE = 1000
# What is drawn is kept as objects, some kilobytes a frame.


def annotate_recording(
    study: Study, recording: StudyRecording, out: Path, *, network: int = 0
) -> tuple[str, ...]:
    """Write a recording's video with what a network says of the faces that count.

    Nothing is drawn in stretches that are left out.

    Args:
        study: whose.
        recording: which.
        out: the MP4 to write, with its sound.
        network: number of the one that is shown.

    Returns:
        Sentences on what a person should know of the file that was written.

    Raises:
        StudyError: nothing of it is read yet, or what was read is damaged.
        MediaError: the video is gone, another one, or cannot be decoded.
        StorageError: ``out`` cannot be written.
    """
    if fault := fault_of(recording):
        raise MediaError(fault.rstrip("."), remedy="Nothing was written.")
    mended = assemble(study, recording)
    return annotate_video(
        recording.path,
        study.index_of(recording),
        _pieces(counting(mended)),
        out,
        network=network,
        unsure_threshold=mended.settings.networks[network].unsure_threshold,
    )


def counting(mended: MendedRecording) -> Assembled:
    """Rows of the faces that count; a frame without any, or left out, has one empty row."""
    counted = counted_rows(mended, None)
    first = np.append(True, np.diff(mended.readings.frame[counted.row]) != 0)[: len(counted.row)]
    kept = ~mended.excluded[counted.row]
    rows = counted.row[first | kept]
    face = (counted.face & kept)[first | kept]
    whole, nowhere, at_face = mended.assembled.rows(rows), np.float32(np.nan), face[:, None]
    readings = whole.readings
    begins = np.flatnonzero(np.append(True, np.diff(readings.frame) != 0)[: len(rows)])
    place = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    return Assembled(
        replace(
            readings,
            face_row=np.where(face, place, -1).astype(np.int16),
            boxes=np.where(at_face, readings.boxes, nowhere),
            scores=np.where(face, readings.scores, nowhere),
            landmarks=np.where(at_face, readings.landmarks, nowhere),
            quality=np.where(at_face, readings.quality, nowhere),
            probabilities=np.where(at_face, readings.probabilities, nowhere),
        ),
        np.where(face, whole.track_ids, NO_TRACK),
        np.where(at_face, whole.smoothed, nowhere),
    )


def _pieces(whole: Assembled) -> Iterator[Assembled]:
    """The same in pieces of whole frames."""
    begins = np.flatnonzero(whole.readings.face_row <= 0)
    for start, end in pairwise([*begins[::_FRAMES_AT_ONCE].tolist(), len(whole)]):
        yield whole.rows(slice(start, end))
