"""The command line. Each command imports what it needs, so that `--help` answers at once.

Exit status: 0 fine, 1 some input failed, 2 wrong usage.
"""

import io
import sys
from typing import NoReturn

import typer

# In the order of `--help`; each module puts its commands into `app`.
from fer_core.cli import training  # isort: skip
from fer_core.cli import queue  # isort: skip
from fer_core.cli import export  # isort: skip
from fer_core.cli import models  # isort: skip
from fer_core.cli import figures  # isort: skip
from fer_core.cli import confidence  # isort: skip
from fer_core.cli import restoration  # isort: skip
from fer_core.cli import predict  # isort: skip
from fer_core.cli import video  # isort: skip
from fer_core.cli import study  # isort: skip
from fer_core.cli import study_results  # isort: skip
from fer_core.cli import study_report  # isort: skip
from fer_core.cli import live  # isort: skip
from fer_core.cli import selftest  # isort: skip
from fer_core.cli import bench  # isort: skip
from fer_core.cli import external  # isort: skip
from fer_core.cli import data  # isort: skip
from fer_core.cli.common import app
from fer_core.errors import MienError

EXTRAS = {
    "streamlit": "app",
    "plotly": "app",
    "aioice": "app",
    "cryptography": "app",
    "keras": "train",
    "tensorflow": "train",
    "tf2onnx": "train",
    "h5py": "train",
    "ray": "ray",
}
"""Packages that only some commands need, and the extra of `pyproject.toml` that brings them."""

__all__ = [
    "app",
    "bench",
    "confidence",
    "data",
    "export",
    "external",
    "figures",
    "live",
    "main",
    "models",
    "predict",
    "queue",
    "restoration",
    "selftest",
    "study",
    "study_report",
    "study_results",
    "training",
    "video",
]


def main() -> None:
    """Run the command line; one sentence instead of a traceback for what we foresee."""
    _print_any_name()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # told below, rather than by Python while it ends
    except MienError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        _fail(
            f"This command needs {package}, which is not installed. Install what belongs to it: "
            f'pip install "mien[{EXTRAS[package]}]"'
        )
    except MemoryError:
        _fail(
            "There is not enough memory for this. Close other programs, or try something smaller."
        )
    except OSError as error:
        _fail(_refused(error))


def _print_any_name() -> None:
    """Names of files from other machines may have no characters; they are printed all the same."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _refused(error: OSError) -> str:
    """What the system refused, and of which file where it says so."""
    if error.filename is None:
        return f"The system refused to read or write: {error.strerror or error}."
    return f"{error.filename}: {error.strerror}."


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(1)
