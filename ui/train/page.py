"""The page Train: the queue above, left what and how, right how it goes."""

import streamlit as st

from fer_core.errors import MienError
from fer_core.runs.families import RunFamily, group_runs
from fer_core.runs.run import Run
from fer_core.runs.shelf import list_runs
from fer_core.settings import get_settings
from ui.commands import is_own_machine
from ui.train.course import show_course, show_shipped_course
from ui.train.family import show_family_course, show_family_now
from ui.train.finished import show_what_now
from ui.train.leading import missing_packages
from ui.train.order import chosen_network, show_example, show_order
from ui.train.queue import show_queue
from ui.widgets.texts import literal

RUN = "run"
"""What the address says: which training or family is looked at."""

_FORM_PX = 380


def may_be_used() -> bool:
    """Whether networks are trained here; says what to do where they are not."""
    if not (is_own_machine() or "runs" in get_settings().model_fields_set):
        st.info(
            "**Training is off on this server.** There is no login, so everybody who opens this "
            "dashboard could keep its processor busy for days. Whoever runs the server can say "
            "that this is wanted: set `MIEN_RUNS` to the folder that trainings should lie in. On "
            "your own machine nothing needs to be set.",
            icon=":material/lock:",
        )
        return False
    if missing := missing_packages():
        st.warning(
            f"**Training needs {', '.join(missing)}, which this Python does not have.** "
            'Install what belongs to it: `pip install "mien[train]"`, then start Mien again. '
            "All other pages work without.",
            icon=":material/extension_off:",
        )
        return False
    return True


def show() -> None:
    """The queue, and the training that the address names, or the form for a new one."""
    runs = list_runs()
    chosen = _chosen(runs)
    if chosen is None and (asked := st.query_params.get(RUN)):
        st.warning(
            f"The address asks for the training **{literal(asked)}**, which is not here.",
            icon=":material/link_off:",
        )
    if runs:
        show_queue(runs, _row_of(chosen), _open)
    else:
        st.markdown(
            "**Your own network, seen while it learns.** Choose what it learns from and how, see "
            "what it will cost, and leave: a process of its own trains, also when this page, the "
            "tab or Mien is closed."
        )
        show_example(_open)
    # Not columns: a third of a small window is narrower than the names to choose from. The page's
    # style keeps the course at a width that its charts can be read at, below the form if need be.
    row = st.container(horizontal=True, gap="large")
    left, right = row.container(width=_FORM_PX), row.container(key="train_course")
    try:
        with left:
            if chosen is None:
                show_order(_open)
            elif isinstance(chosen, RunFamily):
                show_family_now(chosen, _open)
            else:
                show_what_now(chosen, _open)
        with right:
            if chosen is None:
                st.info(
                    "Here you will see how it goes: curves, the faces as the network gets them, "
                    "and which class is taken for which. Until then: how the network that ships "
                    "has learned.",
                    icon=":material/monitoring:",
                )
                show_shipped_course(chosen_network())
            elif isinstance(chosen, RunFamily):
                show_family_course(chosen)
            else:
                show_course(chosen)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
    st.caption(
        "What is trained here stays on the machine that Mien runs on. Networks name the "
        "expression that a face shows, not what the person feels."
    )


def _chosen(runs: list[Run]) -> Run | RunFamily | None:
    asked = st.query_params.get(RUN)
    # A family, a training, or one seed of a family.
    either: list[Run | RunFamily] = [*group_runs(runs), *runs]
    return next((one for one in either if one.name == asked), None)


def _row_of(chosen: Run | RunFamily | None) -> str:
    """Name of the queue's line that it stands in; "" for none."""
    if isinstance(chosen, Run):
        return chosen.family or chosen.name
    return chosen.name if chosen else ""


def _open(name: str) -> None:
    """Look at a training or a family; "" for the form."""
    if name:
        st.query_params[RUN] = name
    else:
        st.query_params.pop(RUN, None)
