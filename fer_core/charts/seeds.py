"""What another seed changes: learning curves of one network's seeds as a band."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.colors
import plotly.graph_objects as go

from fer_core.charts.template import empty_figure, new_figure, series_style
from fer_core.evaluation.summary import History

_BAND_OPACITY = 0.2
_EACH_EPOCH = 12
"""Up to so many have a tick each; Plotly would put some between two of them."""


def seed_bands_figure(curves: Mapping[str, Sequence[History]]) -> go.Figure:
    """PublicTest accuracy over epochs: the mean of the seeds on the band from lowest to highest.

    Args:
        curves: the seeds' histories by the network's name, in the order of the legend; where seeds
            ended after different epochs, up to the last one that all have.
    """
    title = "Accuracy while learning, over seeds"
    drawn = {name: seeds for name, seeds in curves.items() if seeds and min(map(len, seeds))}
    if not drawn:
        return empty_figure(title, "No network has been trained with several seeds yet.")
    figure = new_figure(title, height_px=420)
    for index, (name, seeds) in enumerate(drawn.items()):
        style = series_style(index)
        last = min(len(one) for one in seeds)
        epochs = seeds[0]["epoch"][:last]
        values = np.stack([one["val_accuracy"][:last] for one in seeds])
        lowest, highest = values.min(axis=0), values.max(axis=0)
        red, green, blue = plotly.colors.hex_to_rgb(style.colour)
        figure.add_scatter(
            x=np.concatenate([epochs, epochs[::-1]]),
            y=np.concatenate([highest, lowest[::-1]]),
            fill="toself",
            fillcolor=f"rgba({red},{green},{blue},{_BAND_OPACITY})",
            line={"width": 0},
            legendgroup=name,
            showlegend=False,
            hoverinfo="skip",
            name=f"{name} · lowest to highest",
        )
        figure.add_scatter(
            x=epochs,
            y=values.mean(axis=0),
            name=f"{name} · mean of {len(seeds)} seeds",
            legendgroup=name,
            mode="lines+markers",
            line={"color": style.colour, "width": 2},
            marker={"symbol": style.marker, "size": 7, "maxdisplayed": 12},
            customdata=np.stack([lowest, highest], axis=1),
            hovertemplate=(
                f"{name}, epoch %{{x:.0f}}: %{{y:.1%}} "
                "(%{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>"
            ),
        )
    few = max(len(one) for seeds in drawn.values() for one in seeds) <= _EACH_EPOCH
    figure.update_xaxes(title_text="epoch", rangemode="tozero", dtick=1 if few else None)
    figure.update_yaxes(title_text="share of images right", tickformat=".0%")
    return figure
