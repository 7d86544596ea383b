"""Files to take away: made when they are clicked, without running the page again."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Literal

import streamlit as st

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
