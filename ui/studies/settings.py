"""With what a study is read: changed here, and what that costs is said before."""

import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.change import ReadingCost, reading_cost
from fer_core.studies.settings import StudySettings, choose_settings
from fer_core.studies.store import Study
from ui import caches
from ui.widgets.pickers import DETECTORS
from ui.widgets.texts import literal
from ui.widgets.timeline import clock

EVERY = {1: "every frame", 2: "every 2nd", 3: "every 3rd", 5: "every 5th", 10: "every 10th"}
"""Which frames are read, and what the page calls it."""

MOST_NETWORKS = 4


def show_settings(study: Study) -> None:
    """Networks, detector and frames, which may have to be read anew; and thresholds, which not."""
    settings = study.settings
    words = f"{', '.join(settings.slugs)}; {settings.detector}; {_frames_words(settings.every)}"
    with st.expander(f"Read with {literal(words)}", icon=":material/tune:"):
        _show_reading(study, settings)
        st.divider()
        _show_thresholds(study, settings)


def _frames_words(every: int) -> str:
    return EVERY.get(every, f"every {every}th")


def _show_reading(study: Study, settings: StudySettings) -> None:
    cards, _ = caches.networks.model_cards()
    titles = {card.slug: card.title for card in cards}
    name = study.name
    slugs = st.multiselect(
        "Networks",
        list(dict.fromkeys((*settings.slugs, *titles))),
        default=list(settings.slugs),
        format_func=lambda slug: titles.get(slug, slug),
        max_selections=MOST_NETWORKS,
        key=f"studies_change_networks_{name}_{settings.readings_key}",
        help="The first one's findings are reported.",
    )
    left, right = st.columns(2)
    detectors = list(dict.fromkeys((*DETECTORS, settings.detector)))
    detector = left.selectbox(
        "Face detector",
        detectors,
        index=detectors.index(settings.detector),
        format_func=lambda one: DETECTORS.get(one, one),
        key=f"studies_change_detector_{name}_{settings.readings_key}",
    )
    frames = sorted({*EVERY, settings.every})
    every = right.selectbox(
        "Frames to read",
        frames,
        index=frames.index(settings.every),
        format_func=_frames_words,
        key=f"studies_change_every_{name}_{settings.readings_key}",
    )
    if (tuple(slugs), detector, every) == (settings.slugs, settings.detector, settings.every):
        st.caption("Choose something else here to see first what it would cost to read.")
        return
    if not slugs:
        st.info("**No network chosen.** One at least has to read.", icon=":material/info:")
        return
    try:
        changed = choose_settings(
            slugs, detector=caches.detectors.detector(detector).name, every=every
        )
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    changed = changed.model_copy(update={"smoothed": settings.smoothed})
    st.info(cost_words(reading_cost(study, changed)), icon=":material/schedule:")
    st.button(
        "Read it so from now on",
        icon=":material/check:",
        key="studies_change",
        disabled=study.leader() is not None,
        help="Pause reading first." if study.leader() is not None else None,
        on_click=_change,
        args=(study, changed),
    )


def cost_words(cost: ReadingCost) -> str:
    """What a change of settings costs, in a sentence or two."""
    kept = "What was read until now is kept, and found again when you change back."
    if not cost.further:
        then = " Start reading, and its rows are put together." if cost.kept_s else ""
        return f"**Nothing has to be read.** All of it was read so before.{then} {kept}"
    said = []
    if cost.anew_s:
        said.append(f"**{clock(cost.anew_s)} of {clock(cost.of_seconds)} has to be read anew**")
    if cost.further_s:
        names = literal(" and ".join(cost.further))
        said.append(
            f"**{clock(cost.further_s)} of {clock(cost.of_seconds)} has to be read by {names} "
            "alone**, on the faces that were found before"
        )
    words = "; ".join(said)
    if cost.process_s is not None:
        most = "at most" if cost.further_s else "about"
        words += f"; one process takes {most} {clock(max(cost.process_s, 1.0))} at today's speed"
    return f"{words}. It begins when you start reading. {kept}"


def _change(study: Study, settings: StudySettings) -> None:
    study.settings = settings


def _show_thresholds(study: Study, settings: StudySettings) -> None:
    networks = []
    for network in settings.networks:
        chosen = st.slider(
            f"Unsure below, {literal(network.slug)}",
            0.0,
            1.0,
            float(network.unsure_threshold),
            0.01,
            key=f"studies_unsure_{study.name}_{network.slug}",
            help="A face whose likeliest expression is less probable than this is unsure. The "
            "network's card says where it should lie.",
        )
        networks.append(network.model_copy(update={"unsure_threshold": round(chosen, 4)}))
    if any(
        abs(new.unsure_threshold - old.unsure_threshold) > 0.004
        for new, old in zip(networks, settings.networks, strict=True)
    ):
        study.settings = settings.model_copy(update={"networks": tuple(networks)})
    st.caption("Nothing is read again for this, nor for averaging over time under *Findings*.")
