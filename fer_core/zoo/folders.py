"""Model folders on disk: what they hold, and where they are found."""

import re
from collections.abc import Sequence
from pathlib import Path

from fer_core.errors import MienError, ModelError
from fer_core.settings import MODELS, get_settings, user_models
from fer_core.storage.exchange import restore_folder
from fer_core.zoo.card import CARD_FILE, SLUG_PATTERN, ModelCard, folders_with_card
from fer_core.zoo.check import check_folder

DEFAULT_SLUGS = ("flagship", "compact")
"""Models that pages and commands take first where they are there."""


def models_roots() -> tuple[Path, ...]:
    """The folders of models, at least two: the shipped one, and where imported networks go.

    They are those in ``MIEN_MODELS``; where it names no second one, the user's own comes after it.
    """
    roots = get_settings().models
    return roots if len(roots) > 1 else (*roots, user_models())


def models_root() -> Path:
    """The first of them: the shipped models, their ledger, and what was measured of models."""
    return models_roots()[0]


def imports_root() -> Path:
    """The second of them: imported networks and their own ledger; need not exist yet."""
    return models_roots()[1]


def find_folders(*roots: Path) -> tuple[dict[str, Path], list[MienError]]:
    """Every model's folder (one with a card) by its name, and what is wrong with the search.

    Args:
        roots: folders of models; the shipped one if none is named. Where two have a model of the
            same name, the earlier one's counts, and one of the errors says so.
    """
    roots = roots or (MODELS,)
    found: dict[str, Path] = {}
    errors: list[MienError] = []
    # The user's own folder comes with the first import.
    named = [root for root in roots if root != user_models()]
    for root in roots:
        hidden = []
        for slug in folders_with_card(root):
            if slug in found:
                hidden.append(slug)
            else:
                found[slug] = root / slug
        if hidden:
            errors.append(
                ModelError(
                    "not used, as an earlier folder of models has the same names",
                    where=root,
                    received=", ".join(hidden),
                    remedy="Give them other names, in their cards too.",
                )
            )
        if len(named) > 1 and root in named and not root.is_dir():
            errors.append(
                ModelError("there is no such folder", where=root, remedy="Correct MIEN_MODELS.")
            )
    return {slug: found[slug] for slug in sorted(found)}, errors


def find_folder(slug: str, *roots: Path) -> Path:
    """One model's folder, sound or not.

    Args:
        slug: the model's name.
        roots: see `find_folders`.

    Raises:
        ModelError: there is no such model; names those that there are.
    """
    roots = roots or (MODELS,)
    if re.fullmatch(SLUG_PATTERN, slug):  # a name, and no way to elsewhere
        places = [root / slug for root in roots]
        for place in places:
            restore_folder(place)
        there = [place for place in places if (place / CARD_FILE).is_file()]
        if there := there or [place for place in places if place.is_dir()]:
            return there[0]
    raise ModelError(
        "there is no such model",
        where=_named(roots),
        expected=", ".join(list_slugs(*roots)) or "a model folder",
        received=slug,
        remedy="See what is there: python -m fer_core models",
    )


def list_slugs(*roots: Path) -> tuple[str, ...]:
    """Names of all models, sorted; () where there is none. See `find_folders`."""
    return tuple(find_folders(*roots)[0])


def default_slug(*roots: Path) -> str:
    """The model to take where a person has not chosen.

    Raises:
        ModelError: there is no model folder.
    """
    slugs = list_slugs(*roots)
    if not slugs:
        raise ModelError(
            "there is no model",
            where=_named(roots or (MODELS,)),
            expected="at least one model folder",
            remedy="Restore the models folder, name another one in MIEN_MODELS, or train a model: "
            "python -m fer_core train compact",
        )
    return next((slug for slug in DEFAULT_SLUGS if slug in slugs), slugs[0])


def _named(roots: Sequence[Path]) -> str:
    """Folders in a sentence; of those that are not there, only the first."""
    return ", ".join(str(root) for root in roots if root == roots[0] or root.is_dir())


def sound_folders(*roots: Path) -> tuple[list[ModelCard], list[MienError]]:
    """Cards of the models that pass `check_folder`, and what is wrong with the others."""
    folders, errors = find_folders(*roots)
    cards: list[ModelCard] = []
    for folder in folders.values():
        try:
            cards.append(check_folder(folder))
        except MienError as error:
            errors.append(error)
    return cards, errors
