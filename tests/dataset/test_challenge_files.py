"""The challenge's file in whatever it was downloaded, and FER+'s votes, strictly."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import SPLITS, VOTES, Edition, Fer2013, order_digest, read_csv, votes_digest
from fer_core.errors import DatasetError

COUNTS = dict(zip(SPLITS, (6, 3, 3), strict=True))


@pytest.fixture
def challenge() -> Fer2013:
    rng = np.random.default_rng(0)
    splits = np.repeat(np.arange(3, dtype=np.uint8), list(COUNTS.values()))
    n = len(splits)
    votes = rng.multinomial(10, [0.1] * 10, n).astype(np.uint8)
    labels = np.arange(n, dtype=np.int64) % 7
    return Fer2013(rng.integers(0, 256, (n, 48, 48), np.uint8), labels, splits, votes)


@pytest.fixture
def edition(challenge: Fer2013) -> Edition:
    assert challenge.votes is not None
    digest = order_digest(challenge.labels, challenge.splits)
    return Edition(COUNTS, digest, votes_digest(challenge.votes))


@pytest.fixture
def text(challenge: Fer2013) -> str:
    rows = zip(challenge.labels, challenge.pixels.reshape(-1, 2304), challenge.splits, strict=True)
    lines = [f"{y},{' '.join(map(str, x))},{SPLITS[s].value}" for y, x, s in rows]
    return "\n".join(["emotion,pixels,Usage", *lines, ""])


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


def foldered(path: Path, members: dict[str, str]) -> Path:
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content)
    return path


@pytest.mark.parametrize(
    ("pack", "name"),
    [(zipped, "x.zip"), (tarred, "x.tar"), (tarred, "x.tar.gz"), (foldered, "x")],
)
def test_the_right_member_is_picked(
    pack: Callable[[Path, dict[str, str]], Path],
    name: str,
    text: str,
    edition: Edition,
    challenge: Fer2013,
    tmp_path: Path,
) -> None:
    packed = pack(
        tmp_path / name,
        {
            "a/train.csv": "emotion,pixels\n0,1 2 3\n",
            "a/example_submission.csv": "emotion\n0\n",
            "a/icml_face_data.csv": text.replace(",pixels,Usage", ", pixels, Usage"),
            "README": "read me",
        },
    )
    assert read_csv(packed, edition=edition).fingerprint == challenge.fingerprint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_of_spreadsheets(
    encoding: str, delimiter: str, text: str, edition: Edition, challenge: Fer2013, tmp_path: Path
) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_bytes(text.replace(",", delimiter).encode(encoding))
    assert read_csv(path, edition=edition).fingerprint == challenge.fingerprint
    path = tmp_path / "fer2013.csv.gz"
    path.write_bytes(gzip.compress(text.replace(",", delimiter).encode(encoding)))
    assert read_csv(path, edition=edition).fingerprint == challenge.fingerprint


def test_an_archive_without_the_file_says_what_is_in_it(text: str, tmp_path: Path) -> None:
    pictures = foldered(tmp_path / "faces", {"train/happy/1.png": "x", "train/sad/2.png": "x"})
    with pytest.raises(DatasetError, match=r"train/happy/1\.png.*--name NAME"):
        read_csv(pictures)
    nested = zipped(tmp_path / "x.zip", {"fer2013.tar.gz": "x", "train.csv": "a", "test.csv": "a"})
    with pytest.raises(DatasetError, match=r"Unpack it, and import fer2013\.tar\.gz from it"):
        read_csv(nested)
    one = zipped(tmp_path / "one.zip", {"train.csv": "emotion,pixels\n0,1\n", "README": ""})
    with pytest.raises(DatasetError, match=r"one\.zip/train\.csv: not the challenge's file.*Usage"):
        read_csv(one)


def votes_table(challenge: Fer2013) -> pd.DataFrame:
    """As Microsoft's: an image without a face has no name, and not every number is used."""
    assert challenge.votes is not None
    table = pd.DataFrame(challenge.votes, columns=list(VOTES)).astype(object)
    numbers = [0, 1, None, 3, 3 + 1, None, 5, 6, 7, 8, 9, 10]
    names = ["" if number is None else f"fer{number:07d}.png" for number in numbers]
    table.insert(0, "Image name", names)
    table.insert(0, "Usage", [SPLITS[code].value for code in challenge.splits])
    return table


