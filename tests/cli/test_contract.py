"""One contract for every command: whatever it is given, it answers in a sentence.

Each command is found by itself, and so is what it takes. Exit status 0, 1 or 2; words and no
traceback; an end; memory within bounds; nothing half-written; inputs as they were.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from fer_core.media.video_writer import VideoWriter
from fer_core.studies.catalogue import create_study
from fer_core.studies.settings import choose_settings
from tests.cli.bad_files import CONTENTS, PLACES
from tests.commands import Command, Commands, Done, Parameter, commands, registered
from tests.damaged import GRAPHS, OTHERS, damage_beside, write_damaged_folders
from tests.tiny import tiny_dataset, write_tiny_folder

pytestmark = pytest.mark.slow

MOST_BYTES = 1_500_000_000
"""That any command may have in memory, TensorFlow's 700 MB included."""

KERAS = (
    *("train", "collect", "ensemble", "freeze", "export", "int8", "repackage"),
    *("queue", "networks", "restorer"),
)
"""Commands that import TensorFlow, which is imported once for all of them."""

RESULTS = ("out", "csv", "annotate", "keep", "runs", "portable", "certificates")
"""Parameters that name a place for results; all other paths are read, and stay as they were."""

QUICKLY = {
    "fer_core.benchmark.frame_path.FRAMES": 3,
    "fer_core.benchmark.frame_path.WARM_UP": 2,
    "fer_core.benchmark.models.ROUNDS": 2,
}
"""How long something is measured here."""

FILES_ENDING = {"recipe": ".json", "labels": ".csv"}
"""Of what is a path only with an ending, else a name."""

SOUND: dict[tuple[str, str], tuple[str, ...]] = {
    ("train", "slugs"): ("nano",),
    ("models import", "slug"): ("mine",),
    ("queue add", "network"): ("triple",),
    ("queue cost", "network"): ("triple",),
    ("models remove", "slug"): ("mine",),  # others need what is there
    ("external", "name"): ("fer",),
    # An address that this machine does not have: the server must not stay.
    ("live", "options"): ("--", "--server.address", "192.0.2.1"),
}
"""By command and parameter, where the usual value says nothing to it."""

ALSO: dict[tuple[str, str], tuple[str, ...]] = {
    ("train", "portable"): ("--smoke",),
    ("train", "runs"): ("--smoke",),
    ("external", "out"): ("--quoted",),
    ("live", "certificates"): ("--lan",),
    ("data import", "labels"): ("--name", "mine"),
    ("bench", "external_python"): ("--video", "film.mp4"),
}
"""By command and parameter, what else has to be said for the parameter to count."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with all that commands read, and the variables that say where it is."""

    folder: Path
    environment: dict[str, str]


