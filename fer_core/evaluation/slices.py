"""Accuracy by size, light, sharpness and turn of faces, by group and person; tested with a guard.

Whoever looks at twenty slices finds one that is worse by chance. Each slice that is large enough is
tested, and Holm's correction over all of them says what stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from fer_core.errors import ContractError
from fer_core.evaluation.labelled import LabelledImages, interval_units
from fer_core.faces.quality import TURNED_FROM, sharpness
from fer_core.metrics import ALPHA, bootstrap_difference, bootstrap_interval, holm

FEWEST_PICTURES = 20
"""A smaller slice is not tested, and a group's or a person's is not shown."""

FEWEST_UNITS = 10
"""Persons, groups or pictures that a test has to draw from, on each side."""

FRONT_BELOW = 0.1
"""Turn under which a head looks ahead; see `fer_core.faces.quality`."""

By = Literal["size", "light", "sharpness", "turn", "group", "person"]

_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Some of the images that have a property.

    Attributes:
        by: the property.
        name: of the slice, in words.
        inside: (n,) bool.
        known: (n,) bool: of which images the property is known; the others are on neither side.
        units: (n,) int64: what is drawn when it is tested.
    """

    by: By
    name: str
    inside: NDArray[np.bool_]
    known: NDArray[np.bool_]
    units: NDArray[np.int64]


class SliceFigures(BaseModel):
    """One slice of a data set; shares are fractions.

    Attributes:
        by, name: of the slice.
        n: its images.
        accuracy, accuracy_low, accuracy_high: of the first network there, bootstrap 95 % interval.
        other_accuracy: of the second network there; None without a second one.
        difference, difference_low, difference_high: of one network, the slice less the other images
            of which the property is known; of two, the first less the second, within the slice.
        p, p_holm: bootstrap over units, and after Holm's correction over all slices that were
            tested. All five are None where there are too few images or units to test.
    """

    model_config = ConfigDict(frozen=True)

    by: By
    name: str
    n: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    other_accuracy: float | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p: float | None = None
    p_holm: float | None = None

    @property
    def stands(self) -> bool:
        """Whether its difference holds after Holm's correction."""
        return self.p_holm is not None and self.p_holm <= ALPHA


class SliceReport(BaseModel):
    """All slices of some images, for one network or for two on the same ones.

    Attributes:
        networks: one name, or two.
        n: images.
        slices: in order of their properties.
        tested: how many of them, which Holm's correction is over.
    """

    model_config = ConfigDict(frozen=True)

    networks: tuple[str, ...]
    n: int
    slices: tuple[SliceFigures, ...]
    tested: int

    def sentence(self) -> str:
        """What stands after the correction, and that nothing does."""
        if not self.slices:
            return "Nothing is known of these images that would divide them into slices."
        if not self.tested:
            return "No slice has enough images to be tested."
        standing = [row for row in self.slices if row.stands]
        among = f"after Holm's correction over the {self.tested} slices that were tested"
        if not standing:
            one = "No slice differs from the rest"
            return f"{one if len(self.networks) == 1 else 'The two differ in no slice'} {among}."
        return f"What stands {among}: " + "; ".join(self._words(row) for row in standing) + "."

    def text(self) -> str:
        """A line for each slice, and the sentence, for the terminal."""
        lines = []
        for row in self.slices:
            line = f"  {row.by + ', ' + row.name:52}{row.n:7,}{row.accuracy:8.1%}"
            if row.other_accuracy is not None:
                line += f"{row.other_accuracy:8.1%}"
            if row.difference is None:
                line += "  too few to test"
            else:
                line += (
                    f"{row.difference:+8.1%} ({row.difference_low:+.1%} to "
                    f"{row.difference_high:+.1%}), p {row.p_holm:.3g} after Holm"
                )
            lines.append(line)
        return "\n".join([*lines, f"  {self.sentence()}"])

    def _words(self, row: SliceFigures) -> str:
        points = 100 * (row.difference or 0)
        if len(self.networks) == 1:
            what = f"{abs(points):.1f} points {'above' if points > 0 else 'below'} the rest"
        else:
            ahead, behind = self.networks if points > 0 else self.networks[::-1]
            what = f"{ahead} {abs(points):.1f} points ahead of {behind}"
        return f"{row.by} ({row.name}): {what}"


