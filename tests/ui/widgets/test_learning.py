"""What pages say of trainings: curves with a slider, and the settings that differ."""

from streamlit.testing.v1 import AppTest


def _settings(trainings: dict[str, dict[str, str]]) -> None:
    from ui.widgets.learning import show_settings

    show_settings(trainings, "here")


def shown(trainings: dict[str, dict[str, str]]) -> AppTest:
    page = AppTest.from_function(_settings, kwargs={"trainings": trainings}).run()
    assert not page.exception
    return page


def test_only_settings_that_differ_until_all_are_asked_for() -> None:
    page = shown({"a": {"Epochs": "9", "Seed": "0"}, "b [x](y)": {"Epochs": "3", "Seed": "0"}})
    table = page.table[0].value
    assert list(table.index) == ["Epochs"]
    assert list(table.columns) == ["a", r"b \[x\]\(y\)"]
    page.toggle(key="here_differences").set_value(False).run()
    assert list(page.table[0].value.index) == ["Epochs", "Seed"]


def test_one_training_shows_all_and_equal_ones_a_sentence() -> None:
    page = shown({"a": {"Epochs": "9"}})
    assert list(page.table[0].value.index) == ["Epochs"]
    assert page.toggle(key="here_differences").disabled
    assert "All settings are the same." in [
        text.value for text in shown({"a": {"Seed": "0"}, "b": {"Seed": "0"}}).caption
    ]


def test_a_training_of_which_nothing_is_known() -> None:
    table = shown({"a": {"Epochs": "9"}, "b": {}}).table[0].value
    assert table.iloc[0].to_list() == ["9", "not known"]
