"""A command of minutes that a page starts for a dropped file, follows, and has the result of.

One at a time for all visitors together: each fills the cores. It ends when its page is left.
"""

import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from fer_core.media import display_name
from ui.jobs import Job, fer_core_command
from ui.widgets.texts import literal

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FORWARDED = ("Forwarded", "X-Forwarded-For")
_REDRAW_S = 0.5
_PATIENCE_S = 60.0

_room = threading.Lock()


@dataclass(frozen=True, slots=True)
class Upload:
    """A dropped file.

    Attributes:
        name: as the visitor's machine calls it, not to be trusted.
        load: its bytes, called when they are needed.
    """

    name: str
    load: Callable[[], bytes]

    @property
    def file_name(self) -> str:
        """A name for a file here that says the same as far as it can."""
        return re.sub(r"[^\w.-]+", "_", display_name(self.name)).lstrip(".")[-80:] or "file"


@dataclass(slots=True, eq=False)
class _Running:
    job: Job
    doing: str


def is_own_machine() -> bool:
    """Whether whoever looks sits at the machine that Mien runs on, as far as that can be told.

    What visitors of a public server drop is read, but nothing of it is installed there.
    """
    address = str(st.get_option("server.address") or "")
    forwarded = any(name in st.context.headers for name in _FORWARDED)
    return address in _LOOPBACK and not forwarded


def start_command(
    key: str,
    doing: str,
    arguments: Callable[[str, Path], Sequence[str]],
    source: Upload | Path | None = None,
    beside: Mapping[str, str] | None = None,
) -> None:
    """Start a command; what goes wrong is shown by `follow_command`.

    Args:
        key: of the page's place for it.
        doing: words for the progress bar.
        arguments: of the command, from the path of ``source`` and a folder of its own.
        source: a dropped file, which lies on the disk while the command runs; or a path.
        beside: text files to put into the folder, by name.
    """
    st.session_state.pop(_result(key), None)
    st.session_state.pop(_failure(key), None)
    if not _room.acquire(blocking=False):
        st.session_state[_failure(key)] = (
            "Something else is being imported on this machine. Please try again when it has ended."
        )
        return
    folder = Path(tempfile.mkdtemp(prefix="mien-import-"))

    def at_end() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _room.release()

    try:
        path = source
        if isinstance(source, Upload):
            path = folder / source.file_name
            path.write_bytes(source.load())
        for name, text in (beside or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        words = arguments("" if path is None else str(path), folder)
        job = Job(fer_core_command(*words), patience_s=_PATIENCE_S, at_end=at_end)
    except OSError as error:
        at_end()
        st.session_state[_failure(key)] = (
            f"It could not be started ({error.strerror}). There may be no room left on the disk."
        )
        return
    st.session_state[_running(key)] = _Running(job, doing)


def follow_command(key: str) -> dict[str, Any] | None:
    """Show how far a command is, or why it ended badly.

    Returns:
        What it printed last, until another one starts; None before that.
    """
    running: _Running | None = st.session_state.get(_running(key))
    if running is not None:
        st.fragment(_progress, run_every=_REDRAW_S)(key, running)
        return None
    if failure := st.session_state.get(_failure(key)):
        st.error(literal(failure), icon=":material/error:")
    result: dict[str, Any] | None = st.session_state.get(_result(key))
    return result


def is_running(key: str) -> bool:
    """Whether a command of this place goes on."""
    return _running(key) in st.session_state


def forget_result(key: str) -> None:
    """Nothing has happened yet in this place."""
    for name in (_result(key), _failure(key)):
        st.session_state.pop(name, None)


def _progress(key: str, running: _Running) -> None:
    job = running.job
    line = job.line()
    if job.running:
        total, done = int(line.get("total", 0)), int(line.get("done", 0))
        words = f"{running.doing}: {done:,} of {total:,}" if total else f"{running.doing} …"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, done / total) if total else 0.0, words)
            st.button(
                "Cancel", icon=":material/close:", key=f"{key}_stop", on_click=_cancel, args=(key,)
            )
        st.caption("It ends when you leave this page.")
        return
    with suppress(KeyError):  # cancelled meanwhile
        del st.session_state[_running(key)]
        if job.abandoned:
            st.session_state[_failure(key)] = "It did not run to its end, as this page was left."
        elif job.failure:
            st.session_state[_failure(key)] = job.failure
        if line and "total" not in line:  # it may have said something before it failed
            st.session_state[_result(key)] = line
    st.rerun()  # the whole page: there is a result to show


def _cancel(key: str) -> None:
    running = st.session_state.pop(_running(key), None)
    if running is not None:
        running.job.stop()


def _running(key: str) -> str:
    return f"{key}_command"


def _result(key: str) -> str:
    return f"{key}_result"


def _failure(key: str) -> str:
    return f"{key}_failure"
