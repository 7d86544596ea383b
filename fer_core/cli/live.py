"""Starting the dashboard."""

import os
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
    home: Annotated[
        bool, typer.Option("--home", help="Open the first page in place of Live.")
    ] = False,
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="STREAMLIT_OPTION", help="After --: Streamlit's own, as --server.port 9000."
        ),
    ] = None,
) -> None:
    """Start the dashboard on its Live page."""
    from fer_core.serving.dashboard import serve
    from fer_core.zoo import models_roots

    status = serve(
        "" if home else "Live",
        lan=lan,
        certificates=certificates.absolute() if certificates else None,
        options=options or (),
        # The server runs in a folder of its own: what is named from here keeps its place.
        variables={"MIEN_MODELS": os.pathsep.join(str(root.absolute()) for root in models_roots())},
        say=typer.echo,
    )
    raise typer.Exit(status)
