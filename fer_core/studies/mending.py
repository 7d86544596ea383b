"""What edits do to the faces of a recording, and which ones cannot be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fer_core.pipeline.recording import Marker
from fer_core.studies.edits import (
    Baseline,
    Edit,
    Event,
    Exclude,
    Ignore,
    Merge,
    Rename,
    Split,
    edit_words,
)

_TOLERANCE_S = 1.0
# Players round the length of a file.


@dataclass(frozen=True, slots=True)
class Mending:
    """What a list of edits comes to. Times are seconds from the recording's start.

    Attributes:
        relabellings: merges and splits, in their order.
        names: of faces, by track id.
        ignored: track ids of faces that do not count.
        excluded: stretches that are left out, from start to end.
        baseline: the stretch to compare with; None without one.
        events: in the order of time.
    """

    relabellings: tuple[Merge | Split, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    ignored: frozenset[int] = frozenset()
    excluded: tuple[tuple[float, float], ...] = ()
    baseline: tuple[float, float] | None = None
    events: tuple[Marker, ...] = ()

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> "Mending":
        """Of edits in the order in which they were entered."""
        edits = tuple(edits)
        baselines = [(edit.start_s, edit.end_s) for edit in edits if isinstance(edit, Baseline)]
        events = [Marker(edit.at_s, edit.label) for edit in edits if isinstance(edit, Event)]
        return cls(
            relabellings=tuple(edit for edit in edits if isinstance(edit, Merge | Split)),
            names={edit.track_id: edit.name for edit in edits if isinstance(edit, Rename)},
            ignored=frozenset(edit.track_id for edit in edits if isinstance(edit, Ignore)),
            excluded=_united(
                (edit.start_s, edit.end_s) for edit in edits if isinstance(edit, Exclude)
            ),
            baseline=baselines[-1] if baselines else None,
            events=tuple(sorted(events, key=lambda event: event.seconds)),
        )

    def relabel(
        self, track_ids: NDArray[np.int64], time_s: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """(m,) track ids as they were followed and (m,) times -> (m,) track ids as mended."""
        mended = track_ids.copy()
        for edit in self.relabellings:
            _relabel(mended, time_s, edit)
        return mended

    def is_excluded(self, time_s: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(m,) times -> (m,) whether each lies in a stretch that is left out."""
        out = np.zeros(len(time_s), np.bool_)
        for start_s, end_s in self.excluded:
            out |= (time_s >= start_s) & (time_s < end_s)
        return out

    def is_ignored(self, track_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(m,) track ids -> (m,) whether each is of a face that does not count."""
        return np.isin(track_ids, list(self.ignored))


def _united(stretches: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Stretches in the order of time, those that meet as one."""
    united: list[tuple[float, float]] = []
    for start_s, end_s in sorted(stretches):
        if united and start_s <= united[-1][1]:
            united[-1] = united[-1][0], max(end_s, united[-1][1])
        else:
            united.append((start_s, end_s))
    return tuple(united)


def _relabel(
    track_ids: NDArray[np.int64], time_s: NDArray[np.float64], edit: Merge | Split
) -> None:
    mine = track_ids == edit.track_id
    if isinstance(edit, Merge):
        track_ids[mine] = edit.into
    elif edit.becomes is not None:
        track_ids[mine & (time_s >= edit.at_s)] = edit.becomes


class Tracks:
    """Who is where in a recording after some edits: what the next one may speak of."""

    def __init__(
        self, track_ids: NDArray[np.int64], time_s: NDArray[np.float64], length_s: float
    ) -> None:
        """Begin before all edits.

        Args:
            track_ids: (m,) as they were followed, of faces only.
            time_s: (m,) when each was seen.
            length_s: of the recording.
        """
        self._track_ids, self._time_s, self._length_s = track_ids.copy(), time_s, length_s
        self._highest = int(track_ids.max(initial=0))
        self._names: dict[int, str] = {}
        self._ignored: set[int] = set()

    def apply(self, edit: Edit) -> Edit:
        """Take in the next edit.

        Returns:
            It; a `Split` with the track id that its second face has.

        Raises:
            ValueError: it cannot be, with a few words why.
        """
        match edit:
            case Rename():
                self._rename(edit)
            case Merge():
                self._merge(edit)
            case Split():
                return self._split(edit)
            case Ignore():
                self._require(edit.track_id)
                if edit.track_id in self._ignored:
                    raise ValueError(f"face {edit.track_id} does not count already")
                self._ignored.add(edit.track_id)
            case Exclude() | Baseline():
                self._require_time(edit.end_s)
                if edit.end_s <= edit.start_s:
                    raise ValueError(f"it ends at {edit.end_s:g} s, before it starts")
            case Event():
                self._require_time(edit.at_s)
        return edit

    def _rename(self, edit: Rename) -> None:
        self._require(edit.track_id)
        others = [k for k, name in self._names.items() if name == edit.name and k != edit.track_id]
        if others and np.any(self._track_ids == others[0]):
            raise ValueError(f"face {others[0]} is called {edit.name} already: merge the two")
        self._names[edit.track_id] = edit.name

    def _merge(self, edit: Merge) -> None:
        self._require(edit.track_id)
        self._require(edit.into)
        if edit.track_id == edit.into:
            raise ValueError(f"face {edit.track_id} is itself already")
        times = [self._time_s[self._track_ids == each] for each in (edit.track_id, edit.into)]
        both = np.intersect1d(*times)
        if len(both):
            raise ValueError(
                f"faces {edit.track_id} and {edit.into} are both seen in {len(both)} frames, first "
                f"at {both[0]:.2f} s: split one of them there, or ignore it"
            )
        _relabel(self._track_ids, self._time_s, edit)

    def _split(self, edit: Split) -> Split:
        self._require(edit.track_id)
        mine = self._time_s[self._track_ids == edit.track_id]
        if not mine[0] < edit.at_s <= mine[-1]:
            raise ValueError(
                f"face {edit.track_id} is seen from {mine[0]:.2f} to {mine[-1]:.2f} s: "
                "split it in between"
            )
        if edit.becomes is None:
            edit = edit.model_copy(update={"becomes": self._highest + 1})
        elif np.any(self._track_ids == edit.becomes):
            raise ValueError(f"there is a face {edit.becomes} already")
        self._highest = max(self._highest, edit.becomes or 0)
        _relabel(self._track_ids, self._time_s, edit)
        return edit

    def reserve(self, edits: Iterable[Edit]) -> None:
        """Give no split a track id that one of these has: it may be taken back and redone."""
        taken = [edit.becomes or 0 for edit in edits if isinstance(edit, Split)]
        self._highest = max([self._highest, *taken])

    def _require(self, track_id: int) -> None:
        if not np.any(self._track_ids == track_id):
            there = ", ".join(str(each) for each in np.unique(self._track_ids)[:20])
            raise ValueError(f"there is no face {track_id}; there are: {there or 'none'}")

    def _require_time(self, seconds: float) -> None:
        if seconds > self._length_s + _TOLERANCE_S:
            raise ValueError(f"{seconds:g} s, and the recording lasts {self._length_s:.1f} s")


def applicable(edits: Sequence[Edit], tracks: Tracks) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Edits that can be applied one after the other, and a sentence on each that cannot."""
    kept, problems = [], []
    for edit in edits:
        try:
            kept.append(tracks.apply(edit))
        except ValueError as error:
            problems.append(f"{edit_words(edit)}: not applied, {error}.")
    return tuple(kept), tuple(problems)
