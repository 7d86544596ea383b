"""What the browser gets before the first line of a page: styles and a script, in the page's head.

Streamlit fetches the code for most of its elements when one is first wanted, holds 40 px for it
until then, and whatever stands below moves when it comes. Styles that a page draws come as late as
that. Those of `page.css` are there first: they keep each late thing its place, and say what else
holds on every page. Nothing of Streamlit is patched: `st.App` takes ASGI middleware.
"""

import json
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FOLDER = Path(__file__).parent
_BEGIN, _END = b"<head>", b"</head>"
_ASKED_AGAIN = {b"accept-encoding", b"if-modified-since", b"if-none-match", b"range"}
"""What a browser says of the copy that it has, and how it wants another: ours is never the file."""

_FRAMES = "/component/"
"""Under this address components have pages of their own, which are none of ours."""

_CHARTS = "static/js/PlotlyChart.*.js"
"""In Streamlit's folder of static files; the middle is a hash of its content."""


@cache
def head() -> bytes:
    """The lines that are added, UTF-8."""
    style, script = ((_FOLDER / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return f"<style>\n{style}</style>\n<script>\n{script}</script>\n".encode()


@cache
def first() -> bytes:
    """The lines before any of Streamlit's, UTF-8: an import map counts for what comes after it.

    Empty where Streamlit's code for charts is not where it was in 1.67; then it is not put off.
    """
    chunks = sorted((Path(streamlit.__file__).parent / "static").glob(_CHARTS))
    if len(chunks) != 1:
        return b""
    address = json.dumps(f"./static/js/{chunks[0].name}")
    script = (_FOLDER / "charts.js").read_text("utf-8").replace("CHARTS,", f"{address},")
    return f"<script>{{\n{script}}}</script>\n".encode()


class WithHead:
    """ASGI middleware that adds `first` and `head` to the one HTML page of the dashboard.

    Args:
        app: answers; what it says is passed on, but for the page's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        wanted = (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and "text/html" in Headers(scope=scope).get("accept", "")
            and _FRAMES not in scope["path"]
        )
        if not wanted:
            await self._app(scope, receive, send)
            return
        kept = [each for each in scope["headers"] if each[0].lower() not in _ASKED_AGAIN]
        await self._app({**scope, "headers": kept}, receive, _Answer(send))


class _Answer:
    """Holds an answer back while it is read, where it is a page."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = Headers(raw=message["headers"])
            if message["status"] == 200 and "text/html" in headers.get("content-type", ""):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._body.replace(_BEGIN, _BEGIN + first(), 1).replace(_END, head() + _END, 1)
        headers = MutableHeaders(raw=self._start["headers"])
        for name in ("etag", "last-modified"):
            del headers[name]
        headers["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})
