"""The page Train: what is asked for lies in the queue, and each state has its buttons."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.runs.cost import Cost, keep_cost
from fer_core.runs.queue import add_order
from fer_core.runs.recipe import load_recipe
from fer_core.runs.run import CANDIDATE, Run
from fer_core.runs.shelf import find_run, list_runs
from fer_core.runs.snapshot import Confusion, Snapshot
from tests.runs.made import order_of
from tests.tiny import tiny_dataset, write_tiny_folder
from ui.train.order import KEY
from ui.train.words import duration

PAGE = Path(__file__).resolve().parents[2] / "pages" / "8_Train.py"


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Folders of its own; instead of a process that trains, a list of its starts."""
    write_tiny_folder(tmp_path / "models", "tiny")
    monkeypatch.setenv("MIEN_MODELS", f"{tmp_path / 'models'}{os.pathsep}{tmp_path / 'own'}")
    monkeypatch.setenv("MIEN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    starts: list[str] = []
    for module in ("order", "queue", "finished", "family"):
        monkeypatch.setattr(f"ui.train.{module}.start_queue", lambda: starts.append("start"))
    return starts


def opened(run: str = "") -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    if run:
        page.query_params["run"] = run
    return ran(page)


def ran(element: Any) -> AppTest:
    page: AppTest = element.run()
    assert not page.exception, [element.value for element in page.exception]
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.success, *page.warning, *page.error, *page.info]
    return "\n".join(element.value for element in shown).replace("\\", "")


