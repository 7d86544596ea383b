"""Videos as players show them: upright, the right stream, to their end; see also tests/pipeline."""

import struct
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.errors import MediaError
from fer_core.media.clock import Clock, Run, Stamps
from fer_core.media.frames import FrameConverter
from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import TimedFrame, VideoReader
from tests.media.made import FPS, Tone, level, write_video


def read_all(path: Path) -> tuple[VideoReader, list[TimedFrame]]:
    with VideoReader(path) as video:
        return video, list(video)


def shown(path: Path) -> tuple[list[float], float, tuple[str, ...]]:
    """When each picture is shown, until when the last one is, and what is to be known."""
    video, pictures = read_all(path)
    return [round(picture.seconds, 2) for picture in pictures], video.index.seconds, video.notes


# --- where it ends ---


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov", ".avi"])
def test_a_single_picture_is_shown_as_long_as_the_file_says(tmp_path: Path, ending: str) -> None:
    path = write_video(tmp_path / f"a{ending}", [0.0], last_s=10.0)
    assert shown(path) == ([0.0], pytest.approx(10.0, abs=0.01), ())


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov"])
def test_the_last_of_several_slides_has_its_own_time(tmp_path: Path, ending: str) -> None:
    path = write_video(tmp_path / f"a{ending}", [0.0, 1.0, 3.0], last_s=7.0)
    assert shown(path) == ([0.0, 1.0, 3.0], pytest.approx(10.0, abs=0.01), ())


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov", ".avi", ".webm"])
def test_the_last_picture_stands_as_long_as_there_is_sound(tmp_path: Path, ending: str) -> None:
    path = write_video(tmp_path / f"a{ending}", [n / FPS for n in range(20)], Tone(6.0))
    times, end_s, notes = shown(path)
    assert (len(times), times[-1], notes) == (20, pytest.approx(1.9, abs=0.03), ())
    assert end_s == pytest.approx(6.0, abs=0.06)


def test_without_any_duration_the_last_picture_is_shown_as_long_as_the_one_before(
    tmp_path: Path,
) -> None:
    live = {"live": "1"}  # as a browser records: no length, no index
    path = write_video(tmp_path / "a.webm", [0.0, 0.1, 0.4], options=live)
    video, pictures = read_all(path)
    assert [round(picture.seconds, 2) for picture in pictures] == [0.0, 0.1, 0.4]
    assert video.index.seconds in (pytest.approx(0.5, abs=0.01), pytest.approx(0.7, abs=0.01))
    assert video.notes == ()


def test_what_is_written_ends_where_its_source_does(tmp_path: Path) -> None:
    source = write_video(tmp_path / "a.mkv", [0.0, 1.0, 3.0], last_s=7.0)
    out = tmp_path / "out.mp4"
    with VideoReader(source) as video, VideoWriter(out, 10, source=video) as writer:
        for picture in video:
            writer.write(picture.rgb, picture.seconds)
    assert shown(out) == shown(source)
    with av.open(str(out)) as container:
        assert container.duration / av.time_base == pytest.approx(10.0, abs=0.01)


@pytest.mark.parametrize("ending", [".mkv", ".webm", ".avi", ".mp4"])
def test_only_a_file_that_breaks_off_ends_early(tmp_path: Path, ending: str) -> None:
    options = {"movflags": "faststart"} if ending == ".mp4" else {}
    rng = np.random.default_rng(0)
    path = tmp_path / f"a{ending}"
    with VideoWriter(tmp_path / "noise.mp4", FPS) as writer:
        for number in range(60):
            writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8), number / FPS)
    recoded(tmp_path / "noise.mp4", path, options)
    assert shown(path)[1:] == (pytest.approx(6.0, abs=0.02), ())
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    times, end_s, notes = shown(path)
    assert 10 < len(times) < 50
    assert end_s == pytest.approx(times[-1] + 1 / FPS, abs=0.02)
    told = "breaks off after" if ending == ".avi" else "of the 6.0 seconds"
    assert any("ends early" in note and told in note for note in notes)


