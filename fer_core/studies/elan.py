"""Annotation files of ELAN (``.eaf``), which people code videos in: written and read."""

import re
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

from pympi.Elan import Eaf, to_string

from fer_core.errors import StudyError
from fer_core.pipeline.recording import STATES, stretches
from fer_core.storage.atomic import write_bytes
from fer_core.studies.assemble import assemble
from fer_core.studies.export import Exported
from fer_core.studies.findings import shortcomings
from fer_core.studies.markings import BASELINE, EVENTS, EXCLUDED, Interval, Tiers
from fer_core.studies.mended import MendedRecording
from fer_core.studies.store import Study

MOST_BYTES = 50_000_000

_EVENT_S = 0.1
# ELAN has no moments, only stretches.

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_elan(mended: MendedRecording) -> bytes:
    """A recording's edits and what its faces showed, as an annotation file beside its video.

    One tier for each face and network, and `EVENTS`, `EXCLUDED` and `BASELINE`.
    """
    document = Eaf(author="Mien")
    document.remove_tier("default")
    path = mended.recording.path
    if not mended.recording.is_live:  # which has rows alone, and nothing to be played
        document.add_linked_file(path.as_uri(), f"./{path.name}", mimetype=_kind(path))
    mending = mended.mending
    events = [(each.seconds, each.seconds + _EVENT_S, each.label) for each in mending.events]
    _add_tier(document, EVENTS, events)
    _add_tier(document, EXCLUDED, [(*each, "") for each in mending.excluded])
    _add_tier(document, BASELINE, [(*mending.baseline, "")] if mending.baseline else [])
    for number in mended.networks_read:
        shown, network = mended.shown(number), mended.readings.networks[number]
        for track_id in sorted(shown.tracks):
            _add_tier(
                document,
                f"face {track_id}{_called(mended, track_id)} · {network}",
                [
                    (each.start_s, each.end_s, STATES[each.state])
                    for each in stretches(shown, track_id)
                ],
            )
    return bytes(to_string(document, encoding="UTF-8"))


def export_elan(study: Study, folder: Path) -> Exported:
    """Write an annotation file for each recording into a folder; see `write_elan`.

    Raises:
        StorageError: it cannot be written.
    """
    paths, parts, notes = [], {}, []
    for recording in study.recordings():
        try:
            mended = assemble(study, recording)
        except StudyError as error:
            notes.append(str(error))
            continue
        paths.append(write_bytes(folder / f"{recording.name}.eaf", write_elan(mended)))
        parts[recording.name] = mended.parts
        notes += shortcomings(mended)
    return Exported(tuple(paths), parts, tuple(notes))


def _called(mended: MendedRecording, track_id: int) -> str:
    name = mended.mending.names.get(track_id)
    return f" ({name})" if name else ""


def _kind(path: Path) -> str:
    kinds = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mpg": "video/mpeg"}
    return kinds.get(path.suffix.lower(), "unknown")


def _add_tier(document: Eaf, name: str, intervals: Iterable[tuple[float, float, str]]) -> None:
    """A tier; intervals that would overlap by rounding begin where the one before ends."""
    name = _NO_XML.sub(" ", name)
    document.add_tier(name)
    before_ms = 0
    for start_s, end_s, label in intervals:
        start_ms = max(round(1000 * start_s), before_ms)
        before_ms = max(round(1000 * end_s), start_ms + 1)
        document.add_annotation(name, start_ms, before_ms, _NO_XML.sub(" ", label))


def read_elan(content: bytes, name: str) -> Tiers:
    """Tiers of an annotation file, with what is aligned to time in them.

    Args:
        content: the file.
        name: of it, for errors.

    Raises:
        StudyError: it is none, or too large.
    """
    if len(content) > MOST_BYTES:
        raise _no_file(name, f"{len(content) / 1e6:.0f} MB", f"at most {MOST_BYTES / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that are newer than the library
        path = Path(folder) / "given.eaf"
        path.write_bytes(content)
        try:
            document = Eaf(path)
            tiers = {
                str(tier): _aligned(document.get_annotation_data_for_tier(tier))
                for tier in document.get_tier_names()
            }
        except Exception as error:  # whatever a stranger's file does to the library
            received = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            raise _no_file(name, received, "an .eaf file that ELAN opens") from error
    return tiers


def _aligned(annotations: Iterable[tuple[int | None, int | None, str]]) -> tuple[Interval, ...]:
    return tuple(
        Interval(start / 1000, end / 1000, str(label).strip())
        for start, end, label, *_ in sorted(annotations, key=lambda each: each[0] or 0)
        if start is not None and end is not None and start < end
    )


def _no_file(name: str, received: str, expected: str) -> StudyError:
    return StudyError(
        "this is no annotation file of ELAN",
        where=name,
        expected=expected,
        received=received,
        remedy="Save it in ELAN as .eaf.",
    )
