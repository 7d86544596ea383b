"""The arena: several networks side by side on the face that is live."""

import streamlit as st

from fer_core.errors import MienError
from fer_core.live.arena import FEWEST, MOST, ROUNDS_A_SECOND, Answer, Arena, ArenaState
from fer_core.live.session import LiveSession
from fer_core.zoo import AnswersAs
from ui import caches
from ui.live.faces import REFRESH_S, heading, stripe
from ui.live.observers import ARENA, own_arena
from ui.live.video import Streamer
from ui.webrtc.pacing import wait_until_sent

CHOICE, _KEPT = "live_arena_models", "live_arena_kept"
_OLD_S = 1.5
"""Without a new round for so long, the face has gone or the video stopped."""


def show_arena(stream: Streamer, live: LiveSession) -> None:
    """Choose the networks, and see what each reads."""
    cards, _ = caches.networks.model_cards()
    titles = {card.slug: card.title for card in cards}
    if len(titles) < FEWEST:
        st.caption("It takes two networks to compare, and there are not so many here.")
        return
    arena = own_arena(live)
    # Streamlit forgets a widget's value where it is not shown: it is kept under a second key.
    if CHOICE not in st.session_state:
        kept = st.session_state.get(_KEPT, ())
        st.session_state[CHOICE] = [slug for slug in kept if slug in titles]
    st.markdown("**Arena: several networks, one face**")
    chosen: list[str] = st.multiselect(
        f"Networks, {FEWEST} to {MOST}",
        tuple(titles),
        format_func=titles.__getitem__,
        key=CHOICE,
        max_selections=MOST,
        select_all=False,
        placeholder="Choose at least two",
    )
    st.session_state[_KEPT] = tuple(chosen)
    try:
        arena.choose(
            [caches.networks.classifier(slug) for slug in chosen] if len(chosen) > 1 else ()
        )
    except MienError as error:
        arena.choose(())
        st.error(f"A network does not load. {error}", icon=":material/broken_image:")
    if not arena.models:
        st.caption(
            "They read the largest face of the same frame, beside the video, which goes on with "
            f"the network above: at most {ROUNDS_A_SECOND:.0f} times a second, and less where "
            "they are slow. Choose none to switch it off."
        )
        return
    st.fragment(_state, run_every=REFRESH_S if stream.state.playing else None)(arena, titles)


def rest_arena() -> None:
    """Nobody looks at it: its networks take no more time from the video."""
    arena: Arena | None = st.session_state.get(ARENA)
    if arena is not None:
        arena.choose(())


def _state(arena: Arena, titles: dict[str, str]) -> None:
    now = arena.state()
    if not now.answers:
        st.caption("Waiting for a face in the video.")
        return
    for column, answer in zip(st.columns(len(now.answers), gap="small"), now.answers, strict=True):
        with column.container(border=True, gap="xsmall"):
            _card(titles.get(answer.model, answer.model), answer)
    st.markdown(verdict(now))
    if len(now.answers) > FEWEST:
        st.caption(
            "In pairs: "
            + " · ".join(
                f"{titles.get(a, a)} and {titles.get(b, b)}: {differed / now.rounds:.0%}"
                for a, b, differed in now.pairs
            )
        )
    st.caption(
        "To disagree is to name different expressions as the likeliest, sure or not. Each reading "
        f"is of the largest face of one frame, at most {ROUNDS_A_SECOND:.0f} a second, not "
        "smoothed. Milliseconds: cropping and reading one face, median, while the video takes its "
        f"share of the machine.{whose_words(now, titles)}"
    )
    wait_until_sent()


def whose_words(now: ArenaState, titles: dict[str, str]) -> str:
    """Whose word each network gives, where it is not the same for all; begins with a space."""
    voters, labels = (
        [
            titles.get(answer.model, answer.model)
            for answer in now.answers
            if answer.prediction.answers_as == answers_as
        ]
        for answers_as in (AnswersAs.VOTERS, AnswersAs.LABELS)
    )
    if not voters or not labels:
        return ""
    return (
        f" Named as most people would name the face: {', '.join(voters)}; as FER2013's labels, on "
        f"which people often differ: {', '.join(labels)}."
    )


def _card(title: str, answer: Answer) -> None:
    prediction = answer.prediction
    st.markdown(f"**{title}**")
    st.html(stripe(prediction.emotions[0], unsure=bool(prediction.unsure[0])))
    st.markdown(heading(prediction, 0))
    st.caption(f"{answer.milliseconds:.1f} ms a face")


def verdict(now: ArenaState) -> str:
    """Whether they agree now, and how often they did not so far, Markdown."""
    if now.age_s > _OLD_S:
        state = ":gray[No face now; this is the last one that they read.]"
    elif now.agree:
        state = ":material/check: **They agree.**"
    else:
        state = ":material/call_split: **They disagree.**"
    share = now.differed / now.rounds
    return f"{state} So far they disagreed on {share:.0%} of {now.rounds:,} readings."
