"""What can be done with a training: hold it up, end it, let it go on, and make a network of it."""

from collections.abc import Callable

import streamlit as st

from fer_core.errors import MienError
from fer_core.evaluation.imports.folder import remove_import
from fer_core.runs.order import TrainingOrder
from fer_core.runs.queue import go_on, network_folder
from fer_core.runs.run import Run, Wish
from fer_core.runs.shelf import taken_names
from fer_core.zoo import CARD_FILE, ModelCard, find_folder, imports_root
from ui import caches
from ui.commands import follow_command, forget_result, is_running, start_command
from ui.train.leading import start_queue
from ui.widgets.texts import literal

KEY = "train_freeze"
_FAULT = "train_fault"
_MORE = 10

Open = Callable[[str], None]


def show_what_now(run: Run, open_one: Open) -> None:
    """What it is, and the buttons that fit how it is."""
    order, condition = run.order(), run.condition()
    title = run.name if run.seed is None else f"{run.family}, seed {run.seed}"
    show_heading(title, order, f"seed {order.seed}")
    if run.family:
        st.button(
            f"All seeds of {run.family}",
            icon=":material/arrow_back:",
            key="train_family_open",
            type="tertiary",
            on_click=open_one,
            args=(run.family,),
        )
    if condition == "waiting":
        st.caption("Its turn comes when those before it have ended.")
    elif condition in ("starting", "learning", "validating", "paused"):
        _while_it_runs(run, paused=run.wish() == "pause")
    elif condition == "finishing":
        st.caption("Nothing more is learned. Its network is written; then it can be measured.")
    else:
        _when_it_has_ended(run)
    if condition in ("waiting", "finished", "failed", "killed"):
        _removal(run, open_one)


def show_heading(title: str, order: TrainingOrder, seeds: str) -> None:
    """What was asked for, and what went wrong with the last click."""
    st.header(literal(title), divider="gray")
    st.markdown(
        f"**{literal(order.network)}** on **{literal(order.dataset)}**, recipe "
        f"{literal(order.recipe)}, {order.epochs} epochs, {seeds}"
    )
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(literal(fault), icon=":material/error:")


def _while_it_runs(run: Run, *, paused: bool) -> None:
    with st.container(horizontal=True):
        if paused:
            show_button("Go on", ":material/play_arrow:", "go", _wish, run, "", primary=True)
        else:
            show_button("Pause", ":material/pause:", "pause", _wish, run, "pause")
        show_button("Stop, keep the best", ":material/stop:", "stop", _wish, run, "stop")
    st.caption(
        "Each happens after the batch that is learned from. A paused training keeps its memory. "
        "You can leave this page, close the tab or end Mien: it goes on."
    )