def buttons(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def test_the_example_is_one_click(started: list[str], tmp_path: Path) -> None:
    page = opened()
    assert "drawn by code" in words(page)
    ran(page.button("train_example").click())
    (run,) = list_runs()
    order = run.order()
    assert (order.name, order.network, order.dataset) == ("my_triple", "triple", "drawn")
    assert started == ["start"]
    assert page.query_params["run"] == "my_triple"
    assert page.header[0].value == r"my\_triple"
    tiny_dataset(tmp_path / "fer2013.npz")
    run.enter(phase="finished")
    assert "Train Triple for a few minutes" not in buttons(opened())


def test_a_training_that_is_not_here_is_said() -> None:
    page = opened(run="no_such")
    assert "asks for the training **no\\_such**, which is not here" in page.warning[0].value
    assert "New training" in [header.value for header in page.header]


def test_what_is_chosen_is_asked_for(started: list[str]) -> None:
    page = opened()
    page.selectbox(f"{KEY}_network").set_value("simple")
    ran(page)
    page.text_input(f"{KEY}_name_simple").set_value("theirs")
    recipe = next(box.value for box in page.selectbox if box.label == "Recipe")
    rate = next(box for box in page.number_input if box.label == "Learning rate")
    rate.set_value(0.0123)
    next(box for box in page.number_input if box.label == "Epochs").set_value(7)
    next(box for box in page.toggle if box.label == "Mirrored").set_value(False)
    ran(page)
    ran(page.button(f"{KEY}_go").click())
    (order,) = (run.order() for run in list_runs())
    assert (order.name, order.seed, order.network) == ("theirs", 0, "simple")
    expected = load_recipe(recipe).planned_for(7).model_dump() | {"learning_rate": 0.0123}
    expected["augmentation"]["flip"] = False
    assert order.settings.model_dump() == expected
    assert started == ["start"]


def test_what_cannot_be_is_said_and_nothing_is_asked_for(started: list[str]) -> None:
    page = opened()
    page.text_input(f"{KEY}_name_triple").set_value("tiny")
    ran(page)
    ran(page.button(f"{KEY}_go").click())
    assert "a network or a training of this name" in words(page)
    page.text_input(f"{KEY}_name_triple").set_value("Not A Name")
    ran(page)
    ran(page.button(f"{KEY}_go").click())
    assert "cannot be called this" in words(page)
    assert list_runs() == []
    assert started == []


def test_the_cost_is_there_before_it_starts() -> None:
    page = opened()
    assert "Time it" in buttons(page)
    recipe = next(box.value for box in page.selectbox if box.label == "Recipe")
    cost = Cost(step_s=0.5, face_s=0.001, peak_megabytes=900)
    keep_cost("triple", load_recipe(recipe), cost)
    page = opened()
    assert "Time it" not in buttons(page)
    steps = 1120 // load_recipe(recipe).batch_size
    assert page.metric[0].value == f"{steps * 0.5 + 140 * 0.001:.0f} s"
    assert "0.9 GB of memory" in words(page)
    settings = load_recipe(recipe)
    one = settings.epochs * cost.epoch_s(settings, 1120, 140) + cost.finish_s(140)
    assert page.metric[1].value == duration(one)
    page.number_input(f"{KEY}_seeds").set_value(4)
    ran(page)
    assert (page.metric[1].label, page.metric[1].value) == ("Until all are done", duration(4 * one))
    assert f"4 seeds, one after the other, {duration(one)} each" in words(page)


def in_state(name: str, phase: str, **state: object) -> Run:
    run = add_order(order_of(name))
    row = {"loss": 1.5, "accuracy": 0.4, "val_loss": 1.6, "learning_rate": 0.1, "seconds": 2.0}
    rows = [{"epoch": n, "val_accuracy": 0.1 * n, **row} for n in (1, 2)]
    run.write_history(rows)
    (run.folder / "checkpoint-0002.npz").write_bytes(b"")
    run.enter(phase=phase, **state)
    return run


def test_what_failed_says_why_and_goes_on(started: list[str]) -> None:
    run = in_state("mine", "failed", sentence="the loss is no longer a number.")
    page = opened("mine")
    assert "the loss is no longer a number" in words(page)
    assert {"Go on", "Keep the best so far"} <= buttons(page)
    ran(page.button("train_again").click())
    assert (run.condition(), run.state().resume, started) == ("waiting", True, ["start"])


def test_what_was_killed_is_said_and_the_best_can_be_kept(started: list[str]) -> None:
    run = in_state("mine", "training", pid=0)
    page = opened("mine")
    assert "ended from outside" in words(page)
    ran(page.button("train_keep").click())
    assert (run.wish(), run.condition()) == ("stop", "waiting")


def test_what_runs_can_be_held_up_and_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    run = in_state("mine", "training")
    labels = np.arange(7, dtype=np.int64)
    confusion = Confusion.of(2, labels, np.zeros(7, np.int64), 14)
    run.write_snapshot(
        Snapshot(epoch=2, epochs=2, step=5, steps=10, loss=1.23, left_s=300, confusion=confusion)
    )
    faces = np.zeros((12, 24, 24, 1), np.uint8)
    run.write_faces(faces, np.eye(7, dtype=np.float32)[np.arange(12) % 7])
    with run.hold():
        # A lock of this very process: as another one would see it.
        monkeypatch.setattr(Run, "is_held", lambda self: self.name == "mine")
        page = opened("mine")
        assert "epoch 2 of 2 · best 20.0% after epoch 2 · about 5 min left" in words(page)
        assert [metric.value for metric in page.metric] == ["1.230", "–", "–", "5 min"]
        assert "7 of 14 validation faces" in words(page)
        assert len(page.get("image")) == 12
        assert "Delete this training" not in buttons(page)
        ran(page.button("train_pause").click())
        assert run.wish() == "pause"
        ran(page.button("train_go").click())
        assert run.wish() == ""
        ran(page.button("train_stop").click())
        assert run.wish() == "stop"


def test_more_epochs_and_deleting(started: list[str]) -> None:
    run = in_state("mine", "finished")
    (run.folder / CANDIDATE).mkdir()
    page = opened("mine")
    page.number_input("train_more").set_value(4)
    ran(page)
    ran(page.button("train_more_go").click())
    assert find_run("mine").order().epochs == 6
    run.enter(phase="finished")
    ran(page)
    ran(page.button("train_delete").click())
    assert list_runs() == []
    assert page.header[0].value == "New training"


def test_a_run_is_laid_over_another_and_over_what_ships() -> None:
    in_state("mine", "finished")
    add_order(order_of("other", seed=5))
    page = opened("mine")
    page.multiselect("train_others_mine").set_value(["other", "tiny"])
    ran(page)
    table = page.table[0].value
    assert list(table.columns) == ["mine", "other", "tiny"]
    assert table.loc["Seed"].tolist() == ["0", "5", "0"]
    assert "Batch" in table.index


def test_where_nobody_works_the_queue_can_go_on(started: list[str]) -> None:
    add_order(order_of("mine"))
    page = opened("mine")
    assert "Nobody works on the queue" in words(page)
    ran(page.button("train_queue_go").click())
    assert started == ["start"]


def test_a_damaged_training_is_named_and_loses_no_other() -> None:
    bad = add_order(order_of("bad"))
    in_state("good", "finished")
    (bad.folder / "order.json").write_text("{")
    page = opened("bad")
    assert "folder is damaged" in words(page)
    assert "good" in buttons(page)


def test_without_tensorflow_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.train.page.missing_packages", lambda: ["tensorflow"])
    page = opened()
    assert "pip install" in words(page)
    assert not page.button


def test_on_a_server_for_others_it_is_off_until_somebody_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ui.train.page.is_own_machine", lambda: False)
    assert "train_example" in {button.key for button in opened().button}
    monkeypatch.delenv("MIEN_RUNS")
    page = opened()
    assert "Training is off on this server" in words(page)
    assert not page.button
