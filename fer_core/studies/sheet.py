"""The sheet: who is in which recording, under which condition, and which stretch of it counts."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from fer_core.errors import StudyError
from fer_core.pipeline.tables import harmless_cell
from fer_core.studies.cells import read_rows, read_seconds, recording_finder
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.schema import EntryRow
from fer_core.studies.store import Study

COLUMNS = ("file", "participant", "condition", "start", "end", "onset", "face", "note")
"""Of the sheet as CSV."""

_MOST_TOLD = 5
_TOLERANCE_S = 1.0
# Players round the length of a file.


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the sheet; times are seconds from the recording's start.

    Attributes:
        recording: its name.
        participant: who; a code, better than a name.
        condition: under which condition.
        start_s, end_s: the stretch that counts; None: from the beginning, to the end.
        onset_s: when the stimulus began; None: not known.
        face: number of the participant's face in this recording; None: whoever is to be seen.
        note: whatever a person wants to remember.
    """

    recording: str
    participant: str
    condition: str
    start_s: float | None = None
    end_s: float | None = None
    onset_s: float | None = None
    face: int | None = None
    note: str = ""


def sheet(study: Study) -> tuple[Entry, ...]:
    """All rows, in the order in which they were entered."""
    names = {each.id: each.name for each in study.recordings()}
    with study.database.read() as session:
        rows = session.scalars(select(EntryRow).order_by(EntryRow.id)).all()
    return tuple(
        Entry(
            recording=names[row.recording_id],
            participant=row.participant,
            condition=row.condition,
            start_s=row.start_s,
            end_s=row.end_s,
            onset_s=row.onset_s,
            face=row.face,
            note=row.note,
        )
        for row in rows
        if row.recording_id in names
    )


def set_sheet(study: Study, entries: Iterable[Entry]) -> None:
    """Replace the sheet.

    Raises:
        StudyError: a row that cannot be; names up to five of them. Then nothing is changed.
    """
    entries = tuple(entries)
    recordings = {each.name: each for each in study.recordings()}
    problems = _problems(entries, recordings)
    if problems:
        raise _refused(study.name, problems)
    with study.database.write() as session:
        session.execute(delete(EntryRow))
        session.add_all(
            EntryRow(
                recording_id=recordings[entry.recording].id,
                participant=entry.participant.strip(),
                condition=entry.condition.strip(),
                start_s=entry.start_s,
                end_s=entry.end_s,
                onset_s=entry.onset_s,
                face=entry.face,
                note=entry.note,
            )
            for entry in entries
        )


def _problems(entries: Sequence[Entry], recordings: Mapping[str, StudyRecording]) -> list[str]:
    problems, seen = [], set()
    for number, entry in enumerate(entries, start=1):
        recording = recordings.get(entry.recording)
        key = (entry.recording, entry.participant.strip(), entry.condition.strip())
        if recording is None:
            problems.append(f"row {number}: there is no recording {entry.recording!r}")
        elif not all(key):
            missing = "participant" if not key[1] else "condition"
            problems.append(f"row {number} ({entry.recording}) has no {missing}")
        elif key in seen:
            problems.append(f"row {number} ({' · '.join(key)}) is there twice")
        elif fault := _time_fault(entry, recording.seconds):
            problems.append(f"row {number} ({entry.recording}): {fault}")
        seen.add(key)
    return problems


def _time_fault(entry: Entry, length_s: float) -> str:
    for word, seconds in (
        ("start", entry.start_s),
        ("end", entry.end_s),
        ("onset", entry.onset_s),
    ):
        if seconds is not None and not 0 <= seconds <= length_s + _TOLERANCE_S:
            return f"{word} at {seconds:g} s, and it lasts {length_s:.1f} s"
    if entry.start_s is not None and entry.end_s is not None and entry.end_s <= entry.start_s:
        return f"it ends at {entry.end_s:g} s, before it starts at {entry.start_s:g} s"
    if entry.face is not None and entry.face < 1:
        return f"face {entry.face}; they are counted from 1"
    return ""


def _refused(where: str, problems: Sequence[str]) -> StudyError:
    told = "; ".join(problems[:_MOST_TOLD])
    more = len(problems) - _MOST_TOLD
    return StudyError(
        "the sheet cannot be so",
        where=where,
        received=f"{told}; and {more} more" if more > 0 else told,
        remedy="Correct these rows; the sheet was left as it was.",
    )


def read_sheet(study: Study, content: bytes, name: str) -> tuple[Entry, ...]:
    """Replace the sheet by one from a CSV file.

    Comma, semicolon or tab between cells; UTF-8 or what Excel writes in western Europe; times in
    seconds or as ``m:ss`` and ``h:mm:ss``. A file is named by its name, its path, or as the study
    calls it. Columns: `COLUMNS`; only the first three are needed.

    Args:
        study: whose.
        content: the file.
        name: of it, for errors.

    Returns:
        The rows.

    Raises:
        StudyError: it is no such table, or a row cannot be; then nothing is changed.
    """
    rows = read_rows(content, name, COLUMNS, needed=3)
    find = recording_finder(study.recordings())
    entries, problems = [], []
    for number, row in enumerate(rows, start=1):
        if not any(row.values()):
            continue
        try:
            entries.append(_entry(find(row["file"]), row))
        except ValueError as error:
            problems.append(f"row {number}: {error}")
    if problems:
        raise _refused(name, problems)
    set_sheet(study, entries)
    return tuple(entries)


def _entry(recording: str, row: Mapping[str, str]) -> Entry:
    face = row.get("face", "")
    if face and not face.isdecimal():
        raise ValueError(f"face {face!r} is no number")
    return Entry(
        recording=recording,
        participant=row["participant"],
        condition=row["condition"],
        start_s=read_seconds(row.get("start", "")),
        end_s=read_seconds(row.get("end", "")),
        onset_s=read_seconds(row.get("onset", "")),
        face=int(face) if face else None,
        note=row.get("note", ""),
    )


def sheet_csv(study: Study) -> bytes:
    """The sheet as CSV, UTF-8; recordings that are not in it yet have an empty row to fill in."""
    entries = sheet(study)
    entered = {entry.recording for entry in entries}
    blank = [
        Entry(each.name, "", "")
        for each in sorted(study.recordings(), key=lambda each: each.id)
        if each.name not in entered
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in (*entries, *blank):
        words = (entry.recording, entry.participant, entry.condition)
        numbers = (entry.start_s, entry.end_s, entry.onset_s, entry.face)
        writer.writerow(
            [
                *map(harmless_cell, words),
                *("" if number is None else f"{number:g}" for number in numbers),
                harmless_cell(entry.note),
            ]
        )
    return out.getvalue().encode()
