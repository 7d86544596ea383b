"""Labelled pictures of one's own: dropped or named, their labels changed, networks measured."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fer_core.dataset import label_codes, list_datasets
from fer_core.dataset.labels import LEFT_OUT, LabelTable
from fer_core.dataset.named import NAME_PATTERN
from fer_core.emotions import LABELS, Emotion
from ui import caches
from ui.commands import Upload, follow_command, is_own_machine, is_running, start_command
from ui.data.contents import OWN_PICTURES, section
from ui.widgets.texts import literal

KEY = "data_add"
MEASURE = "data_measure"
_TABLE = "labels.csv"
_FOUND = "data_add_found"
_WORDS = "words only"
_BEST = 2


def show_own_sets() -> None:
    """Import labelled pictures, and measure networks on those that were imported."""
    section(OWN_PICTURES)
    if not is_own_machine():
        st.caption(
            "On a server for others pictures are imported by whoever runs it: "
            "`python -m fer_core data import faces.zip --name mine`."
        )
        return
    st.markdown(
        "Labelled pictures become a data set of their own: a ZIP, tar or folder with a folder for "
        "each class (`happy/1.jpg`), or with a sheet of *path* and *label*. They stay on this "
        "machine, and no network learns from them."
    )
    _import()
    _measure()


def _import() -> None:
    source = _source()
    if source is None:
        follow_command(KEY)
        return
    place, codes = st.columns(2)
    stem = source.file_name if isinstance(source, Upload) else source.name
    plain = re.sub(r"[^a-z0-9_-]+", "_", stem.split(".")[0].lower()).strip("_")
    name = place.text_input("What to call it", plain[:40], key=f"{KEY}_name")
    code = codes.selectbox(
        "Labels that are numbers or letters are",
        [_WORDS, *label_codes()],
        key=f"{KEY}_code",
        help="3 is happy in FER2013, surprise in AffectNet and disgust in RAF-DB.",
    )
    if not re.fullmatch(NAME_PATTERN, name):
        st.caption("A name has lower-case letters, digits, - and _, a letter first.")
        return
    options = [] if code == _WORDS else ["--labels", code]
    known = _known(source, code)
    if st.button(
        "See its labels",
        icon=":material/search:",
        key=f"{KEY}_look",
        disabled=is_running(KEY),
        type="secondary" if known else "primary",
    ):
        _start("Looking for pictures", source, name, [*options, "--dry-run"])
    result = follow_command(KEY)
    if result and isinstance(result.get("labels"), list) and known is None:
        st.session_state[_FOUND] = (_told(source), code, result["labels"])
        st.rerun()
    if known is None:
        return
    meanings = _mapping(known)
    force = ["--force"] if name in list_datasets() else []
    if st.button(
        f"Import it in place of the {name} that is here" if force else "Import it",
        icon=":material/download:",
        type="primary",
        key=f"{KEY}_go",
        disabled=is_running(KEY),
    ):
        table = LabelTable("", meanings).to_csv()
        _start("Reading pictures", source, name, ["--labels", _TABLE, *force], table)
    if result and "fingerprint" in result:
        _imported(result)


def _source() -> Upload | Path | None:
    """What was dropped, or the folder that was named; says where there is none."""
    dropped = st.file_uploader(
        "Labelled pictures", type=["zip", "tar", "gz", "tgz"], key=f"{KEY}_file"
    )
    named = st.text_input(
        "Or a folder on this machine", key=f"{KEY}_folder", placeholder="/home/me/faces"
    )
    if dropped is not None:
        return Upload(dropped.name, dropped.getvalue)
    if not named.strip():
        return None
    folder = Path(named.strip()).expanduser()
    if not folder.exists():
        st.warning(f"There is no {literal(str(folder))} here.", icon=":material/folder_off:")
        return None
    return folder


def _told(source: Upload | Path) -> str:
    return source.name if isinstance(source, Upload) else str(source)


def _known(source: Upload | Path, code: str) -> list[dict[str, Any]] | None:
    """The labels that were found in this source; None where nobody has looked."""
    found = st.session_state.get(_FOUND)
    return found[2] if found and found[:2] == (_told(source), code) else None


def _start(
    doing: str, source: Upload | Path, name: str, options: Sequence[str], table: str = ""
) -> None:
    def arguments(path: str, folder: Path) -> list[str]:
        own = [str(folder / _TABLE) if option == _TABLE else option for option in options]
        return ["data", "import", path, "--name", name, *own, "--json", "--progress"]

    start_command(KEY, doing, arguments, source, {_TABLE: table} if table else {})
    st.rerun()


def _mapping(uses: Sequence[dict[str, Any]]) -> dict[str, Emotion | None]:
    """The labels with their classes, as the visitor left them."""
    table = st.data_editor(
        pd.DataFrame(
            [
                {
                    "word": use["word"],
                    "pictures": use["pictures"],
                    "class": use["label"] or LEFT_OUT,
                }
                for use in uses
            ]
        ),
        hide_index=True,
        disabled=["word", "pictures"],
        key=f"{KEY}_mapping",
        column_config={
            "word": "Its label",
            "pictures": st.column_config.NumberColumn("Pictures", format="localized"),
            "class": st.column_config.SelectboxColumn(
                "Means", options=[*LABELS, LEFT_OUT], required=True
            ),
        },
    )
    st.caption("Change what a label means in the last column.")
    return {
        word: Emotion(LABELS.index(label)) if label in LABELS else None
        for word, label in zip(table["word"], table["class"], strict=True)
    }


def _imported(checks: dict[str, Any]) -> None:
    refused = checks["info"]["refused"]
    leaks = checks["in_fer2013"]
    notes = [
        f"{checks['pictures']:,} pictures were imported",
        *([f"no face was found in {checks['without_face']:,}"] if checks["without_face"] else []),
        *([f"{checks['repeated']:,} are repeated"] if checks["repeated"] else []),
        *([f"{sum(leaks.values()):,} are FER2013’s"] if leaks and any(leaks.values()) else []),
    ]
    name = checks["info"]["name"]
    st.success(f"**{literal(name)}**: {'; '.join(notes)}.", icon=":material/check:")
    if refused:
        with st.expander(f"{len(refused):,} pictures that were not taken"):
            st.dataframe(pd.DataFrame(refused), hide_index=True)


def _measure() -> None:
    """Networks on one of the data sets that are here, and what came of it."""
    names = list_datasets()
    if not names:
        return
    cards, _ = caches.networks.model_cards()
    best = sorted(caches.networks.accuracies().items(), key=lambda item: -item[1])[:_BEST]
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    name = left.selectbox("Measure on", names, key=f"{MEASURE}_name")
    slugs = right.multiselect(
        "these networks",
        [card.slug for card in cards],
        [slug for slug, _ in best],
        key=f"{MEASURE}_slugs",
    )
    if st.button(
        "Measure",
        icon=":material/straighten:",
        key=f"{MEASURE}_go",
        disabled=not slugs or is_running(MEASURE),
    ):
        start_command(
            MEASURE,
            "Measuring networks",
            lambda path, folder: ["evaluate", "--dataset", name, *slugs, "--progress"],
        )
        st.rerun()
    follow_command(MEASURE)
    measured = caches.measured.dataset_figures()[0].get(name, {})
    if measured:
        rows = sorted(measured.values(), key=lambda found: -found.accuracy)
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Network": found.slug,
                        "Right": 100 * found.accuracy,
                        "95 % interval": f"{100 * found.accuracy_low:.1f} – "
                        f"{100 * found.accuracy_high:.1f}",
                        "Macro-F1": found.macro_f1,
                        "Unsure": 100 * found.share_unsure,
                    }
                    for found in rows
                ]
            ),
            hide_index=True,
            height="content",
            column_config={
                "Right": st.column_config.NumberColumn(format="%.1f %%"),
                "Unsure": st.column_config.NumberColumn(format="%.0f %%"),
                "Macro-F1": st.column_config.NumberColumn(format="%.3f"),
            },
        )
        st.caption(
            f"On {rows[0].n:,} pictures of {literal(name)}. More on *Compare models*, tab "
            "*Across data sets*."
        )
