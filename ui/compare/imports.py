"""Somebody's network, added on the page: dropped, looked into, corrected, measured, removed."""

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from fer_core.dataset import find_dataset
from fer_core.errors import MienError
from fer_core.evaluation.imports.folder import remove_import
from fer_core.zoo import ModelCard, find_folder, imports_root
from fer_core.zoo.card import SLUG_PATTERN
from fer_core.zoo.imports import COLOURS, LAYOUTS, RANGES
from ui import caches
from ui.commands import (
    Upload,
    follow_command,
    forget_result,
    is_own_machine,
    is_running,
    start_command,
)
from ui.widgets.texts import literal

KEY = "compare_add"
_FOUND = "compare_found"
_OPEN = "as found"

_HOW = {
    "file": "stands in the file",
    "said": "as you said",
    "tried": "found by trying on PublicTest",
    "usual": "what most networks have",
}


def show_imports() -> None:
    """The place to add a network, and those that were added."""
    # It stays open from the drop on: another value here would close it in the middle.
    busy = bool(st.session_state.get(f"{KEY}_file")) or is_running(KEY)
    with st.expander("Add a network", icon=":material/add:", expanded=busy):
        if not is_own_machine():
            st.caption(
                "On a server for others networks are added by whoever runs it: "
                "`python -m fer_core models import FILE --slug NAME`."
            )
            return
        _add()
        _added([card for card in caches.networks.model_cards()[0] if card.imported is not None])


def _add() -> None:
    st.caption(
        "Drop a network for facial expressions that was trained elsewhere, as ONNX or `.keras`. "
        "It is checked, never run unchecked, and stays on this machine. What its file does not "
        "say is found by trying it on FER2013's PublicTest"
        + ("." if find_dataset() else ", which is not imported here: say all of it below.")
    )
    dropped = st.file_uploader(
        "Network", type=["onnx", "keras"], key=f"{KEY}_file", label_visibility="collapsed"
    )
    if dropped is None:
        _outcome(follow_command(KEY))
        return
    if st.session_state.get(_FOUND, (None,))[0] != dropped.file_id:
        st.session_state.pop(_FOUND, None)
    upload = Upload(dropped.name, dropped.getvalue)
    slug, names = _names(upload)
    said = _said()
    known = st.session_state.get(_FOUND)
    busy = is_running(KEY)
    doubtful = bool(known and known[1]["doubts"])
    look, add = st.columns(2)
    # Not as callbacks: these would have the options of the run before.
    if look.button(
        "See what is in it",
        icon=":material/search:",
        key=f"{KEY}_look",
        disabled=busy or not slug,
        width="stretch",
    ):
        _start("Trying it", upload, [*names, *said, "--dry-run"])
    if add.button(
        "Add it anyway" if doubtful else "Add it",
        type="primary",
        icon=":material/add:",
        key=f"{KEY}_go",
        disabled=busy or not slug or known is None,
        help=None if known else "First see what is in it.",
        width="stretch",
    ):
        anyway = ["--anyway"] if doubtful else []
        _start("Trying and measuring it", upload, [*names, *said, *anyway])
    result = follow_command(KEY)
    if result and "folder" not in result:
        if known is None or known[1] is not result["found"]:
            st.session_state[_FOUND] = (dropped.file_id, result["found"])
            st.rerun()  # it can be added now
        _show_found(result["found"])
    else:
        _outcome(result)


def _start(doing: str, upload: Upload, options: Sequence[str]) -> None:
    start_command(
        KEY,
        doing,
        lambda path, folder: ["models", "import", path, *options, "--json", "--progress"],
        upload,
    )
    st.rerun()


def _names(upload: Upload) -> tuple[str, list[str]]:
    """The name, "" where it cannot be used, which is said; and all as options."""
    short, title, licence = st.columns(3)
    stem = upload.file_name.rpartition(".")[0].lower().replace("-", "_").replace(".", "_")
    slug = short.text_input("Short name", stem[:40], key=f"{KEY}_slug")
    shown = title.text_input("Title", key=f"{KEY}_title", placeholder="made of the short name")
    free = licence.text_input("Licence", key=f"{KEY}_licence", placeholder="unknown")
    if not re.fullmatch(SLUG_PATTERN, slug):
        st.caption("A short name has lower-case letters, digits and _, a letter first.")
        return "", []
    return slug, ["--slug", slug, f"--title={shown}", f"--licence={free}"]


def _said() -> list[str]:
    """What the visitor says of it, as options."""
    options: list[str] = []
    with st.expander("Say what you know of it", icon=":material/tune:"):
        labels, values = st.columns(2)
        words = labels.text_input(
            "Labels, in the order of its outputs",
            key=f"{KEY}_labels",
            placeholder="angry,disgust,… or alphabetical, fer2013, rafdb",
        )
        range_ = values.text_input(
            "Range of pixel values",
            key=f"{KEY}_range",
            placeholder=f"{', '.join(list(RANGES)[:3])} … or MEAN/STD",
        )
        colours, order, size = st.columns(3)
        chosen = {
            "--channels": colours.selectbox("Channels", [_OPEN, *COLOURS], key=f"{KEY}_channels"),
            "--layout": order.selectbox("Layout", [_OPEN, *LAYOUTS], key=f"{KEY}_layout"),
        }
        side = size.number_input("Side, px", 8, 512, None, key=f"{KEY}_side", placeholder=_OPEN)
    options += [f"--labels={words}"] if words else []
    options += [f"--range={range_}"] if range_ else []
    options += [f"{name}={value}" for name, value in chosen.items() if value != _OPEN]
    return options + ([f"--side={side}"] if side else [])


def _show_found(found: dict[str, Any]) -> None:
    """What was found in a file, before anything is written."""
    st.dataframe(
        pd.DataFrame(
            [
                {"what": name, "value": setting["value"], "how": _HOW[setting["how"]]}
                for name, setting in found["settings"].items()
            ]
        ),
        hide_index=True,
        height="content",
        column_config={"what": "", "value": "Found", "how": "How it is known"},
    )
    for note in found["notes"]:
        st.markdown(f"- {literal(note)}")
    st.caption(f"{1000 * found['seconds_per_face']:.1f} ms for a face, on one core.")
    for doubt in found["doubts"]:
        st.warning(
            literal(doubt) + " Say what is otherwise, under “Say what you know of it”.",
            icon=":material/help:",
        )


def _outcome(result: dict[str, Any] | None) -> None:
    if not result or "folder" not in result:
        return
    figures = result["figures"]
    words = (
        f" It is right on {figures['accuracy']:.1%} of {figures['n']:,} PrivateTest faces "
        f"({figures['accuracy_low']:.1%} to {figures['accuracy_high']:.1%}), and has its row above."
        if figures
        else " It serves on every page; a row here needs FER2013."
    )
    st.success(f"**{literal(result['slug'])}** was added.{words}", icon=":material/check:")


def _added(cards: Sequence[ModelCard]) -> None:
    for card in cards:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(card.title)}** (`{card.slug}`), imported")
            st.button(
                "Remove",
                icon=":material/delete:",
                type="tertiary",
                key=f"{KEY}_remove_{card.slug}",
                on_click=_remove,
                args=(card.slug,),
            )
    if sentence := st.session_state.pop(f"{KEY}_not_removed", ""):
        st.error(literal(sentence), icon=":material/error:")


def _remove(slug: str) -> None:
    forget_result(KEY)
    try:
        remove_import(find_folder(slug, imports_root()))
    except (MienError, OSError) as error:
        st.session_state[f"{KEY}_not_removed"] = str(error)