def _when_it_has_ended(run: Run) -> None:
    state, condition = run.state(), run.condition()
    if condition == "killed":
        st.error(
            "**It was ended from outside**, perhaps as the machine was switched off or had no "
            "memory left. What was learned until its last whole epoch is kept.",
            icon=":material/power_off:",
        )
    elif condition == "failed":
        st.error(literal(state.sentence or "It did not get to its end."), icon=":material/error:")
    if condition != "finished":
        with st.container(horizontal=True):
            words = "Go on" if run.has_epochs() else "Try again"
            show_button(
                words, ":material/play_arrow:", "again", _again, run, 0, False, primary=True
            )
            if run.has_epochs():
                show_button("Keep the best so far", ":material/save:", "keep", _again, run, 0, True)
        return
    if run.family:
        st.caption(
            "Seeds of a family are measured together, and learn for equally many epochs: see all "
            "seeds."
        )
        return
    _make_a_network(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = st.number_input("A few epochs more", 1, 500, _MORE, key="train_more")
        show_button("Go on", ":material/playlist_add:", "more_go", _again, run, int(more), False)


def _make_a_network(run: Run) -> None:
    """One click to a row on Compare, and what can be done with it then."""
    card = own_card(run.name)
    if card is None:
        st.markdown(
            "**Make it a network of yours.** It is measured on faces that it has not seen, and "
            "then on every page. On FER2013 that is one look at PrivateTest, entered in your "
            "own ledger."
        )
    else:
        show_links(card)
    offer_measuring(
        run.name,
        "Measure it, make it a network" if card is None else "Measure it again, after more epochs",
        ready=run.has_network(),
    )


def offer_measuring(name: str, label: str, *options: str, ready: bool) -> None:
    """A button that makes a network of one's own, and how far that is.

    Args:
        name: of the training or family.
        label: of the button.
        options: of `freeze`, beyond those that each needs.
        ready: whether there is something to measure.
    """
    card = own_card(name)
    if st.button(
        label,
        icon=":material/ac_unit:",
        type="primary" if card is None else "secondary",
        key=f"{KEY}_go",
        disabled=is_running(KEY) or not ready,
    ):
        start_command(
            KEY,
            "Measuring it",
            lambda path, folder: ["freeze", name, "--own", *options, "--json"],
        )
        st.rerun()
    result = follow_command(KEY)
    if result and result.get("slug") == name and own_card(name) is not None and card is None:
        st.rerun()


def show_links(card: ModelCard) -> None:
    """How good a network of one's own is, and where it can be seen."""
    figures = caches.networks.model_metrics(card.slug) if card.is_measured else None
    words = (
        f"Right on {figures.accuracy:.1%} of {figures.n:,} PrivateTest faces "
        f"({figures.accuracy_low:.1%} to {figures.accuracy_high:.1%})."
        if figures
        else "It was not measured on FER2013, which is not imported here."
    )
    if figures and card.own and card.own.dataset != "fer2013":
        words += f" From {literal(card.own.dataset)} it kept faces back, see Across data sets."
    st.success(f"**It is a network of yours.** {words}", icon=":material/check:")
    with st.container(horizontal=True):
        for page, label, sign, query in (
            ("4_Compare_models", "Compare", "leaderboard", {"models": card.slug}),
            ("5_Look_inside", "Look inside", "search_insights", {"network": card.slug}),
            ("1_Live", "Try it live", "videocam", {"network": card.slug}),
        ):
            st.page_link(
                f"pages/{page}.py",
                label=label,
                icon=f":material/{sign}:",
                query_params=query,
            )


def own_card(name: str) -> ModelCard | None:
    """The card of the network that was made of a training or family; None before that."""
    if not (network_folder(name) / CARD_FILE).is_file():
        return None
    return next((card for card in caches.networks.model_cards()[0] if card.slug == name), None)


def _removal(run: Run, open_one: Open) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Checkpoints and curves go. A network that was made of it stays on every page.")
        show_button("Delete this training", ":material/delete:", "delete", _delete, run, open_one)
        if not run.family:
            offer_removal(run.name)


def offer_removal(name: str) -> None:
    """A button that removes the network that was made of a training, where one was."""
    if own_card(name) is not None:
        st.markdown("The network itself goes from every page; its looks stay in the ledger.")
        show_button("Remove its network", ":material/delete_forever:", "remove", _remove, name)


def show_button(
    label: str, sign: str, key: str, call: Callable[..., None], *args: object, primary: bool = False
) -> None:
    """A button whose errors are said under the heading; see `show_heading`."""
    st.button(
        label,
        icon=sign,
        key=f"train_{key}",
        type="primary" if primary else "secondary",
        on_click=_told,
        args=(call, *args),
    )


def _told(call: Callable[..., None], *args: object) -> None:
    try:
        call(*args)
    except MienError as error:
        st.session_state[_FAULT] = str(error)


def _wish(run: Run, wish: Wish) -> None:
    run.set_wish(wish)


def _again(run: Run, more: int, keep_best: bool) -> None:
    forget_result(KEY)
    go_on(run, more_epochs=more, keep_best=keep_best)
    start_queue()


def _delete(run: Run, open_one: Open) -> None:
    forget_result(KEY)
    run.delete()
    open_one(run.family if run.family in taken_names() else "")


def _remove(name: str) -> None:
    forget_result(KEY)
    remove_import(find_folder(name, imports_root()))
