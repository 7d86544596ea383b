"""What is declared, what is imported and what the locks pin are the same."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

# Who may import what, beside the base installation: the longest folder that fits counts.
BRINGS = {
    "fer_core": (),
    "fer_core/charts": ("app",),
    "fer_core/report": ("app",),
    "fer_core/serving": ("app",),
    "fer_core/studies/engines": ("ray",),
    "fer_core/training": ("train",),
    "ui": ("app",),
    "pages": ("app",),
    "app.py": ("app",),
    "benchmarks": ("app", "train", "dev"),
    "tests": ("app", "train", "ray", "dev"),
}


def requirements(name: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def declared(*lines: str) -> set[Requirement]:
    found = {Requirement(line) for line in lines}
    return {requirement for requirement in found if requirement.name != PROJECT["name"]}


PIN = r"^([a-z0-9.-]+)(?:\[.+?\])?==(\S+)(?: ; (.+?))? \\\n"
DIGESTS = r"((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"


def pins(lock: str) -> dict[str, tuple[str, str]]:
    """Version and marker of each package of a lock that has digests."""
    found = re.findall(PIN + DIGESTS, (ROOT / lock).read_text(), re.MULTILINE)
    return {name: (version, marker) for name, version, marker, _ in found}


def test_the_lists_say_the_same_as_the_project() -> None:
    base = PROJECT["dependencies"]
    assert set(requirements("requirements.txt")) == declared(
        *base, *EXTRAS["app"], *EXTRAS["train"]
    )
    assert set(requirements("requirements-dev.txt")) == declared(*EXTRAS["dev"])
    assert set(requirements("requirements-ray.txt")) == declared(*EXTRAS["ray"])


@pytest.mark.parametrize("stem", ["requirements", "requirements-dev"])
def test_the_lock_pins_what_is_declared(stem: str) -> None:
    lock = pins(f"{stem}.lock")
    text = (ROOT / f"{stem}.lock").read_text()
    assert len(lock) == len(re.findall(r"^\S+==", text, re.MULTILINE)), "a pin without a digest"
    assert "://" not in text, "a lock names no server"
    for requirement in requirements(f"{stem}.txt"):
        version, marker = lock[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"make lock: {requirement} is {version}"
        assert marker == str(requirement.marker or "").replace('"', "'")


def test_tests_run_with_the_versions_that_are_served() -> None:
    served, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert served.items() <= tested.items()


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def allowed_in(place: str) -> set[str]:
    """Packages that a file may import: of the base, and of what its folder brings."""
    folder = max((name for name in BRINGS if place.startswith(name)), key=len)
    lines = [*PROJECT["dependencies"], *(line for of in BRINGS[folder] for line in EXTRAS[of])]
    # Outside packages are measured in environments of their own.
    outside = [requirement.name for requirement in requirements("requirements-external.txt")]
    return {canonicalize_name(name) for name in (*(Requirement(of).name for of in lines), *outside)}


@pytest.mark.slow
def test_what_is_imported_is_declared_where_it_is_used() -> None:
    distributions = importlib.metadata.packages_distributions()
    known = {"fer_core", "ui", "pages", "tests", "benchmarks", *sys.stdlib_module_names}
    undeclared = [
        f"{place}: {name}"
        for path in [
            ROOT / "app.py",
            *(file for of in BRINGS for file in (ROOT / of).rglob("*.py")),
        ]
        for place in [path.relative_to(ROOT).as_posix()]
        for name in set(imported(path)) - known
        if not {canonicalize_name(of) for of in distributions.get(name, [name])} & allowed_in(place)
    ]
    assert not undeclared
