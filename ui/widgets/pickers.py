"""Choosing a network and a face detector: the same two pickers on every page."""

from collections.abc import Callable, Sequence

import streamlit as st

from fer_core.errors import MienError
from fer_core.faces import known_detectors
from fer_core.zoo import DEFAULT_SLUGS, ModelCard, models_root
from ui import address, caches
from ui.widgets.texts import literal

MODEL_CHOICE, DETECTOR_CHOICE = "mien_model", "mien_detector"
"""Where the choices are kept in the session; each widget has a key of its own."""

DETECTORS = {
    entry.name: f"{entry.title} · {entry.hint}"
    for entry in known_detectors().values()
    if entry.searches
}
"""Names that `ui.caches.detector` takes, and what the picker calls them; the best first."""

_NEEDS = " ".join(
    f"{entry.title} needs {entry.needs}." for entry in known_detectors().values() if entry.needs
)


def default_slug(cards: Sequence[ModelCard], accuracies: dict[str, float]) -> str:
    """The network to begin with: a preferred one, else the most accurate of at least one."""
    slugs = [card.slug for card in cards]
    for slug in DEFAULT_SLUGS:
        if slug in slugs:
            return slug
    return max(slugs, key=lambda slug: accuracies.get(slug, 0.0))


def chosen_slug() -> str | None:
    """The network that this visitor uses, chosen or by default; None where there is none."""
    cards, _ = caches.networks.model_cards()
    if not cards:
        return None
    kept = st.session_state.get(MODEL_CHOICE)
    if kept in {card.slug for card in cards}:
        return str(kept)
    return default_slug(cards, caches.networks.accuracies())


def settings_matter() -> bool:
    """Whether the fold with the pickers has to be open: no network is here, or the address asks
    for a network or a detector that is not."""
    cards, _ = caches.networks.model_cards()
    known = {"network": {card.slug for card in cards}, "detector": set(DETECTORS)}
    return not cards or any(
        address.unknown(name) or st.query_params.get(name, "") not in {"", *names}
        for name, names in known.items()
    )


def kept_choice(
    label: str,
    key: str,
    name: str,
    options: Sequence[str],
    default: str,
    words: Callable[[str], str],
    hint: str | None = None,
) -> str:
    """A box to choose one thing in, which is kept when the page is left, and in the address.

    A name in the address that is not there is said.

    Args:
        label: over the box.
        key: under which the choice is kept in the session.
        name: in the address, and what a choice is called.
        options: at least one.
        default: one of them; needs no words in the address.
        words: what an option is called.
        hint: when it is pointed at.
    """
    # Streamlit forgets a widget's value on a page without it, or brings back that of a page left
    # long ago: what counts is kept under a second key, and the widget shows it.
    widget = f"{key}_picker"
    kept = address.newly_asked(name, options) or st.session_state.get(key)
    st.session_state[widget] = st.session_state[key] = kept if kept in options else default

    def keep() -> None:
        st.session_state[key] = st.session_state[widget]
        address.forget_unknown(name)

    st.selectbox(label, options, format_func=words, key=widget, help=hint, on_change=keep)
    chosen = str(st.session_state[key])
    if unknown := address.unknown(name):
        st.warning(
            f"The address asks for the {name} **{literal(unknown)}**, which is not here. "
            f"{literal(words(chosen))} is on instead.",
            icon=":material/link_off:",
        )
    address.keep(name, chosen, default)
    return chosen


def show_no_model() -> None:
    """The empty state: what is missing and what to do."""
    st.info(
        "**No network is here yet.** Mien looks for trained networks in "
        f"`{models_root()}`. Restore that folder from the project, or train one: "
        "`python -m fer_core train compact`.",
        icon=":material/inventory_2:",
    )


def pick_model(label: str = "Network") -> str | None:
    """Let the visitor choose among the sound model folders; the choice holds on every page.

    Shows a sentence for each folder that is not sound, and what to do where there is none at all.

    Returns:
        The chosen slug, or None without any sound folder.
    """
    cards, errors = caches.networks.model_cards()
    if not cards:
        show_no_model()
    slug = None
    if cards:
        accuracies = caches.networks.accuracies()
        titles = {
            card.slug: f"{card.title} · {accuracies[card.slug]:.0%}"
            if card.slug in accuracies
            else card.title
            for card in cards
        }
        slug = kept_choice(
            label,
            MODEL_CHOICE,
            "network",
            tuple(titles),
            default_slug(cards, accuracies),
            titles.__getitem__,
            _whose_word(cards),
        )
    for error in errors:
        st.warning(f"Left out: {error}", icon=":material/broken_image:")
    return slug


def _whose_word(cards: list[ModelCard]) -> str:
    told = ", ".join(card.title for card in cards if card.voters is not None)
    second = (
        f" On your pictures {told} answer as most people would name a face, of which they have "
        "learned from the votes of FER+; the others as FER2013's labels."
    )
    return f"The percentage is how often it gives FER2013's label.{second if told else ''}"


def pick_detector(label: str = "Face detector") -> str:
    """Let the visitor choose the face detector; the choice holds on every page.

    Says so where another one is on: weights are fetched once, and a stand-in serves until then.

    Returns:
        One of `DETECTORS`, for `ui.caches.detector`.
    """
    best = next(iter(DETECTORS))
    name = kept_choice(
        label, DETECTOR_CHOICE, "detector", tuple(DETECTORS), best, DETECTORS.__getitem__, _NEEDS
    )
    try:
        reason = caches.detectors.detector_reason(name)
    except MienError as error:
        reason = str(error)
    if reason:
        st.caption(f":material/info: {reason}")
    return name


def show_detector_on(name: str) -> None:
    """A chip with the face detector that is really on, which may be another than the chosen one.

    Args:
        name: of the chosen one.
    """
    try:
        on = caches.detectors.detector(name).name
    except MienError:  # `pick_detector` says why
        return
    entry = known_detectors()[on]
    st.badge(
        f"Faces found by {entry.title}",
        icon=":material/face:" if on == name else ":material/hourglass_top:",
        color="gray" if on == name else "orange",
        help=entry.hint if on == name else caches.detectors.detector_reason(name),
    )
