"""The pictures that a visitor brought: drop zone, camera, example, and how many are kept.

Nothing is written to disk, and nothing goes into the caches that all visitors share: pictures live
in the visitor's session, also while another page is open, until they are taken out of the drop zone
or discarded. Their number and size are limited, so memory is too.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fer_core.emotions import Emotion
from fer_core.media import MAX_BYTES, MAX_JPEG_PIXELS, MAX_PIXELS
from fer_core.pipeline import export as reports
from fer_core.synthetic.face import POSES, draw_face
from ui.widgets.image import ENDINGS

MAX_PICTURES = 100
"""Pictures of one visitor at a time: a minute of reading, where each has 12 megapixels (0.55 s on
two busy cores)."""

MAX_TOTAL_BYTES = 200_000_000
"""Size of their files together, which stay in memory because pictures to take away are made from
them: some 50 photos of a phone, and as much as a visitor of the Videos page may upload."""

EXAMPLES = {
    "one face": (Emotion.HAPPY,),
    "two faces": (Emotion.SAD, Emotion.NEUTRAL),
    "three faces": (Emotion.HAPPY, Emotion.SURPRISE, Emotion.ANGRY),
}
"""What each shows, from left to right."""

FILES_TAB, CAMERA_TAB = ":material/upload_file: Files", ":material/photo_camera: Camera"
_UPLOADS, _HELD, _LEFT_OUT = "photos_uploads", "photos_held", "photos_left_out"
_EXAMPLE_ON = "photos_example"
_DISCARDED = "photos_discarded"


@dataclass(frozen=True, slots=True)
class Upload:
    """One picture as it came.

    Attributes:
        key: tells this very upload from every other one.
        name: the file's name, not to be trusted.
        size_bytes: of the file.
        load: its bytes, called only when they are needed.
    """

    key: str
    name: str
    size_bytes: int
    load: Callable[[], bytes]

    @classmethod
    def of(cls, file: UploadedFile, name: str | None = None) -> "Upload":
        """What came through a drop zone or the camera, under its own name or another one."""
        return cls(file.file_id, name or file.name, file.size, file.getvalue)


def choose_pictures() -> list[Upload]:
    """Drop zone, camera and example.

    Returns:
        All pictures to show, in the order in which they came; the camera's newest is first while
        the camera shows it. Also those that came before another page was open.
    """
    # New keys after each discarding: a drop zone lets go of its files only as another one.
    discarded = st.session_state.get(_DISCARDED, 0)
    zone, shutter = f"photos_files_{discarded}", f"photos_camera_{discarded}"
    stayed = {widget for widget in (zone, shutter) if widget in st.session_state}
    files, camera = st.tabs((FILES_TAB, CAMERA_TAB), key="photos_tab", on_change="rerun")
    with files:
        uploaded = st.file_uploader(
            "Drop pictures here",
            type=ENDINGS,
            accept_multiple_files=True,
            key=zone,
            max_upload_size=MAX_BYTES // 1_000_000,
            help=f"Up to {MAX_PICTURES} pictures with {MAX_TOTAL_BYTES // 1_000_000} MB together, "
            f"each up to {MAX_BYTES // 1_000_000} MB and {MAX_PIXELS // 1_000_000} megapixels, as "
            f"a JPEG {MAX_JPEG_PIXELS // 1_000_000}.",
        )
    _keep(zone, [Upload.of(file) for file in uploaded], stayed=zone in stayed)
    snapshot = None
    if camera.open:
        # Only then: the browser switches the camera on as soon as this is shown.
        with camera:
            snapshot = st.camera_input("A snapshot", key=shutter, width=560)
        taken = [Upload.of(snapshot, "snapshot.jpg")] if snapshot is not None else []
        _keep(shutter, taken, stayed=shutter in stayed)
    _show_left_out()
    chosen = list(_uploads().values())
    if snapshot is not None:
        chosen.sort(key=lambda upload: upload.key != snapshot.file_id)
    if not chosen and not camera.open:
        example = _choose_example()
        if example is not None:
            chosen.append(example)
    return chosen


def _choose_example() -> Upload | None:
    """Drawn pictures to click, until one is clicked; then that one, until it is discarded."""
    name = st.session_state.get(_EXAMPLE_ON)
    if name in EXAMPLES:
        return Upload(f"example {name}", f"drawn {name}.png", 0, partial(example_png, name))
    st.caption("Or click a drawn example; no person is shown.")
    with st.container(horizontal=True, gap="medium", key="photos_examples"):
        for number, name in enumerate(EXAMPLES, start=1):
            with st.container(width=180, gap="xsmall", key=f"photos_card_{number}"):
                st.image(example_png(name), alt=f"Example, drawn: {name}")
                st.button(
                    name.capitalize(),
                    key=f"photos_example_{name}",
                    width="stretch",
                    on_click=_show_example,
                    args=(name,),
                )
    return None


def _show_example(name: str) -> None:
    st.session_state[_EXAMPLE_ON] = name


def _uploads() -> dict[str, Upload]:
    uploads: dict[str, Upload] = st.session_state.setdefault(_UPLOADS, {})
    return uploads


def _keep(widget: str, now: list[Upload], *, stayed: bool) -> None:
    """Take over what is new in a widget, as far as it fits, and drop what was taken out of it.

    Args:
        widget: its key.
        now: what it holds.
        stayed: whether it was there before this run. One that comes back, as after another page,
            is empty, though nobody has taken anything out.
    """
    uploads, held = _uploads(), st.session_state.setdefault(_HELD, {})
    keys = {upload.key for upload in now}
    if stayed:
        for key in held.get(widget, set()) - keys:
            uploads.pop(key, None)
    held[widget] = keys
    fresh = [upload for upload in now if upload.key not in uploads]
    if not fresh:
        return
    room = MAX_TOTAL_BYTES - sum(upload.size_bytes for upload in uploads.values())
    left_out = []
    for upload in fresh:
        if len(uploads) < MAX_PICTURES and upload.size_bytes <= room:
            uploads[upload.key] = upload
            room -= upload.size_bytes
        else:
            left_out.append(upload.key)
    _release(left_out)
    st.session_state[_LEFT_OUT] = len(left_out)


def _release(keys: Iterable[str]) -> None:
    """Let Streamlit forget files, which it else keeps until the visitor's session ends."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for key in keys:
        context.uploaded_file_mgr.remove_file(context.session_id, key)


def _show_left_out() -> None:
    count = st.session_state.get(_LEFT_OUT, 0)
    if count:
        st.warning(
            f"**{count} {'picture was' if count == 1 else 'pictures were'} left out.** This page "
            f"takes up to {MAX_PICTURES} pictures with {MAX_TOTAL_BYTES // 1_000_000} MB together, "
            "because it keeps them in memory. Discard these before you choose others, or read a "
            "whole folder: `python -m fer_core predict FOLDER --annotate OUT`.",
            icon=":material/inventory_2:",
        )


def discard_uploads() -> None:
    """Let go of all pictures; the drop zone is empty again."""
    _release(_uploads())
    for key in (_UPLOADS, _HELD, _LEFT_OUT):
        st.session_state.pop(key, None)
    st.session_state[_DISCARDED] = st.session_state.get(_DISCARDED, 0) + 1
    st.session_state.pop(_EXAMPLE_ON, None)


@cache
def example_png(name: str) -> bytes:
    """One of `EXAMPLES`; no picture of a person is part of the project."""
    faces = [draw_face(POSES[emotion])[:, 100:540] for emotion in EXAMPLES[name]]
    return reports.encode_png(np.hstack(faces))
