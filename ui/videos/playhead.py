"""The charts under a player: a line where the video is, and a click plays from there.

In the browser and without the server, which would send the video anew. Read, not patched, in
Plotly.js 3 as Streamlit 1.67 brings it: a chart's ``_fullLayout``, which knows where its axes are;
tests/browser/test_videos.py holds that.
"""

import streamlit as st

_SCRIPT = """<script>
(() => {{
    const started = window.mienPlayhead = Symbol();
    const look = setInterval(() => {{
        if (window.mienPlayhead !== started) return clearInterval(look);
        const player = () => document.querySelector(".st-key-{player} video");
        const video = player();
        if (!video) return;
        for (const chart of document.querySelectorAll(".st-key-{timeline} .js-plotly-plot")) {{
            const {{xaxis: x, yaxis: y}} = chart._fullLayout ?? {{}};
            if (!x) continue;
            if (!chart.mienLine) {{
                const line = chart.mienLine = document.createElement("div");
                line.className = "mien-playhead";
                line.style =
                    "position:absolute;width:2px;background:currentColor;pointer-events:none";
                chart.style.position = "relative";
                chart.style.cursor = "pointer";
                chart.append(line);
                chart.addEventListener("click", event => {{
                    const {{xaxis}} = chart._fullLayout, video = player();
                    const left = chart.getBoundingClientRect().left + xaxis._offset;
                    const at = event.clientX - left;
                    if (at < 0 || at > xaxis._length || !video) return;
                    video.currentTime = Math.max(0, xaxis.p2l(at));
                    video.play();
                }});
            }}
            const left = x._offset + x.l2p(video.currentTime);
            Object.assign(chart.mienLine.style, {{
                left: `${{left}}px`, top: `${{y._offset}}px`, height: `${{y._length}}px`,
                display: left > x._offset + x._length ? "none" : "block",
            }});
        }}
    }}, 80);
}})();
</script>"""


def move_together(player: str, timeline: str) -> None:
    """For after both.

    Args:
        player: key of the container with the video.
        timeline: key of the container with the charts, whose x axes are in seconds.
    """
    st.html(_SCRIPT.format(player=player, timeline=timeline), unsafe_allow_javascript=True)
