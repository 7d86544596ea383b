"""Files to take away: made when they are clicked, without running the page again."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Literal

import streamlit as st

from fer_core.pipeline.columns import dictionary_json, table_files

_KINDS = {
    ".csv": ("text/csv", ":material/table:"),
    ".html": ("text/html", ":material/article:"),
    ".json": ("application/json", ":material/data_object:"),
    ".mp4": ("video/mp4", ":material/movie:"),
    ".png": ("image/png", ":material/image:"),
    ".zip": ("application/zip", ":material/folder_zip:"),
}


def offer_file(
    label: str,
    content: str | bytes | Callable[[], str | bytes],
    file_name: str,
    *,
    key: str,
    help: str | None = None,
    quiet: bool = False,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A button for a file; its ending decides on sign and type.

    Args:
        label: on the button.
        content: the file, or what makes it.
        file_name: with one of the endings .csv, .html, .json, .mp4, .png, .zip.
        key: of the button.
        help: when it is pointed at.
        quiet: without a border, for what stands under something.
        width: of the button.
    """
    mime, icon = _KINDS[PurePath(file_name).suffix]
    st.download_button(
        label,
        content,
        file_name,
        mime,
        key=key,
        help=help,
        icon=icon,
        type="tertiary" if quiet else "secondary",
        width=width,
        on_click="ignore",
    )


def offer_columns(columns: Sequence[str], table: str, *, key: str) -> None:
    """A button for a table's data dictionary, which has its place beside the table.

    Args:
        columns: of the table, each in `fer_core.pipeline.columns`.
        table: file name of the table.
        key: of the button.
    """
    offer_file(
        "Columns (JSON)",
        partial(dictionary_json, columns),
        table_files(Path(table))[1].name,
        key=key,
        help="What each column of the table is, and its unit.",
        quiet=True,
    )
