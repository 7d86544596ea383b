"""What the photo page shows: counts, each picture with its faces, and files to take away."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import streamlit as st

from fer_core.emotions import Emotion
from fer_core.media import decode_image
from fer_core.metrics import DEFAULT_COVERAGE
from fer_core.pipeline import export as reports
from fer_core.pipeline.images import Reading
from ui.photos.gallery import forget_choice, show_gallery, told
from ui.photos.reading import Shown, forget_pictures
from ui.photos.uploads import discard_uploads
from ui.widgets.bars import class_bars, face_heading, valence_words, worth_sentence
from ui.widgets.downloads import offer_columns, offer_file
from ui.widgets.texts import literal

FACES_AT_ONCE = 6
_ACROSS = 3
_TALL_PX = 560

_NO_FACE = (
    "**No face was found in this picture.** What helps: a face turned to the camera, upright, well "
    "lit and at least 40 pixels wide; a smaller section of a large group picture; or the other "
    "face detector, under *Network and face detector*."
)


def show_results(pictures: list[Shown]) -> None:
    """One picture with its faces; or counts, a gallery and what is chosen in it. Then files to take
    away and a table; nothing where there is no picture."""
    if not pictures:
        return
    if len(pictures) == 1:
        _show_picture(pictures[0])
    else:
        _show_summary(pictures)
        show_gallery(pictures, _show_opened)
    with st.container(horizontal=True):
        if any(picture.preview for picture in pictures):
            _show_downloads(pictures)
        st.button("Discard", icon=":material/delete:", key="photos_discard", on_click=_discard)
    _show_table(pictures)


def _show_summary(pictures: list[Shown]) -> None:
    """How many faces, and which expressions they show."""
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
    told = summary.faces - summary.unsure
    if told:
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
        offer_file(
            f"{len(readable)} pictures (ZIP)",
            partial(annotated_files, readable),
            "expressions.zip",
            key="photos_zip",
            help=f"JPEG, up to {reports.ZIP_PX:,} pixels wide or high. A picture that is open "
            "can be had as PNG in full size.",
        )
    offer_file(
        "Table (CSV)", partial(reports.faces_csv, readings), "expressions.csv", key="photos_csv"
    )
    offer_columns(reports.CSV_COLUMNS, "expressions.csv", key="photos_columns")
    offer_file(
        "Data (JSON)",
        partial(reports.readings_json, readings),
        "expressions.json",
        key="photos_json",
    )


def _show_png(picture: Shown, label: str) -> None:
    offer_file(
        label,
        partial(annotated_file, picture),
        reports.annotated_name(picture.reading.path, set()),
        key=f"photos_png_{picture.upload.key}",
    )


def _discard() -> None:
    discard_uploads()
    forget_pictures()
    forget_choice()


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


def _show_opened(picture: Shown) -> None:
    _show_picture(picture)
    if picture.preview:
        _show_png(picture, "PNG")


def _show_picture(picture: Shown) -> None:
    """A picture and its faces, numbered alike; a file that could not be read gets its sentence."""
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
        # `st.text` knows no Markdown: a name is shown letter by letter.
        st.text(told(reading))
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
    expected = picture.reading.result.expected_right
    heading = face_heading(
        predictions.emotions[row],
        float(predictions.confidences[row]),
        unsure=bool(predictions.unsure[row]),
    )
    face, words = st.columns([1, 3], gap="small", vertical_alignment="center")
    face.image(picture.faces[row], width=64, alt=f"Face {row + 1}")
    derived = valence_words(predictions.probabilities[row])
    words.markdown(f"{heading}  \n:small[Face {row + 1}, expression shown · {derived}]")
    st.html(class_bars(predictions.probabilities[row].tolist()))
    right = None if expected is None else float(expected[row])
    if worth := worth_sentence(predictions, row, right):
        st.caption(f":material/verified: {worth}")


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
            column_config=shares
            | dict.fromkeys(("confidence", "detection_score", "expected_right"), share),
        )
        st.caption(
            "x, y, width and height in pixels of the upright picture; one row a face. The "
            "expression of an unsure face is the likeliest one, and not to be relied on. "
            "expected_right: how often the network is right on faces like this; prediction_set: "
            f"holds the right expression on {DEFAULT_COVERAGE:.0%} of faces or more, as far as "
            "they are like those of FER2013, sharp or spoilt. Right is what most people would name "
            "a face, where a network has learned that, else FER2013's label. Each face was looked "
            "at twice, as it is and as in a mirror."
        )
