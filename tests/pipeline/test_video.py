"""Video files: upright, timed by their own stamps, refused with a sentence, read and annotated."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from av.stream import Disposition
from numpy.typing import NDArray
from typer.testing import CliRunner

from fer_core.cli import app
from fer_core.errors import MediaError
from fer_core.faces import WholeImage, make_detector
from fer_core.media import frames, packets
from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import TimedFrame, VideoReader
from fer_core.pipeline import video as analysis
from fer_core.pipeline import video_export as export
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.recording import dwell_seconds, stretches
from fer_core.pipeline.stills import STILL_PX
from fer_core.synthetic.scenes import crowd, drawn_heads
from fer_core.synthetic.video import write_drawn_video
from fer_core.zoo import Classifier, load_classifier
from tests.tiny import tiny_card

FPS = 10


def striped(number: int = 0, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """Black with a white band at the left, and a level that tells the frames apart."""
    rgb = np.full((height, width, 3), number * 8, np.uint8)
    rgb[:, : width // 4] = 255
    return rgb


def write_video(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    *,
    times_s: Sequence[float] = (),
    rotation: int = 0,
    sound_s: float = 0.0,
) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"g": "5"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        audio = container.add_stream("aac", rate=44_100, layout="mono") if sound_s else None
        for number, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (times_s[number] if times_s else number / FPS))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            wave = np.sin(np.arange(round(44_100 * sound_s)) / 20).astype(np.float32)
            sound = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            sound.sample_rate, sound.pts = 44_100, 0
            container.mux(audio.encode(sound))
            container.mux(audio.encode(None))
    return path


def write_sound(path: Path, cover: bool = False) -> Path:
    with av.open(str(path), "w") as container:
        audio = container.add_stream("aac", rate=44_100, layout="mono")
        if cover:
            picture = container.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuvj420p"
            picture.disposition = Disposition.attached_pic
            container.mux(picture.encode(av.VideoFrame.from_ndarray(striped(), format="rgb24")))
            container.mux(picture.encode(None))
        sound = av.AudioFrame.from_ndarray(
            np.zeros((1, 4096), np.float32), format="fltp", layout="mono"
        )
        sound.sample_rate, sound.pts = 44_100, 0
        container.mux(audio.encode(sound))
        container.mux(audio.encode(None))
    return path


def read_all(path: Path) -> tuple[VideoReader, list[TimedFrame]]:
    with VideoReader(path) as video:
        return video, list(video)


@pytest.fixture
def whole(tiny_models: Path) -> Pipeline:
    return Pipeline(WholeImage(), load_classifier(tiny_models / "tiny"))


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "avi"])
def test_pictures_come_out_as_they_went_in(tmp_path: Path, ending: str) -> None:
    path = write_video(tmp_path / f"a.{ending}", [striped(n) for n in range(12)])
    video, pictures = read_all(path)
    assert (video.index.width, video.index.height, video.frames) == (64, 48, 12)
    assert video.notes == ()
    assert video.index.seconds == pytest.approx(1.2, abs=0.01)
    assert pictures[0].seconds == 0.0
    np.testing.assert_allclose([p.seconds for p in pictures], np.arange(12) / FPS, atol=0.002)
    levels = [float(p.rgb[:, 32:].mean()) for p in pictures]
    assert np.all(np.diff(levels) > 3)


def test_webm_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(4):
            frame = av.VideoFrame.from_ndarray(striped(number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert len(read_all(path)[1]) == 4


@pytest.mark.parametrize(
    ("rotation", "where"), [(90, "bottom"), (-90, "top"), (180, "right"), (0, "left")]
)
def test_a_video_that_says_it_lies_is_turned_upright(
    tmp_path: Path, rotation: int, where: str
) -> None:
    video, pictures = read_all(
        write_video(tmp_path / "phone.mp4", [striped()] * 3, rotation=rotation)
    )
    rgb = pictures[0].rgb
    shape = (64, 48, 3) if rotation in (90, -90) else (48, 64, 3)
    assert rgb.shape == shape
    assert (video.index.height, video.index.width, 3) == shape
    bands = {"top": rgb[:8], "bottom": rgb[-8:], "left": rgb[:, :8], "right": rgb[:, -8:]}
    assert max(bands, key=lambda name: float(bands[name].mean())) == where


def test_times_are_the_files_own_and_no_multiple_of_a_rate(tmp_path: Path) -> None:
    times = [0.0, 0.033, 0.1, 0.5, 0.52, 1.3]
    path = write_video(tmp_path / "screen.mkv", [striped(n) for n in range(6)], times_s=times)
    _, pictures = read_all(path)
    np.testing.assert_allclose([picture.seconds for picture in pictures], times, atol=0.002)


def test_time_begins_with_the_first_picture(tmp_path: Path) -> None:
    path = write_video(tmp_path / "late.mkv", [striped()] * 3, times_s=[5.0, 5.1, 5.3])
    video, pictures = read_all(path)
    assert [round(picture.seconds, 2) for picture in pictures] == [0.0, 0.1, 0.3]
    assert video.index.start_s == pytest.approx(5.0)


def test_one_picture_is_a_video_too(tmp_path: Path) -> None:
    video, pictures = read_all(write_video(tmp_path / "one.mp4", [striped()]))
    assert len(pictures) == 1
    assert video.index.seconds == pytest.approx(1 / FPS)


def test_large_pictures_are_scaled_down_and_their_size_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LONGEST_PX", 32)
    video, pictures = read_all(write_video(tmp_path / "big.mp4", [striped()] * 2))
    assert pictures[0].rgb.shape == (24, 32, 3)
    assert (video.index.width, video.index.height) == (64, 48)


def test_a_size_that_changes_in_mid_stream_is_fitted_into_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(striped(9), format="rgb24")))
        container.mux(stream.encode(None))
        tall = av.CodecContext.create("mjpeg", "w")
        tall.width, tall.height, tall.pix_fmt = 48, 96, "yuvj420p"
        tall.time_base = Fraction(1, FPS)
        frame = av.VideoFrame.from_ndarray(np.full((96, 48, 3), 200, np.uint8), format="rgb24")
        for packet in tall.encode(frame.reformat(format="yuvj420p")):
            packet.stream, packet.pts, packet.dts = stream, 1, 1
            packet.time_base = Fraction(1, FPS)
            container.mux(packet)
    _, (first, second) = read_all(path)
    assert first.rgb.shape == second.rgb.shape == (48, 64, 3)
    assert second.rgb[:, :18].max() == 0
    assert second.rgb[:, 22:42].min() > 150


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.mp4", b"", "empty"),
        ("text.mp4", b"Dear diary, no video today.\n" * 50, "not a video"),
        ("page.webm", b"<!doctype html><html>", "not a video"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "not a video"),
        ("list.mkv", b"ffconcat version 1.0\nfile /etc/hostname\n", "not a video"),
        ("photo.mp4", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(90), "picture"),
        ("head.mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "damaged"),
        ("head.mkv", b"\x1aE\xdf\xa3" + bytes(100), "damaged"),
    ],
)
def test_what_is_no_video_gets_a_sentence(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(MediaError, match=words) as caught:
        VideoReader(path)
    assert name in str(caught.value)


def test_a_missing_file_and_a_folder_get_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mp4", tmp_path):
        with pytest.raises(MediaError, match="cannot be read"):
            VideoReader(path)


@pytest.mark.parametrize("cover", [False, True])
def test_sound_only_is_refused_also_with_a_cover_picture(tmp_path: Path, cover: bool) -> None:
    with pytest.raises(MediaError, match="no moving pictures"):
        VideoReader(write_sound(tmp_path / "song.mp4", cover))


def test_half_a_file_is_refused_or_read_as_far_as_it_goes(tmp_path: Path) -> None:
    pictures = [np.random.default_rng(n).integers(0, 255, (48, 64, 3), np.uint8) for n in range(40)]
    for ending in ("mp4", "mkv"):
        whole = write_video(tmp_path / f"whole.{ending}", pictures).read_bytes()
        (tmp_path / f"half.{ending}").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError, match="damaged or incomplete"):
        VideoReader(tmp_path / "half.mp4")
    video, found = read_all(tmp_path / "half.mkv")
    assert 5 < len(found) < 35
    assert "ends early" in video.notes[0]


def test_damaged_bytes_in_the_middle_do_not_end_it(tmp_path: Path) -> None:
    pictures = [np.random.default_rng(n).integers(0, 255, (48, 64, 3), np.uint8) for n in range(30)]
    data = bytearray(write_video(tmp_path / "a.mkv", pictures).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    (tmp_path / "b.mkv").write_bytes(data)
    video, found = read_all(tmp_path / "b.mkv")
    assert len(found) > 10
    assert video.notes


def test_whatever_the_bytes_only_sentences_come_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = [
        write_video(tmp_path / f"a.{ending}", [striped(n) for n in range(6)]).read_bytes()
        for ending in ("mp4", "mkv", "avi")
    ]
    read = refused = 0
    for number in range(30):
        data = bytearray(whole[number % 3])
        for place in rng.integers(0, len(data), 20):
            data[place] = rng.integers(256)
        (tmp_path / "b").write_bytes(data)
        try:
            read += bool(read_all(tmp_path / "b")[1])
        except MediaError:
            refused += 1
    assert read
    assert refused
    assert read + refused == 30


def test_frames_that_are_too_large_or_too_many_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4", [striped()] * 30)
    with monkeypatch.context() as patch:
        patch.setattr(packets, "MAX_FRAMES", 29)
        with pytest.raises(MediaError, match="too many frames"):
            VideoReader(path)
    monkeypatch.setattr(frames, "MAX_FRAME_PIXELS", 64 * 48 - 1)
    with pytest.raises(MediaError, match="too large"):
        VideoReader(path)


def test_the_annotated_video_plays_in_browsers_and_keeps_its_sound(
    tmp_path: Path, whole: Pipeline
) -> None:
    source = write_video(
        tmp_path / "a.mkv",
        [striped(n) for n in range(12)],
        times_s=[0.0, *(0.3 + n / FPS for n in range(11))],
        sound_s=1.3,
    )
    out = tmp_path / "out: of.mp4"
    reading = analysis.read_video(source, whole, annotated=out)
    assert reading.frames == reading.frames_read == 12
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # a browser can begin before it has all
    with av.open(f"file:{out}") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.codec_context.name == "h264"
        assert video.codec_context.pix_fmt == "yuv420p"
        assert audio.codec_context.name == "aac"
        assert float(audio.duration * audio.time_base) == pytest.approx(1.3, abs=0.1)
    _, pictures = read_all(out)
    assert [round(picture.seconds, 2) for picture in pictures][:3] == [0.0, 0.3, 0.4]
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_odd_sizes_can_be_written(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", 29.97) as writer:
        for number in range(3):
            writer.write(np.zeros((47, 63, 3), np.uint8), number / 29.97)
    assert read_all(tmp_path / "a.mp4")[1][0].rgb.shape == (48, 64, 3)


def _write_and_fail(writer: VideoWriter) -> None:
    writer.write(striped(), 0.0)
    raise TypeError


def test_after_an_error_nothing_is_left_of_the_annotated_video(tmp_path: Path) -> None:
    with pytest.raises(TypeError), VideoWriter(tmp_path / "a.mp4", 10) as writer:
        _write_and_fail(writer)
    assert list(tmp_path.iterdir()) == []
    with (
        pytest.raises(MediaError, match="cannot be written"),
        VideoWriter(tmp_path / "no" / "folder" / "a.mp4", 10) as writer,
    ):
        writer.write(striped(), 0.0)


def test_every_third_picture_is_read_and_all_are_drawn(tmp_path: Path, whole: Pipeline) -> None:
    source = write_video(tmp_path / "a.mp4", [striped(n) for n in range(10)])
    told: list[analysis.VideoProgress] = []
    reading = analysis.read_video(
        source, whole, every=3, annotated=tmp_path / "out.mp4", tell=told.append
    )
    assert (reading.frames, reading.frames_read) == (10, 4)
    np.testing.assert_allclose(reading.recording.seconds, [0, 0.3, 0.6, 0.9], atol=0.002)
    assert told[-1].frames == 10
    assert told[-1].of_seconds == pytest.approx(1.0)
    assert len(read_all(tmp_path / "out.mp4")[1]) == 10


def test_every_thirtieth_picture_stands_for_the_time_until_the_next(
    tmp_path: Path, whole: Pipeline
) -> None:
    times = [number / 24 for number in range(120)]
    source = write_video(tmp_path / "a.mkv", [striped()] * 120, times_s=times)
    recording = analysis.read_video(source, whole, every=30).recording
    assert recording.tracks == (1,)
    np.testing.assert_allclose(recording.steps_s, 1.25, atol=0.06)  # the last shows for 0.1 s
    (part,) = stretches(recording, 1)
    assert (part.start_s, part.end_s) == pytest.approx((0.0, 5.0), abs=0.06)


def test_a_slide_show_is_one_face_for_all_of_its_time(tmp_path: Path, whole: Pipeline) -> None:
    times = [0.0, 5.0, 10.0, 10.1, 30.0]
    source = write_video(tmp_path / "a.mkv", [striped()] * 5, times_s=times)
    reading = analysis.read_video(source, whole)
    assert reading.recording.tracks == (1,)
    seen_s = sum(dwell_seconds(stretches(reading.recording, 1)).values())
    assert seen_s == pytest.approx(reading.seconds)
    assert seen_s > 30


def test_a_face_that_goes_with_its_slide_was_there_for_one_slide(
    tmp_path: Path, tiny_models: Path
) -> None:
    scene = crowd(drawn_heads(1)).frame(0.0).image
    wall = np.full_like(scene, 120)
    times = [0.0, 4.0, 8.0, 12.0]
    source = write_video(tmp_path / "a.mkv", [scene, wall, wall, scene], times_s=times)
    pipeline = Pipeline(make_detector("haar"), load_classifier(tiny_models / "tiny"))
    recording = analysis.read_video(source, pipeline).recording
    (first, second) = (stretches(recording, face) for face in recording.tracks)
    assert (first[0].start_s, first[0].end_s) == pytest.approx((0.0, 4.0), abs=0.01)
    assert (second[0].start_s, second[0].end_s) == pytest.approx((12.0, 12.1), abs=0.01)


def test_two_faces_keep_their_numbers(tmp_path: Path, tiny_models: Path) -> None:
    scene = crowd(drawn_heads(2))
    source = write_video(tmp_path / "two.mp4", [scene.frame(n / FPS).image for n in range(8)])
    pipeline = Pipeline(make_detector("haar"), load_classifier(tiny_models / "tiny"))
    recording = analysis.read_video(source, pipeline).recording
    assert set(recording.tracks[:2]) == {1, 2}
    assert min((recording.track_ids == track_id).sum() for track_id in (1, 2)) >= 6


def test_without_a_face_there_are_no_readings(tmp_path: Path, tiny_models: Path) -> None:
    source = write_video(tmp_path / "wall.mp4", [striped()] * 4)
    pipeline = Pipeline(make_detector("haar"), load_classifier(tiny_models / "tiny"))
    reading = analysis.read_video(source, pipeline)
    assert len(reading.recording) == 0
    assert reading.stills == ()
    assert export.video_json(reading)["faces"] == {}


def test_stills_are_the_clearest_moment_of_each_expression(
    tmp_path: Path, tiny_models: Path
) -> None:
    folder = tiny_models / "tiny"
    sure_card = tiny_card("tiny", folder, unsure_threshold=0.1)
    whole = Pipeline(WholeImage(), Classifier(sure_card, folder / "model.onnx"))
    noise = np.random.default_rng(1).integers(0, 255, (10, 48, 64, 3), np.uint8)
    source = write_video(tmp_path / "a.mp4", list(noise))
    reading = analysis.read_video(source, whole, stills=True)
    sure = reading.recording.smoothed
    assert not reading.recording.unsure.any()
    assert len(reading.stills) == len({int(row.argmax()) for row in sure}) > 0
    for still in reading.stills:
        best = max(row.max() for row in sure if row.argmax() == still.emotion)
        assert still.confidence == pytest.approx(float(best))
        assert still.rgb.shape == (STILL_PX, STILL_PX, 3)


def test_a_saved_reading_comes_back_exactly(tmp_path: Path, whole: Pipeline) -> None:
    source = write_video(tmp_path / "a.mp4", [striped(n) for n in range(6)])
    reading = analysis.read_video(source, whole)
    export.save_reading(tmp_path, reading)
    again = export.load_reading(tmp_path)
    for name in ("seconds", "track_ids", "raw", "smoothed", "unsure", "steps_s"):
        np.testing.assert_array_equal(
            getattr(again.recording, name), getattr(reading.recording, name)
        )
    assert again.recording.models == reading.recording.models
    assert [still.emotion for still in again.stills] == [still.emotion for still in reading.stills]
    assert export.video_json(again) == export.video_json(reading)


def test_the_drawn_video_has_a_face_that_is_found(tmp_path: Path, tiny_models: Path) -> None:
    path = tmp_path / "drawn.mp4"
    write_drawn_video(path, seconds=0.5)
    pipeline = Pipeline(make_detector("haar"), load_classifier(tiny_models / "tiny"))
    assert analysis.read_video(path, pipeline).recording.tracks == (1,)


def test_the_command_prints_one_object(
    tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    source = write_video(tmp_path / "a.mp4", [striped(n) for n in range(6)])
    table, out = tmp_path / "a.csv", tmp_path / "out.mp4"
    common = ["--model", "tiny", "--detector", "none"]
    done = CliRunner().invoke(
        app, ["video", str(source), *common, "--json", "--csv", str(table), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    record = json.loads(done.output)
    assert record["path"] == str(source)
    assert (record["width"], record["height"], record["frames"]) == (64, 48, 6)
    assert (record["frames_read"], record["model"], record["error"]) == (6, "tiny", None)
    face = record["faces"]["1"]
    assert set(face) == {
        *("dwell_seconds", "transitions"),
        *("sure", "expected_right", "classes_in_set"),
    }
    rows = pd.read_csv(table)
    assert face["sure"] == pytest.approx(1 - rows["unsure"].mean(), abs=1e-3)
    assert face["expected_right"] is face["classes_in_set"] is None  # no card says
    assert rows["expected_right"].isna().all()
    assert len(table.read_text().splitlines()) == 7
    assert out.exists()
    assert sum(record["faces"]["1"]["dwell_seconds"].values()) == pytest.approx(0.6, abs=0.01)
    words = CliRunner().invoke(app, ["video", str(source), *common])
    assert "face 1:" in words.output


def test_the_command_answers_a_bad_file_and_wrong_usage(
    tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIEN_MODELS", str(tiny_models))
    bad = tmp_path / "bad.mp4"
    bad.write_text("no video")
    done = CliRunner().invoke(app, ["video", str(bad), "--detector", "none", "--json"])
    assert done.exit_code == 1
    record = json.loads(done.output)
    assert "bad.mp4" in record["error"]
    assert record["faces"] == {}
    assert record["width"] is None
    assert CliRunner().invoke(app, ["video"]).exit_code == 2
    assert CliRunner().invoke(app, ["video", str(bad), "--drawn"]).exit_code == 2
