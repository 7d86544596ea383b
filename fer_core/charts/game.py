"""The game's outcome: what was asked for, and what was read on the face."""

import plotly.graph_objects as go
from numpy.typing import ArrayLike

from fer_core.charts.confusion import confusion_figure


def game_figure(counts: ArrayLike) -> go.Figure:
    """One's own confusion matrix as shares of what was asked for.

    Args:
        counts: (7, 7) readings, rows asked, columns read; all 0 gives an empty figure.

    Raises:
        ContractError: another shape.
    """
    figure = confusion_figure(counts, title="What you were asked to show, and what was read")
    figure.update_traces(
        hovertemplate=(
            "asked for %{y}, read %{x}<br>%{customdata[0]:,} of %{customdata[2]:,} readings"
            " (%{customdata[1]:.1%})<extra></extra>"
        )
    )
    figure.update_xaxes(title_text="read")
    figure.update_yaxes(title_text="asked for")
    return figure.update_layout(meta={"value": "share of what was asked for"})
