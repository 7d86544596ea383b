"""Slices of a data set: who is in them, what is tested, and what stands after correction."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.evaluation.labelled import LabelledImages, interval_units, named_classes
from fer_core.evaluation.slices import FEWEST_PICTURES, find_slices, slice_report
from fer_core.metrics import holm

N = 300


@pytest.fixture
def images() -> LabelledImages:
    """Faces of random dots, brighter from row to row, of thirty persons in two groups."""
    rng = np.random.default_rng(3)
    dots = rng.integers(0, 60, (N, 48, 48))
    pixels = (dots + np.linspace(0, 190, N)[:, None, None]).astype(np.uint8)
    copies = np.arange(N)
    persons = np.array([f"p{row % 30}" for row in range(N)])
    unit, clusters = interval_units(persons, np.full(N, ""), copies)
    return LabelledImages(
        labels=rng.integers(0, 7, N),
        found=np.ones(N, bool),
        pixels=pixels,
        copies=copies,
        unit=unit,
        clusters=clusters,
        face_px=np.full(N, np.nan, np.float32),
        turns=np.full(N, np.nan),
        groups=np.where(np.arange(N) % 30 < 15, "cam a", "cam b"),
        persons=persons,
    )


def chance(seed: int, share: float = 0.7) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(N) < share


def by(slices: list, name: str) -> list:
    return [part for part in slices if part.by == name]


def test_thirds_by_light_are_the_rows_that_were_made_so(images: LabelledImages) -> None:
    dark, middle, bright = by(find_slices(images), "light")
    assert dark.inside.nonzero()[0].tolist() == list(range(100))
    assert middle.inside.sum() == bright.inside.sum() == 100
    grey = images.pixels[[99, 100]].mean(axis=(1, 2))
    assert grey[0] < float(dark.name.rpartition(" ")[2]) + 1 < grey[1] + 2
    assert dark.known.all()


def test_what_does_not_vary_or_is_not_known_gives_no_slice(images: LabelledImages) -> None:
    alike = replace(
        images,
        pixels=np.full_like(images.pixels, 90),
        groups=np.full(N, "one"),
        persons=np.full(N, ""),
    )
    assert find_slices(alike) == []
    assert "Nothing is known" in slice_report(alike, {"a": chance(0)}).sentence()


def test_size_and_turn_where_they_are_known(images: LabelledImages) -> None:
    turns = np.where(np.arange(N) < 60, 0.35, 0.05)
    turns[-30:] = np.nan
    sized = replace(images, turns=turns, face_px=np.arange(N, dtype=np.float32))
    found = find_slices(sized)
    ahead, away = by(found, "turn")
    assert (ahead.inside.sum(), away.inside.sum()) == (N - 60 - 30, 60)
    assert ahead.known.sum() == N - 30
    assert [part.inside.sum() for part in by(found, "size")] == [100, 100, 100]


def test_a_face_that_was_not_found_is_in_no_third(images: LabelledImages) -> None:
    found = np.arange(N) >= 30
    for part in by(find_slices(replace(images, found=found)), "light"):
        assert not part.inside[:30].any()
        assert not part.known[:30].any()


def test_groups_are_drawn_by_person_and_persons_by_picture(images: LabelledImages) -> None:
    parts = find_slices(images)
    first, second = by(parts, "group")
    assert (first.name, second.name) == ("cam a", "cam b")
    assert len(np.unique(first.units)) == 30
    assert by(parts, "person") == []  # ten pictures each
    few = replace(images, persons=np.array([f"p{row % 3}" for row in range(N)]))
    assert [part.name for part in by(find_slices(few), "person")] == ["p0", "p1", "p2"]
    assert len(np.unique(by(find_slices(few), "person")[0].units)) == N


def test_a_planted_weakness_is_found_and_chance_is_not(images: LabelledImages) -> None:
    right = chance(1)
    weak = right & ~(np.arange(N) < 70)
    report = slice_report(images, {"net": weak})
    assert report.tested == len(report.slices) == 8  # light, sharpness, two groups
    standing = {row.name for row in report.slices if row.stands}
    assert any(name.startswith("darkest") for name in standing)
    dark = next(row for row in report.slices if row.name.startswith("darkest"))
    assert dark.accuracy == pytest.approx(weak[:100].mean())
    assert dark.difference == pytest.approx(weak[:100].mean() - weak[100:].mean(), abs=1e-6)
    assert dark.accuracy_low < dark.accuracy < dark.accuracy_high
    assert "light (darkest third" in report.sentence()
    assert "points below the rest" in report.sentence()
    corrected = holm([row.p for row in report.slices])
    assert [row.p_holm for row in report.slices] == pytest.approx(corrected, abs=1e-6)
    nothing = slice_report(images, {"net": right})
    assert not any(row.stands for row in nothing.slices)
    assert "No slice differs from the rest" in nothing.sentence()


def test_two_networks_are_paired_within_each_slice(images: LabelledImages) -> None:
    a = chance(2)
    b = a & ~(np.arange(N) >= 230)  # wrong on bright faces only
    report = slice_report(images, {"a": a, "b": b})
    bright = next(row for row in report.slices if row.name.startswith("brightest"))
    assert bright.difference == pytest.approx(a[200:].mean() - b[200:].mean(), abs=1e-6)
    assert bright.other_accuracy == pytest.approx(b[200:].mean())
    assert bright.stands
    dark = next(row for row in report.slices if row.name.startswith("darkest"))
    assert (dark.difference, dark.p, dark.stands) == (0, 1, False)
    points = 100 * (a[200:].mean() - b[200:].mean())
    assert f"(brightest third, from {bright.name.rpartition('from ')[2]}): " in report.sentence()
    assert f"a {points:.1f} points ahead of b" in report.sentence()
    assert "after Holm" in report.text()
    same = slice_report(images, {"a": a, "b": a})
    assert "The two differ in no slice" in same.sentence()


def test_one_person_alone_proves_nothing(images: LabelledImages) -> None:
    """Pictures of few persons are right together: no test, however many they are."""
    persons = np.array([f"p{row // 60}" for row in range(N)])
    unit, clusters = interval_units(persons, images.groups, images.copies)
    assert unit == "person"
    report = slice_report(
        replace(images, persons=persons, clusters=clusters, groups=np.full(N, "")),
        {"net": np.arange(N) >= 60},
    )
    dark = next(row for row in report.slices if row.name.startswith("darkest"))
    assert dark.p is dark.p_holm is dark.difference is None
    assert all(row.p is not None for row in report.slices if row.by == "person")


def test_small_slices_are_shown_and_not_tested(images: LabelledImages) -> None:
    turns = np.where(np.arange(N) < FEWEST_PICTURES - 1, 0.5, 0.0)
    report = slice_report(replace(images, turns=turns), {"net": chance(4)})
    ahead, away = (row for row in report.slices if row.by == "turn")
    assert away.n == FEWEST_PICTURES - 1
    assert away.p is ahead.p is None  # neither side of a test has enough
    assert "too few to test" in report.text()


@pytest.mark.parametrize("names", [(), ("a", "b", "c")])
def test_slices_are_of_one_network_or_two(images: LabelledImages, names: tuple[str, ...]) -> None:
    with pytest.raises(ContractError):
        slice_report(images, dict.fromkeys(names, chance(0)))


def test_an_answer_without_a_face_is_wrong(images: LabelledImages) -> None:
    logits = np.eye(7, dtype=np.float32)[images.labels]
    logits[:30] = np.nan
    assert (named_classes(logits)[:31] == [7] * 30 + [images.labels[30]]).all()
    assert images.right(logits).sum() == N - 30
    assert images.fits(logits, (N - 30) / N)
    assert not images.fits(logits, 1.0)
    assert not images.fits(logits[1:], (N - 30) / N)
