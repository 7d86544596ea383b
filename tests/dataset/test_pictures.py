"""Labelled pictures in folders, archives and sheets: the same ones, however they are packed."""

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fer_core.dataset import Found, label_table, open_pictures
from fer_core.errors import DatasetError
from fer_core.media import decode_image
from tests.tiny import write_class_folders

WORDS = label_table()


def listed(found: Found) -> list[tuple[str, str, str]]:
    return [(picture.path, picture.word, picture.split) for picture in found.pictures]


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "zip", folder))


def tarred(folder: Path) -> Path:
    with tarfile.open(folder.with_suffix(".tar"), "w") as archive:
        for path in sorted(folder.rglob("*"), reverse=True):  # another order than by name
            archive.add(path, path.relative_to(folder), recursive=False)
    return folder.with_suffix(".tar")


def gzipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder), "gztar", folder))


@pytest.mark.parametrize("pack", [zipped, tarred, gzipped])
def test_an_archive_is_the_folder_that_it_was(pack: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "faces", splits=("train", "test"), each=2)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "happy.png").write_bytes(b"x")
    (folder / "readme.txt").write_text("read me")
    with open_pictures(folder, WORDS) as found:
        plain = listed(found)
        pixels = [picture.read(10_000) for picture in found.pictures]
    assert len(plain) == 28
    assert plain[0] == ("test/angry/0.png", "angry", "test")
    with open_pictures(pack(folder), WORDS) as found:
        assert listed(found) == plain
        assert [picture.read(10_000) for picture in found.pictures] == pixels
        assert found.refused == ()


@pytest.mark.parametrize(
    ("path", "word", "split"),
    [
        ("happy/1.jpg", "happy", ""),
        ("archive/Training/0_angry/1.jpg", "0_angry", "train"),
        ("fer/PublicTest/sad/1.jpg", "sad", "validation"),
        ("sad/test/1.jpg", "sad", "test"),
        ("x/val/surprise/person 7/1.jpg", "surprise", "validation"),
        ("x/contempt/1.jpg", "contempt", ""),
        ("x/euphoric/1.JPEG", "euphoric", ""),
    ],
)
def test_layouts_of_folders(path: str, word: str, split: str, tmp_path: Path) -> None:
    for name in (path, "neutral/2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "loose.png").write_bytes(b"x")
    with open_pictures(tmp_path, WORDS) as found:
        assert (path, word, split) in listed(found)
        assert [(bad.path, bad.reason) for bad in found.refused] == [
            ("loose.png", "It lies in no folder named like a class.")
        ]


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "elsewhere", each=1)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "happy").symlink_to(folder / "happy")
    (tmp_path / "set" / "sad").symlink_to(folder / "sad")
    (tmp_path / "set" / "again").symlink_to(tmp_path / "set")
    with open_pictures(tmp_path / "set", WORDS) as found:
        assert listed(found) == [("happy/0.png", "happy", ""), ("sad/0.png", "sad", "")]


SHEET = (
    "Image;Emotion;Usage;Group;Subject\n"
    "a/1.png;Happiness;training;indoors;p1\n"
    "a\\2.png;SAD;Test;;p2\n"
    "a/3.png;;train;;\n"
    "a/4.png;anger;fold 3;;\n"
    ";anger;;;\n"
    "a/5.png;neutral;;;\n"
)


