"""An error is a sentence, and says what to do."""

import ast
from pathlib import Path

import pytest

from fer_core import errors
from fer_core.errors import MediaError, in_one_line

ROOT = Path(__file__).resolve().parents[1]
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.MienError)
} - {"ContractError"}  # a mistake of ours, which nobody can mend by doing something else


def test_the_sentence_has_the_parts_that_are_there() -> None:
    whole = MediaError("is broken", where="a.jpg", expected="JPEG", received="text", remedy="Go.")
    assert str(whole) == "a.jpg: is broken (expected JPEG, received text). Go."
    assert str(MediaError("is broken")) == "is broken."


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no such node\nin the graph"), "no such node"),
        (ValueError("\n  first\nsecond"), "first"),
        (ValueError("x" * 500), "x" * 200),
        (KeyError(), "KeyError"),
        (RuntimeError(" "), "RuntimeError"),
    ],
)
def test_what_a_library_says_in_one_line(error: Exception, line: str) -> None:
    assert in_one_line(error) == line


@pytest.mark.parametrize("package", ["fer_core", "ui"])
def test_each_error_says_what_to_do(package: str) -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KINDS
        and not any(keyword.arg in ("remedy", None) for keyword in call.keywords)
    ]
    assert not silent, f"errors without a remedy: {', '.join(silent)}"
