"""Labelled pictures become a data set: faces as live video takes them, nothing in silence."""

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from fer_core.dataset import (
    NamedDataset,
    check_dataset,
    label_table,
    load_named,
    open_pictures,
)
from fer_core.errors import DatasetError, DetectorError
from fer_core.faces import Detector, Faces, InputSpec, crop_faces
from fer_core.media import read_image
from fer_core.pipeline.dataset_crops import GREY_INPUT, crop_batches
from fer_core.pipeline.dataset_import import KEPT_BYTES, REGION_PX, import_pictures
from tests.tiny import tiny_dataset, write_class_folders

WORDS = label_table()


@dataclass
class Fixed:
    """A detector that finds the same two tilted faces in every picture that is light enough."""

    name: str = "fixed"

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        if image.mean() < 40:
            return Faces.none()
        h, w = image.shape[:2]
        boxes = np.array([[w * 0.3, h * 0.2, w * 0.4, h * 0.5], [0, 0, w * 0.1, h * 0.1]])
        eyes = np.array([[0.4, 0.4], [0.6, 0.46], [0.5, 0.5], [0.45, 0.6], [0.55, 0.6]])
        return Faces.from_boxes(boxes, np.array([0.9, 0.8]), np.stack([eyes * (w, h)] * 2))


def never() -> Detector:
    raise DetectorError("ready crops need no detector")


def imported(
    source: Path, detector: Callable[[], Detector] = never, ready: bool | None = None
) -> NamedDataset:
    with open_pictures(source, WORDS) as found:
        return import_pictures(found, source, "mine", WORDS, detector, ready=ready)


def test_ready_crops_are_taken_as_they_are(tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "faces", splits=("train", "test"), each=2)
    data = imported(source)
    assert (len(data), data.info.ready, data.info.detector) == (28, True, "none")
    assert data.class_counts("test") == dict.fromkeys(data.class_counts(), 2)
    assert data.found.all()
    row = data.paths.tolist().index("train/sad/1.png")
    drawn = np.asarray(PIL.Image.open(source / "train" / "sad" / "1.png"))
    np.testing.assert_array_equal(data.faces[row], drawn)
    np.testing.assert_array_equal(data.picture(row).rgb[..., 0], drawn)
    assert data.face_px.tolist() == [48] * 28


def test_small_squares_are_found_to_be_crops_and_photographs_are_not(tmp_path: Path) -> None:
    assert imported(write_class_folders(tmp_path / "small", side=128)).info.ready
    large = write_class_folders(tmp_path / "large", side=130)
    with pytest.raises(DetectorError):
        imported(large)
    assert imported(large, ready=True).info.ready
    assert not imported(tmp_path / "small", Fixed, ready=False).info.ready


@pytest.mark.parametrize(
    "spec",
    [
        GREY_INPUT,
        InputSpec(24, 1, 0.0),
        InputSpec(48, 3, 0.0),
        InputSpec(112, 3, 0.25),
        InputSpec(64, 1, -0.1),
    ],
)
def test_a_networks_crop_is_the_one_of_live_video(spec: InputSpec, tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "photos", side=300)
    data = imported(source, Fixed)
    assert data.info.detector == "fixed"
    crops = np.concatenate(list(crop_batches(data, data.rows(), spec)))
    for row in (0, 13):
        image = read_image(source / str(data.paths[row])).rgb
        direct = crop_faces(image, Fixed().detect(image), spec)[0]
        np.testing.assert_array_equal(crops[row], direct)


def test_of_a_large_photograph_the_surroundings_of_the_face_are_kept(tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "photos", each=3, side=60)
    rng = np.random.default_rng(0)
    smooth = np.linspace(60, 200, 2400).astype(np.uint8)
    photo = np.stack([np.add.outer(smooth[:1600] // 2, smooth // 2)] * 3, axis=-1)
    photo = photo + rng.integers(0, 30, photo.shape, np.uint8)
    PIL.Image.fromarray(photo).save(source / "happy" / "large.png")
    assert (source / "happy" / "large.png").stat().st_size > 10 * KEPT_BYTES
    data = imported(source, Fixed, ready=False)
    row = data.paths.tolist().index("happy/large.png")
    kept = data.picture(row)
    assert max(kept.width, kept.height) == REGION_PX
    assert data.offsets[row + 1] - data.offsets[row] < KEPT_BYTES
    assert data.face_px[row] == pytest.approx(2400 * 0.4)
    for spec in (GREY_INPUT, InputSpec(48, 3, 0.2)):
        (crop,) = np.concatenate(list(crop_batches(data, np.array([row]), spec)))[None]
        direct = crop_faces(photo, Fixed().detect(photo), spec)[0]
        assert np.abs(crop.astype(int) - direct).mean() < 1.5


def test_one_bad_picture_never_loses_the_rest(tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "faces")
    (source / "happy" / "cut.png").write_bytes((source / "happy" / "0.png").read_bytes()[:60])
    (source / "happy" / "page.jpg").write_bytes(b"<html>")
    (source / "happy" / "gone.jpg").symlink_to("nowhere.jpg")
    shutil.copy(source / "sad" / "0.png", source / "fear" / "same.png")
    shutil.copy(source / "sad" / "1.png", source / "sad" / "again.png")
    seen: list[tuple[int, int]] = []
    with open_pictures(source, WORDS) as found:
        data = import_pictures(
            found, source, "mine", WORDS, never, progress=lambda *now: seen.append(now)
        )
    assert seen[-1] == (33, 33)
    reasons = {bad.path: bad.reason for bad in data.info.refused}
    assert sorted(reasons) == [
        "fear/same.png", "happy/cut.png", "happy/gone.jpg", "happy/page.jpg", "sad/0.png",
    ]  # fmt: skip
    assert "two labels: fear (fear/same.png), sad (sad/0.png)" in reasons["sad/0.png"]
    assert "damaged or incomplete" in reasons["happy/cut.png"]
    assert "a web page" in reasons["happy/page.jpg"]
    assert "no such file" in reasons["happy/gone.jpg"]
    assert len(data) == 28  # 28 drawn, one of them contradicted, one copied
    checks = check_dataset(data, None)
    assert (checks.repeated, checks.contradicting, checks.in_fer2013) == (1, 0, None)
    assert "5 pictures were refused" in checks.text()


def test_a_picture_without_a_face_stays_and_says_so(tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "photos", side=200)
    PIL.Image.fromarray(np.zeros((200, 200), np.uint8)).save(source / "fear" / "dark.png")
    data = imported(source, Fixed)
    assert data.paths[~data.found].tolist() == ["fear/dark.png"]
    assert check_dataset(data, None).without_face == 1
    for number, path in enumerate(sorted(source.rglob("*.png"))[:20]):
        PIL.Image.fromarray(np.full((200, 200), number, np.uint8)).save(path)
    with pytest.raises(DatasetError, match=r"a face in at least 50% of them.*--crops"):
        imported(source, Fixed)


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        (("happy",), r"all pictures have one class.*received happy \(happy\)"),
        (("happy", "sad"), "too few pictures.*at least 20, received 8"),
    ],
)
def test_too_little_to_measure_anything(keep: tuple[str, ...], words: str, tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "faces")
    for folder in source.iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder)
    with pytest.raises(DatasetError, match=words):
        imported(source)


