"""The Look inside page: one face, and what a network makes of it.

The face is kept in the visitor's session and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fer_core import charts
from fer_core.dataset import Split
from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.explanation import (
    FACE_PX,
    PATCH_PX,
    Hardship,
    face_maps,
    occlusion_map,
    occlusion_over_face,
    overlay,
    read_face,
    tiles,
)
from fer_core.faces import Faces, InputSpec, crop_faces, fit_face, trained_input
from fer_core.media import MAX_BYTES, decode_image
from fer_core.synthetic.face import POSES, cropped_face
from fer_core.zoo import Classifier
from fer_core.zoo.layers import Layer
from ui import caches
from ui.widgets.bars import class_bars, face_heading
from ui.widgets.figure import show_figure
from ui.widgets.image import ENDINGS, show_pixels, show_png
from ui.widgets.pickers import DETECTOR_CHOICE, chosen_slug, pick_model
from ui.widgets.texts import literal

_AS_FER2013 = trained_input(FACE_PX, 1)
_SHOWN_PX = 192
_FEATURES_AT_ONCE = 32
_COVER_PLACES = {"forehead": 0.0, "eyes": 0.35, "nose": 0.6, "mouth": 1.0}
_DRAWN, _PHOTO, _FER2013 = "Drawn face", "Photo", "FER2013"
_FOUND = "inside_found"
_NO_HARDSHIP: dict[str, float] = {
    "inside_blur": 0.0,
    "inside_noise": 0,
    "inside_light": 100,
    "inside_turn": 0,
    "inside_cover": 0,
}
"""The sliders at rest, each value of its slider's type."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The face that is looked at, and the network that looks.

    Attributes:
        face: (s, s) or (s, s, 3) uint8, as it is read.
        probabilities: (7,) float32.
        slug: the network's.
        classifier: the network, without maps.
    """

    face: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    slug: str
    classifier: Classifier

    @property
    def emotion(self) -> Emotion:
        """The likeliest class."""
        return Emotion(int(self.probabilities.argmax()))


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
        return caches.split_truth() is not None
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
        st.caption("It is read on the machine that Mien runs on and not stored.")
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
    return crop[..., 0] if found.spec.channels == 1 else crop


def _found(file: UploadedFile) -> Found:
    """A photo's faces: searched once for each detector, cut again for another kind of input.

    Raises:
        MienError: the photo cannot be read, or there is no detector.
    """
    detector = caches.detector(str(st.session_state.get(DETECTOR_CHOICE, "yunet")), photos=True)
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
    """What the chosen network takes; without any, what FER2013's faces are."""
    cards, _ = caches.model_cards()
    return {card.slug: card.input for card in cards}.get(chosen_slug() or "", _AS_FER2013)


def _face_of_dataset() -> NDArray[np.uint8] | None:
    data = caches.dataset()
    if data is None:
        return None
    rows = data.rows(Split.PUBLIC_TEST)
    number = int(
        st.number_input(f"PublicTest image, 1 to {len(rows):,}", 1, len(rows), 1, key="inside_row")
    )
    row = rows[number - 1]
    st.caption(f"Labelled **{Emotion(int(data.labels[row])).label}**.")
    return data.pixels[row]


def choose_hardship() -> Hardship:
    """Sliders that make the face harder to read."""
    for key, value in _NO_HARDSHIP.items():
        st.session_state.setdefault(key, value)
    blur = st.slider("Blur, σ in pixels", 0.0, 3.0, step=0.25, key="inside_blur")
    noise = st.slider("Noise, σ in grey levels", 0, 40, step=2, key="inside_noise")
    light = st.slider("Light", 5, 100, step=5, format="%d %%", key="inside_light")
    turn = st.slider("Turned", -45, 45, step=5, format="%d°", key="inside_turn")
    cover = st.slider("Covered", 0, 40, step=5, format="%d %%", key="inside_cover")
    place = "eyes"
    if cover:
        place = st.segmented_control(
            "What is covered", list(_COVER_PLACES), default="eyes", key="inside_place"
        )
    st.button("Back to the face as it is", on_click=_reset, icon=":material/restart_alt:")
    return Hardship(
        blur, noise, light / 100, turn, cover / 100, _COVER_PLACES.get(place or "eyes", 0.35)
    )