def find_slices(images: LabelledImages) -> list[Slice]:
    """Thirds by size, light and sharpness, by how far heads are turned, by group and person.

    What does not vary, or is known of no image, gives no slice.
    """
    faces = np.where(images.found[:, None, None], images.pixels, 0)
    shown = images.found & (faces.reshape(len(faces), -1).max(axis=1) > 0)
    light, sharp = np.full(len(images), np.nan), np.full(len(images), np.nan)
    light[shown] = faces[shown].mean(axis=(1, 2))
    sharp[shown] = [sharpness(face) for face in faces[shown]]
    found = [
        *_thirds("size", images.face_px, ("smallest", "largest"), "{:.0f} px", images.clusters),
        *_thirds(
            "light", light, ("darkest", "brightest"), "a mean grey of {:.0f}", images.clusters
        ),
        *_thirds("sharpness", sharp, ("least sharp", "sharpest"), "{:.2f}", images.clusters),
        *_turns(images),
    ]
    # A group is drawn by its persons, a person by pictures: of itself there is only one.
    _, inside_groups = interval_units(
        images.persons, np.full_like(images.groups, ""), images.copies
    )
    found += _named("group", images.groups, inside_groups)
    found += _named("person", images.persons, images.copies)
    return found


def _thirds(
    by: By,
    values: NDArray[np.floating],
    ends: tuple[str, str],
    words: str,
    units: NDArray[np.int64],
) -> Iterator[Slice]:
    known = np.isfinite(values)
    if not known.any():
        return
    low, high = np.quantile(values[known], [1 / 3, 2 / 3])
    for name, inside in (
        (f"{ends[0]} third, below {words.format(low)}", values < low),
        ("middle third", (values >= low) & (values < high)),
        (f"{ends[1]} third, from {words.format(high)}", values >= high),
    ):
        part = inside & known
        if part.any() and (known & ~part).any():
            yield Slice(by, name, part, known, units)


def _turns(images: LabelledImages) -> Iterator[Slice]:
    turns, known = images.turns, np.isfinite(images.turns)
    for name, inside in (
        (f"looking ahead, below {FRONT_BELOW:g}", turns < FRONT_BELOW),
        ("turned a little", (turns >= FRONT_BELOW) & (turns < TURNED_FROM)),
        (f"turned away, from {TURNED_FROM:g}", turns >= TURNED_FROM),
    ):
        if inside.any() and (known & ~inside).any():
            yield Slice("turn", name, inside, known, images.clusters)


def _named(by: By, names: NDArray[np.str_], units: NDArray[np.int64]) -> Iterator[Slice]:
    known = names != ""
    distinct, counts = np.unique(names[known], return_counts=True)
    if len(distinct) < 2:
        return
    for name in distinct[counts >= FEWEST_PICTURES]:
        yield Slice(by, str(name), names == name, known, units)


def slice_report(
    images: LabelledImages,
    right: Mapping[str, NDArray[np.bool_]],
    slices: Sequence[Slice] | None = None,
) -> SliceReport:
    """Accuracy in each slice: of one network against the rest, of two against each other.

    Args:
        images: n of them.
        right: by the name of one network, or of two: (n,) bool of `LabelledImages.right`.
        slices: of `find_slices`, where they are at hand already.

    Raises:
        ContractError: no network, or more than two.
    """
    if len(right) not in (1, 2):
        raise ContractError(
            "slices are of one network or of two",
            where="slice_report",
            expected="1 or 2",
            received=len(right),
        )
    answers = list(right.values())
    rows = [_figures(part, answers) for part in (slices or find_slices(images))]
    corrected = holm([np.nan if row.p is None else row.p for row in rows])
    return SliceReport(
        networks=tuple(right),
        n=len(images),
        slices=tuple(
            row if row.p is None else row.model_copy(update={"p_holm": round(float(p), _DIGITS)})
            for row, p in zip(rows, corrected, strict=True)
        ),
        tested=int(np.isfinite(corrected).sum()),
    )


def _figures(part: Slice, answers: Sequence[NDArray[np.bool_]]) -> SliceFigures:
    first, inside = answers[0], part.inside
    low, high = bootstrap_interval(first[inside], part.units[inside])
    row = SliceFigures(
        by=part.by,
        name=part.name,
        n=int(inside.sum()),
        accuracy=round(float(first[inside].mean()), _DIGITS),
        accuracy_low=round(low, _DIGITS),
        accuracy_high=round(high, _DIGITS),
        other_accuracy=round(float(answers[1][inside].mean()), _DIGITS) if answers[1:] else None,
    )
    sides = [inside] if answers[1:] else [inside, part.known & ~inside]
    if any(
        side.sum() < FEWEST_PICTURES or len(np.unique(part.units[side])) < FEWEST_UNITS
        for side in sides
    ):
        return row
    if answers[1:]:
        gain = first[inside].astype(np.int8) - answers[1][inside].astype(np.int8)
        found = bootstrap_difference(gain, part.units[inside])
    else:
        known = part.known
        found = bootstrap_difference(first[known], part.units[known], inside[known])
    return row.model_copy(
        update={
            "difference": round(found.value, _DIGITS),
            "difference_low": round(found.low, _DIGITS),
            "difference_high": round(found.high, _DIGITS),
            "p": round(found.p, _DIGITS),
        }
    )
