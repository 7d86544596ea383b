"""Readings -> what a person takes away: JSON, table, CSV, annotated pictures, a summary."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.emotions import LABELS, Emotion, valence
from fer_core.errors import ContractError
from fer_core.faces import InputSpec, crop_square, to_network_input
from fer_core.media import display_name
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.images import ANNOTATED_SUFFIX, Reading, resized
from fer_core.pipeline.tables import harmless_cell

COLUMNS = (
    "number",
    "picture",
    "face",
    "x",
    "y",
    "width",
    "height",
    "detection_score",
    "expression",
    "confidence",
    "unsure",
    "expected_right",
    "prediction_set",
    *LABELS,
    "valence",
    "notes",
    "error",
)
"""What is said of a face; those named by a class are probabilities, ``face`` counts from left to
right as the numbers at the boxes do, ``valence`` is derived, see `fer_core.emotions.valence`."""

SOURCE_COLUMNS = ("model", "detector", "sha256", "taken_at", "version")
"""Where a row comes from; ``version`` is Mien's."""

CSV_COLUMNS = (*COLUMNS, *SOURCE_COLUMNS)
"""Columns of `faces_csv`; what each of them is, says `fer_core.pipeline.columns`."""

PREVIEW_PX = 1400
"""Longer side of a picture for the screen."""

ZIP_PX = 4096
"""Longer side of a picture in a ZIP: a phone's 12 megapixels as they are, larger ones reduced.

It bounds the ZIP, which is made in memory. Measured on a portrait enlarged to 12 and to 39
megapixels: 2 MB each, where PNGs in full size take 14 and 42 MB.
"""


def reading_json(reading: Reading, number: int) -> dict[str, Any]:
    """One reading as the JSON object of ``predict --json``.

    Args:
        reading: of one file.
        number: the file's place in the input, from 1: on a page several may have one name.

    Returns:
        ``number``, ``path``, ``width``, ``height`` (pixels, None where the file could not be read),
        ``model``, ``views`` (how often each face was looked at, None without a result),
        ``answers_as`` (whose word it gave: labels or voters, None without a result),
        ``detector``, ``version`` (Mien's), ``sha256`` (of the file), ``taken_at`` ("" where the
        file does not say), ``faces`` (``box`` x, y, width, height in pixels; ``emotion`` the
        likeliest class, whether ``unsure`` or not; ``expected_right`` and ``prediction_set`` as
        `Predictions` has them, None where the network's card does not say; ``probabilities`` by
        label), ``notes`` (what a reader should know, such as "first frame of 2") and ``error`` (a
        sentence or None).
    """
    result = reading.result
    return {
        "number": number,
        "path": reading.path,
        "width": result.width if result else None,
        "height": result.height if result else None,
        "model": reading.model,
        "views": result.predictions.views if result else None,
        "answers_as": result.predictions.answers_as.value if result else None,
        "detector": reading.detector,
        "version": __version__,
        "sha256": reading.sha256,
        "taken_at": reading.taken_at,
        "faces": [_face_json(result, row) for row in range(len(result.faces))] if result else [],
        "notes": list(reading.notes),
        "error": reading.error,
    }


def _face_json(result: FrameResult, row: int) -> dict[str, Any]:
    predictions, expected = result.predictions, result.expected_right
    shares = predictions.probabilities[row]
    members = predictions.set_members(row)
    return {
        "box": [round(float(value), 1) for value in result.faces.boxes[row]],
        "detection_score": round(float(result.faces.scores[row]), 4),
        "emotion": predictions.emotions[row].label,
        # Seven digits are what float32 has; the row still sums to 1 within 1e-6.
        "confidence": round(float(shares.max()), 7),
        "unsure": bool(predictions.unsure[row]),
        "expected_right": None if expected is None else round(float(expected[row]), 4),
        "prediction_set": None if members is None else [emotion.label for emotion in members],
        "probabilities": {
            label: round(float(value), 7) for label, value in zip(LABELS, shares, strict=True)
        },
    }


