"""A viewer's own observers of the live stream: made once a browser tab, told of every frame."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from fer_core.live.arena import Arena
from fer_core.live.game import Game
from fer_core.live.history import FaceHistory
from fer_core.live.neutral import NeutralBaseline
from fer_core.live.observer import Observer
from fer_core.live.recorder import Recorder
from fer_core.live.session import LiveSession

ARENA, BASELINE, GAME = "live_arena", "live_baseline", "live_game"
HISTORY, RECORDER = "live_history", "live_recorder"
"""Keys of the session's state."""

Own = TypeVar("Own", bound=Observer)


def _own(live: LiveSession, key: str, make: Callable[[Callable[[], float]], Own]) -> Own:
    """This viewer's; it follows the stream from the first call on."""
    if key not in st.session_state:
        observer = make(live.clock)
        live.observe(observer)
        st.session_state[key] = observer
    value: Own = st.session_state[key]
    return value


def own_arena(live: LiveSession) -> Arena:
    """Several networks side by side."""
    return _own(live, ARENA, Arena)


def own_baseline(live: LiveSession) -> NeutralBaseline:
    """A person's face at rest."""
    return _own(live, BASELINE, NeutralBaseline)


def own_game(live: LiveSession) -> Game:
    """The game "Show me surprise"."""
    return _own(live, GAME, Game)


def own_history(live: LiveSession) -> FaceHistory:
    """What faces showed in the last minute."""
    return _own(live, HISTORY, FaceHistory)


def own_recorder(live: LiveSession) -> Recorder:
    """The recorder, running or not."""
    return _own(live, RECORDER, Recorder)
