"""Import of the challenge's CSV: the right file comes through, every wrong one is named."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import (
    SPLITS,
    Edition,
    Fer2013,
    Split,
    describe,
    load_dataset,
    order_digest,
    read_csv,
)
from fer_core.errors import DatasetError

COUNTS = {Split.TRAINING: 20, Split.PUBLIC_TEST: 6, Split.PRIVATE_TEST: 6}


def _table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for split, count in COUNTS.items():
        for number in range(count):
            pixels = rng.integers(0, 256, 48 * 48)
            rows.append((number % 7, pixels, split.value))
    rows[4] = (rows[4][0], np.full(48 * 48, 17), rows[4][2])  # blank
    rows[-1] = (rows[-1][0], rows[0][1], rows[-1][2])  # a twin of a training image
    table = pd.DataFrame(rows, columns=["emotion", "pixels", "Usage"])
    table["pixels"] = [" ".join(map(str, pixels)) for pixels in table["pixels"]]
    return table


@pytest.fixture
def table() -> pd.DataFrame:
    return _table()


@pytest.fixture
def edition(table: pd.DataFrame) -> Edition:
    splits = table["Usage"].map({split.value: i for i, split in enumerate(SPLITS)})
    digest = order_digest(table["emotion"].to_numpy(np.int64), splits.to_numpy().astype(np.uint8))
    return Edition(rows=COUNTS, order_sha256=digest)


@pytest.fixture
def csv(tmp_path: Path, table: pd.DataFrame) -> Path:
    path = tmp_path / "fer2013.csv"
    table.to_csv(path, index=False)
    return path


def test_the_right_file_comes_through(csv: Path, edition: Edition, table: pd.DataFrame) -> None:
    seen: list[tuple[int, int]] = []
    data = read_csv(csv, edition=edition, progress=lambda *step: seen.append(step))
    assert len(data) == 32
    assert data.labels.tolist() == table["emotion"].tolist()
    assert data.pixels[7].ravel().tolist() == [int(v) for v in table["pixels"][7].split()]
    assert seen[-1] == (32, 32)
    assert np.flatnonzero(data.blank).tolist() == [4]
    assert np.flatnonzero(data.twins).tolist() == [31]
    assert data.groups[31] == data.groups[0]
    pixels, labels = data.part(Split.TRAINING, without_blank=True)
    assert pixels.shape == (19, 48, 48)
    assert labels.shape == (19,)


def test_kaggles_second_edition_has_blanks_in_its_header(
    csv: Path, edition: Edition, table: pd.DataFrame
) -> None:
    table[["emotion", "Usage", "pixels"]].rename(
        columns={"Usage": " Usage", "pixels": " pixels"}
    ).to_csv(csv, index=False)
    assert len(read_csv(csv, edition=edition)) == 32


def test_saved_file_gives_the_same_data(csv: Path, edition: Edition, tmp_path: Path) -> None:
    data = read_csv(csv, edition=edition)
    data.save(tmp_path / "deep" / "fer2013.npz")
    again = load_dataset(tmp_path / "deep" / "fer2013.npz")
    assert again.fingerprint == data.fingerprint
    assert again.votes is None
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["fer2013.npz"]


def _swap_rows(table: pd.DataFrame) -> pd.DataFrame:
    order = [1, 0, *range(2, len(table))]
    return table.iloc[order]


def _change(column: str, row: int, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        table = table.astype(object)
        table.loc[row, column] = value
        return table

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table.drop(columns="Usage"), "no Usage among emotion, pixels"),
        (lambda table: table.iloc[:-3], "3 PrivateTest"),
        (_swap_rows, "another order"),
        (lambda table: table.sample(frac=1, random_state=0), "another order"),
        (_change("emotion", 2, 7), "row 4"),
        (_change("emotion", 2, "happy"), "0 to 6"),
        (_change("Usage", 9, "Test"), "Training, PublicTest, PrivateTest"),
        (_change("pixels", 5, "1 2 3"), "2304 numbers from 0 to 255"),
        (_change("pixels", 5, " ".join(["256"] * 2304)), "row 7"),
        (_change("pixels", 5, " ".join(["1.5"] * 2304)), "row 7"),
        (_change("emotion", 3, 4), "labels were changed"),
    ],
)
def test_a_wrong_file_is_refused_in_words(
    csv: Path,
    edition: Edition,
    table: pd.DataFrame,
    change: Callable[[pd.DataFrame], pd.DataFrame],
    words: str,
) -> None:
    change(table).to_csv(csv, index=False)
    with pytest.raises(DatasetError, match="(?s)" + words):
        read_csv(csv, edition=edition)


def test_a_file_cut_off_within_a_row_is_refused(csv: Path, edition: Edition) -> None:
    text = csv.read_text()
    csv.write_text(text[: len(text) - 3000])
    with pytest.raises(DatasetError):
        read_csv(csv, edition=edition)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00binary\x00", b"a,b\n1,2,3\n"])
def test_no_csv_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"x\.csv"):
        read_csv(path)
    with pytest.raises(DatasetError, match="no such file"):
        read_csv(tmp_path / "missing.csv")


def test_votes_are_kept_in_the_compact_file(csv: Path, edition: Edition, tmp_path: Path) -> None:
    data = read_csv(csv, edition=edition)
    votes = (np.arange(320).reshape(32, 10) % 11).astype(np.uint8)
    Fer2013(data.pixels, data.labels, data.splits, votes).save(tmp_path / "votes.npz")
    again = load_dataset(tmp_path / "votes.npz")
    assert again.votes is not None
    assert again.votes.tolist() == votes.tolist()


def test_a_missing_or_damaged_compact_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_DATASET", str(tmp_path / "none.npz"))
    with pytest.raises(DatasetError, match="data import"):
        load_dataset()
    (tmp_path / "none.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DatasetError, match="Import it again"):
        load_dataset()


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DatasetError):
        Fer2013(np.zeros((2, 48, 48), np.uint8), np.zeros(3, np.int64), np.zeros(2, np.uint8))


def test_description_counts(csv: Path, edition: Edition) -> None:
    summary = describe(read_csv(csv, edition=edition))
    assert sum(summary.class_counts["Training"].values()) == 20
    assert summary.blank == {"Training": 1, "PublicTest": 0, "PrivateTest": 0}
    assert summary.twins["PrivateTest"] == 1
    assert summary.duplicates == 1
    assert "PrivateTest: 1 pixel-identical" in summary.text()


@pytest.mark.dataset
def test_the_real_data_set_is_the_challenges(fer2013: Fer2013) -> None:
    summary = describe(fer2013)
    totals = np.array([list(counts.values()) for counts in summary.class_counts.values()])
    assert totals.sum(axis=1).tolist() == [28_709, 3_589, 3_589]
    assert totals.sum(axis=0).tolist() == [4953, 547, 5121, 8989, 6077, 4002, 6198]
    assert summary.blank["Training"] == 12
    assert (summary.twins["PublicTest"], summary.twins["PrivateTest"]) == (280, 288)
