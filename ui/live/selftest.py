"""How close what is read live comes to what was measured: the last self-test, and running it."""

import threading

import streamlit as st

from fer_core.dataset import find_dataset
from fer_core.errors import MienError
from fer_core.evaluation.selftest_report import SELFTEST_FILE, SelfTestReport
from fer_core.zoo import ModelCard
from ui import caches
from ui.jobs import Job, fer_core_command
from ui.widgets.pickers import chosen_slug
from ui.widgets.texts import literal

JOB = "live_selftest_job"
_REDRAW_S = 0.5
_FAILURE = "live_selftest_failure"

_room = threading.Lock()
# One run at a time for all visitors together: each fills a core, and all write the same file.


def show_selftest() -> None:
    """The last result in sentences, and a button that runs it again where the data set is."""
    cards = {card.slug: card for card in caches.networks.model_cards()[0]}
    try:
        report = caches.measured.selftest()
    except MienError as error:
        report = None
        st.warning(str(error), icon=":material/broken_image:")
    else:
        if report is None:
            st.caption("Nobody has run it here yet.")
    if report is not None:
        _show(report, cards.get(report.model))
    slug = chosen_slug()
    if slug is not None:
        running = _job() is not None
        st.fragment(_runner, run_every=_REDRAW_S if running else None)(cards[slug])


def _show(report: SelfTestReport, card: ModelCard | None) -> None:
    st.markdown(summary(report, card.title if card else report.model))
    sizes = " · ".join(
        f"{size} px: {part.found / part.n:.0%}" for size, part in sorted(report.by_size.items())
    )
    st.caption(
        f"Faces found, by their width in the image: {sizes}. Run on {report.run_on:%d %B %Y}, "
        f"kept in `models/{SELFTEST_FILE}`, by `python -m fer_core selftest --all`. The faces are "
        f"{report.split}'s, by which epochs were chosen: what counts here is the difference, not "
        "how high both are."
    )
    if card is None or not report.is_about(card):
        st.info(
            "That network has been replaced since: run it again to know about the new one.",
            icon=":material/info:",
        )


def summary(report: SelfTestReport, title: str) -> str:
    """The result in words, Markdown; ``title`` is the network's."""
    return (
        f"{title} read {report.n:,} faces in two ways: directly, as accuracy is measured, and "
        "pasted into larger images, found, cut out and read by the same code as this page's "
        f"video. **{report.found_fraction:.1%}** were found. On these, **{report.path_accuracy:.1%}"
        f"** were right on the way that the video takes and **{report.direct_accuracy:.1%}** "
        f"directly: {_points(report.difference)} points ({_points(report.low)} to "
        f"{_points(report.high)}, 95% interval). Both ways named the same expression for "
        f"**{report.agreement:.0%}**."
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _job() -> Job | None:
    job: Job | None = st.session_state.get(JOB)
    return job


def _runner(card: ModelCard) -> None:
    job = _job()
    if job is None:
        _offer(card)
        return
    line = job.line()
    if job.running:
        done, total = int(line.get("done", 0)), int(line.get("total", 0))
        words = f"{done:,} of {total:,} faces" if total else "Reading the data set …"
        st.progress(done / total if total else 0.0, words)
        st.button("Cancel", icon=":material/close:", key="live_selftest_stop", on_click=_cancel)
        st.caption("It takes some minutes, and ends when you leave this page.")
        return
    del st.session_state[JOB]
    if job.abandoned:
        st.session_state[_FAILURE] = "It did not run to its end, because this page was left."
    elif job.failure:
        st.session_state[_FAILURE] = f"It did not run to its end. {literal(job.failure)}"
    st.rerun()  # the whole page: there is a new result to show


def _offer(card: ModelCard) -> None:
    if find_dataset() is None:
        st.caption(
            "To run it again takes FER2013, which is not here: "
            "`python -m fer_core data import FER2013.csv`."
        )
        return
    st.button(
        f"Run it with {card.title}",
        icon=":material/refresh:",
        key="live_selftest_run",
        on_click=_start,
        args=(card.slug,),
    )
    if failure := st.session_state.get(_FAILURE):
        st.error(failure, icon=":material/error:")


def _start(slug: str) -> None:
    st.session_state.pop(_FAILURE, None)
    if not _room.acquire(blocking=False):
        st.session_state[_FAILURE] = (
            "A self-test is running on this machine already. Please try again when it has ended: "
            "its result will be shown here too."
        )
        return
    try:
        st.session_state[JOB] = Job(
            fer_core_command("selftest", "--all", "--progress", "--model", slug),
            at_end=_room.release,
        )
    except OSError as error:
        _room.release()
        st.session_state[_FAILURE] = f"It could not be started ({error.strerror})."


def _cancel() -> None:
    job = st.session_state.pop(JOB, None)
    if job is not None:
        job.stop()
