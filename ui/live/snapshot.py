"""Stills of the live video to look at and to take away. Nothing is stored on the server's disk."""

import io
import zipfile
from dataclasses import dataclass
from functools import partial

import streamlit as st

from fer_core.live.session import LiveSession
from fer_core.pipeline.annotate import draw_snapshot, two_likeliest
from fer_core.pipeline.export import encode_png
from ui.live.recorder import MARK
from ui.live.video import Streamer
from ui.webrtc.widget import pass_keys_on
from ui.widgets.downloads import offer_file

TAKEN, COUNT = "live_snapshots", "live_snapshot_count"
"""Keys of the stills that are kept, and of how many were taken."""

KEPT = 12
"""Stills of one viewer, in memory: half a megabyte each."""

BUTTON = "live_snapshot_button"

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

    @property
    def words(self) -> str:
        """What is to be seen."""
        return " · ".join(self.faces) or "No face was in it"


def take(live: LiveSession, number: int = 1) -> Taken | None:
    """The newest frame as a still, mirrored where the video is; None before the first frame."""
    frame = live.snapshot().frame
    if frame is None:
        return None
    shown = live.wording(frame)
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


def kept() -> list[Taken]:
    """This viewer's stills, the newest first."""
    stills: list[Taken] = st.session_state.get(TAKEN, [])
    return stills


def show_button(stream: Streamer, live: LiveSession) -> None:
    """The button, which the space bar presses too."""
    st.button(
        "Snapshot",
        icon=":material/photo_camera:",
        shortcut="Space",
        key=BUTTON,
        disabled=not stream.state.playing,
        on_click=_take,
        args=(live,),
    )


def hear_keys(stream: Streamer) -> None:
    """The space bar, and M for a marker, also after a click into the video."""
    if stream.state.playing:
        pass_keys_on({"Space": BUTTON, "KeyM": MARK}, focus=BUTTON)


def _take(live: LiveSession) -> None:
    number = st.session_state.get(COUNT, 0) + 1
    taken = take(live, number)
    if taken is None:
        st.toast(_NOTHING_YET, icon=":material/hourglass_top:")
        return
    st.session_state[COUNT] = number
    st.session_state[TAKEN] = [taken, *kept()][:KEPT]
    st.toast(f"Snapshot {number}: {taken.words}", icon=":material/photo_camera:")


def show_gallery() -> None:
    """The stills, newest first; nothing without one."""
    stills = kept()
    if not stills:
        return
    with st.container(border=True, key="live_gallery"):
        st.markdown("**Snapshots**, expression shown")
        with st.container(horizontal=True, gap="small"):
            for taken in stills:
                with st.container(width=220, gap="xsmall"):
                    st.image(taken.png, alt=f"Snapshot {taken.number}. {taken.words}")
                    st.caption(f"Snapshot {taken.number}, {taken.words}")
                    offer_file(
                        "PNG",
                        taken.png,
                        f"mien-snapshot-{taken.number}.png",
                        key=f"live_snapshot_png_{taken.number}",
                        help=f"Snapshot {taken.number} as a file.",
                    )
        with st.container(horizontal=True):
            if len(stills) > 1:
                offer_file(
                    f"{len(stills)} snapshots (ZIP)",
                    partial(stills_zip, tuple(stills)),
                    "mien-snapshots.zip",
                    key="live_snapshots_zip",
                )
            st.button(
                "Discard", icon=":material/delete:", key="live_snapshot_discard", on_click=discard
            )
        st.caption(f"In this browser tab only, the newest {KEPT}, until you discard them.")


def stills_zip(stills: tuple[Taken, ...]) -> bytes:
    """All of them in one file, as PNG."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for taken in stills:
            archive.writestr(f"mien-snapshot-{taken.number}.png", taken.png)
    return packed.getvalue()


def discard() -> None:
    """Forget all stills."""
    st.session_state.pop(TAKEN, None)
