"""Reading a study otherwise: what that costs, said before, and what it does not."""

from dataclasses import dataclass

from sqlalchemy import func, select

from fer_core.studies.queue import DONE
from fer_core.studies.schema import PartRow
from fer_core.studies.settings import StudySettings
from fer_core.studies.store import Study


@dataclass(frozen=True, slots=True)
class ReadingCost:
    """What is still to be read with some settings.

    Attributes:
        seconds: of video that nobody has read with them.
        of_seconds: of all videos.
        rate: seconds that one process took for a second of video until now, with whatever
            settings; None where nothing was read yet.
    """

    seconds: float
    of_seconds: float
    rate: float | None

    @property
    def process_s(self) -> float | None:
        """How long one process takes for it, if it goes on as until now; None: not known."""
        return None if self.rate is None else self.rate * self.seconds


def reading_cost(study: Study, settings: StudySettings) -> ReadingCost:
    """What changing a study's settings to these would cost.

    What was read with them before counts as read; live recordings are never read again.

    Args:
        study: whose.
        settings: with which it might be read.
    """
    videos = [each for each in study.recordings() if not each.is_live]
    done = select(PartRow.recording_id, func.count()).where(
        PartRow.settings == settings.readings_key, PartRow.state == DONE
    )
    took = select(PartRow.recording_id, func.count(), func.sum(PartRow.took_s)).where(
        PartRow.state == DONE, PartRow.took_s > 0
    )
    with study.database.read() as session:
        read = dict(session.execute(done.group_by(PartRow.recording_id)).tuples().all())
        times = {
            key: (parts, spent)
            for key, parts, spent in session.execute(took.group_by(PartRow.recording_id))
        }
    missing = read_s = spent_s = 0.0
    for each in videos:
        part_s = each.seconds / each.parts
        missing += part_s * (each.parts - read.get(each.id, 0))
        parts, spent = times.get(each.id, (0, 0.0))
        read_s += part_s * parts
        spent_s += spent
    return ReadingCost(
        seconds=max(missing, 0.0),
        of_seconds=sum(each.seconds for each in videos),
        rate=spent_s / read_s if read_s else None,
    )
