"""A family in the queue: one name, a run for each seed, one state."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.errors import TrainingError
from fer_core.runs.families import RunFamily, find_family, group_runs
from fer_core.runs.queue import add_family, add_order, train_command
from fer_core.runs.run import ORDER_FILE, Run
from fer_core.runs.shelf import find_run, list_runs, seed_of, seed_runs
from tests.runs.made import order_of


@pytest.fixture(autouse=True)
def _runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("MIEN_MODELS", f"{tmp_path / 'models'}{os.pathsep}{tmp_path / 'own'}")


def test_each_seed_is_a_training_of_its_own_where_train_seeds_puts_it(tmp_path: Path) -> None:
    runs = add_family(order_of("mine"), (0, 2))
    assert [run.folder for run in runs] == [
        seed_runs(tmp_path / "runs", seed) / "mine" for seed in (0, 2)
    ]
    assert [(run.name, run.order().name, run.order().seed) for run in list_runs()] == [
        ("mine_s0", "mine", 0),
        ("mine_s2", "mine", 2),
    ]
    command = train_command(find_run("mine_s2"))
    named = dict(pairwise(command))
    assert (named["--name"], named["--seed"]) == ("mine", "2")
    # Where the command that trains writes, is where the queue looks.
    assert Path(named["--runs"]) / named["--name"] == runs[1].folder


def test_names_are_taken_by_families_too() -> None:
    add_family(order_of("mine"), (0, 1))
    for name in ("mine", "mine_s1"):
        with pytest.raises(TrainingError, match="a network or a training of this name"):
            add_order(order_of(name))
    with pytest.raises(TrainingError, match="a network or a training of this name"):
        add_family(order_of("mine"), (5,))
    add_order(order_of("other_s1"))
    with pytest.raises(TrainingError, match="a network or a training of this name"):
        add_family(order_of("other"), (0, 1))
    assert [run.name for run in list_runs()] == ["mine_s0", "mine_s1", "other_s1"]


def test_a_family_is_one_among_the_others() -> None:
    add_order(order_of("before"))
    add_family(order_of("mine"), (0, 1, 2))
    add_order(order_of("after"))
    shown = group_runs(list_runs())
    assert [one.name for one in shown] == ["before", "mine", "after"]
    family = shown[1]
    assert isinstance(family, RunFamily)
    assert family == find_family("mine")
    assert family.seeds == (0, 1, 2)
    with pytest.raises(TrainingError, match=r"no such family.*expected mine"):
        find_family("before")


def test_its_state_is_of_the_seed_that_needs_one_most(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = add_family(order_of("mine"), (0, 1, 2))
    family = find_family("mine")
    assert family.condition() == "waiting"
    first.enter(phase="finished")
    second.enter(phase="training", pid=0)
    assert family.condition() == "killed"
    monkeypatch.setattr(Run, "is_held", lambda self: self == second)
    assert family.condition() == "starting"
    second.enter(phase="finished")
    assert family.condition() == "waiting"
    third.enter(phase="failed")
    assert family.condition() == "failed"
    third.enter(phase="finished")
    assert family.condition() == "finished"


def test_a_damaged_seed_loses_no_other() -> None:
    first, second = add_family(order_of("mine"), (0, 1))
    (first.folder / ORDER_FILE).write_text("{")
    (first.folder / "state.json").write_text("{")
    family = find_family("mine")
    assert family.order().seed == 1
    assert family.conditions() == {0: "failed", 1: "waiting"}
    second.delete()
    with pytest.raises(TrainingError, match="delete mine_s0"):
        find_family("mine").order()


@pytest.mark.parametrize(
    ("name", "seed"), [("seed-3", 3), ("seed-x", None), ("seed-", None), ("3", None)]
)
def test_a_folder_says_whose_seed_it_is(name: str, seed: int | None) -> None:
    assert seed_of(Path(name)) == seed


def test_the_terminal_asks_for_a_family_and_lists_its_seeds() -> None:
    words = ["queue", "add", "mine", "triple", "--dataset", "drawn", "--seed", "4", "--seeds", "2"]
    added = CliRunner().invoke(app, words)
    assert added.exit_code == 0, added.output
    listed = json.loads(CliRunner().invoke(app, ["queue", "list", "--json"]).stdout)
    assert [(row["name"], row["family"], row["seed"]) for row in listed] == [
        ("mine_s4", "mine", 4),
        ("mine_s5", "mine", 5),
    ]
    far = [*words[:2], "other", *words[3:7], str(2**32 - 1), *words[8:]]
    beyond = CliRunner().invoke(app, far)
    assert beyond.exit_code == 2
    assert "beyond 4294967295" in beyond.output
    assert len(list_runs()) == 2
    assert CliRunner().invoke(app, ["queue", "delete", "mine_s4"]).exit_code == 0
    assert [run.name for run in list_runs()] == ["mine_s5"]
