"""The Compare page: with no model, one, two, a broken one; with labels and without."""

import csv
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.dataset import VOTES, Fer2013, load_dataset
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.calibration_report import measure_calibration, write_calibration
from fer_core.evaluation.external import EXTERNAL_FOLDER, ExternalReport, quote_external
from fer_core.evaluation.external.report import write_external_report
from fer_core.evaluation.external.robustness import (
    ExternalRobustnessRow,
    write_external_robustness,
)
from fer_core.evaluation.robustness import AS_IT_IS, measure_robustness, write_robustness
from fer_core.evaluation.speed import write_speed
from fer_core.evaluation.summary import read_summary
from fer_core.evaluation.variants import enter_variant
from fer_core.faces import WholeImage
from fer_core.training.artifacts.recalibrate import recalibrate
from fer_core.zoo import AnswersAs, load_classifier, read_card
from tests.tiny import N, tiny_speed, tiny_variant, write_class_folders, write_tiny_folder
from tests.voters import write_voters_folder
from ui.compare.tabs import TABS

PAGE = Path(__file__).resolve().parents[2] / "pages" / "4_Compare_models.py"
NETWORKS = "compare_models_picker"
PARTS = [part for parts in TABS.values() for part in parts]
WITH_LABELS = ("Calibration and unsure", "Significance", "Slices", "Mistakes")
WITHOUT_CHARTS = ("Seeds", "Cards", "Robustness", "What made the difference", "Across data sets")


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


def opened(view: str | None = None, models: str | None = None, **asked: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=20)
    for name, value in {"view": view, "models": models, **asked}.items():
        if value is not None:
            page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.header]
    return "\n".join(element.value for element in shown).replace("\\", "")


def named(table: pd.DataFrame) -> list[str]:
    """The models in the table, without what is said of the baseline."""
    return sorted(name.removesuffix(" · baseline") for name in table["model"])


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
    assert named(table) == ["Tiny alpha", "Tiny tiny", "Tiny tiny_b"]
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
    assert named(table) == ["Tiny tiny", "Tiny tiny_b"]
    assert list(table["accuracy"]) == sorted(table["accuracy"], reverse=True)
    assert set(table["published"]) == {40.0}
    assert set(table["looks"]) == {0}
    assert f"PrivateTest, {N} images" in words(page)
    assert sorted(page.query_params["models"].split(",")) == ["tiny", "tiny_b"]


@pytest.mark.parametrize("view", PARTS)
def test_every_view_opens_without_labels(no_dataset: Path, view: str) -> None:
    page = opened(view)
    assert charts(page) or view in WITH_LABELS + WITHOUT_CHARTS
    if view in WITH_LABELS:
        assert "data import FER2013.csv" in words(page)


@pytest.mark.parametrize("view", PARTS)
def test_every_view_opens_with_one_model(no_dataset: Path, view: str) -> None:
    (no_dataset / "tiny_b" / "card.json").unlink()
    assert opened(view).multiselect(key=NETWORKS).options == ["Tiny tiny"]


@pytest.mark.parametrize("view", PARTS)
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
    assert "Nothing is chosen" in words(page)
    assert "asks for **gone**, **<script>**, which are not here" in words(page)
    assert len(page.header) == 2


def test_chips_choose_what_is_compared(no_dataset: Path) -> None:
    page = opened("Confusion", "tiny,gone")
    assert "not here" in words(page)
    one = charts(page)
    page.multiselect(key=NETWORKS).set_value(["tiny", "tiny_b"]).run()
    assert not page.exception
    assert charts(page) == one + 2  # another matrix, and the difference
    assert sorted(page.query_params["models"].split(",")) == ["tiny", "tiny_b"]
    assert "not here" not in words(page)  # something else was chosen
    page.multiselect(key=NETWORKS).set_value([]).run()
    assert page.query_params["models"] == ""
    assert "Nothing is chosen" in words(page)


def test_differences_are_to_the_baseline_which_stands_on_top(no_dataset: Path) -> None:
    page = opened("Ranking", baseline="tiny_b")
    table = page.dataframe[0].value
    assert list(table["model"]) == ["Tiny tiny_b · baseline", "Tiny tiny"]
    assert np.isnan(table["difference"][0])
    assert table["difference"][1] == pytest.approx(table["accuracy"][1] - table["accuracy"][0])
    page.selectbox(key="compare_baseline_picker").set_value("tiny").run()
    assert page.dataframe[0].value["model"][0] == "Tiny tiny · baseline"


def test_six_columns_and_the_rest_on_demand(no_dataset: Path) -> None:
    page = opened("Ranking")
    assert len(page.dataframe[0].proto.column_order) <= 6
    page.toggle(key="more").set_value(True).run()
    assert not page.exception
    assert {"ece", "looks", "published"} < set(page.dataframe[0].proto.column_order)


