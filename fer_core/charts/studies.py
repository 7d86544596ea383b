"""Findings of a study: shares, comparisons, courses, networks side by side, a coder."""

from collections.abc import Sequence
from html import escape
from itertools import zip_longest

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray
from plotly.subplots import make_subplots

from fer_core.charts.confusion import confusion_figure
from fer_core.charts.template import (
    INK,
    SeriesStyle,
    darker,
    empty_figure,
    label_axes,
    new_figure,
    series_style,
)
from fer_core.emotions import LABELS, Emotion
from fer_core.studies.statistics import (
    SHARES,
    CoderAgreement,
    ConditionComparison,
    Course,
    Survival,
    condition_figures,
    measure_words,
)

_PANELS_A_ROW = 4
_COURSE_PX = 420
_LEGEND_BELOW = {"yref": "container", "y": 0, "yanchor": "bottom"}
"""At the figure's lower edge: a share of the plot's height would put it into the axis title."""

_DIFFERENCE = "points (valence: hundredths)"


def measure_style(measure: str) -> SeriesStyle:
    """Colour, marker and dash of what is measured: those of its class, else the ink."""
    label = measure.partition("_")[2]
    if label not in LABELS:
        return SeriesStyle(INK, "circle-open", "solid")
    style = Emotion(LABELS.index(label)).style
    return SeriesStyle(style.colour, style.marker, style.dash)


