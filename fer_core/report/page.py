"""One HTML file: headings, sentences, tables and charts, with all that they need inside.

Nothing is fetched from anywhere, and the file's own policy forbids it: charts are drawn by
Plotly's script, which lies in the file. Everything that comes from people is escaped.
"""

from html import escape

import pandas as pd
import plotly.graph_objects as go
from plotly.io import to_html
from plotly.offline import get_plotlyjs

_CHART_PX = 940
"""As wide as a sheet of A4 prints at its usual scale."""

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; color: #10181B;
  background: #fff; max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 2.1rem; line-height: 1.2; } h2 { font-size: 1.35rem; margin-top: 2.4rem; }
p.small, figcaption { font-size: .875rem; color: #4A5458; }
p.warning { border-left: 4px solid #8A5A00; padding: .2rem .8rem; background: #FFF6E0; }
figure { margin: 1rem 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #D9E0DE; padding: .25rem .6rem; text-align: left;
  white-space: nowrap; }
div.table { overflow-x: auto; }
@page { size: A4; margin: 16mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 11pt; }
  h2 { break-after: avoid; } figure, tr, p { break-inside: avoid; }
  figure { zoom: .7; } div.table { zoom: .75; overflow: visible; }
}
"""

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


class Page:
    """A page to which is added from top to bottom."""

    def __init__(self, title: str) -> None:
        """Begin with its heading."""
        self._title = title
        self._body = [f"<h1>{escape(title)}</h1>"]
        self._charts = 0

    def heading(self, words: str) -> None:
        """A heading of a section."""
        self._body.append(f"<h2>{escape(words)}</h2>")

    def text(self, words: str, kind: str = "") -> None:
        """A paragraph; ``kind`` is "small", "warning" or ""."""
        self._body.append(f'<p class="{kind}">{escape(words)}</p>')

    def listed(self, items: tuple[str, ...]) -> None:
        """A list."""
        rows = "".join(f"<li>{escape(item)}</li>" for item in items)
        self._body.append(f"<ul>{rows}</ul>")

    def table(self, table: pd.DataFrame) -> None:
        """A table with its columns' names."""
        rows = table.to_html(index=False, border=0, escape=True, na_rep="")
        self._body.append(f'<div class="table">{rows}</div>')

    def chart(self, figure: go.Figure, caption: str) -> None:
        """A chart that does not move, with a caption."""
        self._charts += 1
        drawn = to_html(
            figure,
            config={"staticPlot": True},
            include_plotlyjs=False,
            full_html=False,
            default_width=f"{_CHART_PX}px",
            div_id=f"chart-{self._charts}",
        )
        words = escape(caption)
        self._body.append(
            f'<figure role="img" aria-label="{words}">{drawn}<figcaption>{words}</figcaption>'
            "</figure>"
        )

    def html(self) -> str:
        """The file."""
        script = f"<script>{get_plotlyjs()}</script>" if self._charts else ""
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self._title)}</title><style>{_STYLE}</style>{script}</head>"
            f"<body>{''.join(self._body)}</body></html>\n"
        )