def _reset() -> None:
    # Assigned and not removed: a slider in the browser moves only when it is given a value.
    st.session_state.update(_NO_HARDSHIP)


def choose_network() -> tuple[str, Classifier] | None:
    """Let the visitor choose a network; None where there is none or it does not load."""
    slug = pick_model()
    if slug is None:
        return None
    try:
        return slug, caches.classifier(slug)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def show_reading(
    face: NDArray[np.uint8], hardship: Hardship, slug: str, classifier: Classifier
) -> Subject:
    """The face as the network gets it, and what it reads; what the hardship has changed."""
    before = read_face(classifier, face)
    arrived = hardship.apply(face)
    harder = hardship != Hardship(cover_y=hardship.cover_y)
    after = read_face(classifier, arrived) if harder else before
    subject = Subject(arrived, after, slug, classifier)
    show_pixels(arrived, _SHOWN_PX, alt=f"The face as {slug} gets it, before it is scaled")
    confidence = float(after.max())
    unsure = confidence < classifier.card.unsure_threshold
    st.markdown(face_heading(subject.emotion, confidence, unsure=unsure))
    change = (100 * (after - before)).tolist() if harder else None
    st.html(class_bars(after.tolist(), change))
    if harder:
        st.caption(
            "The last column is the change in points from the face as it is; the line across a "
            "bar is where it was."
        )
    return subject


def show_maps(subject: Subject) -> None:
    """The seven activation maps over the face, the likeliest class first."""
    try:
        maps = face_maps(caches.explainer(subject.slug), subject.face)
    except MienError as error:
        st.info(literal(str(error)), icon=":material/layers_clear:")
        return
    height, width = maps.shape[1:]
    if height * width == 1:
        st.info(
            "At the end of this network one value stands for the whole face, so there is no place "
            "to show. *Hidden parts* works for every network.",
            icon=":material/layers_clear:",
        )
        return
    scale = float(np.abs(maps).max())
    with st.container(horizontal=True, gap="small"):
        for index in np.argsort(-subject.probabilities):
            emotion = Emotion(int(index))
            show_png(
                overlay(subject.face, maps[index], scale, side_px=_SHOWN_PX),
                176,
                alt=f"Where {emotion.label} comes from",
                caption=f"{emotion.style.emoji} {emotion.label} {subject.probabilities[index]:.0%}",
            )
    st.caption(
        "**Blue** speaks for the class, **orange** against it; all seven share one scale. The maps "
        f"have {height} × {width} values, spread over the face: where the network's last features "
        "lie, weighted by the gradient of each class's score (Grad-CAM), not a drawing of what it "
        "thinks."
    )


def show_hidden_parts(subject: Subject) -> None:
    """What a class loses where a grey patch hides the face."""
    order = [Emotion(int(index)) for index in np.argsort(-subject.probabilities)]
    emotion = Emotion(
        st.selectbox(
            "Class", order, format_func=lambda emotion: emotion.label, key="inside_hidden_class"
        )
    )
    losses = occlusion_map(subject.classifier, subject.face, emotion)
    spread = occlusion_over_face(losses)
    strongest = float(np.abs(spread).max())
    picture, words = st.columns([1, 2], gap="medium", vertical_alignment="center")
    with picture:
        show_png(
            overlay(subject.face, spread, max(strongest, 0.01), side_px=288),
            288,
            alt=f"What {emotion.label} loses where the face is hidden",
        )
    top, left = np.unravel_index(int(losses.argmax()), losses.shape)
    share = float(subject.probabilities[emotion])
    worst = float(losses.max())
    with words:
        if worst > 0.005:
            st.markdown(
                f"**{emotion.label}** is at {share:.0%}. Where hiding costs most, "
                f"{_place(int(top), int(left), len(losses))}, it falls to {share - worst:.0%}."
            )
        else:
            st.markdown(
                f"**{emotion.label}** is at {share:.0%}, and hiding no part takes anything from it."
            )
        st.caption(
            f"A grey patch {PATCH_PX / FACE_PX:.0%} as wide as the face was laid over it in "
            f"{losses.size} places. **Blue**: hidden there, the class loses; **orange**: it gains. "
            f"The strongest colour is {100 * strongest:.0f} points."
        )