def shares_figure(
    figures: pd.DataFrame, network: str, measures: Sequence[str] = SHARES
) -> go.Figure:
    """Each measure by condition: means with 95 % intervals, and every participant as a thin line.

    Args:
        figures: as `participant_figures` gives.
        network: whose.
        measures: a panel each; of `MEASURES`.
    """
    title = f"Share of the time, as {escape(network)} reads it"
    own = figures[figures["network"] == network]
    seen = own.dropna(subset=list(measures))
    if seen.empty:
        return empty_figure(title, "No participant has been read.")
    conditions = sorted(own["condition"].unique())
    means = condition_figures(own, measures)
    rows = -(-len(measures) // _PANELS_A_ROW)
    figure = make_subplots(
        rows,
        min(len(measures), _PANELS_A_ROW),
        shared_yaxes="all",
        subplot_titles=[measure_words(measure) for measure in measures],
        vertical_spacing=0.2 if rows > 1 else 0,
        figure=new_figure(title, height_px=90 + 210 * rows),
    )
    for index, measure in enumerate(measures):
        place = {"row": index // _PANELS_A_ROW + 1, "col": index % _PANELS_A_ROW + 1}
        figure.add_trace(_participants(seen, measure, conditions), **place)
        figure.add_trace(_means(means[means["measure"] == measure], measure), **place)
    figure.update_xaxes(
        type="category", categoryarray=conditions, range=[-0.5, len(conditions) - 0.5]
    )
    figure.update_yaxes(tickformat=".0%" if "valence" not in measures else None)
    figure.update_yaxes(title_text="share of the time", col=1)
    figure.update_annotations(font={"size": 13})
    return label_axes(figure).update_layout(showlegend=False)


def _participants(seen: pd.DataFrame, measure: str, conditions: list[str]) -> go.Scatter:
    """A thin line for each participant through its conditions, with a gap behind."""
    style = measure_style(measure)
    x: list[str | None] = []
    y: list[float | None] = []
    notes: list[str] = []
    ordered = seen.dropna(subset=[measure])
    ordered = ordered.assign(place=ordered["condition"].map(conditions.index))
    ordered = ordered.sort_values(["participant", "place"], kind="stable")
    columns = (ordered[name].tolist() for name in ("participant", "condition", measure, "face_s"))
    rows = list(zip(*columns, strict=True))
    # Row by row: a table for each of hundreds of participants takes seconds.
    for (participant, condition, value, seconds), following in zip_longest(rows, rows[1:]):
        x.append(condition)
        y.append(value)
        notes.append(f"{escape(str(participant))}: of {seconds:,.0f} s with a face")
        if following is None or following[0] != participant:
            x.append(None)
            y.append(None)
            notes.append("")
    return go.Scatter(
        x=x,
        y=y,
        customdata=notes,
        name=f"{measure_words(measure)}, participants",
        mode="lines+markers",
        connectgaps=False,
        line={"color": INK, "width": 0.8},
        marker={
            "symbol": style.marker,
            "color": style.colour,
            "size": 5,
            "line": {"color": darker(style.colour), "width": 0.8},
        },
        opacity=0.55,
        hovertemplate="%{x}: %{y:.1%}<br>%{customdata}<extra></extra>",
    )


def _means(means: pd.DataFrame, measure: str) -> go.Scatter:
    style = measure_style(measure)
    return go.Scatter(
        x=means["condition"],
        y=means["mean"],
        customdata=means[["low", "high", "participants", "no_face", "unsure"]],
        name=f"{measure_words(measure)}, mean",
        mode="markers",
        marker={
            "symbol": style.marker.removesuffix("-open"),
            "color": style.colour,
            "size": 11,
            "line": {"color": darker(style.colour, 0.5), "width": 1.5},
        },
        error_y=_whiskers(means["mean"], means["low"], means["high"], style),
        hovertemplate=(
            "%{x}: mean %{y:.1%} (95 %: %{customdata[0]:.1%} to %{customdata[1]:.1%}) of"
            " %{customdata[2]} participants<br>without a face %{customdata[3]:.0%}, of the rest"
            " unsure %{customdata[4]:.0%}<extra></extra>"
        ),
    )


def _whiskers(
    middle: ArrayLike, low: ArrayLike, high: ArrayLike, style: SeriesStyle
) -> dict[str, object]:
    """Plotly's error bars from ``low`` to ``high``."""
    return {
        "type": "data",
        "symmetric": False,
        "array": np.subtract(high, middle),
        "arrayminus": np.subtract(middle, low),
        "color": darker(style.colour, 0.5),
        "thickness": 2,
        "width": 5,
    }


def comparison_figure(comparisons: Sequence[ConditionComparison]) -> go.Figure:
    """Differences of two conditions with 95 % intervals; ✓ where one holds after Holm's correction.

    Args:
        comparisons: of one network and one pair of conditions, as `compare_conditions` gives; ()
            gives an empty figure.
    """
    title = "What differs between the conditions"
    shown = [one for one in comparisons if np.isfinite(one.difference)]
    if not shown:
        return empty_figure(title, "There are no two conditions with participants to compare.")
    first = shown[0]
    title = f"{escape(first.second)} less {escape(first.first)}, by {escape(first.network)}"
    figure = new_figure(title, height_px=130 + 34 * len(shown))
    figure.add_vline(0, line={"color": INK, "width": 1.5, "dash": "dot"})
    for one in shown:
        style = measure_style(one.measure)
        figure.add_scatter(
            x=[100 * one.difference],
            y=[_starred(one)],
            name=measure_words(one.measure),
            mode="markers",
            marker=_large(style),
            error_x=_whiskers([100 * one.difference], [100 * one.low], [100 * one.high], style),
            hovertemplate=f"{_hover(one)}<extra></extra>",
        )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text=_DIFFERENCE, zeroline=False)
    return figure.update_layout(showlegend=False)


def _starred(one: ConditionComparison) -> str:
    return f"{measure_words(one.measure)}{' ✓' if one.found else ''}"


def _large(style: SeriesStyle) -> dict[str, object]:
    return {
        "symbol": style.marker,
        "color": style.colour,
        "size": 12,
        "line": {"color": darker(style.colour, 0.5), "width": 1.5},
    }


def _hover(one: ConditionComparison) -> str:
    people = (
        f"{one.n_first} participants, {one.higher} with more and {one.lower} with less"
        if one.design == "within"
        else f"{one.n_first} and {one.n_second} participants"
    )
    holds = "holds" if one.found else "does not hold"
    return (
        f"{measure_words(one.measure)} by {escape(one.network)}: {100 * one.difference:+.1f}"
        f" (95 %: {100 * one.low:+.1f} to {100 * one.high:+.1f})<br>{people}<br>{one.effect_name}"
        f" {one.effect:.2f} (95 %: {one.effect_low:.2f} to {one.effect_high:.2f})<br>p"
        f" {one.p:.2g}, after Holm over {one.family} {one.p_holm:.2g}: {holds}"
    )


def networks_figure(survivals: Sequence[Survival]) -> go.Figure:
    """The same differences by each network, side by side; filled where one holds after Holm.

    Args:
        survivals: of one pair of conditions, as `survivals` gives; () gives an empty figure.
    """
    title = "Does it survive the network?"
    if not survivals:
        return empty_figure(title, "Two networks must read a study to be held against each other.")
    first = survivals[0].comparisons[0]
    names = list(dict.fromkeys(one.network for each in survivals for one in each.comparisons))
    height = 150 + (20 + 16 * len(names)) * len(survivals)
    figure = new_figure(
        f"{title} {escape(first.second)} less {escape(first.first)}", height_px=height
    )
    figure.add_vline(0, line={"color": INK, "width": 1.5, "dash": "dot"})
    for index, network in enumerate(names):
        own = [one for each in survivals for one in each.comparisons if one.network == network]
        style = series_style(index)
        values = [100 * one.difference for one in own]
        figure.add_scatter(
            x=values,
            y=[measure_words(one.measure) for one in own],
            name=escape(network),
            orientation="h",
            offsetgroup=str(index),
            mode="markers",
            marker={
                "symbol": [style.marker if one.found else f"{style.marker}-open" for one in own],
                "color": style.colour,
                "size": 10,
                "line": {"color": darker(style.colour, 0.5), "width": 1.5},
            },
            error_x=_whiskers(
                values, [100 * one.low for one in own], [100 * one.high for one in own], style
            ),
            customdata=[_hover(one) for one in own],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text=_DIFFERENCE, zeroline=False)
    return figure.update_layout(
        scattermode="group",
        scattergap=0.3,
        legend={**_LEGEND_BELOW, "title": {"text": "filled: holds after Holm", "side": "top"}},
    )


def course_figure(courses: Sequence[Course]) -> go.Figure:
    """Mean courses around the onset, a line for each condition, with its band.

    The band is the simultaneous one, within which the whole course lies in 95 of 100 studies; of
    too few participants for one, the pointwise interval, and the legend says so.

    Args:
        courses: of one measure and network, as `mean_courses` gives; () gives an empty figure.
    """
    title = "Course around the onset"
    shown = [course for course in courses if np.isfinite(course.mean).any()]
    if not shown:
        return empty_figure(title, "No face was seen around an onset.")
    title = f"{measure_words(shown[0].measure).capitalize()} around the onset"
    figure = new_figure(title, height_px=_COURSE_PX)
    as_share = shown[0].measure != "valence"
    for index, course in enumerate(shown):
        style = series_style(index)
        name = f"{escape(course.condition)}, {course.participants} participants"
        whole = bool(np.isfinite(course.band_low).any())
        low, high = (course.band_low, course.band_high) if whole else (course.low, course.high)
        outline_s, outline = _outline(course.seconds, low, high)
        figure.add_scatter(
            x=outline_s,
            y=outline,
            name=f"{escape(course.condition)}, 95 % "
            + ("band of the whole course" if whole else "interval at each moment"),
            mode="lines",
            fill="toself",
            line={"color": style.colour, "width": 0.8, "dash": style.dash},
            fillcolor=_pale(style.colour),
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=course.seconds,
            y=course.mean,
            name=name,
            mode="lines",
            connectgaps=False,
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            customdata=np.stack([low, high, course.seen], axis=-1),
            hovertemplate=_course_hover(as_share),
        )
    figure.add_vline(
        0,
        line={"color": INK, "width": 1.5, "dash": "dot"},
        annotation={"text": "onset", "y": 1.0, "yanchor": "bottom", "xanchor": "center"},
    )
    figure.update_xaxes(title_text="seconds from the onset", zeroline=False)
    figure.update_yaxes(title_text="mean over participants", tickformat=".0%" if as_share else None)
    return figure.update_layout(legend=_LEGEND_BELOW)


def _course_hover(as_share: bool) -> str:
    form = ".1%" if as_share else ".2f"
    return (
        f"%{{x:.1f}} s, %{{fullData.name}}: %{{y:{form}}} (95 %: %{{customdata[0]:{form}}} to"
        f" %{{customdata[1]:{form}}})<br>%{{customdata[2]}} with a face here<extra></extra>"
    )


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def _outline(
    seconds: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Along the lower edge and back along the upper one, by stretches without a gap."""
    known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    gap = np.full(1, np.nan)
    x, y = [np.empty(0)], [np.empty(0)]
    for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
        x += [seconds[run], seconds[run][::-1], gap]
        y += [low[run], high[run][::-1], gap]
    return np.concatenate(x)[:-1], np.concatenate(y)[:-1]


def coder_figure(agreement: CoderAgreement) -> go.Figure:
    """What the network said while the coder said what, in shares of the coder's time.

    Raises:
        ContractError: categories other than the seven expressions.
    """
    figure = confusion_figure(agreement.confusion, title="Coder and network")
    if not figure.data:
        return empty_figure("Coder and network", "There is no moment that both gave a word.")
    table = agreement.confusion
    seconds = table * agreement.step_s
    figure.update_traces(
        customdata=np.stack(
            [seconds, np.broadcast_to(seconds.sum(axis=1, keepdims=True), table.shape)], axis=-1
        ),
        hovertemplate=(
            "coder %{y}, network %{x}<br>%{customdata[0]:,.1f} of %{customdata[1]:,.1f} s"
            f" ({agreement.step_s:g} s steps)<extra></extra>"
        ),
    )
    figure.update_xaxes(title_text="network")
    return figure.update_yaxes(title_text="coder")
