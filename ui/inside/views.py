"""What is inside a network: activation maps, hidden parts, layers, feature maps."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from fer_core import charts
from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.evaluation.explanation import (
    FACE_PX,
    PATCH_PX,
    face_maps,
    occlusion_map,
    occlusion_over_face,
    overlay,
    tiles,
)
from fer_core.faces import to_network_input
from fer_core.zoo.layers import Layer
from ui import caches
from ui.inside.reading import SHOWN_PX, Subject
from ui.widgets.figure import show_figure
from ui.widgets.image import show_png
from ui.widgets.texts import literal

_FEATURES_AT_ONCE = 32
_MAP_PX = 156
"""Seven of them, with their gaps, fill a row of a laptop's screen, and two one of a phone's."""


def show_maps(subject: Subject) -> None:
    """The seven activation maps over the face, the likeliest class first."""
    try:
        maps = face_maps(caches.networks.explainer(subject.slug), subject.face)
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
    with st.container(horizontal=True, gap="small", key="inside_maps"):
        for index in np.argsort(-subject.probabilities):
            emotion = Emotion(int(index))
            show_png(
                overlay(subject.face, maps[index], scale, side_px=SHOWN_PX),
                _MAP_PX,
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
    layers = caches.networks.network_layers(subject.slug)
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
    layers = caches.networks.network_layers(subject.slug)
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
    crop = to_network_input(subject.face, subject.classifier.card.input)
    try:
        maps = caches.networks.features(subject.slug, layer).read(crop)
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
    filters = caches.networks.network_filters(subject.slug)
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
