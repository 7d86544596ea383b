"""A finished live recording as a recording of a study: its rows are there, pictures never were.

It is kept as one Parquet file of readings in the study's folder, in the place of a video. A part
of it is "read" by taking these rows, so that queue, receipt and edits know no difference. There is
nothing to look at: networks of the study that did not read it then say nothing of its faces.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ContractError, MediaError, StudyError, in_one_line
from fer_core.faces import LANDMARKS
from fer_core.media.index import VideoIndex
from fer_core.media.timeline import Place, VideoPart
from fer_core.pipeline.readings import Readings, from_parquet, to_parquet
from fer_core.storage.atomic import write_bytes
from fer_core.studies.recordings import Examined
from fer_core.studies.settings import NetworkSettings, StudySettings, choose_settings

if TYPE_CHECKING:  # brings pandas along, which whoever reads parts has no use for
    from fer_core.pipeline.recording import Recording

_ABOUT = b"mien.live"
_LONGEST_STEP_S = 1.0
# A camera that gives nothing for longer was off: nobody looked.


def live_settings(recording: "Recording") -> StudySettings:
    """With what a live recording was read, for a study of its own.

    Raises:
        StudyError: by several networks or detectors, or by none: nothing was read.
        ModelError: the network is not here any more, or not sound.
    """
    kinds = {(network.model, network.detector) for network in recording.networks}
    if recording.found is None or len(kinds) != 1:
        raise StudyError(
            "this recording cannot go into a study",
            expected="a live recording in which one network and one face detector read",
            received=", ".join(" with ".join(kind) for kind in sorted(kinds)) or "no frame",
            remedy="Record again without changing the network or the face detector meanwhile.",
        )
    ((model, detector),) = kinds
    return choose_settings((model,), detector=detector)


def what_is_missing(settings: StudySettings, read_with: StudySettings) -> str:
    """What a study lacks of a live recording, as there are no pictures to look at; "" for nothing.

    Args:
        settings: of the study.
        read_with: as `live_settings` says.
    """
    network, sentences = read_with.networks[0], []
    missing = [each.slug for each in settings.networks if not each.reads_as(network)]
    if len(missing) == len(settings.networks):
        sentences.append(
            f"This study is read by {' and '.join(missing)}, and this recording was by "
            f"{network.slug}: no figure has it until {network.slug} is a network of the study too."
        )
    elif missing:
        sentences.append(
            f"{' and '.join(missing)} did not read it, and no pictures were kept: figures of "
            f"{'these networks' if len(missing) > 1 else 'this network'} leave it out."
        )
    if settings.detector != read_with.detector:
        sentences.append(
            f"Its faces were found by {read_with.detector}, those of the study are by "
            f"{settings.detector}."
        )
    return " ".join(sentences)


def readings_of(recording: "Recording") -> Readings:
    """A live recording's rows as readings; landmarks and most of quality were not kept.

    Args:
        recording: of a camera, one network.
    """
    found = recording.found
    assert found is not None
    nobody = len(found.empty_s)
    times = np.concatenate([recording.seconds, found.empty_s])
    boxes = _with_empty(found.boxes, nobody)
    # By time; in a frame the largest face first, as everywhere.
    order = np.lexsort((-np.nan_to_num(boxes[:, 2] * boxes[:, 3]), times))
    times, boxes = times[order], boxes[order]
    frames, frame = np.unique(times, return_inverse=True)
    steps = np.diff(frames, append=max(recording.duration_s, frames[-1] if len(frames) else 0.0))
    first = np.searchsorted(frame, np.arange(len(frames)))
    is_face = order < len(recording)
    quality = np.full((len(order), 5), np.nan, np.float32)
    quality[:, 0] = boxes[:, 2:].min(axis=1, initial=np.inf)
    face_row = np.where(is_face, np.arange(len(order)) - first[frame], -1)
    return Readings(
        networks=(recording.networks[0].model,),
        frame=frame.astype(np.int64),
        time_s=times,
        step_s=steps.clip(0.0, _LONGEST_STEP_S)[frame],
        face_row=face_row.astype(np.int16),
        boxes=boxes,
        scores=_with_empty(found.scores[:, None], nobody)[order, 0],
        landmarks=np.full((len(order), 2 * LANDMARKS), np.nan, np.float32),
        quality=quality,
        probabilities=_with_empty(recording.raw, nobody)[order][None],
    )


def _with_empty(rows: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Rows of faces, then so many of frames without any."""
    nothing = np.full((count, rows.shape[1]), np.nan, np.float32)
    return np.concatenate([rows.astype(np.float32, copy=False), nothing])


def write_live(path: Path, recording: "Recording", read_with: StudySettings) -> Examined:
    """Write a live recording's rows into a study's folder.

    Args:
        path: the file to write.
        recording: of a camera, one network.
        read_with: as `live_settings` says.

    Raises:
        StudyError: nothing was read in it.
        StorageError: it cannot be written.
    """
    readings = readings_of(recording)
    if not len(readings):
        raise StudyError("nothing was read in this recording", remedy="Record for longer.")
    assert recording.found is not None
    about = {
        _ABOUT.decode(): json.dumps(
            {
                "network": read_with.networks[0].model_dump(mode="json"),
                "detector": read_with.detector,
                "recorded_at": recording.found.recorded_at,
            }
        )
    }
    content = to_parquet(readings.to_table(about))
    write_bytes(path, content)
    state = path.stat()
    index = _index(readings, recording)
    return Examined(
        path, state.st_size, state.st_mtime_ns, hashlib.sha256(content).hexdigest(), index
    )


def _index(readings: Readings, recording: "Recording") -> VideoIndex:
    """What a video's index says, as far as there is something to say: there are no pictures."""
    assert recording.found is not None
    begin = Place(0, 0, 0)
    return VideoIndex(
        width=1,
        height=1,
        canvas=(1, 1),
        pixel_aspect=1.0,
        recordings=(),
        frames=readings.frames_read,
        frames_per_second=readings.frames_read / max(recording.duration_s, 1e-3),
        seconds=recording.duration_s,
        start_s=0.0,
        delay=0,
        has_sound=False,
        shifts=(),
        parts=(VideoPart(0, 0, begin, None, 0.0, recording.duration_s, ()),),
        recorded_at=recording.found.recorded_at,
        notes=("Recorded live: its rows were kept, pictures were not.",),
    )


def read_live(path: Path, settings: StudySettings) -> Readings:
    """The rows of a live recording, for a study with these settings; all of its frames.

    Whatever the study's detector is. Networks that did not read it then say nothing of its faces.

    Raises:
        MediaError: the file is no such recording, or damaged.
    """
    try:
        table = from_parquet(path.read_bytes())
        about = json.loads((table.schema.metadata or {})[_ABOUT])
        network = NetworkSettings.model_validate(about["network"])
        readings = Readings.of_table(table)
    except (OSError, KeyError, ValueError, ContractError) as error:
        raise MediaError(
            "this live recording cannot be read",
            where=path.name,
            received=in_one_line(error),
            remedy="Bring the file back from a backup, or take the recording out.",
        ) from error
    nothing = np.full_like(readings.probabilities[0], np.nan)
    return replace(
        readings,
        networks=settings.slugs,
        probabilities=np.stack(
            [
                readings.probabilities[0] if wanted.reads_as(network) else nothing
                for wanted in settings.networks
            ]
        ),
    )
