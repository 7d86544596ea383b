"""Corruptions do what they say, repeatably; measured rows stay with the graph they belong to."""

from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013
from fer_core.emotions import Emotion
from fer_core.errors import ContractError, ModelError
from fer_core.evaluation.robustness import (
    AS_IT_IS,
    ROBUSTNESS_FILE,
    RobustnessRow,
    current_rows,
    mean_accuracy,
    measure_robustness,
    read_robustness,
    unchanged,
    write_robustness,
)
from fer_core.faces import corruptions, to_network_inputs
from fer_core.faces.corruptions import CONDITIONS, condition_of, corrupt
from fer_core.synthetic.face import POSES, cropped_face
from fer_core.zoo import load_classifier, read_card

FACE = cropped_face(POSES[Emotion.HAPPY])
SETTINGS = [(c, severity) for c in CONDITIONS for severity in c.severities]


def distance(face: np.ndarray) -> float:
    return float(np.abs(face.astype(float) - FACE).mean())


@pytest.mark.parametrize(("condition", "severity"), SETTINGS)
def test_a_corruption_changes_the_face_and_nothing_else(
    condition: corruptions.Condition, severity: float
) -> None:
    before = FACE.copy()
    faces = np.stack([FACE] * 6)
    seen = corrupt(faces, condition, severity)
    assert seen.shape == faces.shape
    assert seen.dtype == np.uint8
    assert all(distance(face) > 0.5 for face in seen)
    np.testing.assert_array_equal(FACE, before)
    np.testing.assert_array_equal(seen, corrupt(faces, condition, severity))


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.name)
def test_a_stronger_severity_changes_more(condition: corruptions.Condition) -> None:
    faces = np.stack([FACE] * 12)
    changes = [
        np.mean([distance(face) for face in corrupt(faces, condition, severity)])
        for severity in condition.severities
    ]
    assert changes == sorted(changes)
    assert changes[-1] > 1.3 * changes[0]


def test_conditions_are_named_once_and_say_their_degrees() -> None:
    names = [condition.name for condition in CONDITIONS]
    assert len(set(names)) == len(names)
    assert AS_IT_IS not in names
    assert CONDITIONS[2].label(0.25) == "25 % of the light"
    assert condition_of("weather") is None


def test_corruptions_are_what_their_names_say() -> None:
    flat = np.full((48, 48), 200, np.uint8)
    np.testing.assert_array_equal(corruptions.low_light(flat, 0.25), 50)
    rng = np.random.default_rng(0)
    grey = np.full((48, 48), 128, np.uint8)
    assert corruptions.noise(grey, 20, rng).std() == pytest.approx(20, rel=0.1)
    assert corruptions.noise(flat, 400, rng).max() == 255  # clipped, not wrapped around
    np.testing.assert_array_equal(corruptions.blur(flat, 3), flat)
    np.testing.assert_array_equal(corruptions.blur(FACE, 0), FACE)
    np.testing.assert_array_equal(corruptions.rotate(FACE, 0), FACE)
    upside_down = corruptions.rotate(FACE, 180)
    assert np.abs(upside_down.astype(int) - FACE[::-1, ::-1]).max() <= 1
    moved = corruptions.shift(FACE, 0.25, -0.125)
    np.testing.assert_array_equal(moved[:42, 12:], FACE[6:, :36])
    covered = corruptions.cover(flat, 0.25, 1.0, 0.0)
    assert (covered == 128).mean() == pytest.approx(0.25)
    assert (covered[:24, 24:] == 128).all()
    # Seen at 24 px, what alternates from pixel to pixel is gone.
    stripes = np.tile(np.array([0, 255], np.uint8), (48, 24))
    assert np.ptp(corruptions.small(stripes, 24)) <= 1


def test_colour_is_refused() -> None:
    with pytest.raises(ContractError, match="grey faces"):
        corrupt(np.zeros((2, 48, 48, 3), np.uint8), CONDITIONS[0], 1)


@pytest.fixture
def data() -> Fer2013:
    """Forty made-up faces in PublicTest."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (40, 48, 48)).astype(np.uint8)
    return Fer2013(pixels, rng.integers(0, 7, 40), np.ones(40, np.uint8))


def test_measured_rows_are_written_once_a_network(tiny_models: Path, data: Fer2013) -> None:
    networks = [load_classifier(tiny_models / slug) for slug in ("tiny", "tiny_b")]
    steps: list[tuple[int, int]] = []
    rows = measure_robustness(networks, data, every=4, progress=lambda *at: steps.append(at))
    assert steps[-1] == (1 + len(SETTINGS), 1 + len(SETTINGS))
    assert len(rows) == 2 * len(steps)
    assert {row.n for row in rows} == {10}
    plain = unchanged(rows, "tiny")
    assert plain is not None
    expected = (
        networks[0].predict(to_network_inputs(data.pixels[::4], networks[0].card.input)).emotions
    )
    assert plain.accuracy == np.mean(np.array(expected) == data.labels[::4])
    write_robustness(tiny_models, rows)
    write_robustness(tiny_models, rows[::2])  # only `tiny` again; `tiny_b` stays
    assert sorted(read_robustness(tiny_models), key=_key) == sorted(rows, key=_key)
    mean = mean_accuracy(rows, "tiny", "blur")
    assert mean == pytest.approx(
        np.mean([row.accuracy for row in rows if (row.slug, row.condition) == ("tiny", "blur")])
    )
    assert mean_accuracy(rows, "gone", "blur") is None


def _key(row: RobustnessRow) -> tuple[str, str, float]:
    return row.slug, row.condition, row.severity


def test_rows_of_an_earlier_graph_or_an_old_condition_are_left_out(tiny_models: Path) -> None:
    card = read_card(tiny_models / "tiny")
    now = {"slug": "tiny", "graph_sha256": card.files["model.onnx"].sha256, "n": 5} | dict.fromkeys(
        ("accuracy", "accuracy_low", "accuracy_high", "macro_f1"), 0.5
    )
    sound = RobustnessRow(condition="blur", severity=1, **now)
    rows = [
        sound,
        RobustnessRow(condition="blur", severity=1, **now | {"graph_sha256": "0" * 64}),
        RobustnessRow(condition="blur", severity=1, **now | {"slug": "gone"}),
        RobustnessRow(condition="blur", severity=1.5, **now),
        RobustnessRow(condition="weather", severity=1, **now),
        RobustnessRow(condition=AS_IT_IS, severity=0, **now),
    ]
    assert current_rows(rows, [card]) == [sound, rows[-1]]


def test_a_damaged_file_has_its_sentence(tmp_path: Path) -> None:
    assert read_robustness(tmp_path) == []
    (tmp_path / ROBUSTNESS_FILE).write_text("slug,condition\ntiny,blur\n")
    with pytest.raises(ModelError, match="fer_core robustness"):
        read_robustness(tmp_path)
