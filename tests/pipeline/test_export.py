"""What a person takes away: JSON, table, CSV, PNG, ZIP, counts."""

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from fer_core import __version__
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError
from fer_core.faces import Faces
from fer_core.media import Image
from fer_core.pipeline import export as reports
from fer_core.pipeline.annotate import draw
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.images import Reading, resized
from fer_core.zoo import Predictions

ROWS = np.array(
    [[0.1, 0.0, 0.1, 0.6, 0.1, 0.05, 0.05], [0.2, 0.1, 0.15, 0.15, 0.15, 0.15, 0.1]], np.float32
)


def reading(path: str = "a.png", faces: int = 2) -> Reading:
    """Up to two faces: a happy one and an unsure one that leans to angry."""
    boxes = np.array([[1.25, 2, 30, 40], [50, 5, 20, 20]], np.float32)[:faces]
    result = FrameResult(
        width=100,
        height=80,
        faces=Faces.from_boxes(boxes, np.array([0.9, 0.8])[:faces]),
        predictions=Predictions(ROWS[:faces], unsure_threshold=0.4),
        model="tiny",
        milliseconds={},
    )
    return Reading(
        path,
        "tiny",
        result=result,
        image=Image("a.png", np.full((80, 100, 3), 90, np.uint8)),
        notes=("first frame of 2",),
        detector="yunet",
        sha256="5e" * 32,
        taken_at="2026-11-26T10:12:13+02:00",
    )


BAD = Reading("b.png", "tiny", error="b.png: the file is empty.", detector="yunet")


def test_json_object_is_the_contracts() -> None:
    record = reports.reading_json(reading("dir/a.png"), 7)
    assert list(record) == [
        *("number", "path", "width", "height", "model", "views", "answers_as", "detector"),
        *("version", "sha256", "taken_at", "faces", "notes", "error"),
    ]
    assert (record["detector"], record["version"]) == ("yunet", __version__)
    assert (record["sha256"], record["taken_at"]) == ("5e" * 32, "2026-11-26T10:12:13+02:00")
    assert (record["number"], record["notes"]) == (7, ["first frame of 2"])
    assert (record["path"], record["width"], record["height"]) == ("dir/a.png", 100, 80)
    assert (record["model"], record["error"]) == ("tiny", None)
    happy, unsure = record["faces"]
    assert list(happy) == [
        *("box", "detection_score", "emotion", "confidence", "unsure"),
        *("expected_right", "prediction_set", "probabilities"),
    ]
    assert happy["box"] == [1.2, 2.0, 30.0, 40.0]
    assert happy["detection_score"] == 0.9
    assert (happy["emotion"], happy["unsure"]) == ("happy", False)
    assert happy["confidence"] == pytest.approx(0.6)
    assert tuple(happy["probabilities"]) == LABELS
    assert sum(happy["probabilities"].values()) == pytest.approx(1.0, abs=1e-6)
    assert (unsure["emotion"], unsure["unsure"]) == ("angry", True)
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_json_of_a_bad_file_and_of_a_picture_without_faces() -> None:
    assert reports.reading_json(BAD, 2) == {
        "number": 2,
        "path": "b.png",
        "width": None,
        "height": None,
        "model": "tiny",
        "views": None,
        "answers_as": None,
        "detector": "yunet",
        "version": __version__,
        "sha256": "",
        "taken_at": "",
        "faces": [],
        "notes": [],
        "error": "b.png: the file is empty.",
    }
    empty = reports.reading_json(reading(faces=0), 1)
    assert (empty["width"], empty["faces"], empty["error"]) == (100, [], None)


def test_json_file_holds_every_reading_in_order() -> None:
    records = json.loads(reports.readings_json([reading(), BAD]))
    assert [record["path"] for record in records] == ["a.png", "b.png"]


