"""The ledger of looks at PrivateTest: nothing that stands in it is lost, nothing false is read."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.zoo import Look, enter_look, looks_by_slug, read_ledger, weights_digest
from tests.unlucky import killed_at_every_step

HEAD = "date,slug,weights_sha256,public_accuracy,private_accuracy"


def look(slug: str = "tiny", digit: str = "a", accuracy: float = 0.5) -> Look:
    return Look(
        date=date(2026, 11, 26),
        slug=slug,
        weights_sha256=digit * 64,
        public_accuracy=accuracy,
        private_accuracy=accuracy,
    )


def test_a_look_is_one_line_more(tmp_path: Path) -> None:
    enter_look(tmp_path, look("tiny", "a", 0.5))
    first = (tmp_path / "looks.csv").read_bytes()
    assert first.decode() == f"{HEAD}\r\n2026-11-26,tiny,{'a' * 64},0.500000,0.500000\r\n"
    enter_look(tmp_path, look("tiny_b", "b", 2 / 3))
    second = (tmp_path / "looks.csv").read_bytes()
    assert second.startswith(first)
    assert second[len(first) :].decode().endswith(",0.666667,0.666667\r\n")
    assert [known.slug for known in read_ledger(tmp_path)] == ["tiny", "tiny_b"]


def test_a_ledger_that_somebody_edited_by_hand_goes_on(tmp_path: Path) -> None:
    text = f"{HEAD}\n2026-01-01,tiny,{'a' * 64},0.5,0.25"
    (tmp_path / "looks.csv").write_text(text)
    enter_look(tmp_path, look("tiny_b", "b"))
    assert (tmp_path / "looks.csv").read_text().startswith(text)
    assert [known.private_accuracy for known in read_ledger(tmp_path)] == [0.25, 0.5]


def test_killed_while_entering_the_looks_before_are_there(tmp_path: Path) -> None:
    enter_look(tmp_path, look("tiny", "a"))
    first = (tmp_path / "looks.csv").read_bytes()
    for _ in killed_at_every_step(
        "import sys; from pathlib import Path; from fer_core.zoo import *\n"
        "from tests.zoo.test_ledger import look",
        "enter_look(Path(sys.argv[3]), look('tiny_b', 'b'))",
        tmp_path,
    ):
        content = (tmp_path / "looks.csv").read_bytes()
        assert content.startswith(first)
        assert len(read_ledger(tmp_path)) in (1, 2)
        (tmp_path / "looks.csv").write_bytes(first)
    assert [known.slug for known in read_ledger(tmp_path)] == ["tiny", "tiny_b"]


def _text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode("latin-1"))


ROW = f"2026-01-01,tiny,{'a' * 64},0.5"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_text("other,columns\n1,2\n"), "no column date, slug"),
        (_text("my notes\n"), "no column date, slug"),
        (Path.touch, "no column date, slug"),
        (_text(f"{HEAD}\n{ROW}\n"), "private_accuracy"),
        (_text(f"{HEAD}\n{ROW},nan\n"), "private_accuracy"),
        (_text(f"{HEAD}\n{ROW},1.5\n"), "less than or equal to 1"),
        (_text(f"{HEAD}\n{ROW},0.5,more\n"), "more cells than columns"),
        (_text(f"{HEAD}\n2026-13-01,tiny,{'a' * 64},0.5,0.5\n"), "date"),
        (_text(f"{HEAD}\n2026-01-01,tiny,abc,0.5,0.5\n"), "weights_sha256"),
        (_text(f"{HEAD}\n2026-01-01,../tiny,{'a' * 64},0.5,0.5\n"), "slug"),
        (_text(f"{HEAD}\n\xff\xfe{ROW},0.5\n"), "text that is not UTF-8"),
        (Path.mkdir, "a folder"),
        (os.mkfifo, "a pipe"),
    ],
)
def test_another_shape_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "looks.csv"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ModelError, match=f"ledger of looks.*{words}"):
        read_ledger(tmp_path)
    with pytest.raises(ModelError, match="ledger of looks"):
        enter_look(tmp_path, look())
    assert (path.read_bytes() if path.is_file() else None) == before


def test_looks_are_counted_by_model() -> None:
    counts = looks_by_slug([look("a"), look("b"), look("a")])
    assert counts == {"a": 2, "b": 1}
    assert counts["c"] == 0


def test_digest_knows_weights_not_packaging() -> None:
    one = {"b": np.ones(3, np.float16), "a": np.zeros((2, 2), np.float16)}
    same = dict(reversed(one.items()))
    other = one | {"b": np.full(3, 2, np.float16)}
    assert weights_digest(one) == weights_digest(same)
    assert weights_digest(one) != weights_digest(other)
