"""With what a study was read until now: its rows may serve where other networks are wanted."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fer_core.studies.kept import KeptPart
from fer_core.studies.recordings import StudyRecording
from fer_core.studies.schema import PartRow, SettingsRow
from fer_core.studies.settings import NetworkSettings, StudySettings
from fer_core.studies.store import Study
from fer_core.studies.tasks import part_file


def enter_settings(study: Study, settings: StudySettings) -> None:
    """Enter that the study is read with these, for later; harmless where they are known."""
    key = settings.readings_key
    with study.database.write() as session:
        if session.get(SettingsRow, key) is None:
            session.add(SettingsRow(key=key, body=settings.model_dump_json()))


def sources_of(study: Study, settings: StudySettings) -> dict[str, tuple[NetworkSettings, ...]]:
    """Which networks' rows are found under which other settings.

    Args:
        study: whose.
        settings: that are wanted.

    Returns:
        By key of the other settings, which have the same detector and frames: networks that are
        wanted, and that they have; the most first.
    """
    with study.database.read() as session:
        bodies = session.scalars(select(SettingsRow.body)).all()
    known = [*map(StudySettings.model_validate_json, bodies), study.settings]
    found = {}
    for other in known:
        shared = tuple(
            network for network in settings.networks if any(map(network.reads_as, other.networks))
        )
        same_faces = other.tracks_key == settings.tracks_key
        if shared and same_faces and other.readings_key != settings.readings_key:
            found[other.readings_key] = shared
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def kept_parts(
    session: Session,
    sources: dict[str, tuple[NetworkSettings, ...]],
    recording: StudyRecording,
    number: int,
) -> Sequence[KeptPart]:
    """What was read of a part before.

    Args:
        session: of the study's database.
        sources: as `sources_of` says.
        recording, number: which part.
    """
    rows = session.scalars(
        select(PartRow).where(
            PartRow.recording_id == recording.id,
            PartRow.number == number,
            PartRow.settings.in_(sources),
            PartRow.state == "done",
        )
    )
    by_key = {row.settings: row for row in rows}
    return tuple(
        KeptPart(
            file=part_file(key, recording.name, number),
            sha256=by_key[key].sha256,
            networks=networks,
            frames=by_key[key].frames,
            damaged=by_key[key].damaged,
        )
        for key, networks in sources.items()
        if key in by_key
    )
