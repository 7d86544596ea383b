"""The live page and its frame callback; the browser's side is in tests/browser."""

import asyncio
import io
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any
from unittest import mock

import av
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fer_core.emotions import LABELS, Emotion
from fer_core.live.arena import Answer, ArenaState
from fer_core.live.bottleneck import Bottleneck
from fer_core.live.callback import process_frames
from fer_core.live.game import TURN_S, Turn
from fer_core.live.history import Past
from fer_core.live.session import LiveSession, Snapshot, View
from fer_core.live.share import Share, Viewers
from fer_core.live.sightings import FRAMES
from fer_core.live.throughput import STAGES
from fer_core.synthetic.face import demo_frame
from fer_core.zoo import ModelCard, Predictions
from tests.streamed import Clock, frame_result, shares, stream_frame
from tests.tiny import tiny_speed
from ui.live.arena import verdict
from ui.live.bottleneck import advice, lighter_network
from ui.live.camera import is_secure
from ui.live.faces import FACES_SHOWN, heading, rows_shown, stages_line, stripe
from ui.live.game import hint
from ui.live.history import band, leading
from ui.live.panels import ARENA, GAME, NEUTRAL, PICKER
from ui.live.snapshot import KEPT, Taken, stills_zip, take
from ui.live.video import SESSION, queue_callback
from ui.widgets.bars import class_bars

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "1_Live.py")

pytestmark = pytest.mark.usefixtures("yunet_cache")


@pytest.fixture
def models(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    return tiny_models


def live_page(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=20)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in shown)


def card_bars(page: AppTest) -> list[str]:
    return [element.body for element in page.get("html") if "neutral" in element.body]


def read_one(page: AppTest) -> LiveSession:
    """Send one frame through the page's own session, as the video thread would."""
    live: LiveSession = page.session_state[SESSION]
    frame = av.VideoFrame.from_ndarray(demo_frame(1.0), format="rgb24")
    out = process_frames(live, [frame])
    assert (out.width, out.height) == (frame.width, frame.height)
    return live


def test_a_frame_is_read_with_the_chosen_network_and_detector(models: Path) -> None:
    page = live_page()
    page.selectbox(key="mien_detector_picker").select("haar").run()
    for _ in range(FRAMES):  # what a cascade finds once is not shown
        now = read_one(page).snapshot()
    assert now.trouble == ""
    assert now.frame is not None
    assert len(now.frame.raw.faces) == 1
    assert set(now.milliseconds) == set(STAGES)
    assert all(stage in stages_line(now) for stage in STAGES)


def test_another_network_acts_without_a_restart(models: Path) -> None:
    page = live_page()
    first = read_one(page).snapshot()
    other = next(slug for slug in ("tiny", "tiny_b") if slug != page.session_state["mien_model"])
    page.selectbox(key="mien_model_picker").select(other).run()
    second = read_one(page).snapshot()
    assert first.frame is not None
    assert second.frame is not None
    assert first.frame.raw.model != second.frame.raw.model == other
    assert second.frame.raw.track_ids == (1,)  # still the same face


def test_the_demo_is_a_link_away(models: Path) -> None:
    assert live_page(source="demo").session_state["live_source"] == "demo"
    assert live_page(source="nonsense").session_state["live_source"] == "camera"


def streaming(*, playing: bool, signalling: bool = False) -> Any:
    """The video widget as it is while a stream runs; the answer is what it was called with."""
    state = SimpleNamespace(playing=playing, signalling=signalling)
    return mock.patch(
        "ui.live.video.webrtc_streamer",
        return_value=SimpleNamespace(state=state, output_video_track=None),
    )


def test_the_demo_stream_gets_its_frames_from_the_drawn_face(models: Path) -> None:
    with streaming(playing=False) as streamer:
        live_page(source="demo")
    asked = streamer.call_args.kwargs
    assert asked["async_processing"] is True
    assert asked["rtc_configuration"] == {"iceServers": []}
    assert asked["source_video_track"].kind == "video"


