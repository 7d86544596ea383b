"""Many pictures: small ones in rows, filtered by what their faces show, one of them opened."""

from collections.abc import Callable

import streamlit as st

from fer_core.emotions import LABELS, UNSURE, Emotion
from fer_core.pipeline.images import Reading
from ui.photos.reading import Shown
from ui.widgets.texts import literal

PICTURES_AT_ONCE = 12
ANYTHING, SURE, NOT_SURE = "all", "sure", "unsure"
NO_FACE = "no face"

_SHOWN, _OPEN = "photos_shown", "photos_open"
_ACROSS = 4


def shown_states(picture: Shown) -> tuple[str, ...]:
    """What its faces show from left to right: labels, "unsure"; () without a face."""
    if picture.reading.result is None:
        return ()
    predictions = picture.reading.result.predictions
    return tuple(
        UNSURE if unsure else emotion.label
        for emotion, unsure in zip(predictions.emotions, predictions.unsure, strict=True)
    )


def matches(picture: Shown, labels: list[str], sureness: str) -> bool:
    """Whether a picture passes the filters; one that could not be read passes while none is set.

    Args:
        picture: to be shown or not.
        labels: expressions, of which a face must show one; `NO_FACE` lets pictures without one
            pass; empty for all.
        sureness: `SURE`: a face with a told expression; `NOT_SURE`: an unsure one; `ANYTHING`.
    """
    states = shown_states(picture)
    if picture.reading.result is None:
        return not labels and sureness == ANYTHING
    told = [state for state in states if state != UNSURE]
    by_label = (
        not labels or any(state in labels for state in told) or (NO_FACE in labels and not states)
    )
    by_sureness = {ANYTHING: True, SURE: bool(told), NOT_SURE: UNSURE in states}
    return by_label and by_sureness[sureness]


def show_gallery(pictures: list[Shown], show: Callable[[Shown], None]) -> None:
    """Filters, small pictures, and above them the one that is open.

    Args:
        pictures: all of them.
        show: draws one in full.
    """
    opened = {picture.upload.key: picture for picture in pictures}.get(
        st.session_state.get(_OPEN, "")
    )
    if opened is not None:
        with st.container(border=True, key="photos_opened"):
            st.button(
                "Close", icon=":material/close:", key="photos_close", on_click=_open, args=("",)
            )
            show(opened)
    left, right = st.columns([3, 1])
    labels = left.pills(
        "Faces that show",
        (*LABELS, NO_FACE),
        selection_mode="multi",
        key="photos_filter",
    )
    sureness = right.segmented_control(
        "The network is",
        (ANYTHING, SURE, NOT_SURE),
        key="photos_sureness",
        default=ANYTHING,
        required=True,
    )
    found = [one for one in pictures if matches(one, list(labels), str(sureness))]
    if len(found) < len(pictures):
        st.caption(f"{len(found)} of {len(pictures)} pictures")
    shown = st.session_state.get(_SHOWN, PICTURES_AT_ONCE)
    for first in range(0, min(shown, len(found)), _ACROSS):
        row = found[first : min(first + _ACROSS, shown)]
        for column, picture in zip(st.columns(_ACROSS), row, strict=False):
            with column, st.container(border=True, gap="xsmall"):
                _show_small(picture)
    if (more := len(found) - shown) > 0 and st.button(
        f"Show {min(more, PICTURES_AT_ONCE)} more of {more}", key="photos_more"
    ):
        st.session_state[_SHOWN] = shown + PICTURES_AT_ONCE
        st.rerun()


def told(reading: Reading) -> str:
    """Name, size and what a reader should know of a picture that was read."""
    assert reading.result is not None
    note = f" · {reading.note}" if reading.note else ""
    return f"{reading.name} · {reading.result.width} x {reading.result.height}{note}"


def _show_small(picture: Shown) -> None:
    reading = picture.reading
    if reading.result is None:
        st.error(literal(str(reading.error)), icon=":material/broken_image:")
        return
    states = shown_states(picture)
    emoji = {emotion.label: emotion.style.emoji for emotion in Emotion} | {UNSURE: "?"}
    words = " · ".join(f"{emoji[state]} {state}" for state in states[:3]) or NO_FACE
    if len(states) > 3:
        words += f" · and {len(states) - 3} more"
    st.image(picture.preview, alt=f"{reading.name}: {', '.join(states) or NO_FACE}")
    # `st.text` knows no Markdown: a name is shown letter by letter.
    st.text(told(reading))
    st.caption(words)
    st.button(
        "Look closer",
        key=f"photos_open_{picture.upload.key}",
        type="tertiary",
        icon=":material/zoom_in:",
        on_click=_open,
        args=(picture.upload.key,),
    )


def _open(key: str) -> None:
    st.session_state[_OPEN] = key


def forget_choice() -> None:
    """The next pictures begin with none open."""
    for key in (_SHOWN, _OPEN):
        st.session_state.pop(key, None)
