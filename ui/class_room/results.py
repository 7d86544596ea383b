"""Everybody's answers beside each other: a sentence, a matrix, and each face."""

import base64
import math
from collections.abc import Mapping, Sequence
from functools import partial

import cv2
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from fer_core import charts
from fer_core.dataset import MAJORITIES, ordered_votes
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import MienError
from fer_core.evaluation.class_room import (
    FULLEST_NAME,
    LIMIT_BYTES,
    VOTERS,
    Answers,
    DrawnFaces,
    answers_csv,
    class_figures,
    read_answers,
    share_interval,
    side_by_side,
)
from fer_core.zoo import AnswersAs
from ui import caches
from ui.class_room.labelling import Labelling
from ui.widgets.downloads import offer_file
from ui.widgets.figure import show_figure
from ui.widgets.texts import literal

ME = "You"
_NAME, _NETWORKS = "class_room_name", "class_room_networks"
_BEST = 2
_MOST_PEOPLE = 40
_FACE, _FOR_LABEL = " face", " for the label"
"""Columns that nobody's name can be: names have no space before them."""
_WHOSE = {
    AnswersAs.LABELS: " Networks answer as FER2013’s labels name faces.",
    AnswersAs.VOTERS: (
        " Networks answer as most people would name a face; those that did not learn that, as "
        "FER2013’s labels do."
    ),
}


def show_results(drawn: DrawnFaces, own: Labelling) -> None:
    """After the last face."""
    sentence = st.container()
    me = Answers(ME, own.classes())
    networks = _networks(drawn)
    sentence.header(_sentence(drawn, me.classes, networks), anchor=False)
    low, high = share_interval(int((me.classes == drawn.labels).sum()), len(drawn))
    voters = " People: the ten voters of FER+ on these faces." if drawn.votes is not None else ""
    sentence.caption(
        f"{len(drawn)} faces say little of a person: on many faces you might agree with the label "
        f"on {low:.0%} to {high:.0%} (95 % interval).{voters} A label is what somebody wrote down, "
        "not what the person felt."
    )
    _take_away(drawn, me, own, networks)
    st.header("Side by side", divider="gray")
    show_others(drawn, [me], networks)


def _sentence(
    drawn: DrawnFaces, mine: NDArray[np.int64], networks: Mapping[str, NDArray[np.int64]]
) -> str:
    """Who agrees with the label on how many of the faces."""
    parts = [f"You agree with the label on {(mine == drawn.labels).sum()} of {len(drawn)} faces"]
    if drawn.people_right is not None:
        parts.append(f"people on average on {drawn.people_right:.0%}")
    parts += [
        f"{literal(name)} on {(classes == drawn.labels).sum()}"
        for name, classes in networks.items()
    ]
    return "; ".join(parts) + "."


def _networks(drawn: DrawnFaces) -> dict[str, NDArray[np.int64]]:
    """Answers of the chosen networks by title; a sentence for each that cannot answer."""
    cards, _ = caches.networks.model_cards()
    titles = {card.slug: card.title for card in cards}
    best = sorted(caches.networks.accuracies().items(), key=lambda item: -item[1])[:_BEST]
    # Streamlit forgets what was chosen on a page that was left.
    kept = st.session_state.get(_NETWORKS, [slug for slug, _ in best])
    picker = f"{_NETWORKS}_picker"
    st.session_state[picker] = [slug for slug in kept if slug in titles]
    chosen = st.multiselect("Networks", list(titles), format_func=titles.__getitem__, key=picker)
    st.session_state[_NETWORKS] = chosen
    found = {}
    for slug in chosen:
        try:
            name = titles[slug] if titles[slug] not in found else f"{titles[slug]} ({slug})"
            found[name] = caches.faces.drawn_answers(drawn.dataset, drawn.seed, slug)
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
    return found


def _take_away(
    drawn: DrawnFaces, me: Answers, own: Labelling, networks: Mapping[str, NDArray[np.int64]]
) -> None:
    st.session_state[f"{_NAME}_input"] = st.session_state.get(_NAME, "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Your name, for the file",
            key=f"{_NAME}_input",
            max_chars=FULLEST_NAME,
            placeholder="may stay empty",
            width=260,
        )
        st.session_state[_NAME] = name
        offer_file(
            "Your answers (CSV)",
            partial(answers_csv, drawn, Answers(name.strip(), me.classes), networks),
            f"label_it_yourself_{drawn.seed}.csv",
            key="class_room_csv",
            help="A line for each face, with label, voters and networks.",
        )
        st.button(
            "Label them again", icon=":material/replay:", key="class_room_again", on_click=own.again
        )