@pytest.mark.parametrize(("part", "tab"), [(p, tab) for tab, parts in TABS.items() for p in parts])
def test_a_link_may_name_a_part_alone(no_dataset: Path, part: str, tab: str) -> None:
    page = opened(part)
    assert page.query_params.get("view", "Result") == tab
    first, *_ = TABS[tab]
    kept = page.query_params.get(f"part_{tab.lower()}", first)
    assert kept == part  # a reload opens it again
    again = opened(tab, **{f"part_{tab.lower()}": part})
    assert [chart.proto.id for chart in again.get("plotly_chart")] == [
        chart.proto.id for chart in page.get("plotly_chart")
    ]


def test_public_test_is_another_set_of_images(dataset: Path) -> None:
    page = opened("Ranking", "tiny", dataset="PublicTest")
    assert "PublicTest, 60 images" in words(page)
    assert set(page.dataframe[0].value["looks"]) == {0}
    for part in ("Confusion", "Slices", "Mistakes", "Significance"):
        page = opened(part, "tiny", dataset="PublicTest")
        assert "data import" not in words(page)
    assert "The address asks for the dataset" in words(opened(dataset="gone"))


def test_counts_or_shares(no_dataset: Path) -> None:
    page = opened("Confusion")
    page.get("button_group")[1].set_value("number of images").run()
    assert not page.exception


def test_a_broken_folder_has_its_sentence_and_the_others_stay(no_dataset: Path) -> None:
    (no_dataset / "tiny" / "metrics.json").write_text("{}")
    page = opened()
    assert named(page.dataframe[0].value) == ["Tiny tiny_b"]
    assert "Left out: tiny/metrics.json" in words(page)


