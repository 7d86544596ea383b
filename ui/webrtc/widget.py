"""What the page does inside the video's frame, which is a page of its own with its own keyboard.

Patched: nothing. Scripts of the page reach into the frame, which comes from the same server, and
press its button as a person would. Checked with streamlit-webrtc 0.79, whose widget keeps the keys
that are pressed in it to itself and offers ``desired_playing_state``, which takes START and STOP
away (https://github.com/whitphx/streamlit-webrtc, no issue was found).
"""

import json
from collections.abc import Mapping

import streamlit as st

_FRAME = """document.querySelector('iframe[title*="webrtc_streamer"]')"""

_START = """<script>
// Start {number}
(() => {{
    const until = Date.now() + 20000, look = setInterval(() => {{
        const button = [...({frame}?.contentDocument?.querySelectorAll("button") ?? [])]
            .find(button => button.textContent.trim().toUpperCase() === "START");
        if (button && !button.disabled) button.click();
        if (button || Date.now() > until) clearInterval(look);
    }}, 100);
}})();
</script>"""

_KEYS = """<script>
(() => {{
    const frame = {frame}, inside = frame?.contentDocument;
    if (document.activeElement === frame) {{
        window.focus();
        document.querySelector("{focus}")?.focus({{preventScroll: true}});
    }}
    if (!inside || inside.mienPassesKeysOn) return;
    inside.mienPassesKeysOn = true;
    inside.addEventListener("keydown", event => {{
        const button = document.querySelector({keys}[event.code]);
        // On a button of the frame, a key is meant for that button.
        if (!button || event.target.closest("button, select, input")) return;
        event.preventDefault();
        button.click();
    }});
}})();
</script>"""


def press_start(number: int) -> None:
    """Press START as soon as it is there, once.

    Args:
        number: another one for each time that it is wanted: the browser runs no script twice.
    """
    st.html(_START.format(frame=_FRAME, number=number), unsafe_allow_javascript=True)


def pass_keys_on(buttons: Mapping[str, str], focus: str) -> None:
    """Keys pressed after a click into the video reach the buttons of the page.

    The click on START leaves the keyboard inside the video, on the button that is STOP by then: the
    space bar would end the stream. So the keyboard is taken out of there once.

    Args:
        buttons: key of a Streamlit button, by the browser's code of the key (``Space``, ``KeyM``).
        focus: key of the button that gets the keyboard.
    """
    selectors = {code: _selector(key) for code, key in buttons.items()}
    st.html(
        _KEYS.format(frame=_FRAME, focus=_selector(focus), keys=json.dumps(selectors)),
        unsafe_allow_javascript=True,
    )


def _selector(key: str) -> str:
    return f".st-key-{key} button"
