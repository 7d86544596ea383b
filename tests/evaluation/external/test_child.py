"""A process that is asked: answers, and each way in which it can fail to."""

import os
import sys

import pytest

from fer_core.errors import ModelError
from fer_core.evaluation.external.child import Child

ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"


def start(script: str, patience_s: float = 30) -> Child:
    return Child(
        [sys.executable, "-c", script], name="echo", remedy="Do this.", patience_s=patience_s
    )


def test_it_answers_as_often_as_it_is_asked() -> None:
    with start(ECHO) as child:
        assert [child.ask({"n": n}) for n in range(3)] == [{"n": 0}, {"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("", "it has ended"),
        ("raise SystemExit('no such thing')", "no such thing"),
        ("print('hello')", "hello"),
        ("print([1])", "[1]"),
        ('print(\'{"error": "no weights"}\')', "no weights"),
        (f"{ECHO}; break", "it has ended"),
    ],
)
def test_one_that_answers_something_else_or_ends_is_named(script: str, told: str) -> None:
    child = start(script)

    def twice() -> None:
        child.ask({"n": 1})
        child.ask({"n": 2})

    with pytest.raises(ModelError, match=r"echo: .*did not answer") as caught:
        twice()
    assert told in str(caught.value)
    assert str(caught.value).endswith("Do this.")
    child.close()  # once more is no harm


def test_one_that_hangs_is_ended() -> None:
    pid = "import os, json; print(json.dumps({'pid': os.getpid()}), flush=True)"
    child = start(f"{pid}\nimport time; time.sleep(600)", patience_s=5)
    number = child.answer()["pid"]
    with pytest.raises(ModelError, match="nothing for 5 s"):
        child.answer()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match="nowhere"):
        Child(["/nowhere/python"], name="echo", remedy="")
