"""A recipe as a form: each setting with its sentence, the unusual ones folded."""

from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from fer_core.runs.recipe import Augmentation, Recipe
from fer_core.runs.words import CHANGES, SETTINGS, USUAL, USUAL_CHANGES, offered
from fer_core.storage.reading import fault
from ui.widgets.texts import literal

_MOST_SEEDS = 10
_LAST_SEED = 2**32 - _MOST_SEEDS


def show_settings_form(recipe: Recipe, key: str) -> tuple[Recipe | None, range]:
    """Let a person change a recipe's settings, and say how often it is trained.

    Args:
        recipe: whose values the form begins with.
        key: another one makes the form begin anew.

    Returns:
        The recipe as changed, None where that cannot be, which is said; and the seeds.
    """
    usual = st.expander("Settings", icon=":material/tune:")
    unusual = st.expander("Unusual settings", icon=":material/instant_mix:")
    values: dict[str, Any] = {}
    changes: dict[str, Any] = {}
    with usual:
        for name in USUAL:
            values[name] = _ask(Recipe, recipe, name, SETTINGS[name], key)
        st.markdown("**Training faces are changed at random**")
        for name in USUAL_CHANGES:
            changes[name] = _ask(Augmentation, recipe.augmentation, name, CHANGES[name], key)
    with unusual:
        seeds = _ask_seeds()
        for name in offered(Recipe):
            if name not in USUAL:
                values[name] = _ask(Recipe, recipe, name, SETTINGS[name], key)
        st.markdown("**Training faces are changed at random**")
        for name in offered(Augmentation):
            if name not in USUAL_CHANGES:
                changes[name] = _ask(Augmentation, recipe.augmentation, name, CHANGES[name], key)
        if recipe.source:
            st.caption(f"Where this recipe comes from: {literal(recipe.source)}")
    try:
        changed = recipe.model_dump() | values | {"augmentation": changes}
        return Recipe.model_validate(changed), seeds
    except ValidationError as error:
        st.error(f"These settings do not go together: {literal(fault(error))}.")
        return None, seeds


def _ask_seeds() -> range:
    left, right = st.columns(2)
    times = left.number_input(
        "Seeds",
        1,
        _MOST_SEEDS,
        1,
        key="train_order_seeds",
        help="How often it is trained, each time with other chance. How far the results are apart "
        "says how much a difference means.",
    )
    first = right.number_input(
        "First seed",
        0,
        _LAST_SEED,
        0,
        key="train_order_first_seed",
        help="Where all chance comes from: the same seed gives the same training again.",
    )
    return range(int(first), int(first) + int(times))


def _ask(
    kind: type[Recipe] | type[Augmentation],
    value_of: Recipe | Augmentation,
    name: str,
    words: tuple[str, str],
    key: str,
) -> Any:
    """The widget that fits a field's type and bounds."""
    field, value, place = kind.model_fields[name], getattr(value_of, name), f"{key}_{name}"
    label, sentence = words
    if field.annotation is bool:
        return st.toggle(label, value, key=place, help=sentence)
    if choices := _choices(field.annotation):
        return st.selectbox(label, choices, choices.index(value), key=place, help=sentence)
    if field.annotation is str:
        return st.text_input(label, value, key=place, help=sentence)
    low, high = _bounds(field)
    if field.annotation is int:
        return st.number_input(
            label,
            None if low is None else int(low),
            None if high is None else int(high),
            value,
            key=place,
            help=sentence,
        )
    return st.number_input(
        label, low, high, value, step=None, format="%.4g", key=place, help=sentence
    )


def _choices(kind: Any) -> list[Any]:
    """What a field may be, where that is one of a few; [] for all others."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return list(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """What a field's own constraints say; open ends are checked when the recipe is made."""
    low = high = None
    for limit in field.metadata:
        low = float(limit.ge) if hasattr(limit, "ge") else low
        low = float(limit.gt) if hasattr(limit, "gt") else low
        high = float(limit.le) if hasattr(limit, "le") else high
        high = float(limit.lt) if hasattr(limit, "lt") else high
    return low, high
