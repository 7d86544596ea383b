"""The photo page's glue: pictures in, annotated pictures and files to take away out.

Nothing is written to disk, and nothing goes into the caches that all visitors share: pictures and
what was read from them live in the visitor's session, also while another page is open, until they
are taken out of the drop zone or discarded. Their number and size are limited, so memory is too.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.media import MAX_BYTES, MAX_PIXELS, decode_image
from fer_core.pipeline import export as reports
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.images import Reading, predict_bytes
from fer_core.synthetic.face import POSES, draw_face
from ui import caches
from ui.widgets.bars import class_bars, face_heading
from ui.widgets.image import ENDINGS
from ui.widgets.pickers import chosen_slug, pick_detector, pick_model
from ui.widgets.texts import literal

MAX_PICTURES = 100
"""Pictures of one visitor at a time: a minute of reading, where each has 12 megapixels (0.55 s on
two busy cores)."""

MAX_TOTAL_BYTES = 200_000_000
"""Size of their files together, which stay in memory because pictures to take away are made from
them: some 50 photos of a phone, and as much as a visitor of the Videos page may upload."""

EXAMPLE_NAME = "drawn example.png"
EXAMPLE = (Emotion.HAPPY, Emotion.SURPRISE, Emotion.ANGRY)

PICTURES_AT_ONCE = 12
FACES_AT_ONCE = 6
_ACROSS = 3
_TALL_PX = 560

_TABS = (":material/upload_file: Files", ":material/photo_camera: Camera")
_UPLOADS, _HELD, _LEFT_OUT = "photos_uploads", "photos_held", "photos_left_out"
_KEPT = "photos_read"
_EXAMPLE_ON = "photos_example"
_SHOWN = "photos_shown"
_DISCARDED = "photos_discarded"

_NO_FACE = (
    "**No face was found in this picture.** What helps: a face turned to the camera, upright, well "
    "lit and at least 40 pixels wide; a smaller section of a large group picture; or the other "
    "face detector, under *Network and face detector*."
)


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


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A picture that was read, ready for the screen: small, because the session keeps it.

    Attributes:
        upload: where its pixels come from when a file is made to take away.
        reading: without pixels.
        preview: JPEG with the faces drawn in; empty where the file could not be read.
        faces: each face cut out, JPEG.
    """

    upload: Upload
    reading: Reading
    preview: bytes
    faces: tuple[bytes, ...]


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
    files, camera = st.tabs(_TABS, key="photos_tab", on_change="rerun")
    with files:
        uploaded = st.file_uploader(
            "Pictures with faces",
            type=ENDINGS,
            accept_multiple_files=True,
            key=zone,
            max_upload_size=MAX_BYTES // 1_000_000,
            help=f"Up to {MAX_PICTURES} pictures with {MAX_TOTAL_BYTES // 1_000_000} MB together, "
            f"each up to {MAX_BYTES // 1_000_000} MB and {MAX_PIXELS // 1_000_000} megapixels.",
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
        on = st.toggle(
            "Show an example: three drawn faces, no person",
            key=_EXAMPLE_ON,
            persist_state="session",
        )
        if on:
            chosen.append(Upload("example", EXAMPLE_NAME, 0, example_png))
    return chosen


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


def _discard() -> None:
    _release(_uploads())
    for key in (_UPLOADS, _HELD, _LEFT_OUT, _KEPT, _SHOWN):
        st.session_state.pop(key, None)
    st.session_state[_DISCARDED] = st.session_state.get(_DISCARDED, 0) + 1
    st.session_state[_EXAMPLE_ON] = False


def example_png() -> bytes:
    """Three drawn faces side by side; no picture of a person is part of the project."""
    return reports.encode_png(
        np.hstack([draw_face(POSES[emotion])[:, 100:540] for emotion in EXAMPLE])
    )


def choose_pipeline() -> Pipeline | None:
    """Let the visitor choose network and face detector.

    Returns:
        Both, ready to read; None where there is no network or one cannot be loaded, which is said.
    """
    # Open where there is something to say: without any network nothing works.
    missing = chosen_slug() is None
    with st.expander("Network and face detector", expanded=missing, icon=":material/tune:"):
        slug = pick_model()
        detector = pick_detector()
    if slug is None:
        return None
    try:
        return Pipeline(caches.detector(detector, photos=True), caches.classifier(slug))
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def read_pictures(uploads: list[Upload], pipeline: Pipeline) -> list[Shown]:
    """Read what has not been read with this network and detector yet, with progress.

    Returns:
        All pictures, in the order of ``uploads``.
    """
    known: dict[tuple[str, ...], Shown] = st.session_state.get(_KEPT, {})
    by = (pipeline.detector.name, pipeline.classifier.card.to_json())
    fresh = sum((upload.key, *by) not in known for upload in uploads)
    kept: dict[tuple[str, ...], Shown] = {}
    progress = st.progress(0.0, "Reading …") if fresh > 1 else None
    done = 0
    for upload in uploads:
        key = (upload.key, *by)
        if key not in known:
            known[key] = _read(upload, pipeline)
            done += 1
            if progress is not None:
                progress.progress(done / fresh, f"Read {done} of {fresh} pictures")
        kept[key] = known[key]
        # At once and not at the end: a click in between starts this run anew.
        st.session_state[_KEPT] = known
    if progress is not None:
        progress.empty()
    st.session_state[_KEPT] = kept  # what was taken out is forgotten
    return list(kept.values())


def _read(upload: Upload, pipeline: Pipeline) -> Shown:
    reading = predict_bytes(upload.load(), upload.name, pipeline)
    if reading.result is None:
        return Shown(upload, reading, b"", ())
    return Shown(
        upload,
        reading.without_pixels(),
        reports.annotated_jpeg(reading),
        reports.face_jpegs(reading),
    )


def show_results(pictures: list[Shown]) -> None:
    """Counts, files to take away and every picture; nothing where there is none."""
    if pictures:
        _show_summary(pictures)
        _show_pictures(pictures)
        _show_table(pictures)


def _show_summary(pictures: list[Shown]) -> None:
    """How many faces, which expressions they show, files to take away, and the way to be rid."""
    readings = [picture.reading for picture in pictures]
    summary = reports.summarise(readings)
    with st.container(horizontal=True, gap="large"):
        st.metric("Pictures", summary.pictures, width="content")
        st.metric("Faces", summary.faces, width="content")
        st.metric("Unsure", summary.unsure, width="content")
        if summary.without_faces:
            st.metric("Without a face", summary.without_faces, width="content")
        if summary.unreadable:
            st.metric("Not readable", summary.unreadable, width="content")
    with st.container(horizontal=True):
        if summary.pictures:
            _show_downloads(pictures)
        st.button("Discard", icon=":material/delete:", key="photos_discard", on_click=_discard)
    told = summary.faces - summary.unsure
    if summary.pictures > 1 and told:
        with st.expander(f"Expressions shown, by {told} of {summary.faces} faces", expanded=True):
            st.html(class_bars([count / told for count in summary.by_emotion.values()]))
            st.caption(
                "Share of the faces in which the network could tell an expression; "
                f"it was unsure about {summary.unsure}."
            )


def _show_downloads(pictures: list[Shown]) -> None:
    readings = [picture.reading for picture in pictures]
    readable = [picture for picture in pictures if picture.preview]
    if len(readable) == 1:
        _show_png(readable[0], "Picture (PNG)")
    else:
        _make(
            f"{len(readable)} pictures (ZIP)",
            partial(annotated_files, readable),
            file_name="expressions.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            key="photos_zip",
            help=f"JPEG, up to {reports.ZIP_PX:,} pixels wide or high. Under each picture is its "
            "PNG in full size.",
        )
    _make(
        "Table (CSV)",
        partial(reports.faces_csv, readings),
        file_name="expressions.csv",
        mime="text/csv",
        icon=":material/table:",
        key="photos_csv",
    )
    _make(
        "Data (JSON)",
        partial(reports.readings_json, readings),
        file_name="expressions.json",
        mime="application/json",
        icon=":material/data_object:",
        key="photos_json",
    )


# Made when it is clicked, and without running the page again.
_make = partial(st.download_button, on_click="ignore")


def _show_png(picture: Shown, label: str) -> None:
    _make(
        label,
        partial(annotated_file, picture),
        file_name=reports.annotated_name(picture.reading.path, set()),
        mime="image/png",
        icon=":material/image:",
        key=f"photos_png_{picture.upload.key}",
    )


def _with_pixels(picture: Shown) -> Reading:
    image = decode_image(picture.upload.load(), picture.upload.name)
    return replace(picture.reading, image=image)


def annotated_file(picture: Shown) -> bytes:
    """One picture with its faces drawn in, PNG in full size, made anew from the upload."""
    return reports.annotated_png(_with_pixels(picture))


def annotated_files(pictures: list[Shown]) -> bytes:
    """All of them in a ZIP, see `reports.annotated_zip`."""
    readings: Iterator[Reading] = map(_with_pixels, pictures)  # one picture's pixels at a time
    return reports.annotated_zip(readings)


def _show_pictures(pictures: list[Shown]) -> None:
    """Each picture with its faces; a file that could not be read gets its sentence."""
    shown = st.session_state.get(_SHOWN, PICTURES_AT_ONCE)
    several = sum(bool(picture.preview) for picture in pictures) > 1
    for picture in pictures[:shown]:
        with st.container(border=True):
            _show_picture(picture, with_png=several)
    left = len(pictures) - shown
    if left > 0 and st.button(f"Show {min(left, PICTURES_AT_ONCE)} more of {left}"):
        st.session_state[_SHOWN] = shown + PICTURES_AT_ONCE
        st.rerun()


def _show_picture(picture: Shown, *, with_png: bool) -> None:
    reading = picture.reading
    if reading.result is None:
        st.error(literal(str(reading.error)), icon=":material/broken_image:")
        return
    faces = list(range(len(picture.faces)))
    # A single face has room beside its picture; so have two beside one that is not wide.
    wide = reading.result.width > 1.2 * reading.result.height
    beside = len(faces) <= (1 if wide else 2)
    left, right = st.columns([2, 1], gap="medium") if beside else (st.container(), None)
    with left:
        st.image(
            picture.preview,
            alt=f"{reading.name}, faces marked: {len(faces)}",
            width="content" if wide or beside else min(_TALL_PX, reading.result.width),
        )
        note = f" · {reading.note}" if reading.note else ""
        # `st.text` knows no Markdown: a name is shown letter by letter.
        st.text(f"{reading.name} · {reading.result.width} x {reading.result.height}{note}")
        if with_png:
            _show_png(picture, "PNG")
    if right is not None:
        with right:
            if not faces:
                st.info(_NO_FACE, icon=":material/search_off:")
            for row in faces:
                _show_face(picture, row)
        return
    _show_grid(picture, faces[:FACES_AT_ONCE])
    if len(faces) > FACES_AT_ONCE:
        with st.expander(f"{len(faces) - FACES_AT_ONCE} more faces"):
            _show_grid(picture, faces[FACES_AT_ONCE:])


def _show_grid(picture: Shown, rows: list[int]) -> None:
    for start in range(0, len(rows), _ACROSS):
        for column, row in zip(st.columns(_ACROSS, gap="medium"), rows[start:], strict=False):
            with column:
                _show_face(picture, row)


def _show_face(picture: Shown, row: int) -> None:
    assert picture.reading.result is not None
    predictions = picture.reading.result.predictions
    heading = face_heading(
        predictions.emotions[row],
        float(predictions.confidences[row]),
        unsure=bool(predictions.unsure[row]),
    )
    face, words = st.columns([1, 3], gap="small", vertical_alignment="center")
    face.image(picture.faces[row], width=64, alt=f"Face {row + 1}")
    words.markdown(f"{heading}  \n:small[Face {row + 1}, expression shown]")
    st.html(class_bars(predictions.probabilities[row].tolist()))


def _show_table(pictures: list[Shown]) -> None:
    table = reports.faces_table([picture.reading for picture in pictures])
    if table.empty:
        return
    with st.expander(f"All faces as a table ({len(table)})", icon=":material/table:"):
        share = st.column_config.NumberColumn(format="percent")
        shares = {emotion.label: share for emotion in Emotion}
        st.dataframe(
            table,
            hide_index=True,
            column_config=shares | {"confidence": share, "detection_score": share},
        )
        st.caption(
            "x, y, width and height in pixels of the upright picture; one row a face. The "
            "expression of an unsure face is the likeliest one, and not to be relied on."
        )
