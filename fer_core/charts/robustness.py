"""What networks keep under blur, noise, darkness and the like."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from fer_core.charts.heatmap import heatmap_figure
from fer_core.charts.template import empty_figure, new_figure, series_style
from fer_core.evaluation.robustness import ConditionFigures, mean_accuracy, unchanged
from fer_core.faces.corruptions import CONDITIONS, Condition

_AS_IT_IS = "as it is"


def robustness_heatmap_figure(
    titles: Mapping[str, str], rows: Sequence[ConditionFigures]
) -> go.Figure:
    """A row for each network, a column for each condition: accuracy, mean over severities.

    Args:
        titles: slug -> title of the networks to show, in this order; may be empty.
        rows: current rows of networks and packages; one that was not measured is left out.
    """
    title = "Accuracy under harder conditions"
    slugs = [slug for slug in titles if unchanged(rows, slug)]
    if not slugs:
        return empty_figure(title, "No network has been measured yet.")
    plain = [row for row in (unchanged(rows, slug) for slug in slugs) if row]
    return heatmap_figure(
        title,
        [
            [row.accuracy, *(mean_accuracy(rows, row.slug, c.name) for c in CONDITIONS)]
            for row in plain
        ],
        rows=[titles[slug] for slug in slugs],
        columns=["As it is", *(condition.title for condition in CONDITIONS)],
        height_px=130 + 34 * len(slugs),
        about=[[row.n] * (1 + len(CONDITIONS)) for row in plain],
        cell="%{z:.0%}",
        measure="accuracy",
        hover="%{y}, %{x}: %{z:.1%} of %{customdata:,} images",
        low=0,
        high=0.8,
    )


def severity_figure(
    titles: Mapping[str, str], rows: Sequence[ConditionFigures], condition: Condition
) -> go.Figure:
    """Accuracy of each network from unchanged faces to the strongest severity, with intervals.

    Args:
        titles: slug -> title of the networks to show; may be empty.
        rows: current rows; a network that was not measured is left out.
        condition: which one.
    """
    title = f"{condition.title}: accuracy by degree"
    figure = new_figure(title)
    for index, (slug, name) in enumerate(titles.items()):
        plain = unchanged(rows, slug)
        degrees = {
            row.severity: row for row in rows if (row.slug, row.condition) == (slug, condition.name)
        }
        points = [degrees[severity] for severity in condition.severities if severity in degrees]
        if plain is None or not points:
            continue
        points = [plain, *points]
        style = series_style(index)
        figure.add_scatter(
            name=name,
            mode="lines+markers",
            x=[_AS_IT_IS, *(condition.label(row.severity) for row in points[1:])],
            y=[row.accuracy for row in points],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [row.accuracy_high - row.accuracy for row in points],
                "arrayminus": [row.accuracy - row.accuracy_low for row in points],
                "thickness": 1.2,
                "width": 4,
            },
            line={"color": style.colour, "dash": style.dash},
            marker={"symbol": style.marker, "size": 9},
            customdata=[
                [row.accuracy_low, row.accuracy_high, row.n, row.macro_f1] for row in points
            ],
            hovertemplate=(
                f"{name}, %{{x}}: %{{y:.1%}} (95 %: %{{customdata[0]:.1%}} to"
                " %{customdata[1]:.1%}) of %{customdata[2]:,} images, macro-F1"
                " %{customdata[3]:.3f}<extra></extra>"
            ),
        )
    if not figure.data:
        return empty_figure(title, "None of these networks has been measured yet.")
    figure.update_xaxes(type="category")
    return figure.update_yaxes(
        title_text="accuracy on PublicTest", tickformat=".0%", rangemode="tozero"
    )
