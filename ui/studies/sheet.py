"""The sheet: who is in which recording, under which condition; a table to fill in, or a CSV."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from fer_core.errors import MienError
from fer_core.studies.sheet import Entry, read_sheet, set_sheet, sheet, sheet_csv
from fer_core.studies.store import Study
from ui.studies.collect import show_collect
from ui.widgets.downloads import offer_file
from ui.widgets.texts import literal

_TIMES = ("start_s", "end_s", "onset_s")
_SAVED = "studies_sheet_saved"


def show_sheet(study: Study) -> None:
    """Videos in, then the table."""
    recordings = study.recordings()
    with st.expander("Add videos", icon=":material/video_call:", expanded=not recordings):
        show_collect(study)
    if not recordings:
        st.info(
            "**No video yet.** Add some above; then say here who is in which, under which "
            "condition.",
            icon=":material/table_edit:",
        )
        return
    _show_table(study, [each.name for each in recordings])
    _show_csv(study)


def sheet_table(study: Study) -> pd.DataFrame:
    """The sheet as a table to edit; recordings that are not in it yet have an empty row."""
    entries = sheet(study)
    entered = {entry.recording for entry in entries}
    blank = [
        Entry(each.name, "", "")
        for each in sorted(study.recordings(), key=lambda each: each.id)
        if each.name not in entered
    ]
    rows = [
        {
            "recording": entry.recording,
            "participant": entry.participant,
            "condition": entry.condition,
            "start_s": entry.start_s,
            "end_s": entry.end_s,
            "onset_s": entry.onset_s,
            "face": entry.face,
            "note": entry.note,
        }
        for entry in (*entries, *blank)
    ]
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(_TIMES, "Float64") | {"face": "Int64"})


def entries_of(table: pd.DataFrame) -> list[Entry]:
    """Rows of the edited table, but for those with neither a participant nor a condition.

    A row that is filled in by half comes back as it is: `set_sheet` says what is missing.
    """
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    entries = [
        Entry(
            recording=_word(row["recording"]),
            participant=_word(row["participant"]),
            condition=_word(row["condition"]),
            start_s=_seconds(row["start_s"]),
            end_s=_seconds(row["end_s"]),
            onset_s=_seconds(row["onset_s"]),
            face=None if row["face"] is None else int(row["face"]),
            note=_word(row["note"]),
        )
        for row in rows
    ]
    return [entry for entry in entries if entry.participant or entry.condition]


def _word(cell: object) -> str:
    return str(cell or "").strip()


def _seconds(cell: Any) -> float | None:
    return None if cell is None else float(cell)


def _show_table(study: Study, names: list[str]) -> None:
    table = sheet_table(study)
    seconds = partial(st.column_config.NumberColumn, min_value=0.0, format="%.1f", width="small")
    edited = st.data_editor(
        table,
        # What is stored has changed, or was added to: the table begins anew from it.
        key=f"studies_sheet_{study.name}_{pd.util.hash_pandas_object(table).sum()}",
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "recording": st.column_config.SelectboxColumn(
                "Recording", options=names, required=True, default=names[0], pinned=True
            ),
            "participant": st.column_config.TextColumn(
                "Participant", help="A code, better than a name."
            ),
            "condition": st.column_config.TextColumn("Condition"),
            "start_s": seconds("Start, s", help="From when on it counts; empty: the beginning."),
            "end_s": seconds("End, s", help="Until when it counts; empty: the end."),
            "onset_s": seconds("Onset, s", help="When the stimulus begins, for courses."),
            "face": st.column_config.NumberColumn(
                "Face", min_value=1, step=1, width="small", help="Empty: whoever is to be seen."
            ),
            "note": st.column_config.TextColumn("Note"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Save the sheet",
            icon=":material/save:",
            key="studies_sheet_save",
            disabled=edited.equals(table),
        ):
            _save(study, edited)
        offer_file("Sheet (CSV)", partial(sheet_csv, study), "sheet.csv", key="studies_sheet_csv")
    if st.session_state.pop(_SAVED, False):
        st.success("The sheet is saved.", icon=":material/check:")
    st.caption(
        "One row for each participant under each condition; a recording may have several rows, "
        "each with its stretch. Times are seconds from the recording's start."
    )


def _save(study: Study, table: pd.DataFrame) -> None:
    try:
        set_sheet(study, entries_of(table))
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    st.session_state[_SAVED] = True
    st.rerun()


def _show_csv(study: Study) -> None:
    with st.expander("Bring the sheet as CSV", icon=":material/upload_file:"):
        file = st.file_uploader(
            "A table with file, participant, condition; also start, end, onset, face, note",
            type=["csv", "txt", "tsv"],
            key=f"studies_sheet_file_{study.name}",
        )
        if file is None or not st.button(
            "Replace the sheet by this one", icon=":material/swap_horiz:", key="studies_sheet_take"
        ):
            return
        try:
            rows = read_sheet(study, file.getvalue(), file.name)
        except MienError as error:
            st.error(literal(str(error)), icon=":material/error:")
            return
        st.session_state[_SAVED] = bool(rows)
        st.rerun()