def test_a_sheet_names_picture_label_split_group_and_person(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for number in range(1, 5):
        (tmp_path / "a" / f"{number}.png").write_bytes(b"%d" % number)
    (tmp_path / "labels.csv").write_text(SHEET, encoding="utf-16")
    with open_pictures(tmp_path / "labels.csv", WORDS) as found:
        assert listed(found) == [
            ("a/1.png", "Happiness", "train"),
            ("a/2.png", "SAD", "test"),
            ("a/5.png", "neutral", ""),
        ]
        first, second, missing = found.pictures
        assert (first.group, first.person) == ("indoors", "p1")
        assert (second.group, second.person) == ("", "p2")
        assert second.read(10) == b"2"
        with pytest.raises(DatasetError, match=r"5\.png: no such file"):
            missing.read(10)
        reasons = {bad.path: bad.reason for bad in found.refused}
    assert "Row 4" in reasons["a/3.png"]
    assert "unknown split fold 3" in reasons["a/4.png"]
    assert "Row 6" in reasons["row 6"]


def test_a_sheet_within_an_archive_reaches_nothing_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "faces" / "deep" / "a").mkdir(parents=True)
    (tmp_path / "faces" / "deep" / "a" / "1.png").write_bytes(b"1")
    rows = ["path,label", "a/1.png,happy", "../../secret.png,sad", f"{tmp_path}/secret.png,fear"]
    (tmp_path / "faces" / "deep" / "labels.csv").write_text("\n".join(rows))
    for source in (tmp_path / "faces", zipped(tmp_path / "faces")):
        with open_pictures(source, WORDS) as found:
            one, *others = found.pictures
            assert one.read(10) == b"1"
            for other in others:
                with pytest.raises(DatasetError, match="no such picture beside the sheet"):
                    other.read(10)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "labels.csv").write_text("path,label\n../secret.png,happy\n")
    with open_pictures(zipped(alone), WORDS) as found, pytest.raises(DatasetError):
        found.pictures[0].read(10)


def test_grey_levels_in_a_sheet_are_a_picture(tmp_path: Path) -> None:
    levels = np.arange(16) * 10
    rows = [f"{word},{' '.join(map(str, levels))}" for word in ("happy", "sad")]
    rows += ["fear,1 2 3", "fear,256 0 0 0", "fear,a b c d", "fear,"]
    (tmp_path / "ck.csv").write_text("\n".join(["emotion,pixels", *rows]))
    with open_pictures(tmp_path / "ck.csv", WORDS) as found:
        first, _, *wrong = found.pictures
        picture = decode_image(first.read(10_000), first.path)
        assert picture.rgb[..., 0].ravel().tolist() == levels.tolist()
        for bad in wrong:
            with pytest.raises(DatasetError, match="not a square of grey pixels"):
                bad.read(10_000)
        assert [bad.path for bad in found.refused] == ["row 7"]


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (("cats", "dogs"), "no class folder is recognised.*cats, dogs.*data labels"),
        (("0", "1", "06"), r"every data set counts its own way.*--labels affectnet\|"),
        (("A", "F"), "every data set counts its own way"),
        (("train",), "no labelled picture in it"),
        ((), "no labelled picture in it"),
    ],
)
def test_no_class_folder_is_recognised(
    folders: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.png").write_bytes(b"x")
    with pytest.raises(DatasetError, match=words), open_pictures(tmp_path, WORDS):
        pass


def test_a_sheet_without_known_labels_or_columns(tmp_path: Path) -> None:
    sheet = tmp_path / "labels.csv"
    sheet.write_text("path,label\na.png,cat\nb.png,dog\n")
    with pytest.raises(DatasetError, match=r"no label of it is one of ours.*cat, dog"):
        open_pictures(sheet, WORDS).__enter__()
    sheet.write_text("name,age\nx,3\n")
    with pytest.raises(DatasetError, match=r"no sheet of labelled pictures.*name, age"):
        open_pictures(sheet, WORDS).__enter__()


def test_a_picture_that_is_larger_than_allowed_is_refused_by_its_size(tmp_path: Path) -> None:
    folder = write_class_folders(tmp_path / "faces", each=1)
    for source in (folder, zipped(folder), gzipped(folder)):
        with open_pictures(source, WORDS) as found:
            with pytest.raises(DatasetError, match="too large"):
                found.pictures[0].read(50)
            assert len(found.pictures[1].read(10_000)) > 50
