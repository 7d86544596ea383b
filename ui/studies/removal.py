"""Deleting a study: asked twice."""

from collections.abc import Callable

import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.catalogue import delete_study
from fer_core.studies.store import Study
from ui.widgets.texts import literal

_ASKED, _FAULT = "studies_delete_asked", "studies_delete_fault"


def show_removal(study: Study, leave: Callable[[], None]) -> None:
    """A button; after it what goes, and a second one.

    Args:
        study: which.
        leave: called when it is gone.
    """
    if st.session_state.get(_ASKED) != study.name:
        st.button(
            "Delete this study",
            icon=":material/delete:",
            type="tertiary",
            key="studies_delete",
            on_click=_ask,
            args=(study.name,),
        )
        return
    copied = sum(each.copied for each in study.recordings())
    st.warning(
        f"**Delete {literal(study.name)}?** Everything that was read, the sheet, what you mended, "
        f"and {copied} {'video that lies' if copied == 1 else 'videos that lie'} in the study go "
        "for good. Videos in folders of yours stay.",
        icon=":material/delete_forever:",
    )
    with st.container(horizontal=True):
        st.button(
            "Yes, delete all of it",
            icon=":material/delete_forever:",
            key="studies_delete_yes",
            on_click=_delete,
            args=(study.name, leave),
        )
        st.button("Keep it", key="studies_delete_no", on_click=_ask, args=("",))
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(literal(fault), icon=":material/error:")


def _ask(name: str) -> None:
    st.session_state[_ASKED] = name


def _delete(name: str, leave: Callable[[], None]) -> None:
    try:
        delete_study(name)
    except (MienError, OSError) as error:
        st.session_state[_FAULT] = str(error)
        return
    _ask("")
    leave()
