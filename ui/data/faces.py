"""Single faces from the person's own copy of FER2013; Mien ships none."""

import streamlit as st

from fer_core.dataset import (
    MAJORITIES,
    SPLITS,
    Fer2013,
    Split,
    doubtful_labels,
    sample_rows,
)
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import MienError
from ui import caches
from ui.data.contents import SINGLE_FACES, section
from ui.widgets.image import show_png

_SAMPLES = 24
_DOUBTFUL = 12
_DOUBTFUL_PER_ROW = 4
_FACE_PX = 88
_ANY = "any"
_ANOTHER = "another expression"


def own_copy() -> Fer2013 | None:
    """The data set of this machine; None where there is none, or none that can be read."""
    try:
        return caches.faces.dataset()
    except MienError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return None


def show_no_copy() -> None:
    """The empty state: why there are no single faces here, and what brings them."""
    section(SINGLE_FACES)
    st.info(
        "**Mien ships no faces of FER2013.** With your own copy, this place shows samples of each "
        "class, and the faces whose labels ten voters doubt. Get `fer2013.csv` from the challenge "
        "on Kaggle (and `fer2013new.csv` from Microsoft's FERPlus for the votes), then run:",
        icon=":material/ar_on_you:",
    )
    st.code("python -m fer_core data import fer2013.csv --ferplus fer2013new.csv", language="bash")


def show_faces(data: Fer2013) -> None:
    """Samples of each class, and those whose labels are doubtful."""
    section(SINGLE_FACES)
    _show_samples(data)
    _show_doubtful(data)


@st.fragment
def _show_samples(data: Fer2013) -> None:
    """Faces drawn by chance from a split and class."""
    st.subheader("By chance")
    split_place, class_place, button = st.columns([2, 2, 1], vertical_alignment="bottom")
    split = Split(split_place.selectbox("Split", list(SPLITS), key="data_split"))
    name = class_place.selectbox("Labelled", [_ANY, *LABELS], key="data_class")
    if button.button("Show others", key="data_others", icon=":material/casino:"):
        st.session_state["data_seed"] = st.session_state.get("data_seed", 0) + 1
    rows = sample_rows(
        data,
        split=split,
        label=None if name == _ANY else LABELS.index(name),
        count=_SAMPLES,
        seed=st.session_state.get("data_seed", 0),
    )
    if not len(rows):
        st.caption("There is no such image.")
        return
    with st.container(horizontal=True):
        for row in rows:
            label = Emotion(int(data.labels[row])).label
            show_png(data.pixels[row], _FACE_PX, alt=f"Labelled {label}", caption=label)
    st.caption("From your own copy of FER2013, on the machine that Mien runs on.")


@st.fragment
def _show_doubtful(data: Fer2013) -> None:
    """Faces that FER+'s voters call something else than their label, clearest case first."""
    st.subheader("Doubtful labels")
    if data.votes is None:
        st.info(
            "Your copy was imported without FER+ votes. Import it again with "
            "`--ferplus fer2013new.csv` to see which labels ten voters doubt.",
            icon=":material/how_to_vote:",
        )
        return
    label_place, said_place, button = st.columns([2, 2, 1], vertical_alignment="bottom")
    name = label_place.selectbox("Labelled", [_ANY, *LABELS], key="doubtful_label")
    said = said_place.selectbox("Voters say", [_ANOTHER, *MAJORITIES[:-1]], key="doubtful_said")
    found = doubtful_labels(
        data,
        label=None if name == _ANY else LABELS.index(name),
        said=None if said == _ANOTHER else MAJORITIES.index(said),
    )
    if not len(found):
        st.caption("No such image: here the voters agree with the labels.")
        return
    # The place belongs to one choice: another one begins with its clearest case again.
    chosen, first = st.session_state.get("doubtful_place", ((name, said), 0))
    first = first if chosen == (name, said) else 0
    if button.button("Show others", key="doubtful_others", icon=":material/arrow_forward:"):
        first += _DOUBTFUL
    first = first if first < len(found) else 0
    st.session_state["doubtful_place"] = (name, said), first
    shown = range(first, min(first + _DOUBTFUL, len(found)))
    st.caption(
        f"{shown.start + 1:,} to {shown.stop:,} of {len(found):,} images, in order of the "
        "majority's lead over the label. From your own copy of FER2013."
    )
    for start in range(shown.start, shown.stop, _DOUBTFUL_PER_ROW):
        row = range(start, min(start + _DOUBTFUL_PER_ROW, shown.stop))
        for place, index in zip(st.columns(_DOUBTFUL_PER_ROW), row, strict=False):
            label = Emotion(int(data.labels[found.rows[index]])).label
            majority = MAJORITIES[found.majorities[index]]
            with place.container(border=True):
                words = f"Labelled {label}, voters say {majority}"
                show_png(data.pixels[found.rows[index]], _FACE_PX, alt=words)
                st.markdown(f"Labelled **{label}**, voters say **{majority}**")
                st.caption(" · ".join(f"{word} {votes}" for word, votes in found.votes_of(index)))