def test_looks_come_from_the_ledger(no_dataset: Path) -> None:
    with (no_dataset / "looks.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["date", "slug", "weights_sha256", "public_accuracy", "private_accuracy"])
        writer.writerow(["2026-01-01", "tiny", "0" * 64, 0.5, 0.5])
    table = opened().dataframe[0].value
    looks = dict(zip(table["model"].str.removesuffix(" · baseline"), table["looks"], strict=True))
    assert looks == {"Tiny tiny": 1, "Tiny tiny_b": 0}


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
    assert "time" not in opened().dataframe[0].value
    page = opened("Speed against accuracy")
    assert "relative time a face" not in page.get("button_group")[0].options
    write_speed(no_dataset, tiny_speed("tiny", "tiny_b", models=no_dataset))
    table = opened().dataframe[0].value
    assert dict(zip(named(table), sorted(table["time"]), strict=True)) == {
        "Tiny tiny": 0.25,
        "Tiny tiny_b": 0.5,
    }
    page = opened("Speed against accuracy")
    page.get("button_group")[0].set_value("relative_time").run()
    assert not page.exception
    assert "4.0 ms in the same run" in words(page)


def test_damaged_times_have_their_sentence(no_dataset: Path) -> None:
    (no_dataset / "speed.json").write_text("{}")
    page = opened("Speed against accuracy")
    assert "bench --models" in words(page)
    assert charts(page) == 1


def test_a_package_that_is_only_quoted_stands_last_and_cannot_be_chosen(no_dataset: Path) -> None:
    quote_external("deepface", no_dataset / EXTERNAL_FOLDER)
    page = opened("Ranking", "tiny")
    last = page.dataframe[0].value.iloc[-1]
    assert (last["published"], last["status"]) == (57.43, "external package, quoted")
    assert np.isnan(last["accuracy"])
    assert "57.43 % is quoted (deepface's own documentation" in words(page)
    assert "so it cannot be chosen" in words(page)
    assert set(page.multiselect(key=NETWORKS).options) == {"Tiny tiny", "Tiny tiny_b"}


@pytest.fixture
def package(no_dataset: Path) -> Path:
    """The answers of `tiny_b`, in the name of an external package."""
    folder = no_dataset / EXTERNAL_FOLDER
    folder.mkdir()
    shutil.copy(no_dataset / "tiny_b" / "predictions.npz", folder / "fer.npz")
    metrics = read_summary(no_dataset / "tiny_b").metrics
    report = ExternalReport(
        name="fer", title="fer", source="the tests", version="1", temperature=1.5, metrics=metrics
    )
    write_external_report(folder, report)
    return folder


@pytest.mark.parametrize("view", PARTS)
def test_a_package_is_chosen_as_a_network_is(dataset: Path, package: Path, view: str) -> None:
    """In every part it has its figures, or a sentence why there are none."""
    page = opened(view, "tiny,external.fer")
    assert set(page.multiselect(key=NETWORKS).value) == {"tiny", "external.fer"}
    said = words(page)
    if view == "Curves and settings":
        assert "Learned elsewhere, so nothing is known of how: fer" in said
        assert page.table[0].value["fer"].to_list()[0] == "not known"
    elif view == "Cards":
        assert {heading.value for heading in page.header} == {"Tiny tiny", "fer"}
        assert "does not serve on other pages" in said
    elif view == "Cost":
        assert "Not known of fer" in said


def test_a_package_has_its_matrix_where_labels_are(
    no_dataset: Path, package: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Answers of `tiny_b` do not give its accuracy with the labels of `tiny`.
    assert "Left out: fer" in words(opened("Confusion", "external.fer"))
    monkeypatch.setenv("MIEN_DATASET", str(no_dataset / "none.npz"))
    assert "data import FER2013.csv" in words(opened("Confusion", "tiny,external.fer"))


def test_robustness_of_a_package_stands_beside_ours(no_dataset: Path, package: Path) -> None:
    rows = [
        ExternalRobustnessRow(
            name="fer",
            version=version,
            condition=condition,
            severity=severity,
            n=15,
            accuracy=0.5,
            accuracy_low=0.4,
            accuracy_high=0.6,
            macro_f1=0.5,
        )
        for version, condition, severity in (("1", AS_IT_IS, 0), ("1", "blur", 1), ("0", "blur", 2))
    ]
    write_external_robustness(no_dataset, rows)
    page = opened("Robustness", "tiny,external.fer")
    assert charts(page) == 2
    assert "On 15 PublicTest images" in words(page)
    assert re.search(r"robustness (tiny tiny_b|tiny_b tiny)`", words(page))


def test_a_second_answer_stands_on_the_card_and_beside_the_first(dataset: Path) -> None:
    plain = load_dataset(dataset.parent / "fer2013.npz")
    votes = np.zeros((len(plain), len(VOTES)), np.uint8)
    votes[:, VOTES.index("happiness")] = 10
    data = Fer2013(plain.pixels, plain.labels, plain.splits, votes)
    folder = write_voters_folder(dataset, "both")
    assert "On your pictures" not in words(opened("Cards", "tiny"))
    assert "names 87.5% of PublicTest as most of them do" in words(opened("Cards", "both"))
    card = read_card(folder).model_copy(update={"dataset_fingerprint": data.fingerprint})
    (folder / "card.json").write_text(card.to_json())
    recalibrate(folder, WholeImage(), data)
    rows = [
        row
        for answers_as in AnswersAs
        for row in measure_calibration(
            load_classifier(folder, answers_as=answers_as), WholeImage(), data
        )
    ]
    write_calibration(dataset, rows)
    page = opened("Calibration and unsure", "both")
    (promised,) = (
        shown.value for shown in page.dataframe if "Expected right" in shown.value.columns
    )
    assert set(promised["Answers as"]) == {"labels", "voters"}


def test_a_card_leads_to_the_pages_that_use_it(no_dataset: Path) -> None:
    page = opened("Cards", "tiny")
    labels = [button.label for button in page.button]
    assert labels[:3] == ["Use it live", "Try a photo", "Look inside"]


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
    assert "an earlier network of that name was measured: Tiny tiny" in words(page)


def test_damaged_robustness_has_its_sentence(no_dataset: Path) -> None:
    (no_dataset / "robustness.csv").write_text("slug,condition\ntiny,blur\n")
    assert "robustness.csv" in words(opened("Robustness"))


@pytest.fixture
def mine(no_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A named data set of 70 pictures, on which `tiny` was measured and `tiny_b` was not."""
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "data" / "fer2013.npz"))
    source = write_class_folders(tmp_path / "faces", each=10)
    for arguments in (
        ["data", "import", str(source), "--name", "mine"],
        ["evaluate", "--dataset", "mine", "tiny"],
    ):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
    return tmp_path / "data" / "mine.npz"


def test_a_data_set_of_ones_own_in_every_part(mine: Path) -> None:
    page = opened("Ranking", "tiny,tiny_b", dataset="mine")
    said = words(page)
    assert named(page.dataframe[0].value) == ["Tiny tiny"]
    assert "mine, 70 pictures" in said
    assert "Not measured on mine: Tiny tiny_b" in said
    assert "evaluate --dataset mine tiny_b" in said
    for part in ("Classes", "Confusion", "Calibration and unsure", "Slices", "Mistakes"):
        said = words(opened(part, "tiny", dataset="mine"))
        assert "mine, 70 pictures" in said
        assert "data import" not in said
    assert "slices that were tested" in words(opened("Slices", "tiny", dataset="mine"))
    alone = opened("Mistakes", "tiny_b", dataset="mine")
    assert "None of these networks was measured on mine" in words(alone)
    mine.unlink()
    assert "data import PATH --name mine" in words(opened("Slices", "tiny", dataset="mine"))
