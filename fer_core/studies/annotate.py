"""A recording's video as it was mended: with its faces drawn in, or with every one covered."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from fer_core.errors import MediaError, StudyError
from fer_core.pipeline.annotated_video import annotate_video
from fer_core.pipeline.anonymised_video import Cover, anonymise_video
from fer_core.pipeline.assembled import NO_TRACK, Assembled
from fer_core.pipeline.left_out import LeftOut, Treatment
from fer_core.pipeline.lettering import writable
from fer_core.studies.assemble import assemble
from fer_core.studies.mended import MendedRecording
from fer_core.studies.recordings import StudyRecording, fault_of, require_pictures
from fer_core.studies.store import Study
from fer_core.studies.tables import counted_rows

_FRAMES_AT_ONCE = 1000
# What is drawn is kept as objects, some kilobytes a frame.


def annotate_recording(
    study: Study,
    recording: StudyRecording,
    out: Path,
    *,
    network: int = 0,
    left_out: Treatment = "shown",
    tell: Callable[[float], None] | None = None,
) -> tuple[str, ...]:
    """Write a recording's video with what a network says of the faces that count, and their names.

    Nothing is drawn in stretches that are left out.

    Args:
        study: whose.
        recording: which.
        out: the MP4 to write, with its sound; where stretches are cut out, without.
        network: number of the one that is shown.
        left_out: what becomes of stretches that are left out.
        tell: told which share of it is done, 0-1.

    Returns:
        Sentences on what a person should know of the file that was written.

    Raises:
        StudyError: nothing of it is read yet, or what was read is damaged.
        MediaError: there is no video, it is another one, or cannot be decoded.
        StorageError: ``out`` cannot be written.
    """
    mended = _with_video(study, recording)
    return annotate_video(
        recording.path,
        study.index_of(recording),
        _pieces(counting(mended)),
        out,
        network=network,
        unsure_threshold=mended.settings.networks[network].unsure_threshold,
        names={track: name_on_video(name, track) for track, name in mended.mending.names.items()},
        left_out=LeftOut(mended.mending.excluded, left_out),
        tell=tell,
    )


def anonymise_recording(
    study: Study,
    recording: StudyRecording,
    out: Path,
    *,
    cover: Cover = "blur",
    sound: bool = False,
    left_out: Treatment = "shown",
    tell: Callable[[float], None] | None = None,
) -> tuple[str, ...]:
    """Write a recording's video with every face covered, also of those who do not count.

    Args:
        study: whose.
        recording: read to its end.
        out, cover, sound, tell: see `anonymise_video`.
        left_out: what becomes of stretches that are left out.

    Returns, Raises:
        As `annotate_recording`; also a StudyError where some of it is not read: nobody knows who is
        to be seen there.
    """
    mended = _with_video(study, recording)
    if mended.waiting or mended.failed:
        raise StudyError(
            "only a recording that is read to its end can be written so",
            where=recording.name,
            received=f"{mended.waiting + mended.failed} of {recording.parts} parts are not read",
            remedy="Let the study be read to its end first.",
        )
    return anonymise_video(
        recording.path,
        study.index_of(recording),
        mended.assembled,
        out,
        cover=cover,
        sound=sound,
        unsure_threshold=mended.settings.networks[0].unsure_threshold,
        ignored=mended.mending.ignored,
        left_out=LeftOut(mended.mending.excluded, left_out),
        tell=tell,
    )


def _with_video(study: Study, recording: StudyRecording) -> MendedRecording:
    require_pictures(recording)
    if fault := fault_of(recording):
        raise MediaError(fault.rstrip("."), remedy="Nothing was written.")
    return assemble(study, recording)


def name_on_video(name: str, track_id: int) -> str:
    """A name in letters that can be drawn on this machine; else without marks, else its number."""
    if writable(name):
        return name
    marked = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in marked if not unicodedata.combining(letter))
    return plain if writable(plain) else f"face {track_id}"


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
