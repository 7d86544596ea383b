"""The command line. Each command imports what it needs, so that `--help` answers at once.

Exit status: 0 fine, 1 some input failed, 2 wrong usage.
"""

import sys

import typer

# In the order of `--help`; each module puts its commands into `app`.
from fer_core.cli import training  # isort: skip
from fer_core.cli import export  # isort: skip
from fer_core.cli import figures  # isort: skip
from fer_core.cli import confidence  # isort: skip
from fer_core.cli import predict  # isort: skip
from fer_core.cli import video  # isort: skip
from fer_core.cli import study  # isort: skip
from fer_core.cli import study_results  # isort: skip
from fer_core.cli import live  # isort: skip
from fer_core.cli import selftest  # isort: skip
from fer_core.cli import bench  # isort: skip
from fer_core.cli import external  # isort: skip
from fer_core.cli import data  # isort: skip
from fer_core.cli.common import app
from fer_core.errors import MienError

EXTRAS = {
    "streamlit": "app",
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
    "predict",
    "selftest",
    "study",
    "study_results",
    "training",
    "video",
]


def main() -> None:
    """Run the command line; one sentence instead of a traceback for what we foresee."""
    try:
        app()
    except MienError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        typer.echo(
            f"This command needs {package}, which is not installed. Install what belongs to it: "
            f'pip install "mien[{EXTRAS[package]}]"',
            err=True,
        )
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        sys.exit(1)
