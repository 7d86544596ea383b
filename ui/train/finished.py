"""What can be done with a training: hold it up, end it, let it go on, and make a network of it."""

from collections.abc import Callable

import streamlit as st

from fer_core.errors import MienError
from fer_core.evaluation.imports.folder import remove_import
from fer_core.runs.queue import go_on, network_folder
from fer_core.runs.run import Run, Wish
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
    st.header(literal(run.name), divider="gray")
    st.markdown(
        f"**{literal(order.network)}** on **{literal(order.dataset)}**, recipe "
        f"{literal(order.recipe)}, {order.epochs} epochs, seed {order.seed}"
    )
    if fault := st.session_state.pop(_FAULT, ""):
        st.error(literal(fault), icon=":material/error:")
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


def _while_it_runs(run: Run, *, paused: bool) -> None:
    with st.container(horizontal=True):
        if paused:
            _button("Go on", ":material/play_arrow:", "go", _wish, run, "", primary=True)
        else:
            _button("Pause", ":material/pause:", "pause", _wish, run, "pause")
        _button("Stop, keep the best", ":material/stop:", "stop", _wish, run, "stop")
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
            _button(words, ":material/play_arrow:", "again", _again, run, 0, False, primary=True)
            if run.has_epochs():
                _button("Keep the best so far", ":material/save:", "keep", _again, run, 0, True)
        return
    _make_a_network(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = st.number_input("A few epochs more", 1, 500, _MORE, key="train_more")
        _button("Go on", ":material/playlist_add:", "more_go", _again, run, int(more), False)


def _make_a_network(run: Run) -> None:
    """One click to a row on Compare, and what can be done with it then."""
    card = _card(run)
    if card is None:
        st.markdown(
            "**Make it a network of yours.** It is measured on faces that it has not seen, and "
            "then on every page. On FER2013 that is one look at PrivateTest, entered in your "
            "own ledger."
        )
    else:
        _links(card)
    if st.button(
        "Measure it, make it a network" if card is None else "Measure it again, after more epochs",
        icon=":material/ac_unit:",
        type="primary" if card is None else "secondary",
        key=f"{KEY}_go",
        disabled=is_running(KEY) or not run.has_network(),
    ):
        start_command(
            KEY, "Measuring it", lambda path, folder: ["freeze", run.name, "--own", "--json"]
        )
        st.rerun()
    result = follow_command(KEY)
    if result and result.get("slug") == run.name and _card(run) is not None and card is None:
        st.rerun()


def _links(card: ModelCard) -> None:
    figures = caches.model_metrics(card.slug) if card.is_measured else None
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


def _card(run: Run) -> ModelCard | None:
    """The card of the network that was made of it, if it was."""
    if not (network_folder(run.name) / CARD_FILE).is_file():
        return None
    return next((card for card in caches.model_cards()[0] if card.slug == run.name), None)


def _removal(run: Run, open_one: Open) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Checkpoints and curves go. A network that was made of it stays on every page.")
        _button("Delete this training", ":material/delete:", "delete", _delete, run, open_one)
        if _card(run) is not None:
            st.markdown("The network itself goes from every page; its looks stay in the ledger.")
            _button("Remove its network", ":material/delete_forever:", "remove", _remove, run)


def _button(
    label: str, sign: str, key: str, call: Callable[..., None], *args: object, primary: bool = False
) -> None:
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
    open_one("")


def _remove(run: Run) -> None:
    forget_result(KEY)
    remove_import(find_folder(run.name, imports_root()))
