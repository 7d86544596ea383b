"""A person's own neutral: the button that takes it, and what the cards then show."""

import streamlit as st

from fer_core.live.neutral import COLLECT_S, Baseline
from fer_core.live.session import LiveSession
from fer_core.pipeline.frame import FrameResult
from ui import caches
from ui.live.observers import own_baseline
from ui.live.video import Streamer
from ui.webrtc.pacing import wait_until_sent
from ui.widgets.pickers import chosen_slug

_REDRAW_S = 0.25

_MEANING = (
    "From now on each bar has a line where it stands while your face rests, and beside the "
    "percentage by how many points it is above or below. What the network reads, and the name at "
    "the box, stay as they are: how it reads one face at rest does not say how to correct it for "
    "the other expressions."
)


def baseline_of(live: LiveSession, result: FrameResult, row: int) -> Baseline | None:
    """The baseline of a face of a frame, where it is this person's and this network's."""
    baseline = own_baseline(live).state().baseline
    if baseline is None or baseline.model != result.model:
        return None
    return baseline if baseline.row_of(result.track_ids) == row else None


def show_baseline(stream: Streamer, live: LiveSession) -> None:
    """Set it, see it being taken, forget it."""
    collecting = own_baseline(live).state().progress is not None
    st.fragment(_baseline, run_every=_REDRAW_S if collecting else None)(
        stream, live, collecting=collecting
    )


def _baseline(stream: Streamer, live: LiveSession, *, collecting: bool) -> None:
    own = own_baseline(live)
    state = own.state()
    if state.progress is not None:
        left = (1 - state.progress) * COLLECT_S
        st.progress(state.progress, f"Look neutral, and into the camera: {left:.0f} s more")
        st.button(
            "Cancel", icon=":material/close:", key="live_baseline_cancel", on_click=own.forget
        )
        wait_until_sent()
        return
    if collecting:
        st.rerun()  # the whole page: this part must stop asking for itself
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Set my neutral" if state.baseline is None else "Set it again",
            icon=":material/sentiment_neutral:",
            key="live_baseline_set",
            disabled=not stream.state.playing,
            help=f"Look neutral for {COLLECT_S:.0f} seconds. The largest face is taken.",
        ):
            own.start()
            st.rerun()
        if state.baseline is not None:
            st.button(
                "Forget it",
                icon=":material/delete:",
                key="live_baseline_forget",
                on_click=own.forget,
            )
    if state.refusal:
        st.warning(state.refusal, icon=":material/sentiment_neutral:")
    if state.baseline is not None:
        _explain(state.baseline)
    else:
        st.caption(
            "Nobody's resting face looks like the average one. Mien can look at yours for "
            f"{COLLECT_S:.0f} seconds and then also say how far you are from it."
        )


def _explain(baseline: Baseline) -> None:
    cards, _ = caches.networks.model_cards()
    title = next((card.title for card in cards if card.slug == baseline.model), baseline.model)
    if baseline.model != chosen_slug():
        st.info(
            f"Your neutral was read by {title}. Another network reads a resting face in another "
            "way: choose that one again, or set your neutral again.",
            icon=":material/info:",
        )
        return
    st.caption(
        f":material/check: Your neutral is set, from {baseline.readings} frames. {_MEANING} It "
        "is shown at the face that it was taken from, or at the only one in view."
    )