def show_others(
    drawn: DrawnFaces,
    own: Sequence[Answers],
    networks: Mapping[str, NDArray[np.int64]] | None = None,
) -> None:
    """Files of other people about the same faces, and everybody side by side.

    Args:
        drawn: the faces.
        own: the visitor's answers; [] before the labelling.
        networks: answers by title; None: they are chosen here, once there is somebody.
    """
    files = st.file_uploader(
        "Other people’s answers (CSV)",
        type=["csv"],
        accept_multiple_files=True,
        key=f"class_room_files_{drawn.dataset}_{drawn.seed}",
        max_upload_size=1,
        help="What each person took away at the end, all about the same faces.",
    )
    others = []
    for file in files[:_MOST_PEOPLE]:
        try:
            others.append(read_answers(file.read(LIMIT_BYTES + 1), file.name, drawn))
        except MienError as error:
            st.warning(literal(str(error)), icon=":material/broken_image:")
    if len(files) > _MOST_PEOPLE:
        st.warning(f"Only the first {_MOST_PEOPLE} files are shown.", icon=":material/filter_alt:")
    people = [*own, *others]
    if not people:
        return
    networks = _networks(drawn) if networks is None else networks
    if len(people) > 1:
        st.markdown(_class_sentence(drawn, people))
    _show_side_by_side(drawn, people, networks)


def _class_sentence(drawn: DrawnFaces, people: Sequence[Answers]) -> str:
    figures = class_figures(drawn, people)
    kappa = (
        ""
        if figures.kappa is None or math.isnan(figures.kappa)
        else f" Fleiss’ kappa is {figures.kappa:.2f}: 1 is full agreement, 0 what chance gives."
    )
    return (
        f"**{figures.people} people** agree with the label on {figures.right:.1f} of {len(drawn)} "
        f"faces on average, and any two of them with each other on {figures.alike:.0%}.{kappa}"
    )


def _show_side_by_side(
    drawn: DrawnFaces, people: Sequence[Answers], networks: Mapping[str, NDArray[np.int64]]
) -> None:
    everybody = side_by_side(drawn, people, networks)
    show_figure(
        charts.agreement_figure(
            everybody.names,
            everybody.alike,
            len(drawn),
            title="How often two name a face alike",
            images="faces",
        ),
        "class_room",
        f"{len(drawn)} faces. Where voters tie, nobody names it alike."
        if drawn.votes is not None
        else f"{len(drawn)} faces.",
    )
    table = pd.DataFrame({_FACE: [_picture(face) for face in drawn.faces]})
    for name, classes in zip(everybody.names, everybody.classes, strict=True):
        table[name] = [MAJORITIES[each] for each in classes]
    if drawn.votes is not None:
        votes = ordered_votes(drawn.votes)
        named = votes[np.arange(len(drawn)), drawn.labels]
        table[_FOR_LABEL] = [
            f"{mine} of {total}" for mine, total in zip(named, votes.sum(axis=1), strict=True)
        ]
    st.dataframe(
        table.style.map(_colours),
        hide_index=True,
        height="content",
        row_height=56,
        column_config={
            _FACE: st.column_config.ImageColumn("Face", width=72, pinned=True),
            _FOR_LABEL: "Voters for the label",
        },
    )
    st.caption(
        f"The {len(drawn)} faces in the order in which they were shown"
        + (f"; {VOTERS}: what most of ten voters said." if drawn.votes is not None else ".")
        + (_WHOSE[caches.faces.asked_as(drawn.dataset)] if networks else "")
    )


def _picture(face: NDArray[np.uint8]) -> str:
    png = cv2.imencode(".png", face)[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _colours(word: object) -> str:
    """CSS of a cell with a class in it: its own colours, as everywhere."""
    if word not in LABELS:
        return ""
    style = Emotion(LABELS.index(str(word))).style
    return f"background-color: {style.colour}; color: {style.ink}"
