"""A network drawn layer by layer."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from fer_core.charts.template import darker, empty_figure, new_figure, series_style
from fer_core.zoo.layers import Layer

_FAMILIES = ("convolution", "pooling", "dense")


def _family(layer: Layer) -> int:
    return next(index for index, family in enumerate(_FAMILIES) if family in layer.kind)


def _title(layer: Layer) -> str:
    size = " × ".join(map(str, layer.shape))
    return f"{layer.kind}: {size}"


def layers_figure(layers: Sequence[Layer]) -> go.Figure:
    """One bar for each layer, from the face to the seven classes: how large its answer is.

    Height is the number of values that the layer gives for one face, on a logarithmic axis; colour
    and hatching are the kind of layer.
    """
    title = "The network, layer by layer"
    if not layers:
        return empty_figure(title, "This network has no layers that can be drawn.")
    figure = new_figure(title, height_px=340)
    for index, family in enumerate(_FAMILIES):
        rows = [(at, layer) for at, layer in enumerate(layers, start=1) if _family(layer) == index]
        if not rows:
            continue
        colour = series_style(index).colour
        figure.add_bar(
            name=family,
            x=[at for at, _ in rows],
            y=[math.prod(layer.shape) for _, layer in rows],
            marker={
                "color": colour,
                "line": {"color": darker(colour), "width": 1},
                "pattern": {
                    "shape": ("", "/", ".")[index],
                    "solidity": 0.15,
                    "fillmode": "overlay",
                },
            },
            customdata=[
                [_title(layer), layer.parameters, layer.multiply_accumulates] for _, layer in rows
            ],
            hovertemplate=(
                "%{x}. %{customdata[0]} = %{y:,} values<br>%{customdata[1]:,} parameters,"
                " %{customdata[2]:,} multiply-accumulates<extra></extra>"
            ),
        )
    figure.update_xaxes(title_text="layer, from the face to the classes", dtick=1, showgrid=False)
    if len(layers) > 30:
        figure.update_xaxes(dtick=5)
    figure.update_yaxes(title_text="values for one face", type="log", dtick=1)
    return figure.update_layout(bargap=0.15)
