"""What the camera is asked for, and what to do where the browser does not give it."""

from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from fer_core.live.share import viewers
from ui import address

SIZES = {"640 × 480": (640, 480), "320 × 240": (320, 240)}
"""What the camera is asked for, width and height in pixels; it may send something else."""

FACINGS = {"front": "user", "back": "environment"}
"""Which camera of a phone, and what browsers call it; a computer's counts as one at the front."""

_SIZE, _FACING, _ASKED = "live_size", "live_facing", "live_asked_of_camera"

CAMERA_HELP = """
**The browser gives no camera.** What it says stands below; it decides, and does not tell Mien why.

- *"Permission denied"*: the camera is blocked for this page. Click the camera or lock sign beside
  the address, allow the camera, and press START again.
- *"Device not found"*: no camera is connected, or another program (a video call) holds it.
- *No camera at all*: choose "Demo without a camera" above; everything works the same.
"""


def is_secure(url: str) -> bool:
    """Whether browsers give a page of this address the camera: https, or this very machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return (
        parts.scheme == "https"
        or host in ("localhost", "::1")
        or host.startswith("127.")
        or host.endswith(".localhost")
    )


def show_insecure_origin() -> None:
    """Before START: that the camera cannot be had at this address, where that is so."""
    url = st.context.url or ""
    if url and not is_secure(url):
        st.error(
            "**The browser will not give its camera to this address** "
            f"(`{urlsplit(url).hostname}` over http). Cameras need https, or Mien running on this "
            "machine, opened as `http://localhost`. The demo works here all the same.",
            icon=":material/lock_open:",
        )


def camera_constraints(*, running: bool) -> dict[str, Any]:
    """What a browser's ``getUserMedia`` is asked for: wishes, not conditions.

    Where other viewers share the machine, smaller pictures at fewer frames a second than chosen.

    Args:
        running: a stream runs; it goes on with what was asked at its start.
    """
    if not running or _ASKED not in st.session_state:
        share = viewers.with_one_more()
        width, height = SIZES[_chosen(_SIZE, tuple(SIZES))]
        if share.smaller:
            width, height = min(SIZES.values())
        st.session_state[_ASKED] = {
            "width": {"ideal": width},
            "height": {"ideal": height},
            "frameRate": {"ideal": round(share.frames_per_second)},
            "facingMode": {"ideal": FACINGS[facing()]},
        }
    asked: dict[str, Any] = st.session_state[_ASKED]
    return asked


def facing() -> str:
    """Which camera is asked for, one of `FACINGS`."""
    return _chosen(_FACING, tuple(FACINGS))


def _chosen(key: str, options: tuple[str, ...]) -> str:
    kept = address.newly_asked(_in_address(key), options) or st.session_state.get(key)
    st.session_state[key] = kept if kept in options else options[0]
    return str(st.session_state[key])


def _in_address(key: str) -> str:
    return key.removeprefix("live_")


def pick_camera(*, running: bool) -> None:
    """Size of the frames, and which camera of a phone; fixed while a stream runs."""
    with st.container(horizontal=True, gap="large"):
        _pick(
            "Frames from the camera",
            _SIZE,
            tuple(SIZES),
            "Smaller frames take less time to decode, draw and encode, and make small faces "
            "harder to find.",
            running=running,
        )
        _pick(
            "Camera of a phone",
            _FACING,
            tuple(FACINGS),
            "The front one shows you as in a mirror. A computer has one camera, whatever is "
            "chosen here; another one that is plugged in is under SELECT DEVICE.",
            running=running,
        )


def _pick(label: str, key: str, options: tuple[str, ...], words: str, *, running: bool) -> None:
    # Streamlit forgets a widget's value on a page without it, so it is kept under a second key.
    picker = f"{key}_picker"
    st.session_state[picker] = _chosen(key, options)

    def keep() -> None:
        st.session_state[key] = st.session_state[picker]

    st.segmented_control(
        label,
        options,
        key=picker,
        required=True,
        disabled=running,
        on_change=keep,
        help="Press STOP to change it." if running else words,
    )
    address.keep(_in_address(key), str(st.session_state[key]), options[0])
