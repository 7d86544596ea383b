"""The home page, with models, without any, and with a damaged one."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def home() -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in shown)


def test_figures_come_from_the_model_folder(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    page = home()
    accuracy = {
        slug: json.loads((tiny_models / slug / "metrics.json").read_text())["accuracy"]
        for slug in ("tiny", "tiny_b")
    }
    best = max(accuracy, key=lambda slug: accuracy[slug])
    assert f"Tiny {best}" in words(page)
    assert page.metric[0].value == f"{accuracy[best]:.1%}"
    assert f"Right on {100 * accuracy[best]:.0f} of 100 test faces" in words(page)


def test_without_a_model_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    page = home()
    assert "No network is here yet" in words(page)
    assert "train compact" in words(page)
    assert not page.metric


def test_a_damaged_folder_is_not_offered(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    for slug in ("tiny", "tiny_b"):
        (tiny_models / slug / "metrics.json").write_text("{}")
    assert "No network is here yet" in words(home())


def test_the_sample_is_told_to_those_who_do_not_see_it(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    (sample,) = home().get("image")
    assert sample.proto.imgs[0].alt == "A drawn smile, as the network below reads it."


def test_it_says_what_the_readings_mean(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    text = words(home())
    for part in ("expression shown, not the feeling", "not for work", "nothing is kept"):
        assert part in text
