"""A still of the live video to look at and to take away. Nothing is stored on the server's disk."""

from dataclasses import dataclass

import streamlit as st

from fer_core.live.session import LiveSession
from fer_core.pipeline.annotate import draw_snapshot, two_likeliest
from fer_core.pipeline.export import encode_png
from ui.live.video import Streamer

TAKEN, COUNT = "live_snapshot", "live_snapshot_count"
"""Keys of the newest still, and of how many were taken."""

_TAKE_FOCUS = """<script>
if (document.activeElement && document.activeElement.tagName === "IFRAME") {
    window.focus();
    document.querySelector(".st-key-live_snapshot_button button")?.focus({preventScroll: true});
}
</script>"""
"""The click on START leaves the keyboard inside the video, on the button that is STOP by then: the
space bar would end the stream instead of taking a snapshot."""

_NOTHING_YET = "There is nothing to keep yet: press START, and wait for the first frame."


@dataclass(frozen=True, slots=True)
class Taken:
    """One still.

    Attributes:
        png: the frame with red rectangles and names.
        faces: one sentence for each face.
        number: 1 for the first of this visitor.
    """

    png: bytes
    faces: tuple[str, ...]
    number: int


def take(live: LiveSession, number: int = 1) -> Taken | None:
    """The newest frame as a still, mirrored where the video is; None before the first frame."""
    frame = live.snapshot().frame
    if frame is None:
        return None
    shown = frame.shown
    image = draw_snapshot(frame.image, shown, mirror=live.view.mirror)
    faces = tuple(
        f"Face {track_id}: {two_likeliest(row, unsure=bool(unsure))}"
        for track_id, row, unsure in zip(
            shown.track_ids,
            shown.predictions.probabilities,
            shown.predictions.unsure,
            strict=True,
        )
    )
    return Taken(encode_png(image), faces, number)


@st.fragment
def show_snapshot(stream: Streamer, live: LiveSession) -> None:
    """The button, which the space bar presses too, and the newest still."""
    button, hint = st.columns([1, 2], gap="small", vertical_alignment="center")
    pressed = button.button(
        "Snapshot",
        icon=":material/photo_camera:",
        shortcut="Space",
        key="live_snapshot_button",
        disabled=not stream.state.playing,
    )
    hint.caption(
        "The space bar does it too. If you clicked into the video last, click beside it first."
    )
    if stream.state.playing:
        st.html(_TAKE_FOCUS, unsafe_allow_javascript=True)
    if pressed:
        number = st.session_state.get(COUNT, 0) + 1
        taken = take(live, number)
        if taken is None:
            st.info(_NOTHING_YET, icon=":material/hourglass_top:")
        else:
            st.session_state[TAKEN], st.session_state[COUNT] = taken, number
    kept: Taken | None = st.session_state.get(TAKEN)
    if kept is not None:
        _show(kept)


def _show(taken: Taken) -> None:
    words = " · ".join(taken.faces) or "No face was in it"
    with st.container(border=True):
        left, beside = st.columns(2, gap="medium", vertical_alignment="center")
        left.image(taken.png, alt=f"Snapshot {taken.number}. {words}")
        beside.caption(
            f"Snapshot {taken.number}, expression shown. {words}. In this browser tab only, until "
            "the next one."
        )
        with beside.container(horizontal=True):
            st.download_button(
                "Image (PNG)",
                taken.png,
                file_name=f"mien-snapshot-{taken.number}.png",
                mime="image/png",
                icon=":material/download:",
                key="live_snapshot_png",
                on_click="ignore",
            )
            st.button(
                "Discard", icon=":material/delete:", key="live_snapshot_discard", on_click=discard
            )


def discard() -> None:
    """Forget the newest still."""
    st.session_state.pop(TAKEN, None)
