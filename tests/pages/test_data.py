"""The Data page: for everybody, and with a data set of one's own."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.dataset import VOTES, Fer2013, load_summary
from fer_core.emotions import LABELS, Emotion
from ui.data import summary

PAGE = Path(__file__).resolve().parents[2] / "pages" / "6_Data.py"
EVERYBODY = 5
"""Charts drawn from the shipped summary."""


@pytest.fixture
def no_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody imported FER2013; returns where the import would be."""
    path = tmp_path / "fer2013.npz"
    monkeypatch.setenv("MIEN_DATASET", str(path))
    return path


def made_up(*, with_votes: bool = True) -> Fer2013:
    """140 noisy images; every voter calls the sad ones neutral and agrees on the others."""
    rng = np.random.default_rng(4)
    labels = np.tile(np.arange(7), 20)
    names = ("anger", "disgust", "fear", "happiness", "neutral", "surprise", "neutral")
    votes = np.zeros((140, len(VOTES)), np.uint8)
    votes[np.arange(140), [VOTES.index(names[label]) for label in labels]] = 10
    return Fer2013(
        rng.integers(0, 256, (140, 48, 48)).astype(np.uint8),
        labels.astype(np.int64),
        np.repeat(np.array([0, 1, 2], np.uint8), (84, 28, 28)),
        votes if with_votes else None,
    )


def opened() -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=20).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.header, *page.code]
    return "\n".join(element.value for element in shown)


def pictures(page: AppTest) -> list[tuple[str, str, str]]:
    """Description, caption and address of every picture."""
    return [(i.alt, i.caption, i.url) for image in page.get("image") for i in image.proto.imgs]


def samples(page: AppTest) -> list[str]:
    """Captions of the faces drawn by chance."""
    return [caption for alt, caption, _ in pictures(page) if alt == f"Labelled {caption}"]


def test_everybody_sees_what_the_networks_learned_from(no_dataset: Path) -> None:
    page, summary = opened(), load_summary()
    assert len(page.get("plotly_chart")) == EVERYBODY
    assert f"{sum(summary.images.values()):,} grey faces" in words(page)
    assert [alt.split()[-1] for alt, _, _ in pictures(page)] == list(LABELS)
    assert "7,215 images" in pictures(page)[Emotion.HAPPY][1]
    assert all(address.endswith(".png") for *_, address in pictures(page))
    table = page.dataframe[0].value
    assert table["twins"].tolist()[1:] == [280, 288]
    assert "twin-free" in words(page)
    assert "Goodfellow et al. 2013" in words(page)


@pytest.mark.parametrize("copy", [True, False])
def test_every_section_is_a_link_away(no_dataset: Path, *, copy: bool) -> None:
    if copy:
        made_up().save(no_dataset)
    page = opened()
    contents = next(element.value for element in page.markdown if "](#" in element.value)
    linked = dict(re.findall(r"\[([^\]]+)\]\(#([a-z-]+)\)", contents))
    assert linked == {header.value: header.proto.anchor for header in page.header}
    assert len(linked) > 5


def test_without_a_copy_it_says_what_to_do(no_dataset: Path) -> None:
    page = opened()
    assert "Mien ships no faces of FER2013" in words(page)
    assert "python -m fer_core data import fer2013.csv" in words(page)
    assert not page.selectbox
    assert len(pictures(page)) == 7  # the averages only


def test_shares_instead_of_counts(no_dataset: Path) -> None:
    page = opened()
    page.toggle(key="data_shares").set_value(True).run()
    assert not page.exception
    assert "Shares of the classes" in page.get("plotly_chart")[0].proto.spec


def test_samples_are_of_the_chosen_class_and_change_when_asked(no_dataset: Path) -> None:
    made_up().save(no_dataset)
    page = opened()
    assert "data import" not in words(page)
    assert len(samples(page)) == 24
    page.selectbox(key="data_class").set_value("happy").run()
    assert samples(page) == ["happy"] * 12
    first = pictures(page)
    page.button(key="data_others").click().run()
    assert not page.exception
    assert pictures(page) != first
    page.selectbox(key="data_split").set_value("PublicTest").run()
    assert samples(page) == ["happy"] * 4


def test_doubtful_labels_have_their_votes(no_dataset: Path) -> None:
    made_up().save(no_dataset)
    page = opened()
    assert words(page).count("Labelled **sad**, voters say **neutral**") == 12
    assert "1 to 12 of 20 images" in words(page)
    assert "neutral 10" in words(page)
    page.button(key="doubtful_others").click().run()
    assert "13 to 20 of 20 images" in words(page)
    page.button(key="doubtful_others").click().run()
    assert "1 to 12 of 20 images" in words(page)  # round again
    page.selectbox(key="doubtful_label").set_value("happy").run()
    assert not page.exception
    assert "the voters agree with the labels" in words(page)
    page.selectbox(key="doubtful_label").set_value("sad").run()
    assert "1 to 12 of 20 images" in words(page)


def test_a_copy_without_votes_says_how_to_get_them(no_dataset: Path) -> None:
    made_up(with_votes=False).save(no_dataset)
    page = opened()
    assert "imported without FER+ votes" in words(page)
    assert len(samples(page)) == 24


def test_a_damaged_copy_has_its_sentence_and_the_rest_stays(no_dataset: Path) -> None:
    no_dataset.write_bytes(b"PK\x03\x04 cut off")
    page = opened()
    assert "Import it again" in page.warning[0].value
    assert len(page.get("plotly_chart")) == EVERYBODY


def test_a_missing_summary_has_its_sentence(
    no_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = no_dataset.with_name("summary.json")
    load = summary.load_summary
    monkeypatch.setattr(summary, "load_summary", lambda: load(missing))
    made_up().save(no_dataset)
    page = opened()
    assert "summary of the data set cannot be read" in page.warning[0].value
    assert not page.get("plotly_chart")
    assert len(samples(page)) == 24
