"""What is kept is read again when its files change, and only then."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from ui.until_changed import until_changed

Cache = Callable[..., Any]
both = pytest.mark.parametrize("cache", [st.cache_data, st.cache_resource])


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def texts_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}


@both
def test_a_folder_is_read_again_for_each_kind_of_change(tmp_path: Path, cache: Cache) -> None:
    reads: list[str] = []

    @until_changed(lambda name: [tmp_path / name], cache, show_spinner=False)
    def read(name: str) -> dict[str, str]:
        reads.append(name)
        return texts_of(tmp_path / name)

    assert read("a") == read("a") == {}  # not even there
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "one.txt").write_text("1")
    assert read("a") == read("a") == {"one.txt": "1"}
    (tmp_path / "a" / "deep" / "two.txt").write_text("2")
    assert read("a") == read("a") == {"one.txt": "1", "two.txt": "2"}
    # As long as before, and older: put back from somewhere.
    (tmp_path / "a" / "one.txt").write_text("7")
    os.utime(tmp_path / "a" / "one.txt", (0, 0))
    assert read("a") == read("a") == {"one.txt": "7", "two.txt": "2"}
    (tmp_path / "a" / "one.txt").unlink()
    assert read("a") == read("a") == {"two.txt": "2"}
    (tmp_path / "a" / "deep" / "two.txt").rename(tmp_path / "a" / "three.txt")
    assert read("a") == read("a") == {"three.txt": "2"}
    assert reads == ["a"] * 6
    assert read("b") == {}
    (tmp_path / "b").mkdir()
    assert read("a") == {"three.txt": "2"}
    assert reads == [*["a"] * 6, "b"]


@both
def test_two_functions_share_nothing(tmp_path: Path, cache: Cache) -> None:
    def paths() -> list[Path]:
        return [tmp_path]

    @until_changed(paths, cache, show_spinner=False)
    def words() -> list[str]:
        return ["words"]

    @until_changed(paths, cache, show_spinner=False)
    def numbers() -> list[int]:
        return [1]

    assert (words(), numbers(), words()) == (["words"], [1], ["words"])


@both
def test_what_is_raised_is_not_kept(tmp_path: Path, cache: Cache) -> None:
    tries: list[int] = []

    @until_changed(lambda: [tmp_path], cache, show_spinner=False)
    def read() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return len(tries)

    with pytest.raises(ValueError, match="not yet"):
        read()
    assert read() == read() == 2


def test_a_cache_of_data_copies_and_one_of_resources_shares(tmp_path: Path) -> None:
    @until_changed(lambda: [tmp_path], st.cache_data, show_spinner=False)
    def copied() -> list[int]:
        return [1]

    @until_changed(lambda: [tmp_path], st.cache_resource, show_spinner=False)
    def shared() -> list[int]:
        return [1]

    assert copied() is not copied()
    assert shared() is shared()


def test_options_reach_the_cache(tmp_path: Path) -> None:
    reads: list[int] = []

    @until_changed(lambda number: [tmp_path], st.cache_resource, show_spinner=False, max_entries=2)
    def read(number: int) -> int:
        reads.append(number)
        return number

    for number in (1, 2, 3, 1):
        read(number)
    assert reads == [1, 2, 3, 1]
