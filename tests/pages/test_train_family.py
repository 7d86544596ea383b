"""Seeds on the page Train: one row for all, one network of them, and each to be looked at."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.cli import app
from fer_core.dataset import FER2013
from fer_core.evaluation.families import read_family
from fer_core.runs.queue import add_family, add_order
from fer_core.runs.run import CANDIDATE, Run
from fer_core.runs.shelf import list_runs
from fer_core.zoo import CARD_FILE, Own, read_ledger
from tests.pages.test_train import buttons, opened, ran, started, words
from tests.runs.made import order_of
from tests.tiny import tiny_card, tiny_dataset, write_tiny_candidate
from ui.train.order import KEY

__all__ = ["started"]  # a fixture of every test here

ROWS = [
    {
        "epoch": n,
        "val_accuracy": 0.1 * n,
        "loss": 1.5,
        "accuracy": 0.4,
        "val_loss": 1.6,
        "learning_rate": 0.1,
        "seconds": 2.0,
    }
    for n in (1, 2)
]


def family_with_epochs(*phases: str) -> list[Run]:
    runs = add_family(order_of("mine"), range(len(phases)))
    for run, phase in zip(runs, phases, strict=True):
        if phase != "waiting":
            moved = [
                row | {"val_accuracy": row["val_accuracy"] + 0.1 * (run.seed or 0)} for row in ROWS
            ]
            run.write_history(moved)
            (run.folder / "checkpoint-0002.npz").write_bytes(b"")
        run.enter(phase=phase)
    return runs


def row_of(page: AppTest, name: str) -> str:
    """The words in the queue's line of a training."""
    return next(element.value for element in page.markdown if name in element.value).replace(
        "\\", ""
    )


def test_a_number_of_seeds_queues_a_family(started: list[str]) -> None:
    page = opened()
    page.number_input(f"{KEY}_seeds").set_value(3)
    page.number_input(f"{KEY}_first_seed").set_value(5)
    ran(page)
    assert "Train 3 seeds" in buttons(page)
    ran(page.button(f"{KEY}_go").click())
    runs = list_runs()
    assert [(run.name, run.order().seed) for run in runs] == [
        ("my_triple_s5", 5),
        ("my_triple_s6", 6),
        ("my_triple_s7", 7),
    ]
    assert len({run.order().settings.model_dump_json() for run in runs}) == 1
    assert started == ["start"]
    assert page.query_params["run"] == "my_triple"
    assert "my_triple" in buttons(page)
    assert "my_triple_s5" not in buttons(page)
    assert {"Seed 5", "Seed 6", "Seed 7"} <= buttons(page)
    assert "3 seeds · each waits" in words(page)
    page.button("train_new_1").click()
    ran(page)
    assert page.text_input(f"{KEY}_name_triple").value == "my_triple_2"


def test_a_row_says_how_far_its_seeds_are() -> None:
    family_with_epochs("finished", "finished", "waiting")
    add_order(order_of("other"))
    page = opened("mine")
    assert {"mine", "other"} <= buttons(page)
    assert row_of(page, "3 seeds") == (
        "3 seeds · seed 2 waits · 2 have ended · best on average 25.0 % ± 7.1 (20.0 to 30.0)"
    )
    assert len(page.get("plotly_chart")) == 3, "accuracy, loss, and the band of what has ended"


def test_what_did_not_end_goes_on_together(started: list[str]) -> None:
    _, second, third = family_with_epochs("finished", "failed", "training")
    page = opened("mine")
    ran(page.button("train_again").click())
    assert (second.condition(), third.condition(), started) == ("waiting", "waiting", ["start"])
    assert second.state().resume


def test_a_seed_is_looked_at_and_leads_back() -> None:
    runs = family_with_epochs("finished", "waiting")
    (runs[0].folder / CANDIDATE).mkdir()
    page = opened("mine")
    ran(page.button("train_seed_0").click())
    assert page.query_params["run"] == "mine_s0"
    assert page.header[0].value.replace("\\", "") == "mine, seed 0"
    assert "measured together" in words(page)
    assert "train_freeze_go" not in {button.key for button in page.button}
    ran(page.button("train_family_open").click())
    assert page.query_params["run"] == "mine"
    ran(opened("mine_s0").button("train_delete").click())
    assert [run.name for run in list_runs()] == ["mine_s1"]
    ran(opened("mine_s1").button("train_delete").click())
    assert list_runs() == []


def test_all_seeds_are_deleted_at_once() -> None:
    family_with_epochs("finished", "failed")
    page = opened("mine")
    ran(page.button("train_delete").click())
    assert list_runs() == []
    assert page.header[0].value == "New training"


def test_a_damaged_seed_is_named_and_loses_no_other() -> None:
    first, _ = family_with_epochs("finished", "waiting")
    (first.folder / "order.json").write_text("{")
    page = opened("mine")
    assert "delete mine_s0" in words(page)
    assert "Seed 1" in buttons(page)


def test_one_click_freezes_the_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tiny_dataset(tmp_path / "fer2013.npz")
    for run in add_family(order_of("mine", dataset=FER2013), (0, 1)):
        seed = run.order().seed
        candidate = write_tiny_candidate(run.folder, data, seed)
        card = tiny_card(
            "mine",
            candidate,
            own=Own(network="triple", dataset=FER2013, dataset_digest=data.fingerprint, faces={}),
            seed=seed,
            dataset_fingerprint=data.fingerprint,
            recipe=run.order().settings.model_dump(mode="json") | {"best_epoch": 1},
        )
        (candidate / CARD_FILE).write_text(card.to_json())
        run.enter(phase="finished")
    page = opened("mine")
    asked: list[list[str]] = []
    monkeypatch.setattr(
        "ui.train.finished.start_command",
        lambda key, doing, arguments: asked.append(arguments("", tmp_path)),
    )
    ran(page.button("train_freeze_go").click())
    ((*command,),) = asked
    assert command == ["freeze", "mine", "--own", "--seeds", "--json"]
    with pytest.raises(SystemExit) as ended:
        app(command)
    assert ended.value.code == 0
    frozen = read_family(tmp_path / "own" / "mine")
    assert frozen is not None
    assert frozen.numbers == (0, 1)
    assert len(read_ledger(tmp_path / "own")) == 2
    shown: list[str] = []  # links to other pages want the whole app
    monkeypatch.setattr("ui.train.family.show_links", lambda card: shown.append(card.slug))
    page = opened("mine")
    assert shown == ["mine"]
    assert "Over 2 seeds:" in words(page)
    assert f"Seed {frozen.best.seed} is what you use" in words(page)
    assert "train_freeze_go" not in {button.key for button in page.button}, "all are measured"