def test_table_has_one_row_a_face() -> None:
    table = reports.faces_table([reading(), BAD, reading("c.png", faces=1)])
    assert (*table.columns, "error") == reports.COLUMNS
    assert table["number"].tolist() == [1, 1, 3]
    assert table["picture"].tolist() == ["a.png", "a.png", "c.png"]
    assert table["face"].tolist() == [1, 2, 1]
    assert table["expression"].tolist() == ["happy", "angry", "happy"]
    assert table["unsure"].tolist() == [False, True, False]
    assert table["x"].tolist() == pytest.approx([1.2, 50, 1.2])
    np.testing.assert_allclose(table[list(LABELS)].to_numpy()[:2], ROWS, atol=1e-6)


@pytest.mark.parametrize("readings", [[], [BAD], [reading(faces=0)]])
def test_without_faces_the_table_keeps_its_columns(readings: list[Reading]) -> None:
    assert reports.faces_table(readings).shape == (0, len(reports.COLUMNS) - 1)
    header = reports.faces_csv(readings).decode().splitlines()[0]
    assert header == ",".join(reports.CSV_COLUMNS)


def csv_rows(readings: list[Reading]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reports.faces_csv(readings).decode(), newline="")))


def test_csv_has_a_row_for_each_file_also_without_a_face() -> None:
    first, second, empty, bad = csv_rows([reading("a.png"), reading("a.png", faces=0), BAD])
    assert [row["number"] for row in (first, second, empty, bad)] == ["1", "1", "2", "3"]
    assert [row["face"] for row in (first, second, empty, bad)] == ["1", "2", "", ""]
    assert (first["notes"], empty["notes"]) == ("first frame of 2", "first frame of 2")
    assert (empty["expression"], empty["happy"], empty["error"]) == ("", "", "")
    assert bad["error"] == "b.png: the file is empty."
    for row in (first, second, empty):
        assert (row["sha256"], row["taken_at"]) == ("5e" * 32, "2026-11-26T10:12:13+02:00")
    for row in (first, second, empty, bad):
        assert (row["model"], row["detector"], row["version"]) == ("tiny", "yunet", __version__)


def test_two_files_of_one_name_can_be_told_apart() -> None:
    readings = [reading("IMG_1.jpg", faces=1), reading("IMG_1.jpg", faces=2)]
    assert [row["number"] for row in csv_rows(readings)] == ["1", "2", "2"]
    records = json.loads(reports.readings_json(readings))
    assert [(record["number"], len(record["faces"])) for record in records] == [(1, 1), (2, 2)]


def test_boxes_are_drawn_where_they_are_on_a_picture_that_was_decoded_smaller() -> None:
    small = reading(faces=1)
    assert small.result is not None
    assert small.image is not None
    image = replace(small.image, reduction=2, size=(200, 160))
    large = replace(small, image=image, result=resized(small.result, 2, image.size))
    assert large.result is not None
    assert large.result.faces.boxes.tolist() == [[2.5, 4, 60, 80]]
    assert (large.result.width, large.result.height) == (200, 160)
    np.testing.assert_array_equal(reports.annotated(large), reports.annotated(small))
    assert reports.face_jpegs(large) == reports.face_jpegs(small)


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://x","y").png',
        "+1.png",
        "-2.png",
        "@SUM(A1).png",
        "\t=1.png",
        "\r=1.png",
        " =1.png",
        "＝1.png",
    ],
)
def test_no_file_name_becomes_a_formula(name: str) -> None:
    rows = csv_rows([reading(name)])
    assert len(rows) == 2
    assert rows[0]["picture"].startswith("'")
    assert rows[0]["picture"].replace("'", "") == name.replace("\r", " ")


@pytest.mark.parametrize("name", ["a,b.png", 'a"b.png', "Köln 👩.png", "a\nb.png", "a=b.png"])
def test_harmless_names_come_back_from_csv_as_they_were(name: str) -> None:
    rows = csv_rows([reading(name)])
    assert rows[0]["picture"] == name
    assert float(rows[0]["happy"]) == pytest.approx(0.6)


def test_names_that_are_no_text_survive() -> None:
    assert reports.faces_csv([reading("\udcff.png")])
    assert reports.readings_json([reading("\udcff.png")])


def test_annotated_png_shows_the_faces() -> None:
    data = reports.annotated_png(reading())
    with PIL.Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (100, 80), "RGB")
        assert not picture.info
        rgb = np.asarray(picture)
    assert (rgb == Emotion.HAPPY.style.rgb).all(axis=2).sum() > 50


