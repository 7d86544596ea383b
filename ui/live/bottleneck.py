"""What holds the live video back, in a sentence, and what would help."""

from collections.abc import Sequence

import streamlit as st

from fer_core.errors import MienError
from fer_core.evaluation.speed import SpeedReport
from fer_core.live.bottleneck import Bottleneck, find_bottleneck
from fer_core.live.session import Snapshot
from fer_core.zoo import ModelCard
from ui import caches
from ui.widgets.pickers import DETECTOR_CHOICE

_WORDS = {
    "decode": "unpacking the frame",
    "detect": "finding faces",
    "crop": "cutting faces out",
    "classify": "reading expressions",
    "smooth": "following faces",
    "draw": "drawing",
    "encode": "packing the frame",
}
_SMALLER = "smaller frames from the camera"
_ELSEWHERE = (
    "close other programs and browser tabs on the machine that Mien runs on; other viewers and the "
    "arena take their share too"
)


def held_back(now: Snapshot) -> str:
    """Which stage holds this stream back and what would help; "" while all is well."""
    found = find_bottleneck(now.arriving_per_second, now.frames_per_second, now.milliseconds)
    if found is None:
        return ""
    cards, _ = caches.networks.model_cards()
    try:
        speed = caches.measured.speed()
    except MienError:
        speed = None  # the Compare page says so
    model = "" if now.frame is None else now.frame.raw.model
    lighter = lighter_network(model, cards, speed, caches.networks.accuracies())
    return advice(found, str(st.session_state.get(DETECTOR_CHOICE, "")), lighter)


def lighter_network(
    model: str, cards: Sequence[ModelCard], speed: SpeedReport | None, accuracies: dict[str, float]
) -> str:
    """Title of the most accurate network that takes at most half the time of one; "" without."""
    own_ms = speed.ms_per_face(model) if speed else None
    if speed is None or own_ms is None:
        return ""
    lighter = [
        card
        for card in cards
        if (ms := speed.ms_per_face(card.slug)) is not None and ms <= own_ms / 2
    ]
    best = max(lighter, key=lambda card: accuracies.get(card.slug, 0.0), default=None)
    return best.title if best else ""


def advice(found: Bottleneck, detector: str, lighter: str) -> str:
    """A bottleneck as sentences, Markdown.

    Args:
        found: what was measured.
        detector: name of the chosen one.
        lighter: title of a network that would take less time; "" if there is none.
    """
    rate = (
        f"The camera sends {found.arriving:.0f} frames a second, {found.read:.0f} of them are read."
    )
    if not found.stage:
        return (
            f"{rate} Reading one takes {found.total_ms:.0f} of the {1000 / found.read:.0f} ms "
            f"between two, so the machine is busy with something else. What helps: {_ELSEWHERE}."
        )
    if found.stage == "classify":
        remedy = f"a lighter network, such as {lighter}" if lighter else "fewer faces at once"
    elif found.stage == "detect":
        remedy = "the face detector YuNet, which is faster" if detector == "haar" else _ELSEWHERE
    elif found.stage in ("crop", "smooth"):
        remedy = "fewer faces at once"
    else:
        remedy = f"{_SMALLER} (STOP, then choose them below)"
    return (
        f"{rate} Most of the time goes into {_WORDS[found.stage]}: {found.stage_ms:.0f} of "
        f"{found.total_ms:.0f} ms a frame. What helps: {remedy}."
    )