def _place(row: int, column: int, count: int) -> str:
    down = ("at the top", "in the middle", "at the bottom")[3 * row // count]
    across = ("left", "centre", "right")[3 * column // count]
    return f"{down}, {across}"


def show_layers(subject: Subject) -> None:
    """The network's layers, drawn and as a table."""
    layers = caches.network_layers(subject.slug)
    card = subject.classifier.card
    show_figure(
        charts.layers_figure(layers),
        "layers",
        f"{card.title}: {card.architecture}. {card.parameters:,} parameters, "
        f"{card.multiply_accumulates:,} multiply-accumulates a face.",
    )
    if not layers:
        return
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Layer": number,
                    "Kind": layer.kind + (" + ReLU" if layer.relu else ""),
                    "Window": " × ".join(map(str, layer.window)) or "–",
                    "Output": " × ".join(map(str, layer.shape)),
                    "Parameters": layer.parameters,
                    "Multiply-accumulates": layer.multiply_accumulates,
                }
                for number, layer in enumerate(layers, start=1)
            ]
        ),
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="localized")
            for name in ("Parameters", "Multiply-accumulates")
        },
    )
    st.caption(
        "Read from the graph that serves: BatchNorm may be folded into the kernels, so there can "
        "be a few parameters fewer than on the card. Output: channels × height × width."
    )


def show_features(subject: Subject) -> None:
    """Feature maps of one layer for this face, and the first layer's filters."""
    layers = caches.network_layers(subject.slug)
    spatial = {n: layer for n, layer in enumerate(layers, start=1) if len(layer.shape) == 3}
    if not spatial:
        st.info("This network has no feature maps.", icon=":material/layers_clear:")
        return
    number = st.select_slider(
        "Layer",
        list(spatial),
        format_func=lambda number: f"{number}. {_layer_words(spatial[number])}",
        key=f"inside_layer_{subject.slug}",
    )
    layer = spatial[number]
    crop = fit_face(subject.face, subject.classifier.card.input)
    try:
        maps = caches.features(subject.slug, layer).read(crop)
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    shown = maps[:_FEATURES_AT_ONCE]
    show_png(
        tiles(shown, tile_px=96, columns=8),
        "content",
        alt=f"{len(shown)} feature maps of layer {number}",
    )
    st.caption(
        f"{len(shown)} of {layer.shape[0]} channels of layer {number} ({_layer_words(layer)}), "
        "each from its lowest value in black to its highest in white."
    )
    filters = caches.network_filters(subject.slug)
    if filters is not None:
        st.markdown("**Filters of the first convolution**")
        kernels = filters.mean(axis=1)[: 2 * _FEATURES_AT_ONCE]
        show_png(
            tiles(kernels, tile_px=40, columns=16, signed=True),
            "content",
            alt=f"{len(kernels)} filters of the first convolution",
        )
        st.caption(
            f"{len(kernels)} of {len(filters)} filters, {' × '.join(map(str, filters.shape[2:]))} "
            "pixels. Middle grey is zero, white adds, black takes away."
        )


def _layer_words(layer: Layer) -> str:
    channels, height, width = layer.shape
    return f"{layer.kind}, {channels} of {height} × {width}"


VIEWS: dict[str, Callable[[Subject], None]] = {
    "Activation maps": show_maps,
    "Hidden parts": show_hidden_parts,
    "Layers": show_layers,
    "Feature maps": show_features,
}


def show_views(subject: Subject) -> None:
    """What is inside, a tab each; only the open one is computed."""
    tabs = st.tabs(list(VIEWS), key="inside_view", on_change="rerun")
    for tab, show in zip(tabs, VIEWS.values(), strict=True):
        if tab.open:
            with tab:
                show(subject)
