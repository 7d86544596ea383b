"""Charts under a player: a line in each where the video is, and a click on one plays from there.

In the browser, so that the video is not sent anew. Read, not patched, in Plotly.js 3 as Streamlit
1.67 brings it: a chart's ``_fullLayout``, which knows where its axes are;
tests/browser/test_videos.py holds that.
"""

from collections.abc import Callable, Sequence

import streamlit as st

_SCRIPT = """
export default function ({ data, setStateValue, setTriggerValue }) {
    const { player, charts, seconds } = data;
    const kept = (window.mienPlayheads ??= {});
    const known = (kept[player] ??= { seconds });
    const find = () => document.querySelector(`.st-key-${player} video`);
    if (known.seconds !== seconds) {  // moved on the page, not by the video
        const video = find();
        if (video && Math.abs(video.currentTime - seconds) > 0.005) video.currentTime = seconds;
        known.seconds = seconds;
    }
    const tell = value => {
        if (seconds !== null) setStateValue("seconds", value);
    };
    const go = at => {
        const video = find();
        if (!video) return tell(at);
        video.currentTime = at;
        video.play();
    };
    const stopped = event => {
        if (event.target === find() && event.target.paused) tell(event.target.currentTime);
    };
    const clicked = event => {
        const chart = event.currentTarget;
        const { xaxis } = chart._fullLayout;
        const at = event.clientX - chart.getBoundingClientRect().left - xaxis._offset;
        if (at >= 0 && at <= xaxis._length) chart.mienGo(Math.max(0, xaxis.p2l(at)));
    };
    const pressed = event => {
        const video = find();
        const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
        const other = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
        if (seconds === null || typing || other || event.key.toLowerCase() !== "m") return;
        if (!video || video.paused) return;  // the page knows where it stands
        event.preventDefault();
        event.stopImmediatePropagation();
        setTriggerValue("marked", video.currentTime);
    };
    const all = charts.map(key => `.st-key-${key} .js-plotly-plot`).join(", ");
    const draw = chart => {
        const { xaxis: x, yaxis: y } = chart._fullLayout ?? {};
        const at = find()?.currentTime ?? seconds;
        if (!x || !y || at === null) return;
        chart.mienGo = go;
        if (!chart.mienLine) {
            const line = (chart.mienLine = document.createElement("div"));
            line.className = "mien-playhead";
            line.style = "position:absolute;width:2px;background:currentColor;pointer-events:none";
            chart.style.position = "relative";
            chart.style.cursor = "pointer";
            chart.append(line);
            chart.addEventListener("click", clicked);
        }
        const left = x._offset + x.l2p(at);
        Object.assign(chart.mienLine.style, {
            left: `${left}px`, top: `${y._offset}px`, height: `${y._length}px`,
            display: left > x._offset + x._length ? "none" : "block",
        });
    };
    const look = setInterval(() => document.querySelectorAll(all).forEach(draw), 80);
    for (const name of ["pause", "seeked"]) document.addEventListener(name, stopped, true);
    window.addEventListener("keydown", pressed, true);
    return () => {
        clearInterval(look);
        for (const name of ["pause", "seeked"]) document.removeEventListener(name, stopped, true);
        window.removeEventListener("keydown", pressed, true);
    };
}
"""

_mount = st.components.v2.component("mien_playhead", js=_SCRIPT)


def move_together(
    player: str,
    charts: Sequence[str],
    *,
    seconds: float | None = None,
    on_moved: Callable[[float], None] | None = None,
    on_marked: Callable[[float], None] | None = None,
) -> None:
    """For after all of them.

    Args:
        player: key of the container with the video. Without a video in it, a click on a chart moves
            the page's own moment.
        charts: keys of the containers with the charts, whose x axes are in seconds.
        seconds: the page's own moment, which the video follows; None: the page has none.
        on_moved: called with where the video was stopped, or a chart clicked without one.
        on_marked: called with where it was when M was pressed while it played.
    """
    key = f"{player}_playhead"

    def moved() -> None:
        at = st.session_state[key].get("seconds")
        if at is not None and on_moved is not None:
            on_moved(float(at))

    def marked() -> None:
        at = st.session_state[key].get("marked")
        if at is not None and on_marked is not None:
            on_marked(float(at))

    _mount(
        key=key,
        data={"player": player, "charts": list(charts), "seconds": seconds},
        on_seconds_change=moved,
        on_marked_change=marked,
    )
