"""External packages: adapters around stand-ins, files, and what is said where one is missing."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError
from fer_core.evaluation.external import (
    EXTERNAL_FOLDER,
    known_packages,
    measure_external,
    open_package,
    quote_external,
    read_external,
    read_external_report,
)
from fer_core.evaluation.leaderboard import leaderboard_csv
from fer_core.evaluation.summary import LOGIT_NAMES, read_summaries
from tests.commands import ROOT, Commands
from tests.evaluation.external.conftest import N, StandInFer
from tests.tiny import tiny_speed

STOOD_IN = ("deepface", "face_api", "fer", "human")


@pytest.mark.parametrize("name", STOOD_IN)
def test_a_package_is_measured_like_a_model(
    name: str, installed: None, data: Fer2013, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    out = tmp_path / EXTERNAL_FOLDER
    report = measure_external(name, data, out, progress=lambda *counts: told.append(counts))
    assert told[-1] == (4 * N, 4 * N)
    assert report.metrics is not None
    assert (report.metrics.n, report.metrics.accuracy) == (N, 1.0)
    assert report.metrics.public_test.accuracy == 1.0
    assert report.dataset_fingerprint == data.fingerprint
    assert report.status == "external package"
    assert read_external(tmp_path) == [report]
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
    with pytest.raises(ModelError, match="contempt"), open_package("fer"):
        pass


@pytest.mark.parametrize("answer", [np.nan, -0.2, 5.0])
def test_what_is_no_probability_is_refused(
    answer: float, installed: None, monkeypatch: pytest.MonkeyPatch, data: Fer2013, tmp_path: Path
) -> None:
    def answers(self: StandInFer, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full((len(faces), 7), answer, np.float32)

    monkeypatch.setattr(StandInFer, "_classify_emotions", answers)
    with pytest.raises(ModelError, match="probabilities"):
        measure_external("fer", data, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", STOOD_IN)
def test_a_package_that_is_not_installed(
    name: str, nothing_installed: None, data: Fer2013, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="not installed") as caught:
        measure_external(name, data, tmp_path / "out")
    assert known_packages()[name].needs in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_quotation_gives_way_to_a_measurement_and_not_back(
    installed: None, data: Fer2013, tmp_path: Path
) -> None:
    out = tmp_path / EXTERNAL_FOLDER
    quoted = read_external_report(quote_external("deepface", out))
    assert quoted.metrics is None
    assert quoted.quoted is not None
    assert quoted.quoted.figure == 57.43
    assert quoted.status == "external package, quoted"
    measured = measure_external("deepface", data, out)
    assert measured.quoted == quoted.quoted
    with pytest.raises(ModelError, match="has been measured"):
        quote_external("deepface", out)
    with pytest.raises(ModelError, match="no figure"):
        quote_external("fer", out)


def test_measured_ones_come_first_and_damage_is_named(
    installed: None, data: Fer2013, tmp_path: Path
) -> None:
    assert read_external(tmp_path) == []
    out = tmp_path / EXTERNAL_FOLDER
    quote_external("deepface", out)
    measure_external("fer", data, out)
    assert [report.name for report in read_external(tmp_path)] == ["fer", "deepface"]
    (out / "fer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"external/fer\.json"):
        read_external(tmp_path)


def test_the_table_as_csv_has_them_last(
    installed: None, data: Fer2013, tmp_path: Path, tiny_models: Path
) -> None:
    quote_external("deepface", tmp_path / EXTERNAL_FOLDER)
    measure_external("fer", data, tmp_path / EXTERNAL_FOLDER)
    models, _ = read_summaries(tiny_models)
    speed = tiny_speed("tiny", external="fer")
    text = leaderboard_csv(models, speed, read_external(tmp_path)).splitlines()
    assert len(text) == 5
    assert text[3].startswith("fer,,,,1.0,1.0,")
    assert text[3].endswith("0.25,0.25,0.25")
    assert "57.43" in text[4]
    assert "quoted" in text[4]


@pytest.mark.parametrize("command", ["external", "peer"])
def test_the_command_quotes_and_refuses_unknown_packages(
    run_command: Commands, command: str, tmp_path: Path
) -> None:
    words = (command, "deepface", "--quoted", "--out", tmp_path)
    done = run_command(words, folder=ROOT, environment={"MIEN_MODELS": tmp_path})
    assert done.code == 0, done.err
    assert "deepface.json" in done.out
    assert read_external_report(tmp_path / "deepface.json").quoted is not None
    wrong = run_command((command, "azure"), folder=ROOT)
    assert wrong.code == 2
    assert "deepface" in wrong.err
