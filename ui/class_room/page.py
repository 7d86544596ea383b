"""Which faces are labelled, and which part of the labelling is shown: start, faces, result."""

import streamlit as st

from fer_core.dataset import FER2013, find_dataset, list_datasets
from fer_core.errors import MienError
from fer_core.evaluation.class_room import DrawnFaces
from ui import address, caches
from ui.class_room.labelling import Labelling, show_face
from ui.class_room.results import show_others, show_results
from ui.widgets.texts import literal

DATASET, SEED = "dataset", "seed"
"""In the address."""

SEEDS = range(1000)
_DATASET, _SEED = "class_room_dataset", "class_room_seed"
_TITLES = {FER2013: "FER2013, PublicTest"}


def show_class_room() -> None:
    """The whole page under its title."""
    names = [*([FER2013] if find_dataset() else []), *list_datasets()]
    if not names:
        _show_no_data_set()
        return
    name, seed = _chosen(names)
    try:
        drawn = caches.faces.drawn_faces(name, seed)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/broken_image:")
        _choose(names)
        return
    own = Labelling.of(drawn)
    if own.is_complete:
        show_results(drawn, own)
    elif own.is_open:
        show_face(drawn, own)
    else:
        _show_start(names, drawn, own)


def _show_no_data_set() -> None:
    st.info(
        "**No data set is here yet.** You label twenty faces of a data set, and see what its "
        "labels, networks and other people say of the same faces. Mien ships no faces: import "
        "FER2013 with the line below, or pictures of your own on the page *Data*.",
        icon=":material/school:",
    )
    st.code("python -m fer_core data import fer2013.csv --ferplus fer2013new.csv", language="bash")


def _chosen(names: list[str]) -> tuple[str, int]:
    """Data set and seed, of the address or as they were chosen here; both stand in the address."""
    name = address.newly_asked(DATASET, names) or st.session_state.get(_DATASET)
    name = name if name in names else names[0]
    asked = address.newly_asked(SEED, [str(seed) for seed in SEEDS])
    seed = int(asked) if asked else int(st.session_state.get(_SEED, SEEDS.start))
    st.session_state[_DATASET], st.session_state[_SEED] = name, seed
    for what in (DATASET, SEED):
        if unknown := address.unknown(what):
            st.warning(
                f"The address asks for the {what.replace('set', ' set')} "
                f"**{literal(unknown)}**, which is not here.",
                icon=":material/link_off:",
            )
    address.keep(DATASET, name, FER2013)
    address.keep(SEED, str(seed), "")  # always there: the address is what a class shares
    return name, seed


def _show_start(names: list[str], drawn: DrawnFaces, own: Labelling) -> None:
    st.markdown(
        f"**Label it yourself**: you see {len(drawn)} faces, one at a time, and name the "
        "expression that each shows. Then you see what the label, the networks and, where it is "
        "known, ten other people say."
    )
    _choose(names)
    st.button(
        "Start",
        type="primary",
        icon=":material/play_arrow:",
        key="class_room_start",
        on_click=own.open,
    )
    st.caption(
        "Your answers stay in this tab until you close it; a file of them is yours to keep. To do "
        "this as a class, give everybody the address of this page: the same number draws the same "
        "faces, wherever the same data set is imported."
    )
    st.header("Side by side", divider="gray")
    show_others(drawn, [])


def _choose(names: list[str]) -> None:
    st.session_state["class_room_dataset_picker"] = st.session_state[_DATASET]
    st.session_state["class_room_seed_picker"] = st.session_state[_SEED]
    data, number = st.columns([2, 1])
    data.selectbox(
        "Faces of",
        names,
        format_func=lambda name: _TITLES.get(name, name),
        key="class_room_dataset_picker",
        on_change=_keep,
    )
    number.number_input(
        "Which faces",
        SEEDS.start,
        SEEDS.stop - 1,
        key="class_room_seed_picker",
        on_change=_keep,
        help="Each number draws other faces; the same number always the same ones.",
    )


def _keep() -> None:
    st.session_state[_DATASET] = st.session_state["class_room_dataset_picker"]
    st.session_state[_SEED] = st.session_state["class_room_seed_picker"]
    for what in (DATASET, SEED):
        address.forget_unknown(what)
