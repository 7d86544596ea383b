"""The video page's glue: a video in; player, timeline, shares of time and files to take away out.

The reading is a command in a process of its own (`python -m fer_core video`), so that no other
viewer's video waits for it. Files are on disk while it runs and at no other time; what was read
lives in the visitor's session and is gone with it.
"""

import atexit
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from fer_core.charts import dwell_figure, timeline_figure, transitions_figure
from fer_core.errors import MienError
from fer_core.faces.tracking import KEEP_S
from fer_core.media import display_name
from fer_core.media.videos import LONGEST_PX, MAX_SECONDS, VIDEO_SUFFIXES
from fer_core.pipeline.export import annotated_name
from fer_core.pipeline.recording import (
    STATES,
    dwell_seconds,
    recording_csv,
    recording_json,
    stretches,
    transitions,
)
from fer_core.pipeline.video import VideoReading, load_reading
from ui import caches
from ui.jobs import Job, fer_core_command
from ui.widgets.pickers import chosen_slug, pick_detector, pick_model
from ui.widgets.texts import literal
from ui.widgets.timeline import clock, dwell_words, timeline_words, transitions_words

MAX_UPLOAD_MB = 200
"""As `server.maxUploadSize`: a few minutes from a phone; from a screen more than `MAX_SECONDS`."""

EVERY = {1: "every picture", 2: "every 2nd", 3: "every 3rd", 5: "every 5th"}
"""Which pictures are read, and what the picker calls it."""

AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
"""Videos that are read at the same time, for all visitors together: each fills a core and more."""

PATIENCE_S = 150.0
"""How long a reading goes on when the page has stopped asking: browsers let a tab that is hidden
for some minutes ask once in a minute only, and nobody looks at a progress bar for so long."""

STALE_S = 24 * 3600.0
"""No reading takes so long: a folder that is older was left by a server that was killed."""

_room = threading.BoundedSemaphore(AT_ONCE)

_FOLDERS = "mien-video-"
_WORK, _OUTCOME, _FAILURE = "videos_work", "videos_outcome", "videos_failure"
_JUMP = "videos_jump"
_REDRAW_S = 0.5
_WAIT_S = 0.1
_LAST_WAIT_S = 5.0
_TALL_PX = 460
_STILLS_ACROSS = 7

