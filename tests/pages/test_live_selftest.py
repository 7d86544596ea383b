"""How close live comes to what was measured: the kept result, and running it again."""

import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.evaluation.selftest_report import (
    SelfTestReport,
    SizeReport,
    read_selftest,
    write_selftest,
)
from fer_core.zoo import MODELS, read_card
from tests.pages.test_live import live_page, with_panel, words
from tests.tiny import tiny_dataset
from tests.waiting import wait_for
from ui.jobs import Job
from ui.live.panels import CHECK
from ui.live.selftest import JOB

FOR_EVER = "import time\nwhile True: print('{\"done\": 1}', flush=True); time.sleep(0.02)"

pytestmark = pytest.mark.usefixtures("yunet_cache")


@pytest.fixture
def models(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    monkeypatch.setenv("MIEN_DATASET", str(tiny_models / "fer2013.npz"))
    return tiny_models


def check_page() -> AppTest:
    """The live page with its self-test open."""
    return with_panel(live_page(), CHECK)


def write_report(models: Path) -> None:
    write_selftest(
        models,
        SelfTestReport(
            run_on=date(2026, 3, 4),
            model="tiny",
            graph_sha256=read_card(models / "tiny").files["model.onnx"].sha256,
            detector="yunet",
            dataset_fingerprint="0" * 64,
            split="PublicTest",
            n=3000,
            found=2700,
            direct_accuracy=0.71,
            path_accuracy=0.695,
            difference=-0.015,
            low=-0.025,
            high=0.004,
            only_path_right=100,
            only_direct_right=140,
            agreement=0.88,
            by_size={64: SizeReport(n=1000, found=800), 96: SizeReport(n=1000, found=950)},
        ),
    )


def test_the_last_result_is_in_sentences_with_its_day_and_file(models: Path) -> None:
    write_report(models)
    text = words(check_page())
    for part in (
        "Tiny tiny read 3,000 faces in two ways",
        "**90.0%** were found",
        "−1.5 points (−2.5 to +0.4, 95% interval)",
        "04 March 2026",
        "models/selftest.json",
        "64 px: 80% · 96 px: 95%",
    ):
        assert part in text
    assert "replaced since" not in text


def test_the_result_that_ships_is_whole_and_of_a_network_that_ships() -> None:
    report = read_selftest(MODELS)
    assert report is not None
    card = read_card(MODELS / report.model)
    assert report.is_about(card), "run: python -m fer_core selftest --all"
    assert report.dataset_fingerprint == card.dataset_fingerprint
    assert report.n == sum(part.n for part in report.by_size.values()) > 3000
    assert report.found == sum(part.found for part in report.by_size.values())
    assert report.path_accuracy - report.direct_accuracy == pytest.approx(
        report.difference, abs=1e-5
    )


def test_a_result_of_other_weights_is_said_to_be_one(models: Path) -> None:
    write_report(models)
    path = models / "selftest.json"
    path.write_text(path.read_text().replace('"tiny"', '"tiny_b"'))
    assert "replaced since" in words(check_page())


def test_without_a_result_or_the_data_set_the_page_says_so(models: Path) -> None:
    page = check_page()
    assert "Nobody has run it here yet." in words(page)
    assert "data import FER2013.csv" in words(page)
    assert JOB not in page.session_state
    (models / "selftest.json").write_text("{}")
    assert "selftest.json" in words(check_page())


def finish(page: AppTest) -> None:
    wait_for(lambda: page.run() and JOB not in page.session_state)
    assert not page.exception


def test_running_it_shows_how_far_it_is_and_then_its_result(models: Path) -> None:
    tiny_dataset(models / "fer2013.npz")
    page = check_page()
    script = 'import time; print(\'{"done": 5, "total": 20}\', flush=True); time.sleep(60)'
    with mock.patch(
        "ui.live.selftest.fer_core_command", return_value=[sys.executable, "-c", script]
    ) as command:
        page.button(key="live_selftest_run").click().run()
    assert command.call_args.args == ("selftest", "--all", "--progress", "--model", "tiny")
    job = page.session_state[JOB]
    wait_for(job.line)
    page.run()
    assert page.get("progress")[0].proto.text == "5 of 20 faces"
    page.button(key="live_selftest_stop").click().run()
    assert JOB not in page.session_state
    wait_for(lambda: not job.running)
    write_report(models)  # as the command does at its end
    with mock.patch("ui.live.selftest.fer_core_command", return_value=[sys.executable, "-c", ""]):
        page.button(key="live_selftest_run").click().run()
    finish(page)
    assert "Tiny tiny read 3,000 faces" in words(page)
    assert "did not run" not in words(page)


def test_one_run_at_a_time_and_the_others_are_told(models: Path) -> None:
    tiny_dataset(models / "fer2013.npz")
    with mock.patch(
        "ui.live.selftest.fer_core_command", return_value=[sys.executable, "-c", FOR_EVER]
    ) as command:
        first, second = check_page(), check_page()
        first.button(key="live_selftest_run").click().run()
        second.button(key="live_selftest_run").click().run()
        assert "running on this machine already" in words(second)
        assert JOB not in second.session_state
        assert command.call_count == 1
        job = first.session_state[JOB]
        first.button(key="live_selftest_stop").click().run()
        wait_for(lambda: not job.running)
        second.button(key="live_selftest_run").click().run()
        assert "running on this machine already" not in words(second)
        job = second.session_state[JOB]
        second.button(key="live_selftest_stop").click().run()
        wait_for(lambda: not job.running)


def test_a_run_that_cannot_start_says_so_and_leaves_room_for_the_next(models: Path) -> None:
    tiny_dataset(models / "fer2013.npz")
    page = check_page()
    with mock.patch("ui.live.selftest.fer_core_command", return_value=["/no such program"]):
        page.button(key="live_selftest_run").click().run()
    assert not page.exception
    assert "could not be started" in words(page)
    with mock.patch("ui.live.selftest.fer_core_command", return_value=[sys.executable, "-c", ""]):
        page.button(key="live_selftest_run").click().run()
    finish(page)
    assert "running on this machine already" not in words(page)


def test_a_page_that_was_left_says_so_when_it_is_opened_again(models: Path) -> None:
    tiny_dataset(models / "fer2013.npz")

    def start(command: Sequence[str], at_end: Callable[[], None]) -> Job:
        return Job([sys.executable, "-c", FOR_EVER], patience_s=1.0, at_end=at_end)

    with mock.patch("ui.live.selftest.Job", start):
        page = check_page()
        page.button(key="live_selftest_run").click().run()
    job = page.session_state[JOB]
    wait_for(lambda: not job.running)
    page.run()
    finish(page)
    assert "It did not run to its end, because this page was left." in words(page)


def test_a_run_that_fails_says_why(models: Path) -> None:
    (models / "fer2013.npz").write_bytes(b"not a data set")
    page = check_page()
    page.button(key="live_selftest_run").click().run()
    finish(page)
    assert "It did not run to its end." in words(page)
    assert "cannot be read" in words(page)