def test_several_faces_have_the_numbers_of_their_rows_drawn_in() -> None:
    for faces, numbers in ((1, ()), (2, (1, 2))):
        one = reading(faces=faces)
        assert one.image is not None
        assert one.result is not None
        drawn = draw(one.image.rgb, one.result, numbers=numbers)
        assert np.array_equal(reports.annotated(one), drawn)


def test_previews_are_small_and_never_enlarged() -> None:
    for longest, size in ((1400, (100, 80)), (50, (50, 40))):
        with PIL.Image.open(io.BytesIO(reports.annotated_jpeg(reading(), longest))) as picture:
            assert (picture.format, picture.size) == ("JPEG", size)


def test_a_preview_of_a_sliver_keeps_a_pixel() -> None:
    result = FrameResult(1, 5000, Faces.none(), Predictions.none(), "tiny", {})
    sliver = Reading("s", "tiny", result=result, image=Image("s", np.zeros((5000, 1, 3), np.uint8)))
    with PIL.Image.open(io.BytesIO(reports.annotated_jpeg(sliver, 100))) as picture:
        assert picture.size == (1, 100)


def test_each_face_is_cut_out_also_at_the_edge() -> None:
    faces = reports.face_jpegs(reading(), 64)
    assert len(faces) == 2
    for data in faces:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            assert picture.size == (64, 64)
    assert reports.face_jpegs(reading(faces=0)) == ()


@pytest.mark.parametrize("nothing", [BAD, reading().without_pixels()])
def test_nothing_to_draw_on_is_said(nothing: Reading) -> None:
    with pytest.raises(ContractError, match="nothing to draw on"):
        reports.annotated_png(nothing)


def test_zip_holds_each_readable_picture_under_its_own_safe_name() -> None:
    names = ["a.png", "sub/a.jpg", "A.png", "../../evil.png", "=1|2.png", "..png"]
    data = reports.annotated_zip([reading(name) for name in names] + [BAD])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "a_expressions.jpg",
            "a_2_expressions.jpg",
            "A_3_expressions.jpg",
            "evil_expressions.jpg",
            "=1_2_expressions.jpg",
            "picture_expressions.jpg",
        ]


@pytest.mark.slow
def test_zip_is_lean() -> None:
    """Large pictures are reduced, all are packed well, and one at a time is in memory."""
    width, height, count = 6000, 1000, 12
    rng = np.random.default_rng(0)
    shade = np.linspace(20, 200, width)[None, :, None]
    pixels = (shade + rng.normal(0, 4, (height, width, 3))).astype(np.uint8)  # grainy, as a photo
    result = FrameResult(width, height, Faces.none(), Predictions.none(), "tiny", {})

    def readings() -> Iterator[Reading]:
        for number in range(count):
            yield Reading(f"{number}", "tiny", result=result, image=Image("a", pixels))

    tracemalloc.start()
    data = reports.annotated_zip(readings())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            with PIL.Image.open(archive.open(name)) as picture:
                assert (picture.format, picture.size) == ("JPEG", (reports.ZIP_PX, 683))
    assert len(data) < count * len(reports.annotated_png(next(readings()))) / 8
    assert peak < 3 * pixels.nbytes  # a few copies of one picture, however many there are


def test_summary_counts_by_hand() -> None:
    summary = reports.summarise([reading(), reading("c.png", faces=1), reading(faces=0), BAD])
    assert (summary.pictures, summary.unreadable, summary.without_faces) == (3, 1, 1)
    assert (summary.faces, summary.unsure) == (3, 1)
    assert summary.by_emotion[Emotion.HAPPY] == 2
    assert summary.by_emotion[Emotion.ANGRY] == 0  # leaning to it is not showing it
    assert list(summary.by_emotion) == list(Emotion)


def test_summary_of_nothing() -> None:
    summary = reports.summarise([])
    assert summary.pictures == summary.faces == summary.unsure == 0
    assert sum(summary.by_emotion.values()) == 0