def recoded(source: Path, target: Path, options: dict[str, str]) -> None:
    """The same pictures in another container, in its usual coding."""
    with av.open(str(source)) as before, av.open(str(target), "w", options=options) as after:
        codec = {".webm": "libvpx", ".avi": "mjpeg"}.get(target.suffix, "libx264")
        stream = after.add_stream(codec, rate=FPS)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number, frame in enumerate(before.decode(video=0)):
            picture = av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"), format="rgb24")
            picture.pts = number
            after.mux(stream.encode(picture))
        after.mux(stream.encode(None))


# --- upright ---

CORNERS = ((230, 30, 30), (30, 230, 30), (30, 30, 230), (230, 230, 30))  # from top left, by rows


def four_corners() -> NDArray[np.uint8]:
    rgb = np.empty((48, 64, 3), np.uint8)
    for (row, column), colour in zip(product(range(2), range(2)), CORNERS, strict=True):
        rgb[24 * row : 24 * row + 24, 32 * column : 32 * column + 32] = colour
    return rgb


def write_lying(path: Path, matrix: Sequence[int]) -> Path:
    """An MP4 whose track header has this display matrix (a, b, c, d)."""
    with VideoWriter(path, FPS) as writer:
        writer.write(four_corners(), 0.0)
    data = bytearray(path.read_bytes())
    a, b, c, d = (value << 16 for value in matrix)
    place = data.index(b"tkhd") + 4 + 40
    struct.pack_into(">9i", data, place, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "matrix",
    [
        *((a, 0, 0, d) for a, d in product((1, -1), repeat=2)),
        *((0, b, c, 0) for b, c in product((1, -1), repeat=2)),
    ],
)
def test_all_eight_orientations_of_a_display_matrix(
    tmp_path: Path, matrix: tuple[int, int, int, int]
) -> None:
    a, b, c, d = matrix
    video, (picture,) = read_all(write_lying(tmp_path / "phone.mp4", matrix))
    height, width = picture.rgb.shape[:2]
    assert (
        (video.index.width, video.index.height) == (width, height) == ((64, 48) if a else (48, 64))
    )
    for (row, column), colour in zip(product(range(2), range(2)), CORNERS, strict=True):
        # ISO 14496-12: a stored point (p, q) is shown at (a p + c q, b p + d q), here from -1 to 1.
        p, q = 2 * column - 1, 2 * row - 1
        x, y = a * p + c * q, b * p + d * q
        pixel = picture.rgb[height // 4 * (2 + y), width // 4 * (2 + x)]
        assert np.abs(pixel.astype(int) - colour).max() < 40


# --- the right stream ---


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".mov"])
@pytest.mark.parametrize("size", [(32, 24), (640, 480)])
def test_a_single_picture_beside_a_longer_stream_is_a_thumbnail(
    tmp_path: Path, ending: str, size: tuple[int, int]
) -> None:
    times = [n / FPS for n in range(30)]
    video, pictures = read_all(write_video(tmp_path / f"a{ending}", times, thumbnail=size))
    assert (video.index.width, video.index.height, len(pictures)) == (64, 48, 30)
    assert video.index.seconds == pytest.approx(3.0, abs=0.02)


@pytest.mark.parametrize(
    ("ending", "sizes", "defaults", "chosen"),
    [
        (".mkv", [(32, 24), (64, 48)], [True, True], 1),
        (".mp4", [(32, 24), (64, 48)], [True, True], 1),
        (".mp4", [(64, 48), (32, 24)], [True, True], 0),
        (".mkv", [(64, 48), (32, 24)], [False, True], 1),
        (".mp4", [(64, 48), (32, 24)], [False, True], 1),
        (".mkv", [(32, 24), (64, 48)], [False, False], 1),
    ],
)
def test_of_two_videos_the_default_is_taken_then_the_larger(
    tmp_path: Path,
    ending: str,
    sizes: list[tuple[int, int]],
    defaults: list[bool],
    chosen: int,
) -> None:
    path = tmp_path / f"a{ending}"
    with av.open(str(path), "w") as container:
        streams = []
        for (width, height), default in zip(sizes, defaults, strict=True):
            stream = container.add_stream("mpeg4", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.disposition = av.stream.Disposition(int(default))
            streams.append(stream)
        for number in range(5):
            for stream in streams:
                rgb = level(number, stream.width, stream.height)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        for stream in streams:
            container.mux(stream.encode(None))
    assert read_all(path)[0].index.width == sizes[chosen][0]


def test_a_coding_that_is_not_let_in_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("cinepak", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(level(0), format="rgb24")))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match="received cinepak"):
        VideoReader(path)


