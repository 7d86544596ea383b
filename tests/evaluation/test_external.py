"""Outside packages: adapters around stand-ins, files, and what is said where one is missing."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.external import (
    PEERS,
    PEERS_FOLDER,
    measure_peer,
    open_peer,
    quote_peer,
    read_peer,
    read_peers,
)
from fer_core.evaluation.leaderboard import leaderboard_csv
from fer_core.evaluation.summary import LOGIT_NAMES, read_summaries
from tests.cli.test_cli import run
from tests.tiny import tiny_speed

N = 21
THEIRS = ("neutral", *LABELS[:6])
"""Another order of the classes: the adapter has to go by name."""


def bars(labels: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Faces that say their class: a bright line at that height."""
    pixels = np.full((len(labels), 48, 48), 20, np.uint8)
    for row, label in enumerate(labels):
        pixels[row, 6 * label + 2 : 6 * label + 5] = 250
        pixels[row, 0, 0] = row  # no two alike: a twin of a training image would not count
    return pixels


@pytest.fixture
def data() -> Fer2013:
    labels = np.arange(3 * N) % 7
    return Fer2013(bars(labels), labels, np.repeat(np.array([0, 1, 2], np.uint8), N))


def read_bar(face: NDArray[np.floating]) -> int:
    """The class that a face of any size says."""
    return int(face.mean(axis=1).argmax() / len(face) * 8)


