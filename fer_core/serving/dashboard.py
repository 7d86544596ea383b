"""Starts the dashboard's server, says where it is, and opens the browser once it answers."""

import errno
import importlib.util
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fer_core.errors import MienError
from fer_core.serving.address import (
    THIS_MACHINE,
    ServerSettings,
    health_url,
    hosts_to_allow,
    hosts_to_open,
    read_settings,
    url,
)

_PORTS_TRIED = 100
_ASK_AGAIN_S = 0.2

Say = Callable[[str], None]


def dashboard_folder() -> Path:
    """Where `app.py` is: beside this package in a checkout, inside of it where it was installed."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "dashboard"
    return installed if installed.is_dir() else package.parent


def serve(
    page: str = "",
    *,
    lan: bool = False,
    certificates: Path | None = None,
    options: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    say: Say = print,
) -> int:
    """Serve the dashboard until somebody stops it.

    Streamlit's own settings hold: its files, its environment variables, ``options``.

    Args:
        page: that the browser opens, as in the address; "" for the first one.
        lan: for the local network, by https.
        certificates: folder of the certificate; None: in the checkout, or the user's data folder.
        options: as after ``streamlit run app.py``.
        variables: of the server's environment, beside those of this process.
        say: tells a person a line.

    Returns:
        0 where it was stopped, 1 where it ended by itself with an error.

    Raises:
        MienError: Streamlit is missing or refuses a setting, or nothing can listen there.
    """
    if importlib.util.find_spec("streamlit") is None:
        raise MienError(
            "the dashboard needs Streamlit, which is not installed",
            remedy='Install it: pip install "mien[app]"',
        )
    from fer_core.serving.certificate import ensure_certificate, lan_addresses, own_names

    folder = dashboard_folder()
    settings = _ask_streamlit(folder, options)
    addresses = lan_addresses()
    # Streamlit would ask the internet for this machine's address, only to print it.
    flags = ["--server.headless=true", "--logger.hideWelcomeMessage=true"]
    if lan and settings.address == THIS_MACHINE:
        settings = replace(settings, address="0.0.0.0")
        flags.append("--server.address=0.0.0.0")
    if own_certificate := lan and not settings.https:
        settings = replace(settings, https=True)
        files = ensure_certificate(certificates or _certificates(folder), addresses)
        flags += [f"--server.sslCertFile={files.certificate}", f"--server.sslKeyFile={files.key}"]
    settings = replace(settings, port=_free_port(settings, say))
    flags.append(f"--server.port={settings.port}")
    names = hosts_to_allow(settings, [*own_names(), *addresses])
    flags += [f"--server.allowedHosts={name}" for name in names]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options, *flags]
    # Few pools of memory for threads that come and go: see ui/webrtc/release.py.
    environment = {"MALLOC_ARENA_MAX": "2"} | os.environ | dict(variables or {})
    server = subprocess.Popen(command, cwd=folder, env=environment)
    return _run(server, settings, lambda: _tell(settings, page, addresses, own_certificate, say))


def _ask_streamlit(folder: Path, options: Sequence[str]) -> ServerSettings:
    """What Streamlit makes of its files, its environment and ``options``."""
    shown = subprocess.run(
        [sys.executable, "-m", "streamlit", "config", "show", *options],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if shown.returncode:
        raise MienError(
            "Streamlit refuses a setting",
            received=(shown.stderr.strip().splitlines() or ["no reason"])[-1],
            remedy="Its settings are listed by: streamlit config show",
        )
    return read_settings(shown.stdout)


def _certificates(folder: Path) -> Path:
    """A folder that stays: in a checkout its own, else the user's, as no package holds a key."""
    if folder.name != "dashboard":
        return folder / ".certificates"
    from platformdirs import user_data_path

    return user_data_path("mien") / "certificates"


def _free_port(settings: ServerSettings, say: Say) -> int:
    """The port to serve on: as Streamlit would, the next free one where none was asked for.

    Found before the start, so that it is known where to open the page.
    """
    last = settings.port if settings.port_is_fixed else settings.port + _PORTS_TRIED
    for port in range(settings.port, last + 1):
        try:
            found = _bind(settings.address, port)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES) and port < last:
                continue
            raise MienError(
                "the server cannot listen there",
                where=f"{settings.address or 'every interface'}, port {port}",
                received=error.strerror or error,
                remedy="Name another port or address: STREAMLIT_SERVER_PORT, "
                "STREAMLIT_SERVER_ADDRESS",
            ) from error
        if port != settings.port:
            say(f"Port {settings.port} is taken, perhaps by another Mien; {port} is free.")
        return found
    raise AssertionError("the last port either binds or raises")


def _bind(address: str | None, port: int) -> int:
    """Try an address as Streamlit does; the port, which is another one where it was 0."""
    host = address or "0.0.0.0"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name != "nt":  # there it would share a port that somebody listens on
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return int(probe.getsockname()[1])


def _run(
    server: subprocess.Popen[bytes], settings: ServerSettings, tell: Callable[[], None]
) -> int:
    """Wait for the server's end; ``tell`` once it answers. Whoever ends us means it, too."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        stopped.set()
        server.terminate()

    signal.signal(signal.SIGTERM, stop)
    with server:
        try:
            if _wait_until_up(server, settings):
                tell()
            server.wait()
        except KeyboardInterrupt:
            stop()
    return 1 if server.returncode and not stopped.is_set() else 0


def _wait_until_up(server: subprocess.Popen[bytes], settings: ServerSettings) -> bool:
    """Ask the server for its health until it answers (True) or has ended (False)."""
    trusting = ssl.create_default_context()  # it is our own server, by whatever name
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
    )
    while server.poll() is None:
        try:
            with opener.open(health_url(settings), timeout=2):
                return True
        except OSError:
            time.sleep(_ASK_AGAIN_S)
    return False


def _tell(
    settings: ServerSettings, page: str, lan: Sequence[str], own_certificate: bool, say: Say
) -> None:
    """Say where the page is, and open it where somebody sits in front of this machine."""
    first, *others = (url(settings, host, page) for host in hosts_to_open(settings, lan))
    say(f"{f'The {page} page' if page else 'Mien'} is at {first}")
    for other in others:
        say(f"On this network: {other}")
    if own_certificate:
        say("The browser warns once, because the certificate is your own: go on to the page.")
    elif settings.is_everywhere and not settings.https:
        say("Browsers give other machines the camera by https only: start it with --lan.")
    if settings.is_everywhere:
        say("Everybody on this network can open it.")
    if not settings.headless:
        webbrowser.open(first)
