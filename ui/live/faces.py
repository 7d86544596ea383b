"""Beside the live video: what each face shows, or why there is nothing to show."""

from contextlib import suppress
from time import monotonic

import streamlit as st

from fer_core.emotions import Emotion
from fer_core.errors import MienError
from fer_core.faces.quality import face_qualities
from fer_core.live.session import LiveSession, Snapshot
from fer_core.live.share import Share
from fer_core.live.throughput import STAGES
from fer_core.pipeline.frame import FrameResult
from fer_core.pipeline.stream import StreamFrame
from fer_core.zoo import Predictions
from ui.live.bottleneck import held_back
from ui.live.neutral import baseline_of
from ui.live.video import Streamer, use_choice
from ui.webrtc.ice import check_connection, ice_servers
from ui.webrtc.pacing import forget_pace, keep_pace, wait_until_sent
from ui.widgets.bars import class_bars, valence_words, worth_sentence
from ui.widgets.pickers import DETECTOR_CHOICE, MODEL_CHOICE, show_detector_on

REFRESH_S = 0.5
FACES_SHOWN = 4
SIGNALLING_PATIENCE_S = 10.0
STALLED_S = 3.0
IDLE = "live_idle"
"""Key of what stands beside the video while none runs: it is there once a STOP was taken in."""

_FINDINGS = "live_connection_findings"


def show_faces(stream: Streamer, live: LiveSession) -> None:
    """What is beside the video; asks for itself up to twice a second while a stream runs."""
    running = stream.state.playing or stream.state.signalling
    st.fragment(_faces, run_every=REFRESH_S if running else None)(stream, live)


def _faces(stream: Streamer, live: LiveSession) -> None:
    if not stream.state.playing:
        forget_pace()
        _waiting(stream)
        wait_until_sent()
        return
    _forget_signalling()
    now = live.look()
    if not now.trouble and MODEL_CHOICE in st.session_state:
        with suppress(MienError):  # the pickers have said it already
            use_choice(live)
    # Always in the same place: what is unfolded below it stays unfolded.
    with st.container(key="live_faces"):
        _newest(now, live)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(rate_line(now), width="content")
        if DETECTOR_CHOICE in st.session_state:
            show_detector_on(st.session_state[DETECTOR_CHOICE])
    # Who gets a share of the machine is not held back by a stage of the own stream.
    if sentence := shared(live.share) or held_back(now):
        st.caption(f":material/speed: {sentence}")
    with st.container(), st.expander("Speed", icon=":material/speed:", key="live_speed"):
        st.caption(stages_line(now))
    keep_pace(now)


def _newest(now: Snapshot, live: LiveSession) -> None:
    """What the newest frame shows, or why it shows nothing."""
    if now.trouble:
        st.error(now.trouble, icon=":material/error:")
    elif now.frame is None:
        st.info("The first frame is on its way …", icon=":material/hourglass_top:")
    elif not len(now.frame.raw.faces):
        st.info(
            "**No face found.** Come closer, face the camera, and let light fall on the face.",
            icon=":material/face_retouching_off:",
        )
    else:
        _cards(now.frame, live)
    if now.frame is not None and now.age_s > STALLED_S:
        st.warning(
            f"No new frame for {now.age_s:.0f} s. The connection may be lost: STOP, then START.",
            icon=":material/signal_disconnected:",
        )


def _forget_signalling() -> None:
    st.session_state.pop("live_signalling_since", None)
    st.session_state.pop(_FINDINGS, None)


def _waiting(stream: Streamer) -> None:
    if not stream.state.signalling:
        _forget_signalling()
        with st.container(key=IDLE):
            st.info(
                "Press **START** under the video. Beside it you will see, for every face, how "
                "likely each of the seven expressions is.",
                icon=":material/play_circle:",
            )
        return
    since = st.session_state.setdefault("live_signalling_since", monotonic())
    if monotonic() - since < SIGNALLING_PATIENCE_S:
        st.info("Connecting …", icon=":material/hourglass_top:")
        return
    if _FINDINGS not in st.session_state:  # once a try: a silent server is waited for
        st.session_state[_FINDINGS] = check_connection(ice_servers()[0])
    findings = "\n".join(f"- {finding}" for finding in st.session_state[_FINDINGS])
    st.warning(
        "**No route for the video.** The page reaches Mien, but the video finds no way. "
        f"Press STOP. What was found:\n\n{findings}",
        icon=":material/signal_disconnected:",
    )


