"""The game "Show me surprise": the prompt under the video, and one's own confusion matrix."""

from functools import partial
from secrets import randbelow

import streamlit as st

from fer_core.charts import game_figure
from fer_core.live.game import (
    DURATION_S,
    READINGS_A_SECOND,
    READY_S,
    TIMES_EACH,
    TURN_S,
    TURNS,
    Game,
    GameResult,
    Turn,
    game_csv,
    game_json,
)
from fer_core.live.score_card import score_card
from fer_core.live.session import LiveSession
from ui import caches
from ui.live.observers import own_game
from ui.live.video import Streamer
from ui.webrtc.pacing import wait_until_sent
from ui.widgets.downloads import offer_file
from ui.widgets.figure import show_figure

_REDRAW_S = 0.5

_TO_THE_VIDEO = """<script>
// Game {seed}
document.querySelector(".st-key-live_game_prompt")
    ?.closest('[data-testid="stColumn"]')?.scrollIntoView({{behavior: "smooth"}});
</script>"""
"""The button is far below the prompt. With the game's number, or the browser would take the next
game's script for this one and not run it again."""


def show_game(live: LiveSession) -> None:
    """Under the video while a game runs: what to show now; nothing otherwise."""
    game = own_game(live)
    if game.turn() is not None:
        st.fragment(_prompt, run_every=_REDRAW_S)(game)
        st.html(_TO_THE_VIDEO.format(seed=game.seed), unsafe_allow_javascript=True)


def _prompt(game: Game) -> None:
    turn = game.turn()
    if turn is None:  # played to the end, or the video was stopped
        st.rerun()
    with st.container(border=True, key="live_game_prompt"):
        words, stop = st.columns([4, 1], vertical_alignment="center")
        words.header(f"Show me {turn.asked.style.emoji} {turn.asked.label}", anchor=False)
        stop.button("Stop", icon=":material/close:", key="live_game_stop", on_click=game.stop)
        st.progress(min(turn.progress, 1.0), hint(turn))
    wait_until_sent()


def hint(turn: Turn) -> str:
    """What is said under the word: ``3 of 14 · 5 s more``, or what hinders."""
    if not turn.face_seen:
        state = "no face is seen: come back into view"
    elif turn.counting:
        state = f"hold it, {turn.seconds_left:.0f} s more"
    else:
        state = "get ready"
    return f"{turn.number} of {TURNS} · {state}"


def show_game_starter(stream: Streamer, live: LiveSession) -> None:
    """What the game is, and its button."""
    game = own_game(live)
    st.markdown("**Show me surprise**")
    st.caption(
        f"For {DURATION_S / 60:.0f} minutes Mien asks for one expression after the other, each "
        f"{TIMES_EACH} times for {TURN_S:.0f} seconds, and counts what is read on the largest "
        f"face, {READINGS_A_SECOND:.0f} times a second after the first {READY_S:.0f} seconds. "
        "Then you see which of your expressions it takes for which. Readings only, no images, "
        "in memory until you discard them."
    )
    if game.turn() is None:
        st.button(
            "Play",
            icon=":material/play_arrow:",
            key="live_game_play",
            disabled=not stream.state.playing,
            on_click=_start,
            args=(game,),
        )
        if game.broken_off:
            st.info("The video ended in the middle of the game, so there is no result.")


def _start(game: Game) -> None:
    game.start(randbelow(2**31))


def show_game_result(stream: Streamer, live: LiveSession) -> None:
    """The last game's outcome with its files; nothing without one."""
    game = own_game(live)
    result = game.result
    if result is None:
        return
    with st.container(border=True):
        st.header("Your game", anchor=False)
        if len(result):
            _show(result)
        else:
            st.info("No face was read in this time.", icon=":material/face_retouching_off:")
        with st.container(horizontal=True):
            st.button(
                "Again",
                icon=":material/replay:",
                type="primary",
                key="live_game_again",
                disabled=not stream.state.playing or game.turn() is not None,
                on_click=_start,
                args=(game,),
            )
            if len(result):
                _show_files(result)
            st.button(
                "Discard",
                icon=":material/delete:",
                key="live_game_discard",
                on_click=game.discard,
            )


def _show(result: GameResult) -> None:
    read_by = _read_by(result)
    words = (
        f"{result.turns_right} of {len(result.order)} times your face was mostly read as what "
        f"you were asked to show, and in {result.share:.0%} of all readings."
    )
    if confusing := result.confusing:
        words += (
            f" What confused the network most was meant as {confusing.asked.label}, and read as "
            f"{confusing.read.label} ({confusing.confidence:.0%})."
        )
    st.markdown(words)
    card, matrix = st.columns(2, gap="medium")
    card.image(score_card(result, read_by), alt=f"Your score card: {words}")
    with matrix:
        show_figure(
            game_figure(result.counts),
            "live_game_matrix",
            "What you were asked to show, by row, and what was read, by column.",
        )
    st.caption(
        f"{len(result):,} readings by {read_by} of {result.moments:,} possible ones, "
        f"{READINGS_A_SECOND:.0f} a second; the others are missing because no face was seen or the "
        "video was slow. Each row adds up to 100%: what was read, sure or not, while its "
        "expression was asked for. It says how well this network and you understand each other, "
        "not what you feel."
    )


def _read_by(result: GameResult) -> str:
    cards, _ = caches.networks.model_cards()
    titles = {card.slug: card.title for card in cards}
    return " and ".join(titles.get(slug, slug) for slug in dict.fromkeys(result.models))


def _show_files(result: GameResult) -> None:
    # Made when it is clicked, and without running the page again.
    offer_file(
        "Score card (PNG)",
        partial(score_card, result, _read_by(result)),
        "mien-score.png",
        key="live_game_png",
    )
    offer_file("Readings (CSV)", partial(game_csv, result), "mien-game.csv", key="live_game_csv")
    offer_file(
        "Matrix and turns (JSON)",
        partial(game_json, result),
        "mien-game.json",
        key="live_game_json",
    )
