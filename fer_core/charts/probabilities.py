"""One face's seven probabilities as bars."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from fer_core.charts.template import INK, emotion_fill, empty_figure, new_figure
from fer_core.emotions import LABELS, Emotion
from fer_core.errors import ContractError


def probability_figure(
    probabilities: ArrayLike,
    *,
    unsure_threshold: float | None = None,
    title: str = "Expression shown",
    height_px: int = 260,
) -> go.Figure:
    """Seven horizontal bars, angry at the top, with the share written at each.

    Args:
        probabilities: (7,) in the order of `Emotion`, summing to 1; (0,) gives an empty figure.
        unsure_threshold: drawn as a dotted line where given.
        title: over the bars; "" leaves it out.
        height_px: of the figure.

    Raises:
        ContractError: another number of values.
    """
    values = np.asarray(probabilities, np.float64)
    if values.shape == (0,):
        return empty_figure(title, "No face to read.")
    if values.shape != (len(LABELS),):
        raise ContractError(
            "seven probabilities of one face",
            where="probability_figure",
            expected=(len(LABELS),),
            received=values.shape,
        )
    figure = new_figure(title, height_px=height_px)
    for emotion in Emotion:
        figure.add_bar(
            y=[emotion.label],
            x=[float(values[emotion])],
            orientation="h",
            marker=emotion_fill(emotion),
            text=[f"{values[emotion]:.0%}"],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
            name=emotion.label,
        )
    if unsure_threshold:
        figure.add_vline(
            unsure_threshold,
            line={"dash": "dot", "width": 1.5, "color": INK},
            annotation={"text": "unsure below", "font": {"size": 11, "color": INK}},
        )
    figure.update_xaxes(range=[0, 1.1], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(showlegend=False, bargap=0.25)
