"""The data dictionary: each column of each table is in it, and it lies beside the table."""

import json
from pathlib import Path

import pytest

from fer_core.pipeline.camera_table import CAMERA_COLUMNS
from fer_core.pipeline.columns import COLUMNS, dictionary_json, table_files, write_table
from fer_core.pipeline.export import CSV_COLUMNS
from fer_core.pipeline.video_export import VIDEO_COLUMNS


@pytest.mark.parametrize("names", [CSV_COLUMNS, VIDEO_COLUMNS, CAMERA_COLUMNS])
def test_every_column_of_a_table_is_explained(names: tuple[str, ...]) -> None:
    told = json.loads(dictionary_json(names))
    assert [column["name"] for column in told] == list(names)
    for column in told:
        assert column["meaning"]
        assert column["type"] in ("string", "int64", "double", "bool")
        assert (column["unit"] == "0-1") == (
            "probability" in column["meaning"] or column["name"] == "detection_score"
        )


def test_meanings_are_the_end_of_a_sentence() -> None:
    for column in COLUMNS.values():
        assert not column.meaning.endswith(".")
        assert column.meaning == column.meaning.strip()


def test_the_dictionary_lies_beside_its_table(tmp_path: Path) -> None:
    table = tmp_path / "deep" / "faces.of.today.csv"
    write_table(table, b"number,face\n", ("number", "face"))
    assert table.read_bytes() == b"number,face\n"
    (beside,) = (path for path in table.parent.iterdir() if path != table)
    assert beside.name == "faces.of.today.columns.json"
    assert [column["name"] for column in json.loads(beside.read_bytes())] == ["number", "face"]
    assert table_files(table) == (table, beside)