def faces_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """One row a face, in input order.

    Returns:
        `COLUMNS` without ``error``: the picture's number and path as given, face from 1 within its
        picture, box in pixels, likeliest class, confidence and probabilities in [0, 1], notes. No
        row for a picture without faces; without any face all columns and no row.
    """
    rows = [row for row in _rows(readings) if "face" in row]
    return pd.DataFrame(rows, columns=list(COLUMNS)).drop(columns="error")


def _rows(readings: Iterable[Reading]) -> Iterator[dict[str, Any]]:
    """A row a face; a picture without one has a row, too, and so has a file that is none."""
    for number, reading in enumerate(readings, start=1):
        record = reading_json(reading, number)
        same = {
            "number": number,
            "picture": record["path"].encode("utf-8", "replace").decode(),
            "notes": "; ".join(record["notes"]),
            "error": record["error"] or "",
            **{name: record[name] for name in SOURCE_COLUMNS},
        }
        if not record["faces"]:
            yield same
        for place, face in enumerate(record["faces"], start=1):
            shares = np.array([list(face["probabilities"].values())])
            yield same | {
                "face": place,
                **dict(zip(("x", "y", "width", "height"), face["box"], strict=True)),
                "detection_score": face["detection_score"],
                "expression": face["emotion"],
                "confidence": face["confidence"],
                "unsure": face["unsure"],
                "expected_right": face["expected_right"],
                "prediction_set": " or ".join(face["prediction_set"] or ()),
                **face["probabilities"],
                "valence": round(float(valence(shares)[0]), 4),
            }


def faces_csv(readings: Iterable[Reading]) -> bytes:
    """`CSV_COLUMNS` as CSV, UTF-8: one row a face, and one for each file without a face.

    A file may be named ``=HYPERLINK(...)``; spreadsheets would run that, so such a name gets an
    apostrophe in front, which they hide.
    """
    table = pd.DataFrame(list(_rows(readings)), columns=list(CSV_COLUMNS))
    table["face"] = table["face"].astype("Int64")  # a row without one would turn 1 into 1.0
    for column in ("picture", "error"):
        table[column] = [harmless_cell(text) for text in table[column]]
    return table.to_csv(index=False, lineterminator="\n").encode()


def readings_json(readings: Iterable[Reading]) -> bytes:
    """All readings as one JSON array of `reading_json` objects, UTF-8."""
    records = [reading_json(reading, number) for number, reading in enumerate(readings, start=1)]
    return json.dumps(records, indent=2, allow_nan=False).encode()


def annotated(reading: Reading) -> NDArray[np.uint8]:
    """The picture of a reading with its faces drawn in: (h, w, 3) uint8 RGB, at its decoded size.

    Where there are several faces, each has its number: the one of its row in tables.

    Raises:
        ContractError: a reading without pixels or without a result.
    """
    image, result = _pixels(reading)
    numbers = range(1, len(result.faces) + 1) if len(result.faces) > 1 else ()
    return draw(image, result, numbers=tuple(numbers))


def annotated_png(reading: Reading) -> bytes:
    """`annotated` as PNG, without any metadata."""
    return encode_png(annotated(reading))


def annotated_jpeg(reading: Reading, longest_px: int = PREVIEW_PX) -> bytes:
    """`annotated` as JPEG: longer side at most ``longest_px``, never enlarged; no metadata."""
    rgb = annotated(reading)
    height, width = rgb.shape[:2]
    scale = min(1.0, longest_px / max(width, height))
    if scale < 1.0:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _encode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 90])


def face_jpegs(reading: Reading, side_px: int = 160) -> tuple[bytes, ...]:
    """Each face of a reading cut out with a little room around it, as square JPEGs."""
    image, result = _pixels(reading)
    return tuple(
        _encode(
            ".jpg",
            to_network_input(crop_square(image, box, 0.1), InputSpec(side_px, 3, 0.0)),
            [cv2.IMWRITE_JPEG_QUALITY, 90],
        )
        for box in result.faces.boxes
    )