# --- stamps ---


def test_stamps_that_start_anew_go_on_and_are_told(tmp_path: Path) -> None:
    part = write_video(tmp_path / "part.webm", [n / FPS for n in range(20)]).read_bytes()
    (tmp_path / "joined.webm").write_bytes(part * 3)
    times, end_s, notes = shown(tmp_path / "joined.webm")
    np.testing.assert_allclose(times, np.arange(60) / FPS, atol=0.011)
    assert end_s == pytest.approx(6.0, abs=0.02)
    assert notes == (
        "Its time stamps start anew 2 times, as in recordings that were joined; the parts were "
        "read one after the other.",
    )


def test_stamps_in_disorder_do_not_start_anew() -> None:
    stamps = Stamps()
    runs = [stamps.run_of(stamp, 0) for stamp in (5.0, 5.1, 5.0, 5.2, 4.7, 5.3)]
    assert set(runs) == {Run(0, 0)}
    assert [stamps.run_of(1.0, 0), stamps.run_of(1.1, 0)] == [Run(0, 1)] * 2
    assert stamps.run_of(0.0, 1) == Run(1, 0)


def test_a_run_that_nobody_foresaw_follows_what_came_before() -> None:
    clock = Clock({Run(): -5.0})
    assert clock.frame(5.3, Run(), 9.9) == pytest.approx(0.3)
    assert clock.sound(1.5, Run(0, 1)) is None
    assert clock.frame(1.0, Run(0, 1), 0.4) == pytest.approx(0.4)
    assert clock.frame(1.1, Run(0, 1), 9.9) == pytest.approx(0.5)
    assert clock.sound(1.5, Run(0, 1)) == pytest.approx(0.9)


# --- bounds ---


def test_a_motion_jpeg_of_thousands_of_scans_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(level(number), format="rgb24")
            for packet in stream.encode(frame):
                data = bytes(packet)
                if number == 1:
                    scan = data[data.index(b"\xff\xda") : -2]
                    data = data[:-2] + scan * 1000 + data[-2:]
                again = av.Packet(data)
                again.stream, again.pts, again.dts = stream, packet.pts, packet.dts
                again.time_base = packet.time_base
                container.mux(again)
    _, pictures = read_all(path)
    assert len(pictures) == 2
    assert read_all(path)[0].notes == (
        "Parts of the file are damaged; what could be decoded was read.",
    )


@pytest.mark.parametrize("size", [(1282, 722), (96, 64), (31, 17)])
def test_frames_are_what_ffmpeg_makes_of_each_alone(size: tuple[int, int]) -> None:
    """One converter for all frames of a video, without threads, gives the very same pixels."""
    rng = np.random.default_rng(7)
    frames = [
        av.VideoFrame.from_ndarray(
            rng.integers(0, 256, (size[1], size[0], 3), np.uint8), format="rgb24"
        ).reformat(format=kind)
        for kind in ("yuv420p", "yuvj420p", "yuv444p", "gray", "yuv420p")
    ]
    converter = FrameConverter("name", pixel_aspect=1.0)
    for frame in frames:
        found = converter.rgb(frame)
        alone = frame.to_ndarray(format="rgb24", width=found.shape[1], height=found.shape[0])
        np.testing.assert_array_equal(found, alone)


def test_nothing_stays_open_of_a_video_that_is_left_early(tmp_path: Path) -> None:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("this system does not list open files")
    part = write_video(tmp_path / "part.webm", [0.0, 0.1], Tone(0.2)).read_bytes()
    path = tmp_path / "joined.webm"
    path.write_bytes(part * 2)

    def leave_early() -> None:
        with (
            VideoReader(path) as video,
            VideoWriter(tmp_path / "out.mp4", FPS, source=video) as writer,
        ):
            frames = iter(video)
            for _ in range(3):  # the third is in the second recording
                frame = next(frames)
                writer.write(frame.rgb, frame.seconds)

    leave_early()
    before = len(list(folder.iterdir()))
    for _ in range(5):
        leave_early()
    assert len(list(folder.iterdir())) == before
