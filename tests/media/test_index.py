"""Parts of a video: cut at keyframes, and read by themselves as in one go, whatever the coding."""

import dataclasses
import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from fer_core.media import timeline
from fer_core.media.videos import TimedFrame, VideoIndex, VideoReader, index_video
from tests.media.made import Tone, write_video

FPS = 25
FRAMES = 100

CODINGS = {
    "plain.mp4": ("libx264", {"g": "30", "bf": "0"}),
    "later.mp4": ("libx264", {"g": "30", "bf": "3"}),
    "open.mkv": ("libx264", {"g": "30", "bf": "3", "x264-params": "open-gop=1"}),
    "one.mp4": ("libx264", {"g": "10000"}),
    "vp8.webm": ("libvpx", {"g": "30"}),
    "hidden.webm": ("libvpx", {"g": "30", "auto-alt-ref": "1", "lag-in-frames": "16"}),
    "mpeg4.avi": ("mpeg4", {"g": "12"}),
    "later.avi": ("mpeg4", {"g": "12", "bf": "2"}),
    "motion.avi": ("mjpeg", {}),
}


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a second or two: files of a few seconds have several."""
    monkeypatch.setattr(timeline, "PART_S", 1.0)
    monkeypatch.setattr(timeline, "LONGEST_PART_S", 1.6)
    monkeypatch.setattr(timeline, "_SHORTEST_PART_S", 0.2)
    monkeypatch.setattr(timeline, "_EARLIER_S", 2.0)


def moving(number: int) -> NDArray[np.uint8]:
    """(48, 64, 3) noise that moves: each frame refers to others, and no two are the same."""
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    rgb = np.roll(noise, 3 * number, axis=1)
    rgb[:8, :8] = number % 255
    return rgb


def encode(
    path: Path,
    codec: str,
    options: dict[str, str],
    *,
    times_s: list[float] | None = None,
    container: dict[str, str] | None = None,
) -> Path:
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if times_s:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(len(times_s) if times_s else FRAMES):
            frame = av.VideoFrame.from_ndarray(moving(number), format="rgb24")
            if times_s:
                frame.pts, frame.time_base = round(1000 * times_s[number]), Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def seen(frames: list[TimedFrame]) -> list[tuple[int, float, str]]:
    return [
        (frame.number, frame.seconds, hashlib.sha256(frame.rgb.tobytes()).hexdigest())
        for frame in frames
    ]


def in_one_go(path: Path, index: VideoIndex) -> list[tuple[int, float, str]]:
    """All frames without ever going to a keyframe: as if the file were one part."""
    whole = dataclasses.replace(index.parts[0], end=None)
    with VideoReader(path, dataclasses.replace(index, parts=(whole,))) as video:
        return seen(list(video))


def by_parts(path: Path, index: VideoIndex) -> list[tuple[int, float, str]]:
    """Each part by a reader of its own, the last one first."""
    parts = []
    for part in reversed(index.parts):
        with VideoReader(path, index) as video:
            parts.append(seen(list(video.part(part))))
    return [frame for part in reversed(parts) for frame in part]


@pytest.mark.parametrize("name", CODINGS)
def test_parts_read_by_themselves_are_the_file_in_one_go(tmp_path: Path, name: str) -> None:
    codec, options = CODINGS[name]
    path = encode(tmp_path / name, codec, options)
    index = index_video(path)
    assert len(index.parts) >= 3
    assert index.frames == FRAMES
    assert index.seconds == pytest.approx(FRAMES / FPS)
    whole = in_one_go(path, index)
    assert [number for number, _, _ in whole] == list(range(FRAMES))
    assert by_parts(path, index) == whole
    with VideoReader(path, index) as video:  # one part after the other
        assert seen(list(video)) == whole


@pytest.mark.parametrize("name", ["later.mp4", "one.mp4"])
def test_one_reader_may_read_parts_in_any_order(tmp_path: Path, name: str) -> None:
    codec, options = CODINGS[name]
    path = encode(tmp_path / name, codec, options)
    index = index_video(path)
    whole = in_one_go(path, index)
    numbers = [2, 0, 1, 1, len(index.parts) - 1]
    with VideoReader(path, index) as video:
        for part in (index.parts[number] for number in numbers):
            end = len(whole) if part.end is None else index.parts[part.number + 1].first_frame
            assert seen(list(video.part(part))) == whole[part.first_frame : end]


def test_times_of_no_steady_rate_are_the_same_in_parts(tmp_path: Path) -> None:
    steps = np.random.default_rng(0).uniform(0.01, 0.15, 60)
    times = [0.0, *np.cumsum(steps).round(3).tolist()]
    for name in ("a.mkv", "a.mp4"):
        path = encode(tmp_path / name, "libx264", {"g": "15", "bf": "2"}, times_s=times)
        index = index_video(path)
        assert len(index.parts) >= 3
        frames = by_parts(path, index)
        assert [seconds for _, seconds, _ in frames] == pytest.approx(times, abs=0.0011)
        assert frames == in_one_go(path, index)
        begins = [part.begin_s for part in index.parts]
        assert begins == [frames[part.first_frame][1] for part in index.parts]
        assert [part.end_s for part in index.parts] == [*begins[1:], index.seconds]


def test_a_browsers_recording_without_index_and_with_one_keyframe(tmp_path: Path) -> None:
    options = {"g": "10000", "deadline": "realtime", "lag-in-frames": "0"}
    path = encode(tmp_path / "a.webm", "libvpx", options, container={"live": "1"})
    index = index_video(path)
    assert [part.entries[-1].packet for part in index.parts] == [0] * len(index.parts)
    assert [part.begin_s for part in index.parts] == pytest.approx([0.0, 1.6, 3.2])
    assert by_parts(path, index) == in_one_go(path, index)


def test_recordings_that_were_joined_go_on(tmp_path: Path) -> None:
    part = encode(tmp_path / "part.webm", "libvpx", {"g": "30"}).read_bytes()
    path = tmp_path / "joined.webm"
    path.write_bytes(part * 2)
    index = index_video(path)
    frames = by_parts(path, index)
    assert frames == in_one_go(path, index)
    np.testing.assert_allclose([s for _, s, _ in frames], np.arange(200) / FPS, atol=0.0011)
    assert {part.begin.recording for part in index.parts} == {0, 1}


def test_stamps_that_start_anew_in_one_recording(tmp_path: Path) -> None:
    live = {"live": "1"}
    part = encode(tmp_path / "part.webm", "libvpx", {"g": "25"}, container=live).read_bytes()
    clusters = part[part.index(b"\x1fC\xb6u") :]
    path = tmp_path / "a.webm"
    path.write_bytes(part + clusters)
    index = index_video(path)
    assert {part.begin.restart for part in index.parts} == {0, 1}
    frames = in_one_go(path, index)
    np.testing.assert_allclose([s for _, s, _ in frames], np.arange(200) / FPS, atol=0.0011)
    assert by_parts(path, index) == frames


def test_pictures_that_are_refreshed_little_by_little_are_begun_earlier(tmp_path: Path) -> None:
    # They are called keyframes, and decoding cannot begin there; after a second they are complete,
    # nearly: the coding itself is not exact to the bit then.
    options = {"g": "25", "x264-params": "intra-refresh=1"}
    path = encode(tmp_path / "a.mp4", "libx264", options)
    index = index_video(path)
    frames = by_parts(path, index)
    with VideoReader(path, index) as video:
        pictures = list(video)
    assert seen(pictures) == frames
    whole = dataclasses.replace(index, parts=(dataclasses.replace(index.parts[0], end=None),))
    with VideoReader(path, whole) as video:
        right = list(video)
    assert [picture.seconds for picture in pictures] == [picture.seconds for picture in right]
    for picture, other in zip(pictures, right, strict=True):
        assert np.abs(picture.rgb - other.rgb.astype(float)).mean() < 4


def test_a_damaged_part_is_the_same_whoever_reads_it(tmp_path: Path) -> None:
    data = bytearray(encode(tmp_path / "a.mkv", "libx264", {"g": "25", "bf": "3"}).read_bytes())
    for place in (len(data) // 4, len(data) // 2):
        data[place : place + 200] = bytes(200)
    path = tmp_path / "b.mkv"
    path.write_bytes(data)
    index = index_video(path)
    with VideoReader(path, index) as video:
        frames = seen(list(video))
        assert "Parts of the file are damaged" in video.notes[-1]
    assert len(frames) > FRAMES // 2
    assert by_parts(path, index) == frames


def test_every_part_begins_with_a_frame_that_is_read(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", "libx264", {"g": "20"})
    index = index_video(path)
    with VideoReader(path, index) as video:
        numbers = [[frame.number for frame in video.part(part, 7)] for part in index.parts]
    for part, read in zip(index.parts, numbers, strict=True):
        assert read == list(range(part.first_frame, part.first_frame + 7 * len(read), 7))
    assert video.frames == FRAMES


def test_an_index_goes_through_json(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", [n / 10 for n in range(40)], Tone(5.0))
    index = index_video(path)
    kind = TypeAdapter(VideoIndex)
    assert kind.validate_json(kind.dump_json(index)) == index
    assert index.has_sound
    assert index.seconds == pytest.approx(5.0, abs=0.06)
    assert index.parts[-1].end_s == index.seconds


def test_when_it_was_recorded_where_the_file_says_so(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", "libx264", {})
    assert index_video(path).recorded_at == ""
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.mp4"), "w") as out:
        out.metadata["creation_time"] = "2024-05-06T07:08:09Z"
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = copy
                out.mux(packet)
    assert index_video(tmp_path / "b.mp4").recorded_at.startswith("2024-05-06T07:08:09")