_NO_FACE = (
    "**No face was found in this video.** What helps: faces turned to the camera, upright, well "
    "lit and at least 40 pixels wide; or the other face detector, under *Network, face detector, "
    "pictures to read*."
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A video as it came.

    Attributes:
        key: tells this very upload from every other one.
        name: the file's name, not to be trusted.
        load: its bytes, called only when they are needed; None for the drawn example.
    """

    key: str
    name: str
    load: Callable[[], bytes] | None


@dataclass(frozen=True, slots=True)
class Settings:
    """What reads the video: a model's slug, a detector's name, and every how manieth picture."""

    slug: str
    detector: str
    every: int


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A video that was read.

    Attributes:
        key: of its `Upload`.
        name: fit to be shown letter by letter.
        settings: by what it was read.
        reading: what was read.
        mp4: the annotated video.
    """

    key: str
    name: str
    settings: Settings
    reading: VideoReading
    mp4: bytes


class Work:
    """A video that is being read. Ends by itself: when done, on `stop`, or when nobody asks.

    Its folder with the video is removed by its own thread as soon as the command has ended,
    whether anybody still looks or not; so it is when the server ends meanwhile.
    """

    def __init__(self, upload: Upload, settings: Settings) -> None:
        """Write the video to a new folder and start the command.

        Args:
            upload: what to read.
            settings: by what.

        Raises:
            OSError: the video cannot be written to the disk.
        """
        self._upload, self._settings = upload, settings
        self.outcome: Outcome | None = None
        self.failure = ""
        self._stopped = False
        self._began: tuple[float, float] | None = None
        sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=_FOLDERS))
        try:
            source = ["--drawn"]
            if upload.load is not None:
                # Not under its own name: it is somebody else's text, and may be no file name here.
                path = self._folder / "this video"
                path.write_bytes(upload.load())
                source = [str(path)]
            self._job = Job(
                fer_core_command(
                    *("video", *source, "--progress"),
                    *("--out", str(self._annotated), "--keep", str(self._folder)),
                    *("--model", settings.slug, "--detector", settings.detector),
                    *("--every", str(settings.every)),
                ),
                patience_s=PATIENCE_S,
            )
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._collector = threading.Thread(target=self._collect, name="video", daemon=True)
        atexit.register(self._end)
        self._collector.start()

    @property
    def _annotated(self) -> Path:
        return self._folder / "annotated.mp4"

    def _collect(self) -> None:
        try:
            while self._job.running:
                sleep(_WAIT_S)
            self.failure = self._job.failure
            if not self.failure and not self._stopped and self._annotated.exists():
                reading = load_reading(self._folder)
                self.outcome = Outcome(
                    key=self._upload.key,
                    name=display_name(self._upload.name),
                    settings=self._settings,
                    reading=reading,
                    mp4=self._annotated.read_bytes(),
                )
            elif not self.failure:
                self.failure = "Reading was ended, because this page was left."
        except Exception as error:  # the sentence below is all that a person can use of it
            self.failure = f"What was read could not be fetched ({type(error).__name__})."
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            atexit.unregister(self._end)
            _room.release()

    def _end(self) -> None:
        """The server ends, and threads with it: nobody's video may stay on its disk."""
        self.stop()
        self._collector.join(_LAST_WAIT_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Whether it goes on; False only once `outcome` or `failure` is there."""
        return self._collector.is_alive()

    def stop(self) -> None:
        """End it; what was read until then is dropped."""
        self._stopped = True
        self._job.stop()

    def progress(self) -> tuple[float, str]:
        """How far it is: a share from 0 to 1, and words with the time left."""
        line = self._job.line()
        if not line:
            return 0.0, "Opening the video …"
        return self._told(line)

    def _told(self, line: dict[str, Any]) -> tuple[float, str]:
        seconds, frames = float(line["seconds"]), int(line["frames"])
        words = f"{clock(seconds)} read · {frames:,} pictures"
        if not line["of_seconds"]:
            return 0.0, words
        share = min(1.0, seconds / float(line["of_seconds"]))
        now = monotonic()
        self._began = self._began or (now, share)
        words = f"{clock(seconds)} of {clock(float(line['of_seconds']))} · {frames:,} pictures"
        done = share - self._began[1]
        if done > 0.02:
            left_s = (now - self._began[0]) / done * (1 - share)
            words += f" · about {clock(left_s)} left"
        return share, words


@cache
def sweep() -> None:
    """Remove what servers that were killed left on the disk; once in this server's life."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*"):
        with suppress(OSError):  # somebody else's, or gone already
            told = folder.lstat()
            mine = not hasattr(os, "getuid") or told.st_uid == os.getuid()
            if mine and stat.S_ISDIR(told.st_mode) and time() - told.st_mtime > STALE_S:
                shutil.rmtree(folder, ignore_errors=True)


def choose_video() -> Upload | None:
    """Drop zone, or the drawn example.

    Returns:
        The visitor's file; None without one.
    """
    file = st.file_uploader(
        "A video with faces",
        type=[suffix.lstrip(".") for suffix in VIDEO_SUFFIXES],
        key="videos_file",
        max_upload_size=MAX_UPLOAD_MB,
        help=f"Up to {MAX_UPLOAD_MB} MB and {MAX_SECONDS // 60} minutes. The annotated video is "
        f"at most {LONGEST_PX} pixels wide or high.",
    )
    return None if file is None else Upload(file.file_id, file.name, file.getvalue)


def choose_settings() -> Settings | None:
    """Let the visitor choose network, face detector and how many pictures are read.

    Returns:
        All three; None where there is no network, which is said.
    """
    missing = chosen_slug() is None
    with st.expander(
        "Network, face detector, pictures to read", expanded=missing, icon=":material/tune:"
    ):
        slug = pick_model()
        detector = pick_detector()
        every = st.selectbox(
            "Pictures to read",
            list(EVERY),
            format_func=EVERY.__getitem__,
            key="videos_every",
            help="Fewer are faster. The others stay in the annotated video; the boxes hold.",
        )
    if slug is None:
        return None
    try:
        # The one that is really on: a command must not wait for weights from the internet.
        return Settings(slug, caches.detector(detector).name, int(every))
    except MienError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None


def run(upload: Upload | None, settings: Settings) -> None:
    """Buttons that start, or progress while a video is read."""
    work: Work | None = st.session_state.get(_WORK)
    if work is not None:
        st.fragment(_show_progress, run_every=_REDRAW_S)(work)
        return
    read: Outcome | None = st.session_state.get(_OUTCOME)
    if upload is not None and read and (read.key, read.settings) == (upload.key, settings):
        return
    if upload is not None:
        st.button(
            "Read this video",
            icon=":material/play_arrow:",
            type="primary",
            key="videos_read",
            on_click=_start,
            args=(upload, settings),
        )
    elif read is None:
        st.button(
            "Read an example: a drawn face, no person",
            icon=":material/draw:",
            key="videos_example",
            on_click=_start,
            args=(Upload("example", "drawn example.mp4", None), settings),
        )
    if failure := st.session_state.get(_FAILURE):
        st.error(literal(failure), icon=":material/error:")


def _start(upload: Upload, settings: Settings) -> None:
    st.session_state.pop(_FAILURE, None)
    if not _room.acquire(blocking=False):
        st.session_state[_FAILURE] = (
            "Other visitors' videos are being read on this machine. Please try again in a moment."
        )
        return
    try:
        st.session_state[_WORK] = Work(upload, settings)
    except OSError as error:
        _room.release()
        st.session_state[_FAILURE] = (
            f"The video cannot be put aside for reading ({error.strerror}). "
            "There may be no room left on the disk."
        )


def _cancel() -> None:
    work: Work | None = st.session_state.pop(_WORK, None)
    if work is not None:
        work.stop()


def _show_progress(work: Work) -> None:
    if work.running:
        share, words = work.progress()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(share, words)
            st.button("Cancel", icon=":material/close:", key="videos_cancel", on_click=_cancel)
        st.caption("It goes on for two minutes while you look at another page, and then ends.")
        return
    if st.session_state.get(_WORK) is work:
        del st.session_state[_WORK]
        if work.outcome is not None:
            st.session_state[_OUTCOME] = work.outcome
            st.session_state.pop(_JUMP, None)
        else:
            st.session_state[_FAILURE] = work.failure
    st.rerun()  # the whole page: there is a result to show


def show_outcome() -> None:
    """The video that was read last, until it is discarded; nothing without one."""
    outcome: Outcome | None = st.session_state.get(_OUTCOME)
    if outcome is None:
        return
    with st.container(border=True):
        _show_summary(outcome)
        if len(outcome.reading.recording):
            st.fragment(_show_faces)(outcome)
            _show_shares(outcome)
        else:
            _show_player(outcome, 0)
            st.info(_NO_FACE, icon=":material/search_off:")


def _show_summary(outcome: Outcome) -> None:
    reading = outcome.reading
    faces = len(reading.recording.tracks)
    # `st.text` knows no Markdown: a name is shown letter by letter.
    st.text(
        f"{outcome.name} · {reading.width} x {reading.height} · {clock(reading.seconds)} · "
        f"{reading.frames_read:,} of {reading.frames:,} pictures read · "
        f"{faces} {'face' if faces == 1 else 'faces'}"
    )
    with st.container(horizontal=True):
        _show_downloads(outcome)
    for note in reading.notes:
        st.info(literal(note), icon=":material/info:")


def _show_downloads(outcome: Outcome) -> None:
    recording = outcome.reading.recording
    stem = Path(annotated_name(outcome.name, set())).stem
    # Made when it is clicked, and without running the page again.
    make = partial(st.download_button, on_click="ignore")
    make(
        "Video (MP4)",
        outcome.mp4,
        file_name=f"{stem}.mp4",
        mime="video/mp4",
        icon=":material/movie:",
        key="videos_mp4",
    )
    make(
        "Table (CSV)",
        partial(recording_csv, recording),
        file_name=f"{stem}.csv",
        mime="text/csv",
        icon=":material/table:",
        key="videos_csv",
    )
    make(
        "Data (JSON)",
        partial(recording_json, recording),
        file_name=f"{stem}.json",
        mime="application/json",
        icon=":material/data_object:",
        key="videos_json",
    )
    st.button("Discard", icon=":material/delete:", key="videos_discard", on_click=_discard)


def _discard() -> None:
    st.session_state.pop(_OUTCOME, None)
    st.session_state.pop(_JUMP, None)


def _show_player(outcome: Outcome, start_s: int) -> None:
    reading = outcome.reading
    wide = reading.width > 1.2 * reading.height
    st.video(
        outcome.mp4,
        start_time=start_s,
        alt=f"{outcome.name}, faces marked",
        width="stretch" if wide else round(_TALL_PX * reading.width / reading.height),
    )


def _show_faces(outcome: Outcome) -> None:
    """Player, and one face's timeline, times and stills; a click on the timeline jumps."""
    recording = outcome.reading.recording
    left, right = st.columns([3, 2], gap="medium")
    with right:
        track_id = int(
            st.selectbox(
                "Face",
                recording.tracks,
                format_func=lambda track: f"Face {track}",
                key="videos_face",
                width=180,
            )
        )
        parts = stretches(recording, track_id)
        dwell = dwell_seconds(parts)
        st.plotly_chart(dwell_figure(dwell), key="videos_dwell", alt=dwell_words(track_id, dwell))
        st.plotly_chart(
            transitions_figure(transitions(parts)),
            key="videos_transitions",
            alt=transitions_words(track_id),
        )
    with left:
        player = st.container()
        picked = st.plotly_chart(
            clickable(timeline_figure(recording, track_id)),
            # A click on one chart is none on another: each has a key of its own.
            key=f"videos_timeline_{id(outcome)}_{track_id}",
            on_select="rerun",
            selection_mode="points",
            alt=timeline_words(recording, track_id),
        )
        if points := picked["selection"]["points"]:
            st.session_state[_JUMP] = int(points[0]["x"])
        with player:
            _show_player(outcome, st.session_state.get(_JUMP, 0))
        st.caption(
            f"Expression shown by face {track_id}, as {literal(outcome.reading.model)} reads it: "
            f"{EVERY[outcome.reading.every]} of the video. Click the timeline to jump there. "
            "Times in which the face was not seen are left out."
        )
    _show_stills(outcome.reading, track_id)


def clickable(figure: go.Figure) -> go.Figure:
    """A timeline on which a click anywhere picks the moment under the pointer."""
    # Plotly lets only marks be picked, not lines or areas; these marks cannot be seen.
    unseen = {"marker": {"opacity": 0}}
    return figure.update_traces(
        mode="lines+markers", marker={"opacity": 0, "size": 6}, selected=unseen, unselected=unseen
    ).update_layout(dragmode=False)


def _show_stills(reading: VideoReading, track_id: int) -> None:
    stills = [still for still in reading.stills if still.track_id == track_id]
    if not stills:
        return
    st.markdown(f"**Face {track_id} at its clearest**")
    for column, still in zip(st.columns(_STILLS_ACROSS), stills, strict=False):
        with column:
            st.image(still.rgb, alt=f"Face {track_id}, {still.emotion.label}")
            st.markdown(
                f"{still.emotion.style.emoji} **{still.emotion.label}**  \n"
                f":small[{still.confidence:.0%} at {clock(still.seconds)}]"
            )


def _show_shares(outcome: Outcome) -> None:
    with st.expander("Share of time, face by face", icon=":material/table:", expanded=True):
        share = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            shares_table(outcome.reading),
            hide_index=True,
            column_config=dict.fromkeys(STATES, share)
            | {"seconds seen": st.column_config.NumberColumn(format="%.1f")},
        )
        st.caption(
            "Of the time in which the face was seen. A face that leaves the picture for more "
            f"than {KEEP_S} seconds, in a slide show for more than one and a half slides, comes "
            "back under a new number."
        )


def shares_table(reading: VideoReading) -> pd.DataFrame:
    """One row a face, the one seen longest first: face, seconds seen, share of each state."""
    rows = []
    for track_id in reading.recording.tracks:
        dwell = dwell_seconds(stretches(reading.recording, track_id))
        seen_s = sum(dwell.values())
        rows.append(
            {"face": track_id, "seconds seen": seen_s}
            | {state: value / seen_s for state, value in dwell.items()}
        )
    return pd.DataFrame(rows, columns=["face", "seconds seen", *STATES])
