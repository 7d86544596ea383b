"""The command line as a person meets it, hundreds of times a minute.

One process imports what the commands need and forks a child for each of them, so that each has
its own exit status, words, limits and peak of memory, and none has to import anything again.
"""

import inspect
import json
import os
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.models import OptionInfo

from fer_core.cli import app

ROOT = Path(__file__).resolve().parents[1]

HANGS_S = 120
"""No command of a test takes so long on the slowest machine; one that does waits for ever."""

STOPS_BYTES = 8_000_000_000
"""Memory that no command gets: a test must not take the machine with it."""

OTHERS = (
    *("av", "cv2", "onnxruntime", "pandas", "PIL.Image", "sklearn.metrics", "rich.progress"),
    *("rich.markdown", "typer.rich_utils", "sqlalchemy.dialects.sqlite", "plotly.graph_objects"),
    *(
        "onnx.reference",
        "onnxruntime.quantization",
        "pympi",
        "encodings.cp437",
        "cryptography.x509",
    ),
)
"""Packages that commands import when they need them."""

_SERVER = """
import ctypes, functools, importlib, json, os, resource, signal, sys, time, traceback

modules, hangs_s, most_bytes = json.loads(sys.argv[1])
for module in modules:
    importlib.import_module(module)
import gc, typer.main
from fer_core.cli import app, main

# Two thirds of what a refused command takes is Typer looking at sixty functions: once for all.
typer.main.get_command = functools.cache(typer.main.get_command)
typer.main.get_command(app)
# A child that collects garbage would copy all that its parent has imported.
gc.collect(), gc.freeze()

DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2

def as_anybody():
    # Where tests run as root: without the right to read and write what permissions forbid.
    if sys.platform != "linux":
        return
    libc, header = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) == 0:
        sets[0] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
        libc.capset(header, sets)

def run(task):
    os.setsid()
    for number, path in enumerate(("/dev/null", task["out"], task["err"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.update(task["environment"])
    os.chdir(task["folder"])
    as_anybody()
    if task["room"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (task["room"], task["room"]))
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    for name, value in task["constants"].items():
        module, _, constant = name.rpartition(".")
        assert hasattr(sys.modules[module], constant), name
        setattr(sys.modules[module], constant, value)
    sys.argv = ["mien", *task["words"]]
    try:
        main()
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
        return 70

for line in sys.stdin:
    task = json.loads(line)
    child = os.fork()
    if child == 0:
        code = run(task)
        try:
            sys.stdout.flush(), sys.stderr.flush()
        finally:
            os._exit(code)
    until, status = time.monotonic() + hangs_s, None
    while True:
        found, status, used = os.wait4(child, os.WNOHANG)
        if found:
            break
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.01)
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps([code, used.ru_maxrss * 1024]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left.

    Attributes:
        code: its exit status; -9 where it would have run for ever, 70 where it fell.
        out, err: its words.
        peak_bytes: most memory that it had.
    """

    code: int
    out: str
    err: str
    peak_bytes: int


class Commands:
    """Runs commands; see `commands`."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process, self._folder = process, folder

    def __call__(
        self,
        words: Sequence[object],
        *,
        folder: Path,
        environment: Mapping[str, object] | None = None,
        room: int = 0,
        constants: Mapping[str, object] | None = None,
    ) -> Done:
        """Run one.

        Args:
            words: what a person types after ``mien``.
            folder: where.
            environment: variables beside those of this process.
            room: no file may grow beyond so many bytes; 0: as large as it likes.
            constants: by module and name, what is set before: how long something is measured.
        """
        told = {name: str(self._folder / name) for name in ("out", "err")}
        task = {
            **told,
            "words": [str(word) for word in words],
            "folder": str(folder),
            "environment": {name: str(value) for name, value in (environment or {}).items()},
            "room": room,
            "constants": dict(constants or {}),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        code, peak = json.loads(self._process.stdout.readline())
        out, err = (Path(path).read_text(errors="replace") for path in told.values())
        return Done(code, out, err, peak)


def ours(*, training: bool) -> tuple[str, ...]:
    """Every module of ``fer_core``, those of trainings with Keras only if asked for."""
    files = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "fer_core").rglob("*.py"))
    names = (".".join(path.parts).removesuffix(".__init__") for path in files)
    return tuple(
        sorted(
            name
            for name in names
            if not name.endswith("__main__")
            and (training or not name.startswith("fer_core.training"))
        )
    )


@contextmanager
def commands(folder: Path, *, training: bool = False) -> Iterator[Commands]:
    """The process that runs commands.

    Args:
        folder: for what they say; not shared.
        training: whether it has Keras, too, for the commands that train and export.
    """
    arguments = json.dumps([[*OTHERS, *ours(training=training)], HANGS_S, STOPS_BYTES])
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, arguments],
        cwd=ROOT,
        env=os.environ
        | {
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8:strict",  # as in most people's terminals
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Commands(process, folder)
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a command takes.

    Attributes:
        name: of the function's parameter.
        option: as it is typed, such as ``--csv``; "" for an argument.
        hint: its type.
        required: whether the command is none without it.
    """

    name: str
    option: str
    hint: Any
    required: bool

    def takes(self, kind: type) -> bool:
        """Whether it is a ``kind``, several of them, or perhaps one."""
        return kind is self.hint or any(kind is part for part in _parts(self.hint))

    def words(self, value: object) -> list[str]:
        """A value of it as it is typed."""
        return [self.option, str(value)] if self.option else [str(value)]


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the words that name it, the function behind it, and what it takes."""

    name: tuple[str, ...]
    callback: Callable[..., Any]
    parameters: tuple[Parameter, ...]

    def __str__(self) -> str:
        return " ".join(self.name)


def registered(group: typer.Typer = app, prefix: tuple[str, ...] = ()) -> Iterator[Command]:
    """All commands that a person can type, also those of groups."""
    for info in group.registered_commands:
        if info.callback is not None and not info.hidden:
            name = info.name or info.callback.__name__.replace("_", "-")
            yield Command((*prefix, name), info.callback, tuple(_parameters(info.callback)))
    for below in group.registered_groups:
        assert below.typer_instance is not None
        name = (*prefix, str(below.name))
        own = below.typer_instance.registered_callback
        if own is not None and own.callback is not None and own.invoke_without_command:
            yield Command(name, own.callback, tuple(_parameters(own.callback)))
        yield from registered(below.typer_instance, name)


def _parameters(callback: Callable[..., Any]) -> Iterator[Parameter]:
    hints = typing.get_type_hints(callback, include_extras=True)
    for name, parameter in inspect.signature(callback).parameters.items():
        if hints[name] is typer.Context:
            continue
        hint, info = typing.get_args(hints[name])
        option = ""
        if isinstance(info, OptionInfo):
            # Typer keeps the first name where a default stands outside of `Annotated`.
            named = (info.default, *(info.param_decls or ()))
            given = [word for word in named if isinstance(word, str) and word.startswith("--")]
            option = given[0].partition("/")[0] if given else f"--{name.replace('_', '-')}"
        yield Parameter(name, option, hint, parameter.default is inspect.Parameter.empty)


def _parts(hint: Any) -> Iterator[Any]:
    for part in typing.get_args(hint):
        yield part
        yield from _parts(part)
