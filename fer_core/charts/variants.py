"""One network trained in several ways: what a recipe is worth."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from fer_core.charts.template import INK, darker, empty_figure, new_figure, series_style
from fer_core.evaluation.variants import Trial

_HOVER = (
    "%{x}, %{fullData.name}: %{y:.1%} (%{customdata[0]}) of %{customdata[1]:,} images<br>"
    "%{customdata[2]} epochs in %{customdata[3]:,.0f} s on %{customdata[4]}<extra></extra>"
)


def _whiskers(trials: Sequence[Trial]) -> dict[str, Any]:
    """Plotly's error bars: a training's 95 % interval, or the range of its seeds."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [trial.high - trial.accuracy for trial in trials],
        "arrayminus": [trial.accuracy - trial.low for trial in trials],
        "color": INK,
        "thickness": 1.5,
        "width": 5,
    }


def _reach(trial: Trial) -> str:
    """What the whiskers are, in words."""
    what = f"{len(trial.seeds)} seeds" if trial.seeds else "95 %"
    return f"{what}: {trial.low:.1%} to {trial.high:.1%}"


def _bar(trials: Sequence[Trial], name: str, index: int) -> go.Bar:
    colour = series_style(index).colour
    return go.Bar(
        name=name,
        x=[trial.title for trial in trials],
        y=[trial.accuracy for trial in trials],
        text=[f"{trial.accuracy:.1%}" for trial in trials],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        error_y=_whiskers(trials),
        marker={
            "color": colour,
            "line": {"color": darker(colour), "width": 1},
            # Hatching tells the two apart where colours do not; over the colour, so that the
            # figure on it can be read.
            "pattern": {
                "shape": "/" if index == 0 else "",
                "solidity": 0.12,
                "fillmode": "overlay",
            },
        },
        customdata=[[_reach(t), t.n, t.epochs, t.train_seconds, t.processor] for t in trials],
        hovertemplate=_HOVER,
    )


def variants_figure(rows: Sequence[Sequence[Trial]]) -> go.Figure:
    """Two bars for each network: PublicTest accuracy as published and with our recipe.

    Args:
        rows: the trainings of each network, as `fer_core.evaluation.variants.published_trials`
            gives them; one without a counterpart has one bar. [] gives an empty figure.
    """
    title = "The same network, trained two ways"
    trials = [trial for group in rows for trial in group]
    if not trials:
        return empty_figure(title, "No network has been trained a second way yet.")
    figure = new_figure(title, height_px=420)
    for index, how in enumerate(dict.fromkeys(trial.how for trial in trials)):
        figure.add_trace(_bar([trial for trial in trials if trial.how == how], how, index))
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(title_text="accuracy on PublicTest", tickformat=".0%", rangemode="tozero")
    return figure.update_layout(barmode="group", bargap=0.3)


def ablation_figure(trials: Sequence[Trial]) -> go.Figure:
    """Accuracy and macro-F1 on PublicTest of one network under recipes that differ in one setting.

    Args:
        trials: of one architecture; [] gives an empty figure.
    """
    title = "One setting changed"
    if not trials:
        return empty_figure(title, "No setting has been tried yet.")
    figure = new_figure(f"{title}: {trials[0].title}", height_px=380)
    for index, (name, values, error) in enumerate(
        (
            ("accuracy", [t.accuracy for t in trials], True),
            ("macro-F1", [t.macro_f1 for t in trials], False),
        )
    ):
        style = series_style(index)
        figure.add_bar(
            name=name,
            x=[trial.how for trial in trials],
            y=values,
            text=[f"{value:.1%}" for value in values],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            marker={"color": style.colour, "line": {"color": darker(style.colour), "width": 1}},
            error_y=_whiskers(trials) | {"visible": error},
            customdata=[[t.n, t.epochs, t.train_seconds, t.processor] for t in trials],
            hovertemplate=(
                f"%{{x}}: {name} %{{y:.1%}} on %{{customdata[0]:,}} images<br>%{{customdata[1]}}"
                " epochs in %{customdata[2]:,.0f} s on %{customdata[3]}<extra></extra>"
            ),
        )
    names = [trial.how for trial in trials]
    figure.update_xaxes(
        type="category",
        showgrid=False,
        # Many names side by side would be tilted into the legend.
        tickangle=0,
        tickvals=names,
        ticktext=[name.replace(" ", "<br>") for name in names],
    )
    figure.update_yaxes(title_text="share, on PublicTest", tickformat=".0%", rangemode="tozero")
    return figure.update_layout(barmode="group", bargap=0.3)