class StandInFer:
    """The parts of fer's `FER` that the adapter touches; it knows neither weights nor faces."""

    def _get_labels(self) -> dict[int, str]:
        return dict(enumerate(THEIRS))

    def _classify_emotions(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        assert faces.shape[1:] == (64, 64)
        assert faces.dtype == np.float32
        assert -1 <= faces.min() < -0.5 < 0.5 < faces.max() <= 1
        out = np.full((len(faces), 7), 0.02, np.float32)
        for row, face in enumerate(faces):
            out[row, THEIRS.index(LABELS[read_bar(face)])] = 0.87  # 0.99 in all: quantised
        return out


def stand_in_analyze(img: NDArray[np.uint8], **settings: Any) -> list[dict[str, Any]]:
    """The part of `DeepFace.analyze` that the adapter uses: percentages by name."""
    assert img.shape == (48, 48, 3)
    assert img.dtype == np.uint8
    assert settings["actions"] == ("emotion",)
    assert settings["detector_backend"] == "skip"
    answer = dict.fromkeys(THEIRS, 0.0) | {LABELS[read_bar(img[:, :, 0])]: 100.0}
    return [{"emotion": answer}]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both packages as stand-ins."""
    package, module = ModuleType("fer"), ModuleType("fer.fer")
    module.FER = StandInFer  # type: ignore[attr-defined]
    deepface = ModuleType("deepface")
    deepface.DeepFace = SimpleNamespace(analyze=stand_in_analyze)  # type: ignore[attr-defined]
    for name, stand_in in (("fer", package), ("fer.fer", module), ("deepface", deepface)):
        monkeypatch.setitem(sys.modules, name, stand_in)


@pytest.mark.parametrize("name", sorted(PEERS))
def test_a_peer_is_measured_like_a_model(
    name: str, installed: None, data: Fer2013, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    out = tmp_path / PEERS_FOLDER
    report = measure_peer(name, data, out, progress=lambda *counts: told.append(counts))
    assert told[-1] == (4 * N, 4 * N)
    assert report.metrics is not None
    assert (report.metrics.n, report.metrics.accuracy) == (N, 1.0)
    assert report.metrics.public_test.accuracy == 1.0
    assert report.dataset_fingerprint == data.fingerprint
    assert report.status == "outside package"
    assert read_peers(tmp_path) == [report]
    with np.load(out / f"{name}.npz") as file:
        assert set(file.files) == set(LOGIT_NAMES)
        assert all(file[array].shape == (N, 7) for array in file.files)
        sums = np.exp(file["private_logits"]).sum(axis=1)
        predicted = file["private_logits"].argmax(axis=1)
    np.testing.assert_allclose(sums, 1, atol=1e-5)
    np.testing.assert_array_equal(predicted, data.part(Split.PRIVATE_TEST)[1])
    assert sorted(path.name for path in out.iterdir()) == [f"{name}.json", f"{name}.npz"]


def test_another_set_of_classes_is_refused(
    installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StandInFer, "_get_labels", lambda self: {0: "angry", 1: "contempt"})
    with pytest.raises(ModelError, match="contempt"):
        open_peer(PEERS["fer"])


@pytest.mark.parametrize("answer", [np.nan, -0.2, 5.0])
def test_what_is_no_probability_is_refused(
    answer: float, installed: None, monkeypatch: pytest.MonkeyPatch, data: Fer2013, tmp_path: Path
) -> None:
    def answers(self: StandInFer, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full((len(faces), 7), answer, np.float32)

    monkeypatch.setattr(StandInFer, "_classify_emotions", answers)
    with pytest.raises(ModelError, match="probabilities"):
        measure_peer("fer", data, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(PEERS))
def test_a_package_that_is_not_installed(
    name: str, monkeypatch: pytest.MonkeyPatch, data: Fer2013, tmp_path: Path
) -> None:
    for module in ("fer", "fer.fer", "deepface"):
        monkeypatch.setitem(sys.modules, module, None)  # as if nobody had installed it
    with pytest.raises(ModelError, match=r"not installed.*requirements-peers\.txt"):
        measure_peer(name, data, tmp_path)


def test_a_quotation_gives_way_to_a_measurement_and_not_back(
    installed: None, data: Fer2013, tmp_path: Path
) -> None:
    out = tmp_path / PEERS_FOLDER
    quoted = read_peer(quote_peer("deepface", out))
    assert quoted.metrics is None
    assert quoted.quoted is not None
    assert quoted.quoted.figure == 57.43
    assert quoted.status == "outside package, quoted"
    measured = measure_peer("deepface", data, out)
    assert measured.quoted == quoted.quoted
    with pytest.raises(ModelError, match="has been measured"):
        quote_peer("deepface", out)
    with pytest.raises(ModelError, match="no figure"):
        quote_peer("fer", out)


def test_measured_ones_come_first_and_damage_is_named(
    installed: None, data: Fer2013, tmp_path: Path
) -> None:
    assert read_peers(tmp_path) == []
    out = tmp_path / PEERS_FOLDER
    quote_peer("deepface", out)
    measure_peer("fer", data, out)
    assert [peer.name for peer in read_peers(tmp_path)] == ["fer", "deepface"]
    (out / "fer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"peers/fer\.json"):
        read_peers(tmp_path)


def test_the_table_as_csv_has_them_last(
    installed: None, data: Fer2013, tmp_path: Path, tiny_models: Path
) -> None:
    quote_peer("deepface", tmp_path / PEERS_FOLDER)
    measure_peer("fer", data, tmp_path / PEERS_FOLDER)
    models, _ = read_summaries(tiny_models)
    speed = tiny_speed("tiny").model_copy(update={"peers": tiny_speed("fer").models})
    text = leaderboard_csv(models, speed, read_peers(tmp_path)).splitlines()
    assert len(text) == 5
    assert text[3].startswith("fer,,,,1.0,1.0,")
    assert text[3].endswith("0.25,0.25,0.25")
    assert "57.43" in text[4]
    assert "quoted" in text[4]


def test_the_command_quotes_and_refuses_unknown_packages(tmp_path: Path) -> None:
    done = run("peer", "deepface", "--quoted", "--out", tmp_path, models=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "deepface.json" in done.stdout
    assert read_peer(tmp_path / "deepface.json").quoted is not None
    wrong = run("peer", "azure", models=tmp_path)
    assert wrong.returncode == 2
    assert "deepface" in wrong.stderr
