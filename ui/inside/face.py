"""The face that is looked at: drawn, of a photo, or of the person's own FER2013.

It is kept in the visitor's session and nowhere else.
"""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fer_core.dataset import MAJORITIES, Split, majority
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import MienError
from fer_core.evaluation.explanation import (
    FACE_PX,
)
from fer_core.faces import Faces, InputSpec, Restoration, crop_faces, trained_input
from fer_core.media import MAX_BYTES, decode_image
from fer_core.synthetic.face import POSES, cropped_face
from ui import caches
from ui.widgets.image import ENDINGS
from ui.widgets.pickers import DETECTOR_CHOICE, chosen_slug
from ui.widgets.texts import literal

_AS_FER2013 = trained_input(FACE_PX, 1)
_DRAWN, _PHOTO, _FER2013 = "Drawn face", "Photo", "FER2013"
_FOUND = "inside_found"


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The faces of the newest photo, so that a slider does not search it again.

    Attributes:
        key: of the file, and the name of the detector.
        spec: what the crops are made for.
        faces: as detected.
        crops: (n, side, side, channels) uint8, as `crop_faces` gives them.
    """

    key: tuple[str, str]
    spec: InputSpec
    faces: Faces
    crops: NDArray[np.uint8]


def choose_face() -> NDArray[np.uint8] | None:
    """Let the visitor choose a face.

    Returns:
        (s, s) grey or (s, s, 3) RGB uint8: a photo's as the chosen network takes it on all other
        pages, others as FER2013 has them. None where there is none yet, which is said.
    """
    data = _dataset_there()
    sources = [_DRAWN, _PHOTO, _FER2013] if data else [_DRAWN, _PHOTO]
    source = st.segmented_control("Face", sources, default=_DRAWN, key="inside_source")
    try:
        if source == _PHOTO:
            return _face_of_photo()
        if source == _FER2013:
            return _face_of_dataset()
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None
    emotion = st.selectbox(
        "Expression drawn",
        list(POSES),
        index=list(POSES).index(Emotion.HAPPY),
        format_func=lambda emotion: emotion.label,
        key="inside_drawn",
    )
    return cropped_face(POSES[Emotion(emotion)])


def _dataset_there() -> bool:
    try:
        return bool(caches.answers.split_truth())
    except MienError:
        return False  # the Data page says what is wrong with it


def _face_of_photo() -> NDArray[np.uint8] | None:
    file = st.file_uploader(
        "A picture with a face",
        type=ENDINGS,
        key="inside_file",
        max_upload_size=MAX_BYTES // 1_000_000,
    )
    if file is None:
        st.session_state.pop(_FOUND, None)
        st.caption(
            "It is read on the machine that Mien runs on and not stored. Here a face is looked at "
            "once, on Photos also as in a mirror."
        )
        return None
    found = _found(file)
    boxes = found.faces.boxes
    if not len(boxes):
        st.info(
            "**No face was found in this picture.** What helps: a face turned to the camera, "
            "upright and well lit.",
            icon=":material/search_off:",
        )
        return None
    order = np.argsort(-boxes[:, 2] * boxes[:, 3])
    number = 1
    if len(boxes) > 1:
        number = int(st.number_input("Which face, the largest first", 1, len(boxes), 1))
    crop = found.crops[order[number - 1]]
    face: NDArray[np.uint8] = crop[..., 0] if found.spec.channels == 1 else crop
    return face


def _found(file: UploadedFile) -> Found:
    """A photo's faces: searched once for each detector, cut again for another kind of input.

    Raises:
        MienError: the photo cannot be read, or there is no detector.
    """
    detector = caches.detectors.detector(
        str(st.session_state.get(DETECTOR_CHOICE, "yunet")), photos=True
    )
    key, spec = (file.file_id, detector.name), _input_spec()
    kept: Found | None = st.session_state.get(_FOUND)
    if kept is not None and kept.key != key:
        kept = None
    if kept is not None and kept.spec == spec:
        return kept
    image = decode_image(file.getvalue(), file.name).rgb
    faces = detector.detect(image) if kept is None else kept.faces
    found = Found(key, spec, faces, crop_faces(image, faces, spec))
    st.session_state[_FOUND] = found
    return found


def _input_spec() -> InputSpec:
    """What the chosen network takes, not yet restored; without any, what FER2013's faces are."""
    cards, _ = caches.networks.model_cards()
    spec = {card.slug: card.input for card in cards}.get(chosen_slug() or "", _AS_FER2013)
    return replace(spec, restoration=Restoration.NONE)


def _face_of_dataset() -> NDArray[np.uint8] | None:
    data = caches.faces.dataset()
    if data is None:
        return None
    rows = data.rows(Split.PUBLIC_TEST)
    number = int(
        st.number_input(f"PublicTest image, 1 to {len(rows):,}", 1, len(rows), 1, key="inside_row")
    )
    row = rows[number - 1]
    word = MAJORITIES[majority(data.votes[row : row + 1])[0]] if data.votes is not None else ""
    voters = f"; most of FER+'s voters say **{word}**" if word in LABELS else ""
    st.caption(f"Labelled **{Emotion(int(data.labels[row])).label}**{voters}.")
    face: NDArray[np.uint8] = data.pixels[row]
    return face
