"""What can be taken away: the report, tables with a receipt, and videos to be shown to others."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import streamlit as st

from fer_core.errors import MienError
from fer_core.report import study_report
from fer_core.studies.catalogue import open_study
from fer_core.studies.edits import Edit, Exclude
from fer_core.studies.elan import export_elan
from fer_core.studies.mend import edits_of
from fer_core.studies.progress import progress_of
from fer_core.studies.receipt import export_with_receipt
from fer_core.studies.results import state_of
from fer_core.studies.store import Study
from ui import caches
from ui.jobs import Job, fer_core_command
from ui.widgets.downloads import offer_file
from ui.widgets.texts import literal

_FACES = {
    "blurred": "Every face blurred",
    "drawn": "Every face covered by a drawn one that shows the expression",
    "boxed": "Faces boxed and named",
}
_LEFT_OUT = {
    "shown": "They stay; faces in them are not named",
    "covered": "Blurred whole",
    "cut": "Cut out; the video is shorter, and silent",
}
_JOBS, _FAULT = "studies_video_jobs", "studies_take_fault"
_LOOK_S = 0.5
_PATIENCE_S = 150.0
# A tab that is hidden asks once a minute.


def show_take_away(study: Study) -> None:
    """Each with what is in it, or what is missing for it."""
    read = [each.recording.name for each in progress_of(study).recordings if each.done]
    if not read:
        st.info("**Nothing is read yet.** Start it under *Queue*.", icon=":material/play_circle:")
        return
    st.subheader("Report")
    _show_report(study)
    st.subheader("Tables")
    _show_tables(study)
    filmed = {each.name for each in study.recordings() if not each.is_live}
    videos = [name for name in read if name in filmed]
    if videos:
        st.subheader("Videos")
        _show_videos(study, videos)


def _show_report(study: Study) -> None:
    try:
        caches.studies.study_results(study.name, state_of(study))
    except MienError as error:
        st.info(literal(str(error)), icon=":material/hourglass_empty:")
        return
    offer_file(
        "Report (HTML)",
        partial(_report, study.name),
        f"{study.name}.html",
        key="studies_report",
    )
    st.caption(
        "One file with all findings, charts and how it was done; it needs no internet, and prints. "
        "It holds no picture of anybody, but the words of your sheet."
    )


def _report(name: str) -> str:
    study = open_study(name)
    return study_report(study, caches.studies.study_results(name, state_of(study)))


def _show_tables(study: Study) -> None:
    form: Literal["csv", "parquet"] = "csv"
    if st.radio("Format", ["CSV", "Parquet"], horizontal=True, key="studies_format") == "Parquet":
        form = "parquet"
    offer_file(
        "Tables (ZIP)",
        partial(tables_zip, study.name, form),
        f"{study.name}.zip",
        key="studies_tables",
    )
    offer_file(
        "For ELAN (ZIP)",
        partial(elan_zip, study.name),
        f"{study.name}_elan.zip",
        key="studies_elan",
    )
    st.caption(
        "Frames, segments, participants and annotations, each with a data dictionary, and "
        "`receipt.json`: with it, anybody who has the study can make the same tables anew and see "
        "whether they are the same. For many hours, the command writes them without a ZIP: "
        f'`python -m fer_core study export "{study.name}" --out FOLDER`'
    )


def tables_zip(name: str, form: Literal["csv", "parquet"]) -> bytes:
    """A study's tables with dictionaries and receipt, as a ZIP file."""
    return _zipped(lambda folder: export_with_receipt(open_study(name), folder, form))


def elan_zip(name: str) -> bytes:
    """An annotation file of ELAN for each recording, as a ZIP file."""
    return _zipped(lambda folder: export_elan(open_study(name), folder))


def _zipped(write: Callable[[Path], object]) -> bytes:
    content = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="mien-tables-") as folder:
        write(Path(folder))
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)
    return content.getvalue()


def _show_videos(study: Study, read: list[str]) -> None:
    left, right = st.columns(2)
    name = str(left.selectbox("Recording", read, key=f"studies_video_{study.name}"))
    faces = str(
        right.selectbox("Faces", list(_FACES), format_func=_FACES.__getitem__, key="studies_faces")
    )
    left_out = "shown"
    if any(isinstance(edit, Exclude) for edit in _edits(study, name)):
        left_out = str(
            st.selectbox(
                "Stretches that you left out",
                list(_LEFT_OUT),
                format_func=_LEFT_OUT.__getitem__,
                key="studies_left_out",
            )
        )
    sound = st.checkbox(
        "With its sound",
        key="studies_sound",
        disabled=faces == "boxed" or left_out == "cut",
        help="A voice is known as a face is. A video with boxes keeps its sound.",
    )
    # Chosen from what is there, so that no path comes from the address.
    ending = f"{'' if left_out == 'shown' else f'_{left_out}'}{'_sound' if sound else ''}"
    out = study.folder / "exports" / f"{name}_{faces}{ending}.mp4"
    jobs: dict[str, Job] = st.session_state.setdefault(_JOBS, {})
    job = jobs.get(str(out))
    if job is not None and job.running:
        st.fragment(_show_progress, run_every=_LOOK_S)(job)
    else:
        st.button(
            "Write this video",
            icon=":material/movie:",
            key="studies_video_write",
            on_click=_write,
            args=(study.name, name, (faces, left_out), sound, out),
        )
        trouble = job.failure if job is not None else ""
        if trouble := trouble or st.session_state.pop(_FAULT, ""):
            st.error(literal(trouble), icon=":material/error:")
        elif out.exists():
            st.video(str(out))
            st.caption(f"Written {datetime.fromtimestamp(out.stat().st_mtime):%d %B, %H:%M}.")
            offer_file("Video (MP4)", out.read_bytes, out.name, key="studies_video_file")
    if faces == "boxed":
        st.caption(
            "With the names that you gave; faces that do not count are not boxed. Letters that are "
            "not Latin are written as question marks."
        )
    else:
        st.caption(
            "A frame in which a known face was missed is blurred whole. Faces that were never "
            "found stay to be seen: look at the video before you give it to anybody."
        )


def _edits(study: Study, recording: str) -> list[Edit]:
    """Those in force."""
    entered = edits_of(study, study.recording(recording))
    return [each.edit for each in entered if not each.undone]


def _show_progress(job: Job) -> None:
    if not job.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(float(job.line().get("share", 0.0)), "Writing the video …")
        st.button("Cancel", icon=":material/close:", key="studies_video_cancel", on_click=job.stop)


def _write(study: str, recording: str, how: tuple[str, str], sound: bool, out: Path) -> None:
    command = fer_core_command(
        *("study", "video", study, recording, "--out", str(out), "--progress"),
        *("--faces", how[0], "--left-out", how[1]),
        *(("--sound",) if sound else ()),
    )
    try:
        job = Job(command, patience_s=_PATIENCE_S)
    except OSError as error:
        st.session_state[_FAULT] = f"It cannot be started: {error.strerror}."
        return
    st.session_state[_JOBS][str(out)] = job