def rows_shown(result: FrameResult) -> list[int]:
    """Rows of the largest faces, by track: ordered by size, cards would swap places."""
    rows = range(min(len(result.track_ids), FACES_SHOWN))  # detectors give the largest first
    return sorted(rows, key=lambda row: result.track_ids[row])


def _cards(frame: StreamFrame, live: LiveSession) -> None:
    shown = frame.shown
    # Measured here, for what is looked at twice a second, and not on every frame of the video.
    qualities = face_qualities(frame.image, shown.faces)
    predictions, track_ids = shown.predictions, shown.track_ids
    expected = predictions.expected_right(qualities)
    for row in rows_shown(shown):
        unsure, shares = bool(predictions.unsure[row]), predictions.probabilities[row]
        rest = baseline_of(live, shown, row)
        with st.container(border=True, gap="xsmall"):
            st.markdown(
                f"{heading(predictions, row)}  \n"
                f":gray[:small[Face {track_ids[row]}, expression shown · "
                f"{valence_words(shares)}]]"
            )
            st.html(
                stripe(predictions.emotions[row], unsure=unsure)
                + class_bars(
                    shares.tolist(), None if rest is None else rest.change(shares).tolist()
                )
            )
            right = None if expected is None else float(expected[row])
            if worth := worth_sentence(predictions, row, right):
                st.caption(f":material/verified: {worth}")
            if hint := qualities[row].sentence(unsure=unsure):
                st.caption(f":material/info: {hint}")
    if len(predictions) > FACES_SHOWN:
        st.caption(f"and {len(predictions) - FACES_SHOWN} more, named in the video")


def heading(predictions: Predictions, row: int) -> str:
    """A face's two likeliest expressions, Markdown: ``😄 happy 87 % · neutral 9 %``."""
    shares = predictions.probabilities[row]
    first, second = (Emotion(int(column)) for column in (-shares).argsort(kind="stable")[:2])
    if predictions.unsure[row]:
        return (
            f"**? unsure** · perhaps {first.label} {shares[first]:.0%} "
            f"or {second.label} {shares[second]:.0%}"
        )
    return (
        f"{first.style.emoji} **{first.label} {shares[first]:.0%}** "
        f"· {second.label} {shares[second]:.0%}"
    )


def stripe(emotion: Emotion, *, unsure: bool) -> str:
    """The colour of a card: its class's, dashed and without colour for an unsure face."""
    look = (
        "border-top:4px dashed rgba(128,128,128,.8)"
        if unsure
        else f"height:4px;border-radius:2px;background:{emotion.style.colour};"
        "box-shadow:inset 0 0 0 1px rgba(0,0,0,.28)"
    )
    return f"<div style='{look};margin-bottom:.5em'></div>"


def rate_line(now: Snapshot) -> str:
    """``29 frames/s read``"""
    return f"{now.frames_per_second:.0f} frames/s read"


def shared(share: Share) -> str:
    """What a viewer gets where several share the machine; "" where it is all of it."""
    if not share.limited or share.viewers < 2:
        return ""
    smaller = " and pictures of half the size" if share.smaller else ""
    return (
        f"{share.viewers} people watch at once on this machine: each gets up to "
        f"{share.frames_per_second:.0f} frames a second{smaller}, so that nobody's video lags."
    )


def stages_line(now: Snapshot) -> str:
    """``9 ms a frame: decode 1.0 · detect 4.1 · …``"""
    if not now.milliseconds:
        return "No frame was read yet."
    stages = " · ".join(
        f"{name} {now.milliseconds[name]:.1f}" for name in STAGES if name in now.milliseconds
    )
    return f"{sum(now.milliseconds.values()):.0f} ms a frame: {stages}"