def test_a_detector_that_breaks_on_one_picture_never_loses_the_rest(tmp_path: Path) -> None:
    class Brittle(Fixed):
        def detect(self, image: NDArray[np.uint8]) -> Faces:
            if image.shape[0] == 201:
                raise ValueError("an odd picture")
            return super().detect(image)

    source = write_class_folders(tmp_path / "photos", side=200)
    PIL.Image.fromarray(np.full((201, 200), 99, np.uint8)).save(source / "fear" / "odd.png")
    data = imported(source, Brittle)
    assert len(data) == 28
    assert [(bad.path, bad.reason) for bad in data.info.refused] == [
        ("fear/odd.png", "Reading it failed (ValueError); please report it.")
    ]


def test_all_pictures_damaged_says_what_was_wrong_with_the_first(tmp_path: Path) -> None:
    source = write_class_folders(tmp_path / "faces")
    for path in source.rglob("*.png"):
        path.write_bytes(b"GIF89a")
    with pytest.raises(DatasetError, match=r"received 0, and 28.*first refused: angry/0\.png"):
        imported(source, ready=True)


def test_the_same_pictures_are_the_same_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_class_folders(tmp_path / "faces", splits=("train", "test"), each=2)
    data = imported(source)
    packed = Path(shutil.make_archive(str(tmp_path / "other"), "zip", source))
    assert imported(packed).fingerprint == data.fingerprint
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "fer2013.npz"))
    data.save(tmp_path / "mine.npz")
    again = load_named("mine")
    assert again.fingerprint == data.fingerprint
    assert again.info == data.info
    np.testing.assert_array_equal(again.picture(5).rgb, data.picture(5).rgb)
    shutil.copy(source / "test" / "sad" / "0.png", source / "test" / "sad" / "1.png")
    assert imported(source).fingerprint != data.fingerprint


def test_copies_of_fer2013_persons_and_splits_are_counted(tmp_path: Path) -> None:
    fer2013 = tiny_dataset(tmp_path / "fer2013.npz")  # 20 of Training, 20 of PublicTest
    source = write_class_folders(tmp_path / "faces")
    rows = ["path,label,split,person"]
    for number, path in enumerate(sorted(source.rglob("*.png"))):
        split = "train" if number % 2 else "test"
        rows.append(f"{path.relative_to(source)},{path.parent.name},{split},p{number // 3}")
    for name, index in (("a", 3), ("b", 25)):
        file = io.BytesIO()
        PIL.Image.fromarray(fer2013.pixels[index]).save(file, "JPEG", quality=95)
        (source / f"{name}.jpg").write_bytes(file.getvalue())
        rows.append(f"{name}.jpg,happy,train,x")
    shutil.copy(source / "sad" / "0.png", source / "copy.png")
    rows.append("copy.png,sad,train,y")
    (source / "labels.csv").write_text("\n".join(rows))
    data = imported(source / "labels.csv")
    checks = check_dataset(data, fer2013)
    assert checks.in_fer2013 == {"Training": 1, "PublicTest": 1, "PrivateTest": 0}
    assert checks.persons == 12
    assert len(checks.persons_in_two_splits) == 9  # p0 to p8; p9 has one picture
    assert checks.between_splits == 2  # sad/0.png is in test
    text = checks.text()
    assert "1 of Training, 1 of PublicTest" in text
    assert "9 of 12 persons are in two splits: p0, p1, p2, p3, p4 ..." in text
    assert set(checks.class_counts) == {"train", "test"}