def furnish(root: Path) -> Place:
    """Two networks, a data set, a study, a picture and a film in ``root``."""
    models = root / "models"
    for seed, slug in enumerate(("tiny", "tiny_b")):
        write_tiny_folder(models, slug, seed)
    tiny_dataset(root / "data" / "fer2013.npz")
    noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    PIL.Image.fromarray(noise).save(root / "picture.png")
    with VideoWriter(root / "film.mp4", 10) as writer:
        for number in range(5):
            writer.write(noise, number / 10)
    environment = {
        "MIEN_MODELS": str(models),
        "MIEN_DATASET": str(root / "data" / "fer2013.npz"),
        "MIEN_STUDIES": str(root / "studies"),
        "MIEN_RUNS": str(root / "runs"),
        "MIEN_CACHE": str(root / "cache"),
        "TMPDIR": str(root / "temporary"),
        "HOME": str(root),
    }
    (root / "temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        create_study("study", choose_settings(("tiny",), detector="none"))
    return Place(root, environment)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return furnish(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with commands(tmp_path_factory.mktemp("told"), training=True) as run:
        yield run


@pytest.fixture
def run(request: pytest.FixtureRequest, place: Place) -> Any:
    """Runs a command in its place, and asks of it what is asked of every command."""

    def call(command: Command, *words: object, room: int = 0, **variables: object) -> Done:
        kind = "heavy" if command.name[0] in KERAS else "run_command"
        given: Commands = request.getfixturevalue(kind)
        done = given(
            [*command.name, *words],
            folder=place.folder,
            environment=place.environment | variables,
            room=room,
            constants=QUICKLY,
        )
        kept_the_contract(done)
        left = [path for path in place.folder.rglob(".*.tmp") if path.name.count(".") > 2]
        assert left + list((place.folder / "temporary").iterdir()) == []
        return done

    return call


def kept_the_contract(done: Done) -> None:
    words = f"{done.code}\n{done.out[-1000:]}\n{done.err[-3000:]}"
    assert done.code in (0, 1, 2), words
    assert "Traceback (most recent" not in done.err + done.out, words
    assert done.peak_bytes < MOST_BYTES, done.peak_bytes
    if done.code:
        assert done.err.strip() or done.out.strip(), "no word"


def usual(command: Command, parameter: Parameter) -> tuple[str, ...]:
    """A value that the command can use."""
    if (found := SOUND.get((str(command), parameter.name))) is not None:
        return found
    if command.name[0] == "study" and parameter.name == "name":
        return ("study",)
    if parameter.takes(Path):
        name = {"video": "film.mp4", "path": "film.mp4"}.get(parameter.name, "picture.png")
        return ("result" if parameter.name in RESULTS else name,)
    return ("tiny",)


def line(command: Command, given: Parameter | None = None, value: object = "") -> list[str]:
    """The words that give a command this value, and else what it needs."""
    words = list(ALSO.get((str(command), given.name if given else ""), ()))
    for parameter in command.parameters:
        if given is not None and parameter.name == given.name:
            words += parameter.words(value)
        elif parameter.required:
            for each in usual(command, parameter):
                words += parameter.words(each)
        elif parameter.name == "detector":
            words += parameter.words("none")
        elif (str(command), parameter.name) in SOUND:
            words += SOUND[str(command), parameter.name]
    return words


def seen(path: Path) -> object:
    """What a path is, to tell whether it was changed."""
    try:
        state = path.lstat()
    except OSError as error:
        return error.errno
    if stat.S_ISREG(state.st_mode) and state.st_size < 10_000_000 and os.access(path, os.R_OK):
        if path.is_relative_to("/proc"):
            return state.st_mode
        return (state.st_mode, hashlib.sha256(path.read_bytes()).hexdigest())
    return (state.st_mode, state.st_size)


ALL = tuple(registered())
WITHOUT_TRAINING = [pytest.param(one, id=str(one)) for one in ALL if one.name != ("train",)]
"""All but the command that takes hours where nothing is wrong."""
PATHS = [
    pytest.param(command, parameter, id=f"{command} {parameter.name}")
    for command in ALL
    for parameter in command.parameters
    if parameter.takes(Path)
    or (str(command), parameter.name)
    in (
        *(("train", "recipe"), ("train", "weights"), ("data import", "labels")),
        *(("queue add", "recipe"), ("queue cost", "recipe")),
    )
]


@pytest.mark.parametrize(("command", "parameter"), PATHS)
@pytest.mark.parametrize("kind", PLACES | CONTENTS)
def test_every_path(
    command: Command, parameter: Parameter, kind: str, run: Any, tmp_path: Path
) -> None:
    path = (PLACES | CONTENTS)[kind](tmp_path)
    ending = FILES_ENDING.get(parameter.name, "")
    if ending and path.is_relative_to(tmp_path) and os.path.lexists(path):
        path = path.rename(path.with_name(path.name + ending))
    before = seen(path)
    done = run(command, *line(command, parameter, path))
    if parameter.name not in RESULTS:
        assert done.code, f"took it: {done.out[-500:]}"
        assert seen(path) == before
    elif done.code and kind != "missing":
        assert seen(path) == before
    elif not done.code and kind in PLACES:
        assert stat.S_IFMT(os.lstat(path).st_mode) in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)


WORDS = ("", "..", "a/b", "x" * 300, "caf\udce9", "--")


@pytest.mark.parametrize(
    ("command", "parameter"),
    [
        pytest.param(command, parameter, id=f"{command} {parameter.name}")
        for command in ALL
        for parameter in command.parameters
        if parameter.takes(str) and command.name != ("live",)
    ],
)
@pytest.mark.parametrize("word", WORDS)
def test_every_word(command: Command, parameter: Parameter, word: str, run: Any) -> None:
    if command.name == ("train",):
        # What a person may call a variant, seed or backbone is found out before the first epoch.
        run(command, "--smoke", "--epochs", "0", *line(command, parameter, word))
    else:
        run(command, *line(command, parameter, word))


@pytest.mark.parametrize(
    ("command", "parameter"),
    [
        pytest.param(command, parameter, id=f"{command} {parameter.name}")
        for command in ALL
        for parameter in command.parameters
        if parameter.takes(int)
    ],
)
@pytest.mark.parametrize("number", ["-1", "-9999999999999999999999", "1.5", "NaN", "ten", ""])
def test_every_number(command: Command, parameter: Parameter, number: str, run: Any) -> None:
    run(command, *line(command, parameter, number))


@pytest.fixture(scope="module")
def damaged_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound network, and one for each thing that may be wrong with one."""
    models = tmp_path_factory.mktemp("damaged") / "models"
    write_tiny_folder(models, "tiny")
    write_damaged_folders(models)
    return models


@pytest.mark.parametrize("command", WITHOUT_TRAINING)
def test_everything_that_may_be_wrong_with_a_network(
    command: Command, damaged_models: Path, run: Any
) -> None:
    run(command, *line(command), MIEN_MODELS=damaged_models)


def test_a_damaged_network_costs_no_other_one(damaged_models: Path, run: Any) -> None:
    models = next(command for command in ALL if command.name == ("models",))
    done = run(models, "--check", "--json", MIEN_MODELS=damaged_models)
    assert done.code == 1
    sound = {row["slug"] for row in json.loads(done.out)}
    # What such a graph does shows only when it reads a face.
    assert sound - {"takes_all_memory", "not_a_number"} == {"tiny"}
    told = done.err.splitlines()
    sound.add("card_gone")  # a folder without a card is no network
    assert all(
        sum(folder.name in each for each in told)
        for folder in damaged_models.iterdir()
        if folder.name not in sound
    )


SLUGS = ("slug", "slugs", "model", "a", "b")
RUNS_NONE = (("train",), ("models", "remove"), ("models", "describe"))
"""Commands that name a network and do not run it."""


@pytest.mark.parametrize(
    ("command", "parameter"),
    [
        pytest.param(command, parameter, id=f"{command} {parameter.name}")
        for command in ALL
        for parameter in command.parameters
        if parameter.name in SLUGS and command.name not in RUNS_NONE
    ],
)
@pytest.mark.parametrize("graph", GRAPHS)
def test_a_network_that_cannot_be_run(
    command: Command, parameter: Parameter, graph: str, damaged_models: Path, run: Any
) -> None:
    done = run(command, *line(command, parameter, graph), MIEN_MODELS=damaged_models)
    assert done.code or command.name[0] in ("export", "study")


@pytest.mark.parametrize("command", WITHOUT_TRAINING)
@pytest.mark.parametrize("kind", ["noise", "other JSON", "other table", "folder"])
def test_everything_that_may_lie_beside_the_networks(
    command: Command, kind: str, run: Any, tmp_path: Path
) -> None:
    write_tiny_folder(tmp_path / "models", "tiny")
    damage_beside(tmp_path / "models", OTHERS.get(kind))
    run(command, *line(command), MIEN_MODELS=tmp_path / "models")


@pytest.mark.parametrize("command", WITHOUT_TRAINING)
@pytest.mark.parametrize(
    "variable", ["MIEN_MODELS", "MIEN_DATASET", "MIEN_CACHE", "MIEN_STUDIES", "MIEN_RUNS"]
)
@pytest.mark.parametrize("kind", ["pipe", "noise"])
def test_a_variable_that_names_something_else(
    command: Command, variable: str, kind: str, run: Any, tmp_path: Path
) -> None:
    path = (PLACES | CONTENTS)[kind](tmp_path)
    run(command, *line(command), **{variable: path})


@pytest.mark.parametrize(
    ("command", "parameter"),
    [
        pytest.param(command, parameter, id=f"{command} {parameter.name}")
        for command in ALL
        for parameter in command.parameters
        if parameter.name in RESULTS and command.name != ("train",)
    ],
)
def test_no_room_for_a_result(
    command: Command, parameter: Parameter, run: Any, tmp_path: Path
) -> None:
    done = run(command, *line(command, parameter, tmp_path / "result"), room=100)
    assert done.code
    assert [path for path in (tmp_path / "result").rglob("*") if path.is_file()] == []