def test_beside_the_video_stand_the_expression_and_its_seven_bars(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        read_one(page)
        page.run()
    assert not page.exception
    assert "Face 1, expression shown" in words(page)
    assert "frames/s read" in words(page)
    bars = card_bars(page)
    assert len(bars) == 1
    assert all(label in bars[0] for label in LABELS)


def newest(*track_ids: int) -> Snapshot:
    """A snapshot of a frame with so many faces."""
    rows = [shares(Emotion.HAPPY, 0.6)] * len(track_ids)
    return Snapshot(frame=stream_frame(0.0, *rows, track_ids=track_ids), age_s=0.0)


def test_a_card_names_the_two_likeliest_and_has_the_colour_of_the_first(models: Path) -> None:
    sure = Predictions(np.array([[0.02, 0, 0, 0.8, 0.1, 0.04, 0.04]], np.float32), 0.4)
    text = heading(sure, 0)
    assert "**happy 80%**" in text
    assert "sad 10%" in text
    unsure = heading(Predictions(sure.probabilities, 0.9), 0)
    assert unsure.startswith("**? unsure**")
    assert "happy 80% or sad 10%" in unsure
    assert Emotion.HAPPY.style.colour in stripe(Emotion.HAPPY, unsure=False)
    dashed = stripe(Emotion.HAPPY, unsure=True)
    assert "dashed" in dashed
    assert Emotion.HAPPY.style.colour not in dashed


def test_a_dark_frame_is_named_as_the_reason(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        live = page.session_state[SESSION]
        read_one(page)
        page.run()
        assert "Hard to read" not in words(page)
        now = live.snapshot()
        assert now.frame is not None
        dark = replace(now, frame=replace(now.frame, image=now.frame.image // 6))
        with mock.patch.object(live, "snapshot", return_value=dark):
            page.run()
    assert not page.exception
    assert "Hard to read: too dark. What helps: let light fall on the face." in words(page)


def test_four_faces_have_cards_in_the_order_of_their_numbers_and_the_rest_is_counted(
    models: Path,
) -> None:
    assert rows_shown(frame_result(*[shares(Emotion.SAD)] * 3, track_ids=(9, 2, 5))) == [1, 2, 0]
    with streaming(playing=True):
        page = live_page()
        live = page.session_state[SESSION]
        with mock.patch.object(live, "snapshot", return_value=newest(6, 5, 4, 3, 2, 1)):
            page.run()
    assert not page.exception
    assert len(card_bars(page)) == FACES_SHOWN
    text = words(page)
    places = [text.index(f"Face {number}, expression shown") for number in (3, 4, 5, 6)]
    assert places == sorted(places)
    assert "and 2 more" in text


def test_switches_act_on_the_session_and_stay(models: Path) -> None:
    page = live_page()
    live = page.session_state[SESSION]
    assert live.view == View(mirror=True)  # a camera at the front
    for field in ("boxes", "labels", "smoothing"):
        page.toggle(key=f"live_view_{field}").set_value(False).run()
    page.toggle(key="live_view_mirror").set_value(False).run()
    assert live.view == View(boxes=False, labels=False, smoothing=False, mirror=False)
    page.run()
    assert not live.view.mirror
    assert page.query_params["mirror"] == "off"
    page.toggle(key="live_view_mirror").set_value(True).run()
    assert "mirror" not in page.query_params


def test_only_a_camera_that_looks_at_the_viewer_is_a_mirror(models: Path) -> None:
    assert not live_page(source="demo").session_state[SESSION].view.mirror
    with streaming(playing=False) as streamer:
        page = live_page(facing="back")
    asked = streamer.call_args.kwargs["media_stream_constraints"]["video"]
    assert asked["facingMode"] == {"ideal": "environment"}
    assert not page.session_state[SESSION].view.mirror


def test_settings_come_back_with_the_address(models: Path) -> None:
    page = live_page()
    page.selectbox(key="mien_detector_picker").select("haar").run()
    other = next(slug for slug in ("tiny", "tiny_b") if slug != page.session_state["mien_model"])
    page.selectbox(key="mien_model_picker").select(other).run()
    page.segmented_control(key="live_size_picker").select("320 × 240").run()
    page.toggle(key="live_view_labels").set_value(False).run()
    again = live_page(**page.query_params)
    assert again.session_state["mien_model"] == other
    assert again.session_state["mien_detector"] == "haar"
    assert again.session_state["live_size"] == "320 × 240"
    assert not again.session_state[SESSION].view.labels


def test_a_network_that_is_not_here_is_named_until_another_is_chosen(models: Path) -> None:
    page = live_page(network="no_such")
    assert "asks for the network **no\\_such**, which is not here" in words(page)
    page.run()
    assert "which is not here" in words(page)
    page.selectbox(key="mien_model_picker").select("tiny_b").run()
    assert "which is not here" not in words(page)


def test_snapshots_are_a_gallery_until_they_are_discarded(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        page.button(key="live_snapshot_button").click().run()
        assert "nothing to keep yet" in page.toast[0].value
        live = read_one(page)
        for number in range(1, KEPT + 2):
            page.button(key="live_snapshot_button").click().run()
            assert f"Snapshot {number}, Face 1: " in words(page)
        kept = page.session_state["live_snapshots"]
        assert [taken.number for taken in kept] == list(range(KEPT + 1, 1, -1))
        assert all(taken.png.startswith(b"\x89PNG") for taken in kept)
        page.button(key="live_snapshot_discard").click().run()
    assert not page.exception
    assert "live_snapshots" not in page.session_state
    assert "Snapshot 1" not in words(page)
    live.view = View(mirror=False)
    plain = take(live)
    assert plain is not None
    assert plain.png != kept[0].png  # which was taken as in a mirror


def test_all_snapshots_fit_into_one_file() -> None:
    stills = tuple(Taken(f"png {number}".encode(), (), number) for number in (3, 1))
    with zipfile.ZipFile(io.BytesIO(stills_zip(stills))) as packed:
        assert packed.namelist() == ["mien-snapshot-3.png", "mien-snapshot-1.png"]
        assert packed.read("mien-snapshot-1.png") == b"png 1"


def test_without_a_stream_no_snapshot_can_be_taken(models: Path) -> None:
    page = live_page()
    assert page.button(key="live_snapshot_button").disabled
    assert page.button(key="live_snapshot_button").proto.shortcut == "space"


def test_a_recording_has_a_timeline_and_files_until_it_is_discarded(models: Path) -> None:
    assert live_page().button(key="live_record").disabled
    with streaming(playing=True):
        page = live_page()
        page.button(key="live_record").click().run()
        recorder = page.session_state["live_recorder"]
        read_one(page)
        page.text_input(key="live_marker").input("joke")
        assert page.button(key="live_mark").proto.shortcut == "m"
        page.button(key="live_mark").click().run()
        assert page.text_input(key="live_marker").value == ""
        assert "Recording 0:0" in words(page)
        assert "markers: 1" in words(page)
        page.button(key="live_record_stop").click().run()
        assert not page.exception
        assert "further down" in page.toast[0].value
        assert "Recording of 0:0" in page.header[0].value
        assert "readings: 1, up to ten a second" in words(page)
        assert [marker.label for marker in recorder.recording.markers] == ["joke"]
        record = page.button(key="live_record")
        assert record.disabled
        assert "kept until you discard it" in record.help
        assert all(chart.proto.alt for chart in page.get("plotly_chart"))
        page.button(key="live_recording_discard").click().run()
        assert not page.button(key="live_record").disabled
    assert not page.exception
    assert not page.header
    assert recorder.recording is None


def test_a_recording_without_any_face_says_so(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        page.button(key="live_record").click().run()
        page.session_state[SESSION].close()  # STOP under the video
        page.run()
    assert not page.exception
    assert "No face was read in this time" in words(page)


def clocked_page() -> tuple[AppTest, Clock]:
    """The page with a session whose time the test makes."""
    clock = Clock()
    page = AppTest.from_file(PAGE, default_timeout=20)
    page.session_state[SESSION] = LiveSession(clock)
    page.run()
    return page, clock


def with_panel(page: AppTest, panel: str | None) -> AppTest:
    """The page with a panel under the video opened, or with none."""
    page.segmented_control(key=PICKER).set_value(panel).run()
    assert not page.exception
    return page


def test_my_neutral_is_on_the_card_until_it_is_forgotten(models: Path) -> None:
    assert with_panel(live_page(), NEUTRAL).button(key="live_baseline_set").disabled
    with streaming(playing=True):
        page, clock = clocked_page()
        with_panel(page, NEUTRAL)
        page.button(key="live_baseline_set").click().run()
        for _ in range(13):
            assert "Look neutral" in page.get("progress")[0].proto.text
            read_one(page)
            clock.now += 0.4
        page.run()
        assert not page.get("progress")
        assert "Your neutral is set, from 13 frames" in words(page)
        assert card_bars(page)[0].count(">0</div>") == len(LABELS)  # still the same frame
        other = next(
            slug for slug in ("tiny", "tiny_b") if slug != page.session_state["mien_model"]
        )
        page.selectbox(key="mien_model_picker").select(other).run()
        assert "Your neutral was read by Tiny" in words(page)
        read_one(page)
        page.run()
        assert ">0</div>" not in card_bars(page)[0]
        page.button(key="live_baseline_forget").click().run()
        assert "Your neutral" not in words(page)
    assert not page.exception


def test_no_neutral_is_taken_from_an_empty_frame(models: Path) -> None:
    with streaming(playing=True):
        page, clock = clocked_page()
        with_panel(page, NEUTRAL)
        page.button(key="live_baseline_set").click().run()
        clock.now += 6
        page.run()
    assert "No face was seen" in words(page)
    assert page.button(key="live_baseline_set").label == "Set my neutral"


def test_two_networks_read_the_same_face_in_the_arena(models: Path) -> None:
    with streaming(playing=True):
        page = with_panel(live_page(), ARENA)
        assert "Choose none to switch it off" in words(page)
        page.multiselect(key="live_arena_models").set_value(["tiny", "tiny_b"]).run()
        assert "Waiting for a face" in words(page)
        arena = page.session_state["live_arena"]
        read_one(page)
        for thread in threading.enumerate():
            if thread.name == "arena":
                thread.join()
        page.run()
        text = words(page)
        for part in ("**Tiny tiny**", "**Tiny tiny_b**", "ms a face", "So far they disagreed on"):
            assert part in text
        with_panel(page, None)
        assert arena.models == ()  # nobody looks
        with_panel(page, ARENA)
        assert arena.models == ("tiny", "tiny_b")
        page.multiselect(key="live_arena_models").set_value(["tiny"]).run()
        assert arena.models == ()
        assert "Choose none to switch it off" in words(page)
    assert not page.exception


def test_the_verdict_of_the_arena() -> None:
    same, other = (
        Answer(name, Predictions(shares(emotion)[None], 0.4), 1.0)
        for name, emotion in (("a", Emotion.SAD), ("b", Emotion.FEAR))
    )
    now = ArenaState((same, same), 1, rounds=10, differed=3, age_s=0.1)
    assert (
        verdict(now)
        == ":material/check: **They agree.** So far they disagreed on 30% of 10 readings."
    )
    assert "They disagree.**" in verdict(replace(now, answers=(same, other)))
    assert "No face now" in verdict(replace(now, age_s=5.0))


def test_a_game_asks_for_each_expression_and_its_result_stays(models: Path) -> None:
    assert with_panel(live_page(), GAME).button(key="live_game_play").disabled
    with streaming(playing=True):
        page, clock = clocked_page()
        with_panel(page, GAME)
        page.button(key="live_game_play").click().run()
        game = page.session_state["live_game"]
        asked = page.header[0].value
        assert f"Show me {game.turn().asked.style.emoji} {game.turn().asked.label}" == asked
        assert page.get("progress")[0].proto.text == "1 of 14 · no face is seen: " + (
            "come back into view"
        )
        for _ in range(14):
            clock.now += 4
            read_one(page)
            clock.now += TURN_S - 4
        clock.now += 0.01
        page.run()
        assert not page.exception
        assert page.header[0].value == "Your game"
        assert "14 readings by Tiny" in words(page)
        assert all(chart.proto.alt for chart in page.get("plotly_chart"))
        assert "times your face was mostly read as what you were asked to show" in words(page)
        assert "What confused the network most was meant as" in words(page)
        page.button(key="live_game_again").click().run()
        assert "Show me" in page.header[0].value
        page.button(key="live_game_stop").click().run()
        page.button(key="live_game_discard").click().run()
        assert not page.header
        page.button(key="live_game_play").click().run()
        page.button(key="live_game_stop").click().run()
        assert not page.header
        page.button(key="live_game_play").click().run()
        page.session_state[SESSION].close()  # STOP under the video
        page.run()
        assert "ended in the middle of the game" in words(page)
    assert not page.exception


def test_the_prompt_says_what_to_do() -> None:
    turn = Turn(Emotion.FEAR, 3, seconds_left=4.2, counting=True, progress=0.2, face_seen=True)
    assert hint(turn) == "3 of 14 · hold it, 4 s more"
    assert hint(replace(turn, counting=False)) == "3 of 14 · get ready"


def test_what_holds_the_video_back_is_said_and_nothing_when_all_is_well(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        live = read_one(page)
        page.run()
        assert "frames a second" not in words(page)
        slow = replace(
            live.snapshot(),
            frames_per_second=10.0,
            arriving_per_second=30.0,
            milliseconds={"detect": 20.0, "classify": 70.0},
        )
        with mock.patch.object(live, "snapshot", return_value=slow):
            page.run()
    assert not page.exception
    assert "The camera sends 30 frames a second, 10 of them are read." in words(page)
    assert "reading expressions: 70 of 90 ms a frame" in words(page)


def test_several_viewers_are_told_what_each_gets(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        live = read_one(page)
        page.run()
        assert "people watch at once" not in words(page)
        live.share = Share(4, 10.0, smaller=True)
        page.run()
    assert not page.exception
    assert "4 people watch at once on this machine: each gets up to 10 frames" in words(page)
    assert "half the size" in words(page)


def test_who_comes_to_others_asks_the_camera_for_less(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = Viewers(2)
    for viewer in range(3):
        crowd.seen(viewer)
    monkeypatch.setattr("ui.live.camera.viewers", crowd)
    with streaming(playing=False) as streamer:
        live_page()
    assert asked_size(streamer) == (320, 240)
    video = streamer.call_args.kwargs["media_stream_constraints"]["video"]
    assert video["frameRate"] == {"ideal": 10}


def test_what_would_help_is_what_would_help(models: Path) -> None:
    def helps(stage: str, detector: str = "yunet", lighter: str = "Light") -> str:
        return advice(Bottleneck(stage, 60, 80, 30, 10), detector, lighter).split("helps: ")[1]

    assert helps("classify") == "a lighter network, such as Light."
    assert helps("classify", lighter="") == "fewer faces at once."
    assert helps("detect", "haar") == "the face detector YuNet, which is faster."
    assert helps("detect").startswith("close other programs")
    assert helps("").startswith("close other programs")
    assert helps("encode").startswith("smaller frames")
    cards = [
        ModelCard.model_validate_json((models / slug / "card.json").read_text())
        for slug in ("tiny", "tiny_b")
    ]
    speed = tiny_speed("tiny", "tiny_b")  # 1 and 2 ms
    assert lighter_network("tiny_b", cards, speed, {}) == "Tiny tiny"
    assert lighter_network("tiny", cards, speed, {}) == ""
    assert lighter_network("tiny_b", cards, None, {}) == ""


def test_the_newest_of_the_frames_that_came_is_read(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = live_page()
    live: LiveSession = page.session_state[SESSION]
    frames = [av.VideoFrame.from_ndarray(demo_frame(t), format="rgb24") for t in (0.0, 1.0)]
    loops: set[asyncio.AbstractEventLoop] = set()
    monkeypatch.setattr("ui.live.video.viewers", Viewers(2))
    (out,) = asyncio.run(queue_callback(live, loops)(frames))
    assert (out.width, out.height) == (640, 480)
    read = live.snapshot().frame
    assert read is not None
    assert np.abs(read.image.astype(int) - demo_frame(1.0)).mean() < 3
    assert len(loops) == 1


def test_smaller_frames_can_be_asked_for(models: Path) -> None:
    with streaming(playing=False) as streamer:
        page = live_page()
        assert asked_size(streamer) == (640, 480)
        page.segmented_control(key="live_size_picker").select("320 × 240").run()
        assert asked_size(streamer) == (320, 240)


def asked_size(streamer: Any) -> tuple[int, int]:
    video = streamer.call_args.kwargs["media_stream_constraints"]["video"]
    return video["width"]["ideal"], video["height"]["ideal"]


def test_the_last_minute_is_drawn_for_the_face_that_is_chosen(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        assert "The last minute" not in words(page)
        read_one(page)
        page.run()
        assert "What face 1 showed," in words(page)
        assert not page.get("plotly_chart")
        page.toggle(key="live_minute_lines").set_value(True).run()
        assert len(page.get("plotly_chart")) == 1
        assert "each expression's share" in words(page)
        assert page.download_button(key="csv_live_minute").label == "CSV"
        history = page.session_state["live_history"]
        with mock.patch.object(history, "tracks", return_value=(1, 2)):
            page.run()
            page.segmented_control(key="live_minute_face").select(2).run()
    assert not page.exception
    assert "What face 2 showed," in words(page)


def test_the_band_has_a_stretch_for_each_leading_expression() -> None:
    rows = [shares(Emotion.HAPPY)] * 2 + [np.full(7, np.nan, np.float32)] + [shares(Emotion.SAD)]
    past = Past(np.array([-60, -45, -30, -15], np.float32), np.array(rows, np.float32))
    assert leading(past) == [(-60, -30, Emotion.HAPPY), (-15, 0, Emotion.SAD)]
    drawn = band(past, 3)
    assert "aria-label='Face 3 over the last minute, in this order: happy, sad'" in drawn
    assert "left:0.0%;width:50.0%" in drawn
    assert "left:75.0%;width:25.0%" in drawn
    assert leading(Past.none()) == []


def test_a_frame_that_fails_has_its_sentence_beside_the_video(models: Path) -> None:
    with streaming(playing=True):
        page = live_page()
        page.session_state[SESSION].refuse("The network fell over.")
        read_one(page)
        page.run()
    assert "The network fell over." in words(page)


def test_signalling_for_more_than_ten_seconds_is_explained(models: Path) -> None:
    with streaming(playing=False, signalling=True):
        page = live_page()
        assert "Connecting" in words(page)
        page.session_state["live_signalling_since"] = monotonic() - 11
        page.run()
    assert "No route for the video" in words(page)
    assert "No TURN server is set" in words(page)


def test_help_for_a_refused_camera_is_there_from_the_start(models: Path) -> None:
    text = words(live_page())
    for part in ("Permission denied", "Device not found", "Demo without a camera"):
        assert part in text
    assert "Permission denied" not in words(live_page(source="demo"))


def test_without_a_model_the_video_passes_and_the_page_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tmp_path))
    page = live_page()
    assert "No network is here yet" in words(page)
    assert "no network" in read_one(page).snapshot().trouble


def test_a_damaged_folder_is_named_and_the_others_work(models: Path) -> None:
    (models / "tiny" / "model.onnx").write_bytes(b"not a network")
    page = live_page()
    assert "tiny/model.onnx" in words(page)
    assert page.session_state["mien_model"] == "tiny_b"
    assert read_one(page).snapshot().trouble == ""


def test_a_network_that_does_not_load_passes_the_video(models: Path) -> None:
    from fer_core.errors import ModelError

    broken: Callable[..., object] = mock.Mock(side_effect=ModelError("a weight is not a number"))
    with mock.patch("ui.caches.networks.load_classifier", broken):
        page = live_page()
    assert "does not load" in words(page)
    assert "a weight is not a number" in read_one(page).snapshot().trouble


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("http://localhost:8501/Live", True),
        ("http://127.0.0.1:8501/Live", True),
        ("http://[::1]:8501/Live", True),
        ("https://mien.example.org/Live", True),
        ("http://192.168.1.20:8501/Live", False),
        ("http://mien.example.org/Live", False),
    ],
)
def test_browsers_give_cameras_to_https_and_this_machine_only(url: str, secure: bool) -> None:
    assert is_secure(url) is secure


def test_bars_name_all_seven_in_order() -> None:
    html = class_bars([0.1, 0.0, 0.0, 0.6, 0.1, 0.1, 0.1])
    positions = [html.index(label) for label in LABELS]
    assert positions == sorted(positions)
    assert "60%" in html