def encode_png(rgb: NDArray[np.uint8]) -> bytes:
    """(h, w, 3) uint8 RGB as the bytes of a PNG file."""
    # Level 1 packs photos within some per cent of the default, several times faster.
    return _encode(".png", rgb, [cv2.IMWRITE_PNG_COMPRESSION, 1])


def _encode(ending: str, rgb: NDArray[np.uint8], options: list[int]) -> bytes:
    _, data = cv2.imencode(ending, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    return data.tobytes()


def _pixels(reading: Reading) -> tuple[NDArray[np.uint8], FrameResult]:
    if reading.image is None or reading.result is None:
        raise ContractError(
            "nothing to draw on",
            where=reading.name,
            expected="a reading with image and result",
            received=reading.error or "no pixels",
        )
    image, result = reading.image, reading.result
    if image.reduction > 1:  # the boxes are in the file's pixels
        result = resized(result, 1 / image.reduction, (image.rgb.shape[1], image.rgb.shape[0]))
    return image.rgb, result


def annotated_zip(readings: Iterable[Reading]) -> bytes:
    """All annotated pictures in one ZIP, as JPEGs of at most `ZIP_PX`.

    Args:
        readings: with pixels; a generator keeps only one picture in memory at a time.

    Returns:
        The whole ZIP; pictures that could not be read are left out.
    """
    stream = io.BytesIO()
    used: set[str] = set()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:  # JPEG is packed already
        for reading in readings:
            if reading.result is not None:
                name = annotated_name(reading.path, used, "jpg")
                archive.writestr(name, annotated_jpeg(reading, ZIP_PX))
    return stream.getvalue()  # the buffer itself: CPython copies it only when it changes again


def annotated_name(path: str, used: set[str], ending: str = "png") -> str:
    """A file name for an annotated picture: safe on every system and not yet ``used``.

    Args:
        path: the source file's name, with or without folders.
        used: names given so far, in lower case; the new one is added.
        ending: of the new name, without its dot.
    """
    stem = display_name(path).rsplit(".", 1)[0]
    safe = "".join("_" if character in '<>:"|?*%$`' else character for character in stem)
    safe = safe.strip(" .-") or "picture"
    name, number = f"{safe}{ANNOTATED_SUFFIX}.{ending}", 1
    while name.lower() in used:
        number += 1
        name = f"{safe}_{number}{ANNOTATED_SUFFIX}.{ending}"
    used.add(name.lower())
    return name


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over a set of pictures.

    Attributes:
        pictures: that could be read.
        unreadable: files that could not.
        without_faces: of the pictures, those in which no face was found.
        faces: all faces.
        unsure: of the faces, those that the network could not tell.
        by_emotion: the other faces by class, all seven classes, in order.
    """

    pictures: int
    unreadable: int
    without_faces: int
    faces: int
    unsure: int
    by_emotion: dict[Emotion, int]


def summarise(readings: Sequence[Reading]) -> Summary:
    """Count pictures, faces and expressions; an unsure face counts for no class."""
    results = [reading.result for reading in readings if reading.result is not None]
    counts: Counter[Emotion] = Counter()
    unsure = 0
    for result in results:
        for emotion, doubtful in zip(
            result.predictions.emotions, result.predictions.unsure, strict=True
        ):
            if doubtful:
                unsure += 1
            else:
                counts[emotion] += 1
    return Summary(
        pictures=len(results),
        unreadable=len(readings) - len(results),
        without_faces=sum(not len(result.faces) for result in results),
        faces=sum(len(result.faces) for result in results),
        unsure=unsure,
        by_emotion={emotion: counts[emotion] for emotion in Emotion},
    )
