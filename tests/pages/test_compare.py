"""The Compare page: with no model, one, two, a broken one; with labels and without."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import Fer2013, load_dataset
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.calibration_report import measure_calibration, write_calibration
from fer_core.evaluation.external import EXTERNAL_FOLDER, quote_external
from fer_core.evaluation.robustness import measure_robustness, write_robustness
from fer_core.evaluation.speed import write_speed
from fer_core.evaluation.summary import read_summary
from fer_core.evaluation.variants import enter_variant
from fer_core.faces import WholeImage
from fer_core.training.artifacts.recalibrate import recalibrate
from fer_core.zoo import load_classifier, read_card
from tests.tiny import N, tiny_speed, tiny_variant, write_tiny_folder
from ui.compare.tabs import TABS

PAGE = Path(__file__).resolve().parents[2] / "pages" / "4_Compare_models.py"
WITH_LABELS = ("Calibration and unsure", "Significance", "Mistakes")
WITHOUT_CHARTS = ("Cards", "Robustness", "What made the difference", "Across data sets")


@pytest.fixture
def no_dataset(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tiny models, and nobody imported FER2013."""
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tiny_models / "none.npz"))
    return tiny_models


@pytest.fixture
def dataset(no_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with a made-up data set whose labels are those of the model `tiny`."""
    labels = np.random.default_rng(0).integers(0, 7, N)  # as `write_tiny_folder` draws them
    pixels = np.random.default_rng(9).integers(0, 256, (2 * N, 48, 48)).astype(np.uint8)
    path = no_dataset.parent / "fer2013.npz"
    Fer2013(pixels, np.tile(labels, 2), np.repeat(np.array([1, 2], np.uint8), N)).save(path)
    monkeypatch.setenv("MIEN_DATASET", str(path))
    return no_dataset


def opened(view: str | None = None, models: str | None = None) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=20)
    if view is not None:
        page.query_params["view"] = view
    if models is not None:
        page.query_params["models"] = models
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.header]
    return "\n".join(element.value for element in shown)


def charts(page: AppTest) -> int:
    return len(page.get("plotly_chart"))


def test_without_a_model_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    page = opened()
    assert "No network is here yet" in words(page)
    assert not page.dataframe
    assert not charts(page)


def test_models_of_several_folders_are_compared(
    no_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in ("alpha", "tiny"):
        write_tiny_folder(tmp_path / "imported", slug, seed=5)
    monkeypatch.setenv(
        "MIEN_MODELS", os.pathsep.join([str(no_dataset), str(tmp_path / "imported")])
    )
    page = opened()
    table = page.dataframe[0].value
    assert sorted(table["model"]) == ["Tiny alpha", "Tiny tiny", "Tiny tiny_b"]
    assert "earlier folder of models has the same names" in words(page)


def test_a_ledger_of_another_shape_is_a_sentence_beside_the_models(no_dataset: Path) -> None:
    (no_dataset / "looks.csv").write_text("what,ever\n1,2\n")
    page = opened()
    assert not page.exception
    assert len(page.dataframe[0].value) == 2
    assert "the ledger of looks at PrivateTest cannot be used" in words(page)


def test_leaderboard_is_sorted_and_says_on_what(no_dataset: Path) -> None:
    page = opened()
    table = page.dataframe[0].value
    assert sorted(table["model"]) == ["Tiny tiny", "Tiny tiny_b"]
    assert list(table["accuracy"]) == sorted(table["accuracy"], reverse=True)
    assert set(table["published"]) == {40.0}
    assert set(table["looks"]) == {0}
    assert f"PrivateTest: {N} faces" in words(page)
    assert sorted(page.query_params["models"].split(",")) == ["tiny", "tiny_b"]


@pytest.mark.parametrize("view", TABS)
def test_every_view_opens_without_labels(no_dataset: Path, view: str) -> None:
    page = opened(view)
    assert charts(page) or view in WITH_LABELS + WITHOUT_CHARTS
    if view in WITH_LABELS:
        assert "data import FER2013.csv" in words(page)


@pytest.mark.parametrize("view", TABS)
def test_every_view_opens_with_one_model(no_dataset: Path, view: str) -> None:
    (no_dataset / "tiny_b" / "card.json").unlink()
    assert len(opened(view).dataframe[0].value) == 1


@pytest.mark.parametrize("view", TABS)
def test_every_view_opens_with_labels(dataset: Path, view: str) -> None:
    page = opened(view, "tiny")
    assert "data import" not in words(page)


def test_with_labels_there_is_reliability_risk_and_a_gallery(dataset: Path) -> None:
    page = opened("Calibration and unsure", "tiny")
    assert charts(page) == 2
    assert "answered" in page.metric[0].value
    page.slider(key="threshold").set_value(0.0).run()
    assert page.metric[0].value == "100% answered"
    gallery = opened("Mistakes", "tiny")
    assert words(gallery).count("labelled **") == 12
    faces = [picture for shown in gallery.get("image") for picture in shown.proto.imgs]
    assert len(faces) == 12
    assert all("labelled" in face.alt and face.url.endswith(".png") for face in faces)
    gallery.selectbox(key="wrong_true").set_value("happy").run()
    assert not gallery.exception
    assert 0 < words(gallery).count("labelled **happy**") == words(gallery).count("labelled **")


def test_what_a_card_promises_stands_beside_what_came_of_it(dataset: Path) -> None:
    assert "Not measured for these models" in words(opened("Calibration and unsure", "tiny"))
    data, network = load_dataset(dataset.parent / "fer2013.npz"), dataset / "tiny"
    card = read_card(network)
    fitting = card.model_copy(update={"dataset_fingerprint": data.fingerprint})
    (network / "card.json").write_text(fitting.to_json())
    recalibrate(network, WholeImage(), data)
    classifier = load_classifier(network)
    write_calibration(dataset, measure_calibration(classifier, WholeImage(), data))
    page = opened("Calibration and unsure", "tiny")
    (promised,) = (
        shown.value for shown in page.dataframe if "Expected right" in shown.value.columns
    )
    assert set(promised["Views"]) == {1, 2}
    assert promised["Faces"].iloc[0] == "as they are"
    assert "PublicTest images that nothing was chosen on" in words(page)
    assert "30% as it is, 30% detected, 40% degraded" in words(opened("Cards", "tiny"))
    (dataset / "calibration.csv").write_text("slug\ntiny\n")
    assert "the measured calibration cannot be used" in words(opened("Calibration and unsure"))


def test_leaning_is_in_points_of_all_answers(no_dataset: Path) -> None:
    page = opened("Classes", "tiny")
    (table,) = (shown.value for shown in page.dataframe if "neutral" in shown.value.columns)
    counts = read_summary(no_dataset / "tiny").confusion
    happy = 100 * (counts[:, Emotion.HAPPY].sum() - counts[Emotion.HAPPY].sum()) / N
    assert table["happy"].iloc[0] == pytest.approx(happy)
    assert table[list(LABELS)].iloc[0].sum() == pytest.approx(0, abs=1e-9)


def test_labels_of_another_data_set_are_not_used(dataset: Path) -> None:
    assert "Left out: Tiny tiny_b" in words(opened("Mistakes", "tiny_b"))


def test_a_link_opens_its_models_and_view(no_dataset: Path) -> None:
    page = opened("Cards", "tiny_b")
    assert [heading.value for heading in page.header] == ["Tiny tiny_b"]
    assert page.query_params["models"] == "tiny_b"


def test_a_link_to_unknown_models_still_opens(no_dataset: Path) -> None:
    page = opened("Cards", "gone,<script>")
    assert "Nothing is ticked" in words(page)
    assert len(page.header) == 2


def test_ticking_rows_chooses_what_is_compared(no_dataset: Path) -> None:
    page = opened("Confusion")
    both = charts(page)
    page.session_state["leaderboard"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    page.run()
    assert not page.exception
    assert charts(page) == both - 2  # one matrix and the difference are gone
    assert "," not in page.query_params["models"]


def test_counts_or_shares(no_dataset: Path) -> None:
    page = opened("Confusion")
    page.get("button_group")[0].set_value("number of images").run()
    assert not page.exception


def test_a_broken_folder_has_its_sentence_and_the_others_stay(no_dataset: Path) -> None:
    (no_dataset / "tiny" / "metrics.json").write_text("{}")
    page = opened()
    assert list(page.dataframe[0].value["model"]) == ["Tiny tiny_b"]
    assert "Left out: tiny/metrics.json" in words(page)


def test_looks_come_from_the_ledger(no_dataset: Path) -> None:
    with (no_dataset / "looks.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["date", "slug", "weights_sha256", "public_accuracy", "private_accuracy"])
        writer.writerow(["2026-01-01", "tiny", "0" * 64, 0.5, 0.5])
    table = opened().dataframe[0].value
    assert dict(zip(table["model"], table["looks"], strict=True)) == {
        "Tiny tiny": 1,
        "Tiny tiny_b": 0,
    }


def test_without_variants_it_says_how_to_train_one(no_dataset: Path) -> None:
    assert "--variant published" in words(opened("What made the difference"))


def test_variants_are_told_in_words(no_dataset: Path) -> None:
    enter_variant(no_dataset, tiny_variant("tiny"))
    enter_variant(no_dataset, tiny_variant("tiny_b", "bn_tiny_sampler", balance="sampler"))
    page = opened("What made the difference")
    assert charts(page) == 2
    said = words(page)
    assert "32 epochs in 100 s as published" in said
    assert "Batch: 128 faces → 64 faces" in said
    assert "classes as often as they come → rare classes drawn more often" in said


def test_a_broken_list_of_variants_has_its_sentence(no_dataset: Path) -> None:
    (no_dataset / "variants.csv").write_text("slug,variant\ntiny,published\n")
    assert "variants.csv" in words(opened("What made the difference"))


def test_measured_times_are_a_column_and_a_cost(no_dataset: Path) -> None:
    page = opened("Speed against accuracy")
    assert "time" not in page.dataframe[0].value
    assert "relative time a face" not in page.get("button_group")[0].options
    write_speed(no_dataset, tiny_speed("tiny", "tiny_b", models=no_dataset))
    page = opened("Speed against accuracy")
    table = page.dataframe[0].value
    assert dict(zip(table["model"], table["time"], strict=True)) == {
        "Tiny tiny": 0.25,
        "Tiny tiny_b": 0.5,
    }
    page.get("button_group")[0].set_value("relative_time").run()
    assert not page.exception
    assert "4.0 ms in the same run" in words(page)


def test_damaged_times_have_their_sentence(no_dataset: Path) -> None:
    (no_dataset / "speed.json").write_text("{}")
    page = opened("Speed against accuracy")
    assert "bench --models" in words(page)
    assert charts(page) == 1


def test_outside_packages_stand_last_and_cannot_be_ticked(no_dataset: Path) -> None:
    quote_external("deepface", no_dataset / EXTERNAL_FOLDER)
    page = opened("Ranking", "tiny")
    last = page.dataframe[0].value.iloc[-1]
    assert (last["published"], last["status"]) == (57.43, "external package, quoted")
    assert np.isnan(last["accuracy"])
    assert "57.43 % is quoted (deepface's own documentation" in words(page)
    page.session_state["leaderboard"] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    page.run()
    assert not page.exception
    assert page.query_params["models"] == ""


def test_a_damaged_external_report_has_its_sentence(no_dataset: Path) -> None:
    (no_dataset / EXTERNAL_FOLDER).mkdir()
    (no_dataset / EXTERNAL_FOLDER / "fer.json").write_text("{}")
    assert "external/fer.json" in words(opened())


def test_without_measured_robustness_it_says_how(no_dataset: Path) -> None:
    assert "python -m fer_core robustness" in words(opened("Robustness"))


def test_robustness_by_condition_and_degree(dataset: Path) -> None:
    network = load_classifier(dataset / "tiny")
    write_robustness(dataset, measure_robustness([network], load_dataset()))
    page = opened("Robustness", "tiny")
    assert charts(page) == 2
    assert f"On {N // 4} PublicTest images" in words(page)
    assert "Not measured yet: Tiny tiny_b" in words(page)
    assert len(page.get("image")) == 4  # the drawn face, as it is and in three degrees
    page.selectbox(key="condition").set_value("jpeg").run()
    assert not page.exception
    pictures = [image for shown in page.get("image") for image in shown.proto.imgs]
    assert pictures[1].alt.endswith(": quality 30")
    assert all(picture.url.endswith(".png") for picture in pictures)
    captions = [picture.caption for picture in pictures]
    assert captions == ["as it is", "quality 30", "quality 15", "quality 5"]


def test_robustness_of_an_earlier_network_is_left_out(dataset: Path) -> None:
    network = load_classifier(dataset / "tiny")
    rows = measure_robustness([network], load_dataset())
    write_robustness(dataset, [row.model_copy(update={"graph_sha256": "0" * 64}) for row in rows])
    page = opened("Robustness", "tiny")
    assert "an earlier network of that name was measured: Tiny tiny." in words(page)


def test_damaged_robustness_has_its_sentence(no_dataset: Path) -> None:
    (no_dataset / "robustness.csv").write_text("slug,condition\ntiny,blur\n")
    assert "robustness.csv" in words(opened("Robustness"))
