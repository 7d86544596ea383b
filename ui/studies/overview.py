"""All studies as cards, a drawn one to try, and the form that makes a new one."""

from collections.abc import Callable

import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.catalogue import create_study, list_studies, open_study, studies_folder
from fer_core.studies.example import make_example
from fer_core.studies.progress import progress_of
from fer_core.studies.settings import StudySettings, choose_settings
from fer_core.studies.sheet import sheet
from fer_core.studies.store import Study
from ui import caches
from ui.studies.leading import start_reading
from ui.studies.settings import EVERY, MOST_NETWORKS
from ui.widgets.pickers import DETECTORS, default_slug, show_no_model
from ui.widgets.texts import literal
from ui.widgets.timeline import clock

EXAMPLE = "Drawn example"
_ACROSS = 3

Open = Callable[[str, str], None]
"""Goes to a study by its name, and to a section of its page."""


def show_overview(open_one: Open) -> None:
    """Cards of all studies, then how to make one.

    Args:
        open_one: called as a button's callback.
    """
    names = list_studies()
    if names:
        _show_cards(names, open_one)
    else:
        st.markdown(
            "**From many recordings to a finding.** Add the videos of your participants, say who "
            "is in which file under which condition, leave the machine alone while it reads, and "
            "end with figures, their intervals and one sentence for each comparison."
        )
    if EXAMPLE not in names:
        _offer_example(open_one, first=not names)
    with st.expander("New study", icon=":material/add:", expanded=not names):
        _show_form(open_one)


def _show_cards(names: tuple[str, ...], open_one: Open) -> None:
    columns = st.columns(_ACROSS)
    for number, name in enumerate(names):
        with columns[number % _ACROSS], st.container(border=True):
            st.header(literal(name))
            try:
                words = _card_words(open_study(name))
            except MienError as error:
                words = ""
                st.error(literal(str(error)), icon=":material/error:")
            if words:
                st.markdown(words)
            st.button(
                "Open",
                key=f"studies_open_{name}",
                icon=":material/arrow_forward:",
                on_click=open_one,
                args=(name, "queue"),
            )


def _card_words(study: Study) -> str:
    now = progress_of(study)
    count = len(now.recordings)
    people = len({entry.participant for entry in sheet(study)})
    share = now.seconds_done / now.seconds if now.seconds else 0.0
    state = "being read" if now.leader else "read" if count and now.is_read else f"{share:.0%} read"
    return (
        f"{count} {'recording' if count == 1 else 'recordings'}, {clock(now.seconds)}  \n"
        f"{people} {'participant' if people == 1 else 'participants'}  \n"
        f"{state}"
    )


def _offer_example(open_one: Open, *, first: bool) -> None:
    with st.container(border=True):
        st.markdown(
            "**Try it without a file of yours.** Six short recordings of a drawn face, six drawn "
            "participants who see a calm and a funny film, are made here and "
            "read in about a minute. You can delete them with one button."
        )
        if st.button(
            "Make the drawn example study",
            icon=":material/draw:",
            type="primary" if first else "secondary",
            key="studies_example",
        ):
            _make_example(open_one)


def _make_example(open_one: Open) -> None:
    """Two networks where there are: does it survive the network?"""
    settings = _settings(_usual_slugs(2), next(iter(DETECTORS)), 1)
    if settings is None:
        return
    bar = st.progress(0.0, "Drawing …")

    def tell(share: float) -> None:
        bar.progress(share, "Drawing …")

    try:
        study = make_example(EXAMPLE, settings, tell=tell)
        start_reading(study)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    open_one(study.name, "queue")
    st.rerun()


def _usual_slugs(most: int) -> list[str]:
    """The network to begin with, and those that are nearest to it in accuracy."""
    cards, _ = caches.networks.model_cards()
    if not cards:
        return []
    accuracies = caches.networks.accuracies()
    first = default_slug(cards, accuracies)
    others = sorted(
        (card.slug for card in cards if card.slug != first),
        key=lambda slug: -accuracies.get(slug, 0.0),
    )
    return [first, *others][:most]


def _show_form(open_one: Open) -> None:
    cards, _ = caches.networks.model_cards()
    if not cards:
        show_no_model()
        return
    titles = {card.slug: card.title for card in cards}
    with st.form("studies_new", border=False):
        name = st.text_input(
            "Name", key="studies_name", placeholder="Two films", max_chars=60
        ).strip()
        slugs = st.multiselect(
            "Networks",
            list(titles),
            default=_usual_slugs(1),
            format_func=titles.__getitem__,
            max_selections=MOST_NETWORKS,
            key="studies_networks",
            help="The first one's findings are reported; with a second one you see whether they "
            "survive the network. Both look at the same faces in one pass.",
        )
        left, right = st.columns(2)
        detector = left.selectbox(
            "Face detector",
            list(DETECTORS),
            format_func=DETECTORS.__getitem__,
            key="studies_detector",
        )
        every = right.selectbox(
            "Frames to read", list(EVERY), format_func=EVERY.__getitem__, key="studies_every"
        )
        st.caption(f"It will lie in {literal(str(studies_folder()))}, until you delete it.")
        made = st.form_submit_button("Make the study", icon=":material/add:")
    if made:
        settings = _settings(slugs, detector, every)
        if settings is not None:
            _make(name, settings, open_one)


def _settings(slugs: list[str], detector: str, every: int) -> StudySettings | None:
    try:
        # The one that is really on: weights cannot be fetched in the middle of a night.
        return choose_settings(
            slugs, detector=caches.detectors.detector(detector).name, every=every
        )
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def _make(name: str, settings: StudySettings, open_one: Open) -> None:
    try:
        study = create_study(name, settings)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    open_one(study.name, "sheet")
    st.rerun()
