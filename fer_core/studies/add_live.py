"""A finished live recording into a study."""

from contextlib import suppress
from pathlib import Path

from fer_core.errors import StudyError
from fer_core.pipeline.recording import Recording
from fer_core.studies.edits import Event
from fer_core.studies.live import live_settings, write_live
from fer_core.studies.mend import enter_edits
from fer_core.studies.parts import PartReader
from fer_core.studies.queue import Queue
from fer_core.studies.recordings import LIVE_SUFFIX, StudyRecording
from fer_core.studies.store import Study


def add_live(study: Study, recording: Recording, name: str) -> StudyRecording:
    """Take a live recording's rows into a study; its markers become events.

    They count as read at once. Where another process reads the study, it takes them in.

    Args:
        study: whatever it is read with; see `fer_core.studies.live.what_is_missing`.
        recording: of a camera.
        name: what it is to be called; not to be trusted.

    Raises:
        StudyError: nothing was read in it, by several networks, or it is in the study already.
        StorageError: it cannot be written.
    """
    read_with = live_settings(recording)
    path = study.place_for(Path(name.replace("/", " ") + LIVE_SUFFIX))
    found = write_live(path, recording, read_with)
    if earlier := study.known(found):
        path.unlink()
        raise StudyError(
            "this recording is in the study already",
            where=study.name,
            received=f"the same as {earlier}",
            remedy="Leave it out, or add it to another study.",
        )
    entered = study.enter(found, path, copied=True)
    marks = [Event(at_s=each.seconds, label=each.label) for each in recording.markers]
    enter_edits(study, {entered.name: marks})
    with suppress(StudyError), study.lead():  # else whoever leads takes it in
        _take_rows(study, entered)
    return study.recording(entered.name)


def _take_rows(study: Study, recording: StudyRecording) -> None:
    queue, reader = Queue(study), PartReader()
    queue.refresh()
    task = queue.take_one(recording)
    if task is None:
        return
    answer = reader.answer(task)
    if answer.error:
        queue.put_back(task, answer.error)
    else:
        queue.enter(answer)
