"""What can be opened under the live video: arena, game, neutral, settings, self-test."""

from collections.abc import Callable

import streamlit as st

from fer_core.live.session import LiveSession
from ui.live.arena import rest_arena, show_arena
from ui.live.game import show_game_starter
from ui.live.neutral import show_baseline
from ui.live.selftest import show_selftest
from ui.live.video import Streamer

ARENA, GAME, NEUTRAL, CHECK = "arena", "game", "neutral", "check"

LABELS = {
    ARENA: ":material/compare_arrows: Arena",
    GAME: ":material/sports_esports: Game",
    NEUTRAL: ":material/sentiment_neutral: My neutral",
    CHECK: ":material/fact_check: Live and measured",
}

PICKER, _OPEN = "live_panel_picker", "live_panel"


def pick_panel() -> str | None:
    """Buttons, of which one is down: its panel is open; None while none is."""
    st.session_state[PICKER] = st.session_state.get(_OPEN)

    def keep() -> None:
        st.session_state[_OPEN] = st.session_state[PICKER]

    picked = st.segmented_control(
        "More to do with the video",
        tuple(LABELS),
        format_func=LABELS.__getitem__,
        key=PICKER,
        on_change=keep,
        label_visibility="collapsed",
    )
    if picked != ARENA:
        rest_arena()
    return None if picked is None else str(picked)


def show_panel(panel: str | None, stream: Streamer, live: LiveSession) -> None:
    """The open one; nothing while none is."""
    if panel is None:
        return
    shown: dict[str, Callable[[], None]] = {
        ARENA: lambda: show_arena(stream, live),
        GAME: lambda: show_game_starter(stream, live),
        NEUTRAL: lambda: show_baseline(stream, live),
        CHECK: show_selftest,
    }
    with st.container(border=True, key="live_panel_open"):
        shown[panel]()
