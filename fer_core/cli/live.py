"""Starting the dashboard."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fer_core.cli.common import app


@app.command()
def live(
    lan: Annotated[
        bool,
        typer.Option(
            "--lan", help="For other machines of the local network too, by https: with the camera."
        ),
    ] = False,
    certificates: Annotated[
        Path | None,
        typer.Option(help="Folder of the certificate and its key; .certificates if not named."),
    ] = None,
) -> None:
    """Start the dashboard on its Live page."""
    import signal
    import subprocess
    import threading
    import webbrowser

    root = Path(__file__).resolve().parents[2]
    port = os.environ.get("STREAMLIT_SERVER_PORT", "8501")
    address = os.environ.get("STREAMLIT_SERVER_ADDRESS", "localhost")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    if lan:
        page = f"https://localhost:{port}/Live"
        command += _lan_options(certificates or root / ".certificates", port)
    else:
        page = f"http://{address}:{port}/Live"
        typer.echo(f"The Live page opens at {page}")
    # Few pools of memory for threads that come and go: see ui/webrtc/memory.py.
    environment = {"MALLOC_ARENA_MAX": "2"} | os.environ
    with subprocess.Popen(command, cwd=root, env=environment) as server:
        # Whoever ends this process means the server, which would go on without it.
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        opener = threading.Timer(3.0, webbrowser.open, [page])
        opener.daemon = True
        if os.environ.get("STREAMLIT_SERVER_HEADLESS") != "true":
            opener.start()
        try:
            server.wait()
        except KeyboardInterrupt:
            server.terminate()
        finally:
            opener.cancel()


def _lan_options(folder: Path, port: str) -> list[str]:
    """Streamlit's settings for https on all of this machine's addresses; says where to open it."""
    from fer_core.serving.certificate import ensure_certificate, lan_addresses

    addresses = lan_addresses()
    files = ensure_certificate(folder, addresses)
    for address in addresses or ["localhost"]:
        typer.echo(f"On this network: https://{address}:{port}/Live")
    typer.echo(
        "The browser warns once, because the certificate is your own: go on to the page. "
        "Everybody on this network can open it."
    )
    options = [f"--server.sslCertFile={files.certificate}", f"--server.sslKeyFile={files.key}"]
    if "STREAMLIT_SERVER_ADDRESS" not in os.environ:
        options.append("--server.address=0.0.0.0")
    return options
