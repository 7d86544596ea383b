"""Every setting has its name and its sentence, whoever adds one."""

from fer_core.runs.recipe import Augmentation, Recipe
from fer_core.runs.words import (
    CHANGES,
    NOT_OFFERED,
    SETTINGS,
    USUAL,
    USUAL_CHANGES,
    offered,
)


def test_each_setting_has_its_words() -> None:
    assert set(offered(Recipe)) == set(SETTINGS)
    assert set(offered(Augmentation)) == set(CHANGES)
    assert set(NOT_OFFERED) < set(Recipe.model_fields)
    assert set(USUAL) < set(SETTINGS)
    assert set(USUAL_CHANGES) < set(CHANGES)
    assert all(sentence.endswith(".") for _, sentence in (SETTINGS | CHANGES).values())
