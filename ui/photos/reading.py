"""What was read from a visitor's pictures, each once for each network and detector."""

from dataclasses import dataclass

import streamlit as st

from fer_core.errors import MienError
from fer_core.pipeline import export as reports
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.images import Reading, predict_bytes
from ui import caches
from ui.photos.uploads import Upload
from ui.widgets.pickers import pick_detector, pick_model, settings_matter, show_detector_on
from ui.widgets.texts import literal

VIEWS = 2
"""How often each face is looked at, see `Classifier.views`: a picture can wait that long."""

_KEPT = "photos_read"


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


def choose_pipeline() -> Pipeline | None:
    """Let the visitor choose network and face detector.

    Returns:
        Both, ready to read; None where there is no network or one cannot be loaded, which is said.
    """
    # Open where there is something to say: without any network nothing works.
    with st.expander(
        "Network and face detector", expanded=settings_matter(), icon=":material/tune:"
    ):
        slug = pick_model()
        detector = pick_detector()
    if slug is None:
        return None
    show_detector_on(detector)
    try:
        return Pipeline(
            caches.detectors.detector(detector, photos=True),
            caches.networks.classifier(slug).with_views(VIEWS),
        )
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


def forget_pictures() -> None:
    """All that was read; for when the pictures are discarded."""
    st.session_state.pop(_KEPT, None)


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
