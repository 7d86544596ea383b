"""Started for real: what is printed opens, and nothing is asked of the internet."""

import contextlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fer_core.serving.certificate import own_names

pytestmark = pytest.mark.slow

# Stands for a browser: writes down what it found at the address that it was started with.
BROWSER = """
import sys, urllib.request
from pathlib import Path
try:
    found = urllib.request.urlopen(sys.argv[1], timeout=5).status
except OSError as error:
    found = error
Path(sys.argv[2]).write_text(f"{sys.argv[1]} {found}")
"""

# Read by every Python that starts: each address outside of this machine is written down.
WATCH = """
import os, sys

def watch(event, arguments):
    if event == "socket.connect":
        asked = arguments[1]
    elif event == "socket.getaddrinfo":
        asked = arguments[0]
    else:
        return
    if not any(own in str(asked) for own in ("localhost", "127.0.0.1", "::1", "None")):
        with open(os.environ["ASKED"], "a") as log:
            log.write(f"{asked}\\n")

sys.addaudithook(watch)
"""


@contextmanager
def live(*arguments: str, **variables: str) -> Iterator[list[str]]:
    """``python -m fer_core live`` until it has said where it is; gives its lines, then ends it."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "fer_core", "live", *arguments],
        env=ours | variables,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            if " is at " in line:
                break
        assert lines, "it ended without a word"
        threading.Thread(target=process.stdout.read, daemon=True).start()  # no full pipe
        yield lines
    finally:
        process.send_signal(signal.SIGTERM)
        status = process.wait(20)
    assert status == 0
    place = urlsplit(lines[-1].split()[-1])
    with socket.socket() as probe:  # the server has ended with the command
        assert probe.connect_ex(("127.0.0.1", int(place.port or 0))) != 0


def websocket_status(address: str, host: str, trusted: Path | None = None) -> int:
    """How the server of ``address`` answers to a page that calls it ``host``."""
    place = urlsplit(address)
    connection = (
        http.client.HTTPSConnection(
            "127.0.0.1", place.port, context=ssl.create_default_context(cafile=trusted)
        )
        if place.scheme == "https"
        else http.client.HTTPConnection("127.0.0.1", place.port)
    )
    with contextlib.closing(connection):
        base = place.path.rsplit("/", 1)[0]
        connection.request(
            "GET",
            f"{base}/_stcore/stream",
            headers={
                "Host": f"{host}:{place.port}",
                "Origin": f"{place.scheme}://{host}:{place.port}",
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
                "Sec-WebSocket-Version": "13",
            },
        )
        return connection.getresponse().status


def test_on_a_busy_port_below_a_path_the_browser_finds_it(tmp_path: Path) -> None:
    found = tmp_path / "found"
    (tmp_path / "browser.py").write_text(BROWSER)
    with socket.socket() as busy:
        with contextlib.suppress(OSError):  # somebody else has it: as good
            busy.bind(("127.0.0.1", 8501))
            busy.listen()
        with live(
            STREAMLIT_SERVER_BASE_URL_PATH="/lab/mien/",
            STREAMLIT_SERVER_HEADLESS="false",
            BROWSER=f"{sys.executable} {tmp_path / 'browser.py'} %s {found}",
        ) as lines:
            assert "8501 is taken" in lines[0]
            address = lines[-1].split()[-1]
            place = urlsplit(address)
            assert (place.hostname, place.path) == ("localhost", "/lab/mien/Live")
            assert place.port != 8501
            with urllib.request.urlopen(address, timeout=5) as reply:
                assert reply.status == 200
            assert websocket_status(address, "localhost") == 101
            assert websocket_status(address, "evil.example") == 403
            for _ in range(300):
                if found.exists() and found.read_text():
                    break
                threading.Event().wait(0.1)
            assert found.read_text() == f"{address} 200"


def test_for_the_network_it_serves_https_and_asks_nobody(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    certificates = tmp_path / "certificates"
    with live(
        "--lan",
        "--certificates",
        str(certificates),
        "--home",
        "--",
        "--server.port=0",
        STREAMLIT_SERVER_HEADLESS="true",
        PYTHONPATH=os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))),
        ASKED=str(asked),
    ) as lines:
        address = lines[-1].split()[-1]
        assert address.startswith("https://localhost:")
        trusted = ssl.create_default_context(cafile=certificates / "mien.pem")
        with urllib.request.urlopen(address, timeout=5, context=trusted) as reply:
            assert reply.status == 200
        name = own_names()[-1]
        assert websocket_status(address, name, certificates / "mien.pem") == 101
        assert websocket_status(address, "evil.example", certificates / "mien.pem") == 403
    assert not asked.exists(), asked.read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--server.port={taken}",), "port {taken}: the server cannot listen there"),
        (("--server.address=203.0.113.77",), "203.0.113.77, port 8501"),
        (("--server.prot=9000",), "No such option '--server.prot'"),
    ],
)
def test_what_cannot_be_served_is_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "fer_core", "live", "--"]
            + [argument.format(taken=taken) for argument in arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert sentence.format(taken=taken) in ended.stderr
    assert "Traceback" not in ended.stderr
