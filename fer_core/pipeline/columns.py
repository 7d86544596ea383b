"""What each column is of the tables of photos, videos and recordings: their data dictionary.

A table `NAME.csv` has it beside itself as `NAME.columns.json`, so that it can be read in ten years.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from fer_core.emotions import LABELS
from fer_core.pipeline.readings import FRAME_COLUMNS
from fer_core.pipeline.tables import Column, columns_json
from fer_core.storage.atomic import write_bytes

_WORDS, _NUMBER, _SHARE = pa.string(), pa.int64(), pa.float64()

_SOURCE = (
    Column("number", _NUMBER, "", "the file's place in the input, from 1"),
    Column("picture", _WORDS, "", "the file as it was named, with its folders"),
    Column("file", _WORDS, "", "the file's name; empty where a camera was recorded"),
    Column("sha256", _WORDS, "", "the file's SHA-256; empty where there is none or it is no file"),
    Column("taken_at", _WORDS, "ISO 8601", "when the picture was taken, as its file says"),
    Column(
        "recorded_at",
        _WORDS,
        "ISO 8601",
        "when the recording began: of a file as the file says (some cameras write its end), of "
        "a camera as this machine's clock said; empty where it is not known",
    ),
    Column("model", _WORDS, "", "the network that read the face, by its name in Mien"),
    Column("detector", _WORDS, "", "what found the face"),
    Column("version", _WORDS, "", "the version of Mien"),
    Column("notes", _WORDS, "", "what a reader should know, such as: first frame of 5"),
    Column("error", _WORDS, "", "why the file was not read; then nothing is said of a face"),
    Column("marker", _WORDS, "", "words that a person marked this moment with"),
)
_MOMENT = (
    FRAME_COLUMNS[0],
    Column("seconds", _SHARE, "s", "when the frame is shown, from the beginning on"),
)
_FACE = (
    Column(
        "face",
        _NUMBER,
        "",
        "the face's number: in a photo from 1, in a video or recording the track that it was "
        "followed as, which is no identity; empty where no face was found",
    ),
    Column("x", _SHARE, "px", "left edge of the face's box in the upright picture"),
    Column("y", _SHARE, "px", "top edge of the box"),
    Column("width", _SHARE, "px", "width of the box"),
    Column("height", _SHARE, "px", "height of the box"),
    Column("detection_score", _SHARE, "0-1", "the detector's confidence; 1 where it has none"),
    Column(
        "expression",
        _WORDS,
        "",
        "the likeliest expression that the face shows, not what a person feels; not to be relied "
        "on where unsure",
    ),
    Column("confidence", _SHARE, "0-1", "the probability of that expression"),
    Column("unsure", pa.bool_(), "", "whether the network cannot tell: confidence is too low"),
    Column(
        "expected_right",
        _SHARE,
        "0-1",
        "probability that the answer is right on a face like this one, by confidence, size, "
        "light, blur and turn; empty where the network's card does not say",
    ),
    Column(
        "prediction_set",
        _WORDS,
        "",
        "the expressions of which one is right on nine of ten faces; empty where the card of "
        "the network does not say",
    ),
    *(
        Column(
            label,
            _SHARE,
            "0-1",
            f"calibrated probability of {label}: in a photo of the picture, in a video or "
            "recording averaged over some frames",
        )
        for label in LABELS
    ),
    Column(
        "valence",
        _SHARE,
        "-1 to 1",
        "happy less the strongest of angry, disgust, fear and sad: derived, not measured",
    ),
    *(
        Column(f"raw_{label}", _SHARE, "0-1", f"probability of {label} from this frame alone")
        for label in LABELS
    ),
)
COLUMNS: dict[str, Column] = {column.name: column for column in (*_SOURCE, *_MOMENT, *_FACE)}
"""By name; one name means the same in each of these tables. Readings and the tables of studies have
theirs beside themselves: `fer_core.pipeline.readings`, `fer_core.studies.columns`."""


def table_files(table: Path) -> tuple[Path, Path]:
    """What `write_table` writes: ``a.csv`` and ``a.columns.json``."""
    return table, table.parent / f"{table.stem}.columns.json"


def write_table(table: Path, content: bytes, names: Iterable[str]) -> None:
    """Write a table, and its data dictionary beside it.

    Args:
        table: its file.
        content: of it.
        names: its columns, in their order.

    Raises:
        StorageError: one of the two cannot be written.
    """
    for path, data in zip(table_files(table), (content, dictionary_json(names)), strict=True):
        write_bytes(path, data)


def dictionary_json(names: Iterable[str]) -> bytes:
    """Columns as JSON, in this order: for each its name, type, unit and meaning.

    Raises:
        KeyError: a column that is not in `COLUMNS`: a mistake of ours.
    """
    told = columns_json([COLUMNS[name] for name in names])
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
