"""Entering edits, taking them back and redoing them; each is checked against who was seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from fer_core.errors import StudyError
from fer_core.studies.assemble import assemble, tracks_of
from fer_core.studies.edits import EDIT, Edit, TrackEdit, edit_words
from fer_core.studies.mending import Tracks
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.schema import EditRow
from fer_core.studies.store import Study, now


@dataclass(frozen=True, slots=True)
class EnteredEdit:
    """An edit of a recording, as it stands in the study.

    Attributes:
        id: in the study.
        created_at: when it was entered, in ISO 8601.
        edit: what it is.
        undone: whether it was taken back.
        followed: `StudySettings.tracks_key` of the faces that it speaks of; "" where of none.
    """

    id: int
    created_at: str
    edit: Edit
    undone: bool
    followed: str


def edits_of(study: Study, recording: StudyRecording) -> tuple[EnteredEdit, ...]:
    """All edits of a recording in their order, also those that were taken back."""
    with study.database.read() as session:
        rows = session.scalars(
            select(EditRow).where(EditRow.recording_id == recording.id).order_by(EditRow.id)
        ).all()
    return tuple(
        EnteredEdit(row.id, row.created_at, EDIT.validate_json(row.body), row.undone, row.followed)
        for row in rows
    )


def enter_edits(
    study: Study, edits: Mapping[str, Sequence[Edit]]
) -> dict[str, tuple[EnteredEdit, ...]]:
    """Enter edits of some recordings, behind those that are there: all of them, or none.

    Args:
        study: whose.
        edits: by a recording's name, in order.

    Returns:
        By name, those that were entered; a `Split` with the track id of its second face.

    Raises:
        StudyError: an edit that cannot be, with what is in its way; or a recording that is not
            there, or not read yet.
    """
    checked = {
        study.recording(name): _checked(study, study.recording(name), own)
        for name, own in edits.items()
    }
    followed, moment = study.settings.tracks_key, now()
    with study.database.write() as session:
        rows = {
            recording.name: [
                EditRow(
                    recording_id=recording.id,
                    created_at=moment,
                    body=edit.model_dump_json(),
                    undone=False,
                    followed=followed if isinstance(edit, TrackEdit) else "",
                )
                for edit in own
            ]
            for recording, own in checked.items()
        }
        session.add_all(row for own in rows.values() for row in own)
        session.flush()
        ids = {row.id for own in rows.values() for row in own}
    return {
        recording.name: tuple(each for each in edits_of(study, recording) if each.id in ids)
        for recording in checked
    }


def _checked(study: Study, recording: StudyRecording, edits: Sequence[Edit]) -> list[Edit]:
    tracks = _tracks(study, recording, edits)
    checked = []
    for edit in edits:
        try:
            checked.append(tracks.apply(edit))
        except ValueError as error:
            raise StudyError(
                "this cannot be mended so",
                where=recording.name,
                received=f"{edit_words(edit)}: {error}",
                remedy="Look at the recording's faces and edits, and correct it.",
            ) from error
    return checked


def _tracks(study: Study, recording: StudyRecording, edits: Iterable[Edit]) -> Tracks:
    """Who is where after the edits that are in force; empty where no edit speaks of a face.

    The recording has to be read as far as it can be before faces are spoken of. They are counted
    from its beginning: a part that is read later would number them anew.
    """
    if not any(isinstance(edit, TrackEdit) for edit in edits):
        return Tracks(np.empty(0, np.int64), np.empty(0, np.float64), recording.seconds)
    mended = assemble(study, recording)
    if mended.waiting:
        raise StudyError(
            "faces can be mended once all of the recording is read",
            where=recording.name,
            received=f"{mended.waiting} of {recording.parts} parts are missing",
            remedy="Let the study be read to its end first.",
        )
    tracks = tracks_of(recording, mended.followed, mended.readings)
    tracks.reserve(each.edit for each in edits_of(study, recording))
    for edit in mended.edits:
        tracks.apply(edit)
    return tracks


def undo(study: Study, recording: StudyRecording, edit_id: int | None = None) -> EnteredEdit:
    """Take an edit back.

    Args:
        study: whose.
        recording: of which.
        edit_id: which; None: the last one that is in force.

    Raises:
        StudyError: there is none, or later ones speak of a face that it made.
    """
    return _set_undone(study, recording, edit_id, True)


def redo(study: Study, recording: StudyRecording, edit_id: int | None = None) -> EnteredEdit:
    """Enter an edit again that was taken back, in its old place in the order.

    Args:
        study: whose.
        recording: of which.
        edit_id: which; None: the first one that was taken back after all that are in force, else
            the last one that was taken back.

    Raises:
        StudyError: there is none, or it cannot be any more.
    """
    return _set_undone(study, recording, edit_id, False)


def _set_undone(
    study: Study, recording: StudyRecording, edit_id: int | None, undone: bool
) -> EnteredEdit:
    entered = edits_of(study, recording)
    wanted = _wanted(recording, entered, edit_id, undone)
    if isinstance(wanted.edit, TrackEdit):
        _check_the_others(study, recording, entered, wanted, undone)
    with study.database.write() as session:
        session.get_one(EditRow, wanted.id).undone = undone
    return EnteredEdit(wanted.id, wanted.created_at, wanted.edit, undone, wanted.followed)


def _check_the_others(
    study: Study,
    recording: StudyRecording,
    entered: Sequence[EnteredEdit],
    wanted: EnteredEdit,
    undone: bool,
) -> None:
    """Raise where an edit could not be applied any more."""
    in_force = [
        each.edit
        for each in entered
        if not (undone if each is wanted else each.undone)
        and each.followed in ("", study.settings.tracks_key)
    ]
    # One that could not be applied before is in nobody's way now.
    before = assemble(study, recording).problems
    after = assemble(study, recording, edits=in_force).problems
    if problems := [each for each in after if each not in before]:
        raise StudyError(
            "this cannot be taken back" if undone else "this cannot be redone",
            where=f"{recording.name}, {edit_words(wanted.edit)}",
            received=" ".join(problems[:3]),
            remedy="Take back the edits that speak of this face first.",
        )


def _wanted(
    recording: StudyRecording, entered: Sequence[EnteredEdit], edit_id: int | None, undone: bool
) -> EnteredEdit:
    """The edit that is to be taken back or redone."""
    candidates = [each for each in entered if each.undone is not undone]
    if edit_id is not None:
        candidates = [each for each in candidates if each.id == edit_id]
    elif not undone:
        last = max((each.id for each in entered if not each.undone), default=0)
        candidates = [each for each in candidates if each.id > last][:1] or candidates
    if not candidates:
        raise StudyError(
            "there is no such edit to be taken back" if undone else "nothing can be redone",
            where=recording.name,
            received="none" if edit_id is None else f"edit {edit_id}",
            remedy="List them: python -m fer_core study edit NAME",
        )
    return candidates[-1]
