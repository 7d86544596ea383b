"""docs/screens.md names tests, and each of them is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_named_test_is_there() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "screens.md").read_text().splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| What"))
    ]
    assert len(rows) > 20
    for row in rows:
        named = NAMED.findall(row)
        assert named, f"nothing holds this: {row}"
        for file, test in named:
            path = ROOT / file
            assert path.is_file(), f"{file} is not there: {row}"
            assert f"\ndef {test}(" in path.read_text(), f"{file} has no {test}"
