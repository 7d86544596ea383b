"""The page's head is added to the page, and to nothing else."""

import asyncio
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message

from ui import head as module
from ui.head import WithHead, first, head

PAGE = "<html><head><title>Ä</title></head><body></body></html>"
BROWSER = {"accept": "text/html,*/*", "accept-encoding": "gzip", "if-none-match": '"old"'}


def answer(path: str, method: str = "GET", **headers: str) -> tuple[Message, bytes]:
    """What a browser gets."""

    def page(request: Request) -> Response:
        if "if-none-match" in request.headers:
            return Response(status_code=304)
        assert "gzip" not in request.headers.get("accept-encoding", "")
        return HTMLResponse(PAGE, headers={"etag": '"file"'})

    routes = [
        Route("/data", lambda _: JSONResponse({"head": "</head>"})),
        Route("/{rest:path}", page),
    ]
    sent: list[Message] = []

    async def ask() -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        pairs = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        await WithHead(Starlette(routes=routes))(
            {**scope, "query_string": b"", "root_path": "", "scheme": "http"}, receive, send
        )

    asyncio.run(ask())
    return sent[0], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("path", ["/", "/Live", "/Compare_models"])
def test_a_page_has_it_also_where_the_browser_has_an_older_one(path: str) -> None:
    start, body = answer(path, **BROWSER)
    assert body.decode() == PAGE.replace("<head>", "<head>" + first().decode()).replace(
        "</head>", head().decode() + "</head>"
    )
    headers = dict(start["headers"])
    assert int(headers[b"content-length"]) == len(body)
    assert b"etag" not in headers


def test_what_is_no_page_is_passed_on() -> None:
    assert answer("/data", **BROWSER)[1] == b'{"head":"</head>"}'
    assert answer("/component/a/index.html", accept="text/html")[1].decode() == PAGE
    assert answer("/script.js", accept="*/*")[1].decode() == PAGE
    assert answer("/", method="HEAD", accept="text/html")[0]["status"] == 200


def test_it_is_one_style_and_one_script() -> None:
    words = head().decode()
    for part in ("<style>", "</style>", "<script>", "</script>"):
        assert words.count(part) == 1
    assert "prefers-reduced-motion" in words
    assert words.count("{") == words.count("}")


def test_charts_begin_later_by_the_name_that_streamlit_gives_them() -> None:
    words = first().decode()
    (chunk,) = (Path(streamlit.__file__).parent / "static/static/js").glob("PlotlyChart.*.js")
    assert f'new URL("./static/js/{chunk.name}", document.baseURI)' in words
    assert "window.mienSettled()" in words
    assert "window.mienSettled =" in head().decode()
    index = (Path(streamlit.__file__).parent / "static/index.html").read_text()
    assert "<head>" in index
    assert 'src="./static/js/' in index, "Streamlit's scripts have another address now"


@pytest.mark.parametrize("pattern", ["static/js/NoSuchChart.*.js", "static/js/*.js"])
def test_where_it_is_not_known_which_they_begin_as_streamlit_does(
    monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr(module, "_CHARTS", pattern)
    assert first.__wrapped__() == b""
