"""Every shipped model keeps its folder's promises; the README says what the folders say."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Fer2013, NamedDataset, Split, label_table, open_pictures
from fer_core.emotions import LABELS, Emotion
from fer_core.evaluation.dataset_files import read_dataset_logits, read_evaluation
from fer_core.evaluation.datasets import dataset_logits
from fer_core.evaluation.evaluate import evaluate_folder, split_figures
from fer_core.evaluation.external import EXTERNAL_FOLDER, ExternalReport, read_external
from fer_core.evaluation.families import read_families
from fer_core.evaluation.leaderboard import leaderboard_markdown, read_summaries
from fer_core.evaluation.robustness import AS_IT_IS, WEBCAM, current_rows, read_robustness
from fer_core.evaluation.speed import read_speed
from fer_core.evaluation.summary import read_logits, read_metrics, read_summary
from fer_core.faces import make_detector
from fer_core.metrics import mcnemar_exact, risk_coverage
from fer_core.pipeline.dataset_import import import_pictures
from fer_core.pipeline.frame import Pipeline
from fer_core.synthetic.face import POSES, draw_face
from fer_core.training.export.onnx_graph import load_weights
from fer_core.training.loop.learner import predict_logits
from fer_core.training.networks import (
    architectures,
    build_network,
    get_architecture,
    multiply_accumulates,
)
from fer_core.zoo import (
    METRICS_FILE,
    MODELS,
    WEIGHTS_FILE,
    Classifier,
    default_slug,
    list_slugs,
    load_classifier,
    read_ledger,
    softmax,
    sound_folders,
    stored_weights_digest,
)

ROOT = MODELS.parent
LARGEST_FILE = 32_000_000
ALL_FOLDERS = 200_000_000
MINIMUM = {"flagship": 0.705, "nano": 0.685, "compact": 0.675, "triple": 0.544}
"""PrivateTest accuracies that these have to hold."""

SLUGS = list_slugs()

PRESS = ROOT.parent / "shared" / "data" / "press" / "labels.csv"
"""1,334 labelled photographs outside FER2013; see docs/datasets.md."""
PRESS_EVERY = 5


def test_the_first_models_are_there() -> None:
    assert {"compact", "triple", "shallow_readme", "flip24"} <= set(SLUGS)
    _, errors = read_summaries()
    assert errors == []


@pytest.fixture(scope="module")
def press(yunet_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> NamedDataset:
    """Every so many of the photographs, imported anew."""
    head, *rows = PRESS.read_text().splitlines()
    sheet = tmp_path_factory.mktemp("press") / "labels.csv"
    chosen = [f"{PRESS.parent}/{row}" for row in rows[::PRESS_EVERY]]
    sheet.write_text("\n".join([head, *chosen]))
    table = label_table()
    with open_pictures(sheet, table) as found:
        return import_pictures(
            found, sheet, "press", table, lambda: make_detector("yunet", photos=True)
        )


@pytest.mark.parametrize("slug", SLUGS)
def test_folder_keeps_its_promises(slug: str) -> None:
    model = load_classifier(MODELS / slug)
    summary = read_summary(MODELS / slug)
    side, _, channels = model.card.input.shape
    grey = np.full((1, side, side, channels), 127, np.uint8)
    assert model.predict(grey).probabilities.shape == (1, len(LABELS))
    logits = read_logits(MODELS / slug)
    assert {name: value.shape for name, value in logits.items()} == dict.fromkeys(
        ("public_logits", "private_logits", "public_logits_flip", "private_logits_flip"),
        (3589, len(LABELS)),
    )
    counts = summary.confusion
    assert counts.sum() == summary.metrics.n == 3589
    assert counts.diagonal().sum() / 3589 == pytest.approx(summary.metrics.accuracy, abs=1e-6)
    predicted = np.bincount(logits["private_logits"].argmax(axis=1), minlength=len(LABELS))
    assert counts.sum(axis=0).tolist() == predicted.tolist()
    assert summary.metrics.accuracy >= MINIMUM.get(slug, 0)
    assert summary.metrics.accuracy < 0.77  # more than the labels' own noise allows is a bug
    assert len(summary.history) == model.card.epochs


@pytest.mark.parametrize("slug", SLUGS)
def test_figures_are_written_as_others_read_them(slug: str) -> None:
    """``metrics.json`` is a contract: its fields, their order, every digit."""
    written = json.dumps(read_metrics(MODELS / slug).model_dump(), indent=2) + "\n"
    assert written == (MODELS / slug / METRICS_FILE).read_text()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_shipped_network_stands_in_the_ledger(slug: str) -> None:
    digest = stored_weights_digest(MODELS / slug)
    looks = [look for look in read_ledger() if look.weights_sha256 == digest]
    assert [look.slug for look in looks][:1] == [slug]
    stated = read_summary(MODELS / slug).metrics
    assert looks[-1].private_accuracy == pytest.approx(stated.accuracy, abs=1e-5)


@pytest.mark.parametrize("slug", sorted(set(SLUGS) & set(architectures())))
def test_card_tells_the_size_of_its_architecture(slug: str) -> None:
    card = read_summary(MODELS / slug).card
    model = build_network(get_architecture(slug))
    assert card.parameters == model.count_params()
    assert card.multiply_accumulates == multiply_accumulates(model)
    assert card.architecture == get_architecture(slug).layers


@pytest.mark.parametrize(
    "slug", [slug for slug in SLUGS if (MODELS / slug / WEIGHTS_FILE).exists()]
)
def test_keras_and_onnx_agree(slug: str) -> None:
    served = load_classifier(MODELS / slug)
    model = build_network(get_architecture(slug))
    load_weights(model, MODELS / slug / WEIGHTS_FILE)
    faces = np.random.default_rng(0).integers(0, 256, (16, *served.card.input.shape), np.uint8)
    np.testing.assert_allclose(
        softmax(predict_logits(model, faces)), softmax(served.logits(faces)), atol=1e-3
    )


def test_folders_are_small_enough_to_clone() -> None:
    sizes = {path: path.stat().st_size for path in MODELS.rglob("*") if path.is_file()}
    assert max(sizes.values()) < LARGEST_FILE
    assert sum(sizes.values()) < ALL_FOLDERS


def test_the_readme_has_the_figures_of_the_folders() -> None:
    readme = (ROOT / "README.md").read_text()
    table = re.search(r"<!-- models: .*? -->\n(.*?)\n<!-- /models -->", readme, re.DOTALL)
    assert table, "README.md has lost the marks around its table"
    assert table.group(1) == leaderboard_markdown(read_summaries()[0], read_families(MODELS)[0]), (
        "run: python -m fer_core models --markdown, and put its output between the marks"
    )


def test_what_was_measured_is_of_the_graphs_that_ship() -> None:
    speed = read_speed()
    assert speed is not None
    assert set(speed.models) == set(SLUGS), "run: python -m fer_core bench --models"
    cards, _ = sound_folders()
    rows = current_rows(read_robustness(), cards)
    assert {row.slug for row in rows} == set(SLUGS), "run: python -m fer_core robustness"


def test_every_network_was_measured_on_the_press_photographs() -> None:
    cards, _ = sound_folders()
    for card in cards:
        figures = read_evaluation(MODELS / card.slug, "press")
        assert figures is not None, "run: python -m fer_core evaluate --dataset press"
        assert figures.is_about(card), "run: python -m fer_core evaluate --dataset press"
        assert figures.n == 1334
        assert read_dataset_logits(MODELS / card.slug, figures).shape == (1334, len(LABELS))


needs_press = pytest.mark.skipif(
    not PRESS.exists(), reason="the press photographs are not beside the checkout"
)


@needs_press
@pytest.mark.parametrize("slug", SLUGS)
def test_press_figures_come_from_the_logits_beside_them(slug: str) -> None:
    with PRESS.open(newline="") as stream:
        labels = np.array([LABELS.index(row["label"]) for row in csv.DictReader(stream)])
    figures = read_evaluation(MODELS / slug, "press")
    assert figures is not None
    logits = read_dataset_logits(MODELS / slug, figures)
    found = ~np.isnan(logits).any(axis=1)
    assert (~found).sum() == figures.without_face
    right = np.where(np.isnan(logits), -np.inf, logits).argmax(axis=1) == labels
    assert (right & found).mean() == pytest.approx(figures.accuracy, abs=1e-6)


@needs_press
@pytest.mark.parametrize("slug", [slug for slug in ("flagship", "nano") if slug in SLUGS])
def test_press_logits_are_what_the_graph_gives(slug: str, press: NamedDataset) -> None:
    figures = read_evaluation(MODELS / slug, "press")
    assert figures is not None
    kept = read_dataset_logits(MODELS / slug, figures)[::PRESS_EVERY]
    network = load_classifier(MODELS / slug, answers_as=figures.answers_as)
    now = dataset_logits(network, press, press.rows()).astype(np.float32)
    # A detector's boxes differ in their last bits between processors: a picture or two.
    apart = np.abs(np.nan_to_num(now) - np.nan_to_num(kept)).max(axis=1)
    assert (apart > 0.1).sum() <= 2


def test_nano_takes_no_more_time_than_fers_network_and_is_three_points_better() -> None:
    speed = read_speed()
    assert speed is not None
    ours, theirs = speed.relative_time("nano"), speed.relative_time("fer")
    assert ours is not None
    assert theirs is not None
    assert ours <= theirs
    (fer,) = (package for package in read_external() if package.name == "fer")
    assert fer.metrics is not None
    assert read_summary(MODELS / "nano").metrics.accuracy >= fer.metrics.accuracy + 0.03


@pytest.mark.dataset
@pytest.mark.parametrize(
    "report", [report for report in read_external() if report.metrics], ids=lambda of: of.name
)
def test_figures_of_external_packages_are_what_they_answered(
    report: ExternalReport, fer2013: Fer2013
) -> None:
    assert report.metrics is not None
    assert report.dataset_fingerprint == fer2013.fingerprint
    with np.load(MODELS / EXTERNAL_FOLDER / f"{report.name}.npz") as answers:
        for split, figures, prefix in (
            (Split.PRIVATE_TEST, report.metrics, "private"),
            (Split.PUBLIC_TEST, report.metrics.public_test, "public"),
        ):
            recomputed = split_figures(
                fer2013,
                split,
                answers[f"{prefix}_logits"],
                answers[f"{prefix}_logits_flip"],
                report.temperature,
            )
            for name in ("accuracy", "accuracy_flip", "macro_f1", "ece_calibrated"):
                assert getattr(recomputed, name) == pytest.approx(getattr(figures, name), abs=1e-4)


@pytest.mark.dataset
@pytest.mark.parametrize("slug", [slug for slug in ("flagship", "nano", "triple") if slug in SLUGS])
def test_figures_are_what_the_graph_gives(slug: str, fer2013: Fer2013) -> None:
    assert evaluate_folder(MODELS / slug, fer2013).differences == {}


@pytest.mark.dataset
def test_the_flagship_is_better_than_compact_and_knows_when_it_does_not_know(
    fer2013: Fer2013,
) -> None:
    labels = fer2013.part(Split.PRIVATE_TEST)[1]
    logits = {
        slug: read_logits(MODELS / slug)["private_logits"] for slug in ("flagship", "compact")
    }
    found = {slug: of.argmax(axis=1) == labels for slug, of in logits.items()}
    assert mcnemar_exact(found["flagship"], found["compact"]).mcnemar_p < 0.001
    figures = read_summary(MODELS / "flagship").metrics
    assert figures.ece_calibrated <= 0.03
    card = read_summary(MODELS / "flagship").card
    curve = risk_coverage(softmax(logits["flagship"], card.temperature), labels)
    assert curve.risk[0] - curve.risk_of_surest(0.7) >= 0.09


def test_one_thread_and_many_agree() -> None:
    card = load_classifier(MODELS / "compact").card
    graph = Path(MODELS / "compact" / "model.onnx")
    faces = np.random.default_rng(0).integers(0, 256, (8, *card.input.shape), np.uint8)
    one, many = (Classifier(card, graph, threads=threads).logits(faces) for threads in (1, 0))
    np.testing.assert_allclose(one, many, atol=1e-4)


def test_the_drawn_smile_on_the_home_page_is_read_as_one(yunet_cache: Path) -> None:
    pipeline = Pipeline(make_detector("yunet"), load_classifier(MODELS / default_slug()))
    read = {emotion: pipeline(draw_face(pose)).predictions for emotion, pose in POSES.items()}
    assert read[Emotion.HAPPY].emotions == (Emotion.HAPPY,)
    assert not read[Emotion.HAPPY].unsure.any(), "the first thing that a person sees"
    assert sum(found.emotions == (emotion,) for emotion, found in read.items()) >= 6


@pytest.mark.parametrize(
    ("slug", "conditions", "webcam"), [("flagship", 0.645, 0.02), ("nano", 0.60, 0.035)]
)
def test_what_cameras_do_to_a_face_costs_little(
    slug: str, conditions: float, webcam: float
) -> None:
    """The mean over 24 conditions, and what five mild ones cost, as `robustness` measured it."""
    cards, _ = sound_folders()
    rows = {
        (row.condition, row.severity): row.accuracy
        for row in current_rows(read_robustness(), cards)
        if row.slug == slug
    }
    clear = rows.pop((AS_IT_IS, 0.0))
    assert len(rows) == 24
    assert np.mean(list(rows.values())) >= conditions
    assert clear - np.mean([rows[key] for key in WEBCAM]) <= webcam
