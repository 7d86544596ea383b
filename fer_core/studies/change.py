"""Reading a study otherwise: what that costs, said before, and what it does not."""

from dataclasses import dataclass

from sqlalchemy import func, select

from fer_core.studies.queue import DONE
from fer_core.studies.schema import PartRow
from fer_core.studies.settings import StudySettings
from fer_core.studies.sources import sources_of
from fer_core.studies.store import Study


@dataclass(frozen=True, slots=True)
class ReadingCost:
    """What is still to be read with some settings.

    Attributes:
        anew_s: seconds of video that have to be read from the beginning.
        further_s: that only networks read which have not: faces and the others' rows are there.
        kept_s: whose rows are all there, under other settings: nothing has to be looked at.
        of_seconds: of all videos.
        rate: seconds that one process took for a second of video until now, with whatever
            settings; None where nothing was read yet.
        further: networks that have to read.
    """

    anew_s: float
    further_s: float
    kept_s: float
    of_seconds: float
    rate: float | None
    further: tuple[str, ...] = ()

    @property
    def process_s(self) -> float | None:
        """How long one process takes for it at most, if it goes on as until now; None: unknown."""
        return None if self.rate is None else self.rate * (self.anew_s + self.further_s)


def reading_cost(study: Study, settings: StudySettings) -> ReadingCost:
    """What changing a study's settings to these would cost.

    What was read with them before counts as read, and so do rows of their networks that were read
    together with others; live recordings are never read again.

    Args:
        study: whose.
        settings: with which it might be read.
    """
    videos = [each for each in study.recordings() if not each.is_live]
    key, sources = settings.readings_key, sources_of(study, settings)
    done = select(PartRow.recording_id, PartRow.number, PartRow.settings).where(
        PartRow.settings.in_([key, *sources]), PartRow.state == DONE
    )
    took = select(PartRow.recording_id, func.count(), func.sum(PartRow.took_s)).where(
        PartRow.state == DONE, PartRow.took_s > 0
    )
    with study.database.read() as session:
        read: set[tuple[int, int]] = set()
        found: dict[tuple[int, int], set[str]] = {}
        for recording, number, name in session.execute(done):
            if name == key:
                read.add((recording, number))
            else:
                has = found.setdefault((recording, number), set())
                has.update(network.slug for network in sources[name])
        times = {
            recording: (parts, spent)
            for recording, parts, spent in session.execute(took.group_by(PartRow.recording_id))
        }
    anew_s = further_s = kept_s = read_s = spent_s = 0.0
    further: set[str] = set()
    for each in videos:
        part_s = each.seconds / each.parts
        for number in range(each.parts):
            if (each.id, number) in read:
                continue
            has = found.get((each.id, number), set())
            further |= set(settings.slugs) - has
            if not has:
                anew_s += part_s
            elif has >= set(settings.slugs):
                kept_s += part_s
            else:
                further_s += part_s
        parts, spent = times.get(each.id, (0, 0.0))
        read_s += part_s * parts
        spent_s += spent
    return ReadingCost(
        anew_s=anew_s,
        further_s=further_s,
        kept_s=kept_s,
        of_seconds=sum(each.seconds for each in videos),
        rate=spent_s / read_s if read_s else None,
        further=tuple(slug for slug in settings.slugs if slug in further),
    )
