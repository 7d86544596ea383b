"""The page beside the video steps back where the video is held back."""

from streamlit.testing.v1 import AppTest


def paced() -> None:
    from types import SimpleNamespace

    import streamlit as st

    from fer_core.analysis.live import Snapshot
    from ui.live_pace import every, keep_pace

    state = SimpleNamespace(playing=st.session_state["playing"], signalling=False)
    pause = every(SimpleNamespace(state=state), 0.5, 1.0)  # type: ignore[arg-type]
    st.text(pause.total_seconds() if pause else "at rest")
    if state.playing:
        keep_pace(
            Snapshot(
                frames_per_second=st.session_state["read"],
                arriving_per_second=30.0,
                milliseconds={"detect": 20.0},
            )
        )


def test_a_video_that_is_held_back_slows_the_page_until_it_ends() -> None:
    page = AppTest.from_function(paced)

    def pause(*, read: float, playing: bool = True) -> str:
        page.session_state["read"], page.session_state["playing"] = read, playing
        page.run()
        assert not page.exception
        return page.text[0].value

    assert pause(read=29.0) == "0.5"
    assert [pause(read=10.0) for _ in range(3)] == ["0.5"] * 3
    assert pause(read=29.0) == "0.5"  # it was for a moment only
    assert [pause(read=10.0) for _ in range(4)] == ["0.5"] * 3 + ["1.0"]
    assert pause(read=29.0) == "1.0"  # which may well be because the page stepped back
    assert pause(read=0.0, playing=False) == "at rest"
    assert pause(read=29.0) == "0.5"