@pytest.fixture
def import_votes(
    challenge: Fer2013, edition: Edition, text: str, tmp_path: Path
) -> Callable[[pd.DataFrame], Fer2013]:
    (tmp_path / "fer2013.csv").write_text(text)

    def run(table: pd.DataFrame) -> Fer2013:
        table.to_csv(tmp_path / "fer2013new.csv", index=False)
        votes = tmp_path / "fer2013new.csv"
        return read_csv(tmp_path / "fer2013.csv", ferplus=votes, edition=edition)

    return run


def test_votes_come_with_the_faces(
    challenge: Fer2013, import_votes: Callable[[pd.DataFrame], Fer2013]
) -> None:
    data = import_votes(votes_table(challenge))
    assert data.votes is not None
    assert challenge.votes is not None
    assert data.votes.tolist() == challenge.votes.tolist()


@pytest.mark.parametrize("value", [300, -1, 1.5, "", "many", 11, "nan", "1e400"])
def test_a_vote_that_counts_no_voters_is_named_by_its_row(
    value: object, challenge: Fer2013, import_votes: Callable[[pd.DataFrame], Fer2013]
) -> None:
    table = votes_table(challenge)
    table.loc[4, "surprise"] = value
    with pytest.raises(DatasetError, match=r"row 6, column surprise.*whole number from 0 to 10"):
        import_votes(table)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((0, 1), "row 2.*received fer0000001.png"),  # both have a name
        ((6, 7), "row 9"),
        ((2, 3), "row 4.*received fer0000003.png"),  # one has none, the other comes too early
        ((1, 2), "votes were changed, or rows changed places"),
        ((2, 5), "votes were changed, or rows changed places"),  # none has one
        ((0, 8), "do not belong together"),  # of two splits
    ],
)
def test_rows_that_changed_places_are_refused(
    rows: tuple[int, int],
    words: str,
    challenge: Fer2013,
    import_votes: Callable[[pd.DataFrame], Fer2013],
) -> None:
    table = votes_table(challenge)
    order = list(range(len(table)))
    order[rows[0]], order[rows[1]] = rows[1], rows[0]
    with pytest.raises(DatasetError, match=words):
        import_votes(table.iloc[order])


def test_votes_that_changed_places_under_their_names_are_refused(
    challenge: Fer2013, import_votes: Callable[[pd.DataFrame], Fer2013]
) -> None:
    table = votes_table(challenge)
    table.loc[[3, 4], list(VOTES)] = table.loc[[4, 3], list(VOTES)].to_numpy()
    with pytest.raises(DatasetError, match="votes were changed, or rows changed places"):
        import_votes(table)
    table = votes_table(challenge)
    table.loc[3, "Image name"] = "face3.png"
    with pytest.raises(DatasetError, match=r"row 5.*face3\.png"):
        import_votes(table)
    table = pd.concat([votes_table(challenge)] * 200, ignore_index=True)
    with pytest.raises(DatasetError, match="do not belong together"):
        import_votes(table)
    with pytest.raises(DatasetError, match="not the FER"):
        import_votes(votes_table(challenge).drop(columns="NF"))


@pytest.mark.dataset
def test_microsofts_votes_are_the_ones_that_are_expected(fer2013: Fer2013) -> None:
    if fer2013.votes is None:  # CI imports them; a person may not have
        pytest.skip("imported without votes: data import FER2013.csv --ferplus FER2013NEW.csv")
    assert votes_digest(fer2013.votes) == Edition().votes_sha256
