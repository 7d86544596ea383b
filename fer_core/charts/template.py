"""The project's chart template: font, grid, colours; legible on a light and on a dark page."""

from dataclasses import dataclass

import plotly.graph_objects as go

from fer_core.emotions import Emotion

INK = "#7D8290"
"""Lines and marks that are no class: a grey at 3.8:1 on the white page and 4.6:1 on the dark one.
Not for text, which needs 4.5:1 on both, and no colour has that: it takes the page's own."""

TEXT = "#000037"
"""Text: nearly black, as on white paper. On a page Streamlit puts the colour of its own text in the
place of this very one, on the light page and on the dark one; where a chart names none, it takes a
grey of 3.7:1."""

GRID = "rgba(125,130,144,0.25)"
FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", system-ui, sans-serif'
HEIGHT_PX = 380

CELL_INK = "#14171C"
"""Text in the cells of a matrix: at least 5:1 on every colour of both scales, on any page."""

SEQUENTIAL = ((0.0, "#F3F6FA"), (0.35, "#BFD3EC"), (0.7, "#8FB5E1"), (1.0, "#5F97D6"))
"""Pale to middle blue for shares and counts: rises in lightness only, so grey print keeps it."""

DIVERGING = (
    (0.0, "#DB8534"),
    (0.25, "#F0C08B"),
    (0.5, "#F5F5F3"),
    (0.75, "#AECBEB"),
    (1.0, "#5F97D6"),
)
"""Orange below zero, blue above: told apart with every kind of colour blindness."""

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6BB1")
_MARKERS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star", "hexagon")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True, slots=True)
class SeriesStyle:
    """How one model's series looks; colour and marker repeat together only after 56 models.

    Colours: Okabe & Ito 2008, Color Universal Design, without black and yellow.
    """

    colour: str
    marker: str
    dash: str


def series_style(index: int) -> SeriesStyle:
    """The look of the ``index``-th series of a chart."""
    return SeriesStyle(
        _COLOURS[index % len(_COLOURS)],
        _MARKERS[index % len(_MARKERS)],
        _DASHES[index % len(_DASHES)],
    )


def darker(colour: str, share: float = 0.65) -> str:
    """A ``#RRGGBB`` colour with each channel times ``share``: the edge of pale bars and lines."""
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(channel * share):02X}" for channel in channels)


def signed(value: float, digits: int = 0) -> str:
    """A difference with its sign, rounded; plain ``0`` where nothing is left of it."""
    text = f"{value:+.{digits}f}"
    return text if float(text) else "0"


def emotion_fill(emotion: Emotion) -> dict[str, object]:
    """Plotly ``marker`` of a bar of this class: its colour and a darker edge."""
    return {
        "color": emotion.style.colour,
        "line": {"color": darker(emotion.style.colour), "width": 1.2},
    }


_PATTERNS = {
    Emotion.ANGRY: "x",
    Emotion.DISGUST: "/",
    Emotion.FEAR: "|",
    Emotion.HAPPY: ".",
    Emotion.SAD: "\\",
    Emotion.SURPRISE: "-",
    Emotion.NEUTRAL: "",
}


def emotion_pattern(emotion: Emotion) -> dict[str, object]:
    """Plotly ``fillpattern`` of an area of this class: thin dark marks, for neutral none."""
    return {
        "shape": _PATTERNS[emotion],
        "fgcolor": darker(emotion.style.colour, 0.5),
        "fillmode": "overlay",
        "bgcolor": emotion.style.colour,
        "size": 7,
        "solidity": 0.2,
    }


TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 14, "color": TEXT},
        "title": {"font": {"size": 16}, "x": 0, "xanchor": "left", "xref": "container"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(_COLOURS),
        "xaxis": {"gridcolor": GRID, "linecolor": GRID, "zerolinecolor": GRID, "automargin": True},
        "yaxis": {"gridcolor": GRID, "linecolor": GRID, "zerolinecolor": GRID, "automargin": True},
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.22, "x": 0},
        "margin": {"l": 8, "r": 16, "t": 48, "b": 8},
        "hoverlabel": {"font": {"family": FONT, "size": 13}},
        "hovermode": "closest",
        "separators": ".,",
    }
)


def new_figure(title: str, *, height_px: int = HEIGHT_PX) -> go.Figure:
    """An empty figure in the project's template."""
    figure = go.Figure()
    figure.update_layout(template=TEMPLATE, title_text=title, height=height_px)
    figure.update_layout(font_color=TEXT, hoverlabel_font_color=TEXT)
    return label_axes(figure)


def label_axes(figure: go.Figure) -> go.Figure:
    """Write at all axes in the colour of text; for a figure that has got more of them.

    Not in the template, over which Streamlit lays its own.
    """
    figure.update_xaxes(tickfont_color=TEXT, title_font_color=TEXT)
    return figure.update_yaxes(tickfont_color=TEXT, title_font_color=TEXT)


def empty_figure(title: str, sentence: str) -> go.Figure:
    """A valid figure without traces that says in one sentence why it is empty."""
    figure = new_figure(title, height_px=180)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=sentence,
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
    )
    return figure
