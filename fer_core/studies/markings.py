"""What a person marked elsewhere: events, and a coder's intervals, from CSV and from ELAN."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from fer_core.errors import StudyError
from fer_core.studies.cells import read_rows, read_seconds, recording_finder
from fer_core.studies.edits import Baseline, Edit, Event, Exclude, edit_of
from fer_core.studies.statistics import INTERVAL_COLUMNS
from fer_core.studies.store import Study

EVENTS, EXCLUDED, BASELINE = "events", "excluded", "baseline"
"""Names of the tiers that become edits, and what becomes of them."""

_MOST_TOLD = 5


class Interval(NamedTuple):
    """A stretch with a word; seconds from the recording's start."""

    start_s: float
    end_s: float
    label: str


Tiers = Mapping[str, Sequence[Interval]]
"""A recording's intervals by the name of their tier."""


def read_edits(content: bytes, name: str, recording: str | None = None) -> dict[str, list[Edit]]:
    """Edits from a JSON file: an array of objects, each with ``recording``, ``kind`` and its own.

    Args:
        content: the file.
        name: of it, for errors.
        recording: of which they are, where they do not say.

    Returns:
        By recording, in their order, for `fer_core.studies.enter_edits`.

    Raises:
        StudyError: it is no such file, or one of them is no edit.
    """
    try:
        values = json.loads(content)
        if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
            raise ValueError("no array of objects")
    except (ValueError, RecursionError) as error:
        raise StudyError(
            "these are no edits",
            where=name,
            expected='an array such as [{"recording": "p01", "kind": "ignore", "track_id": 2}]',
            received=str(error)[:200],
            remedy="See docs/studies.md for each kind and what it needs.",
        ) from error
    edits: dict[str, list[Edit]] = {}
    for number, value in enumerate(values, start=1):
        own = value.pop("recording", recording)
        if not isinstance(own, str):
            raise StudyError(
                "an edit does not say of which recording it is",
                where=f"{name}, edit {number}",
                remedy='Give it "recording", or name one with --recording.',
            )
        edits.setdefault(own, []).append(edit_of(value, f"{name}, edit {number}"))
    return edits


def read_events(
    study: Study, content: bytes, name: str, recording: str | None = None
) -> dict[str, list[Edit]]:
    """Events from a CSV file: columns ``file``, ``time`` and ``label``; see `read_rows`.

    Args:
        study: whose.
        content: the file.
        name: of it, for errors.
        recording: of which they are, where there is no column ``file``.

    Returns:
        By recording, in the order of the rows, for `fer_core.studies.enter_edits`.

    Raises:
        StudyError: it is no such table, or a row cannot be.
    """
    events: dict[str, list[Edit]] = {}
    for own, row in _rows_by_recording(study, content, name, recording, ("time", "label")):
        at_s = read_seconds(row["time"])
        if at_s is None or at_s < 0 or not row["label"]:
            raise _bad_row(name, row, "a time from 0 on, and words")
        events.setdefault(own, []).append(Event(at_s=at_s, label=row["label"][:200]))
    return events


def read_coding(
    study: Study, content: bytes, name: str, recording: str | None = None
) -> pd.DataFrame:
    """A coder's intervals from a CSV file: columns ``file``, ``start``, ``end`` and ``label``.

    Args:
        study, content, name, recording: as for `read_events`.

    Returns:
        `INTERVAL_COLUMNS`, for `fer_core.studies.statistics.coder_agreement`.

    Raises:
        StudyError: it is no such table, or a row cannot be.
    """
    rows = []
    columns = ("start", "end", "label")
    for own, row in _rows_by_recording(study, content, name, recording, columns):
        start_s, end_s = read_seconds(row["start"]), read_seconds(row["end"])
        if start_s is None or end_s is None or not 0 <= start_s < end_s or not row["label"]:
            raise _bad_row(name, row, "a start, an end after it, and a word")
        rows.append((own, start_s, end_s, row["label"]))
    return pd.DataFrame(rows, columns=list(INTERVAL_COLUMNS))


def tier_coding(recording: str, intervals: Sequence[Interval]) -> pd.DataFrame:
    """A coder's intervals from a tier; see `read_coding`."""
    rows = [(recording, *each) for each in intervals]
    return pd.DataFrame(rows, columns=list(INTERVAL_COLUMNS))


def tier_edits(tiers: Tiers, roles: Mapping[str, str] | None = None) -> list[Edit]:
    """Edits from tiers: events, stretches that are left out, and a baseline.

    Args:
        tiers: of a recording.
        roles: by tier, one of `EVENTS`, `EXCLUDED` and `BASELINE`; None: those that are called so.

    Raises:
        StudyError: there is no such tier, or no such role.
    """
    if roles is None:
        known = (EVENTS, EXCLUDED, BASELINE)
        roles = {tier: tier.lower() for tier in tiers if tier.lower() in known}
    missing = [tier for tier in roles if tier not in tiers]
    strange = [role for role in roles.values() if role not in (EVENTS, EXCLUDED, BASELINE)]
    if missing or strange or not roles:
        raise StudyError(
            "no tier of this file can be taken in so",
            where=", ".join(missing) or "tiers",
            expected=f"some of {', '.join(tiers)} as {EVENTS}, {EXCLUDED} or {BASELINE}",
            received=", ".join([*missing, *strange]) or "none that is called so",
            remedy=f"Name a tier and what it is, such as --tier {next(iter(tiers), 'TIER')}=events",
        )
    return [
        _edit(roles[tier], interval)
        for tier in roles
        for interval in sorted(tiers[tier])
        if interval.label or roles[tier] != EVENTS
    ]


def _edit(role: str, interval: Interval) -> Edit:
    start_s, end_s, label = max(interval.start_s, 0.0), interval.end_s, interval.label[:200]
    if role == EXCLUDED:
        return Exclude(start_s=start_s, end_s=end_s, reason=label)
    if role == BASELINE:
        return Baseline(start_s=start_s, end_s=end_s)
    return Event(at_s=start_s, label=label)


def _rows_by_recording(
    study: Study, content: bytes, name: str, recording: str | None, columns: Sequence[str]
) -> list[tuple[str, dict[str, str]]]:
    """Rows that are not empty, each with its recording.

    Raises:
        StudyError: it is no such table, or recordings that are not there; names up to five rows.
    """
    columns = ("file", *columns) if recording is None else (*columns, "file")
    needed = len(columns) - (recording is not None)
    rows = read_rows(content, name, columns, needed=needed)
    find = recording_finder(study.recordings())
    found, problems = [], []
    for number, row in enumerate(rows, start=1):
        if not any(row.values()):
            continue
        try:
            own = find(row["file"]) if row.get("file") else recording or find("")
            for column in ("time", "start", "end"):
                read_seconds(row.get(column, ""))
            found.append((own, row))
        except ValueError as error:
            problems.append(f"row {number}: {error}")
    if problems:
        raise StudyError(
            "the table cannot be so",
            where=name,
            received="; ".join(problems[:_MOST_TOLD]),
            remedy="Correct these rows; nothing was taken in.",
        )
    return found


def _bad_row(name: str, row: Mapping[str, str], expected: str) -> StudyError:
    return StudyError(
        "a row of this table cannot be so",
        where=name,
        expected=expected,
        received=", ".join(f"{column} {cell!r}" for column, cell in row.items()),
        remedy="Correct it; nothing was taken in.",
    )
