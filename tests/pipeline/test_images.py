"""Many pictures through one pipeline: order, folders, and bad files among good ones."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import Detector, Faces, WholeImage
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.images import Reading, pictures_in, predict_bytes, predict_paths
from fer_core.zoo import load_classifier


@pytest.fixture
def pipeline(tiny_models: Path) -> Pipeline:
    return Pipeline(WholeImage(), load_classifier(tiny_models / "tiny"))


def write(path: Path, size: tuple[int, int] = (40, 30)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", size, (120, 80, 60)).save(path)
    return path


def test_the_whole_image_is_one_face() -> None:
    detector: Detector = WholeImage()
    faces = detector.detect(np.zeros((30, 40, 3), np.uint8))
    assert detector.name == "none"
    assert faces.boxes.tolist() == [[0, 0, 40, 30]]
    assert faces.scores.tolist() == [1.0]


def test_bad_files_among_good_ones_lose_nothing(tmp_path: Path, pipeline: Pipeline) -> None:
    good, other = write(tmp_path / "a.png"), write(tmp_path / "z.bmp", (20, 50))
    broken = tmp_path / "b.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not really")
    readings = list(predict_paths([good, broken, tmp_path / "none.png", other], pipeline))
    assert [reading.path for reading in readings] == [
        str(path) for path in (good, broken, tmp_path / "none.png", other)
    ]
    assert [reading.error is None for reading in readings] == [True, False, False, True]
    assert "b.jpg" in str(readings[1].error)
    assert "cannot be read" in str(readings[2].error)
    last = readings[3]
    assert last.result is not None
    assert last.image is not None
    assert (last.result.width, last.result.height, len(last.result.faces)) == (20, 50, 1)
    assert last.model == "tiny"
    assert last.name == "z.bmp"


def test_a_reading_equals_the_pipeline_called_directly(tmp_path: Path, pipeline: Pipeline) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (33, 44, 3), np.uint8)
    path = tmp_path / "noise.png"
    PIL.Image.fromarray(rgb).save(path)
    direct = pipeline(rgb).predictions.probabilities
    for reading in (
        next(predict_paths([path], pipeline)),
        predict_bytes(path.read_bytes(), "noise.png", pipeline),
    ):
        assert reading.result is not None
        np.testing.assert_array_equal(reading.result.predictions.probabilities, direct)


def test_folders_stand_for_their_pictures(tmp_path: Path, pipeline: Pipeline) -> None:
    for name in ("b.png", "a.JPG", "deep/er/c.webp", ".hidden/d.png", ".e.png"):
        write(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    expected = [tmp_path / name for name in ("a.JPG", "b.png", "deep/er/c.webp")]
    assert pictures_in(tmp_path) == expected
    readings = list(predict_paths([tmp_path], pipeline))
    assert [reading.path for reading in readings] == [str(path) for path in expected]
    assert all(reading.error is None for reading in readings)


def test_a_folder_without_pictures_says_so(tmp_path: Path, pipeline: Pipeline) -> None:
    (reading,) = predict_paths([tmp_path], pipeline)
    assert "no picture in this folder" in str(reading.error)


def test_nothing_in_nothing_out(pipeline: Pipeline) -> None:
    assert list(predict_paths([], pipeline)) == []


def test_readings_come_one_by_one(tmp_path: Path, tiny_models: Path) -> None:
    seen: list[tuple[int, ...]] = []

    class Counting(WholeImage):
        def detect(self, image: NDArray[np.uint8]) -> Faces:
            seen.append(image.shape)
            return super().detect(image)

    pipeline = Pipeline(Counting(), load_classifier(tiny_models / "tiny"))
    paths = [write(tmp_path / f"{n}.png") for n in range(3)]
    readings = predict_paths(paths, pipeline)
    assert not seen
    next(readings)
    assert len(seen) == 1


def test_a_detector_that_breaks_costs_one_picture(tmp_path: Path, tiny_models: Path) -> None:
    class Fragile(WholeImage):
        def detect(self, image: NDArray[np.uint8]) -> Faces:
            if image.shape[1] == 13:
                raise ZeroDivisionError("secret path /home/x")
            return super().detect(image)

    pipeline = Pipeline(Fragile(), load_classifier(tiny_models / "tiny"))
    paths = [write(tmp_path / "a.png", (13, 13)), write(tmp_path / "b.png")]
    first, second = predict_paths(paths, pipeline)
    assert "reading this picture failed" in str(first.error)
    assert "secret" not in str(first.error)
    assert second.error is None


def test_a_reading_is_either_a_result_or_an_error() -> None:
    with pytest.raises(ContractError, match="exactly one"):
        Reading("x", "tiny")


def test_pixels_can_be_dropped_and_the_rest_kept(pipeline: Pipeline, tmp_path: Path) -> None:
    reading = next(predict_paths([write(tmp_path / "a.gif")], pipeline))
    light = reading.without_pixels()
    assert light.image is None
    assert light.result is reading.result
    assert reading.image is not None


class _TwoSideBySide:
    """Finds a large face on the right and a small one on the left, as detectors give them."""

    name = "two"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        return Faces.from_boxes(np.array([[22, 4, 16, 16], [2, 8, 10, 10]]))


def test_faces_of_a_photo_are_counted_from_left_to_right(tmp_path: Path, tiny_models: Path) -> None:
    two = Pipeline(_TwoSideBySide(), load_classifier(tiny_models / "tiny"))
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[:, 20:] = np.arange(20, dtype=np.uint8)[:, None] * 12
    PIL.Image.fromarray(pixels).save(tmp_path / "two.png")
    (reading,) = predict_paths([tmp_path / "two.png"], two)
    assert reading.result is not None
    assert reading.result.faces.boxes[:, 0].tolist() == [2, 22]
    found = two(pixels).predictions.probabilities  # the right one first
    assert not np.allclose(found[0], found[1])
    assert reading.result.predictions.probabilities == pytest.approx(found[::-1])
