"""The sound of annotated videos keeps its length, loudness and place, in every container."""

from pathlib import Path

import av
import numpy as np
import pytest

from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import VideoReader
from tests.media.made import AMPLITUDE, FPS, Heard, Tone, hear, write_video

LOUDNESS = AMPLITUDE / np.sqrt(2)


def annotated(source: Path) -> Heard:
    """What is heard of a video that was read and written picture by picture."""
    out = source.with_name("out.mp4")
    with (
        VideoReader(source) as video,
        VideoWriter(out, video.index.frames_per_second, source=video) as writer,
    ):
        for picture in video:
            writer.write(picture.rgb, picture.seconds)
    return hear(out)


def pictures(seconds: float) -> list[float]:
    return [number / FPS for number in range(round(seconds * FPS))]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("ending", "rate"),
    [
        *((ending, rate) for ending in (".mp4", ".mkv", ".mov") for rate in (44_100, 48_000)),
        *((".avi", rate) for rate in (44_100, 48_000)),
        *((".webm", rate) for rate in (24_000, 48_000)),
    ],
)
def test_length_and_loudness_hold(tmp_path: Path, ending: str, channels: int, rate: int) -> None:
    assert_all_is_heard(
        write_video(tmp_path / f"a{ending}", pictures(3.0), Tone(3.0, rate, channels))
    )


@pytest.mark.parametrize(
    ("ending", "codec", "rate", "channels"),
    [
        (".webm", "vorbis", 44_100, 2),
        (".mkv", "pcm_s16le", 44_100, 1),
        (".mkv", "flac", 48_000, 2),
        (".mkv", "libopus", 48_000, 1),
        (".avi", "pcm_s16le", 44_100, 2),
        (".mp4", "libmp3lame", 44_100, 1),
        (".mp4", "aac", 16_000, 1),
    ],
)
def test_so_they_do_for_other_codings(
    tmp_path: Path, ending: str, codec: str, rate: int, channels: int
) -> None:
    tone = Tone(3.0, rate, channels, codec=codec)
    assert_all_is_heard(write_video(tmp_path / f"a{ending}", pictures(3.0), tone))


def assert_all_is_heard(source: Path) -> None:
    """That 3.0 s of the tone are in the annotated video, as loud as a player finds the source."""
    before, after = hear(source), annotated(source)
    assert after.samples.shape[0] == before.samples.shape[0]
    assert after.seconds == pytest.approx(3.0, abs=0.06)  # packets have up to 26 ms
    assert after.hertz == pytest.approx(440, abs=0.5)
    assert after.loudness(0.1, 2.9) == pytest.approx(before.loudness(0.1, 2.9), rel=0.02)
    assert after.loudness(0.1, 2.9) == pytest.approx(LOUDNESS, rel=0.06)
    assert [at for at in after.silences() if 0.06 < at < 2.94] == []


def test_a_real_gap_is_silent_and_what_follows_keeps_its_place(tmp_path: Path) -> None:
    tone = Tone(3.0, gap_s=(1.0, 1.5))
    sound = annotated(write_video(tmp_path / "a.mkv", pictures(3.0), tone))
    assert sound.seconds == pytest.approx(3.0, abs=0.06)
    silent = [at for at in sound.silences() if 0.06 < at < 2.94]
    assert min(silent) == pytest.approx(1.02, abs=0.04)
    assert max(silent) == pytest.approx(1.48, abs=0.04)
    assert sound.loudness(1.6, 2.9) == pytest.approx(LOUDNESS, rel=0.02)


@pytest.mark.parametrize("start_s", [0.0, 0.02, 0.7, 5.0])
def test_sound_that_begins_later_begins_later(tmp_path: Path, start_s: float) -> None:
    source = write_video(tmp_path / "a.mkv", pictures(1.0), Tone(2.0, start_s=start_s))
    sound = annotated(source)
    assert sound.seconds == pytest.approx(start_s + 2.0, abs=0.06)
    if start_s > 0.1:
        assert sound.loudness(0.0, start_s - 0.05) < LOUDNESS / 50
    assert sound.loudness(start_s + 0.1, start_s + 1.9) == pytest.approx(LOUDNESS, rel=0.02)


def test_sound_before_the_first_picture_is_left_out(tmp_path: Path) -> None:
    times = [1.0 + seconds for seconds in pictures(2.0)]
    sound = annotated(write_video(tmp_path / "a.mkv", times, Tone(3.0, hertz=440)))
    assert sound.seconds == pytest.approx(2.0, abs=0.06)
    assert sound.loudness(0.1, 1.9) == pytest.approx(LOUDNESS, rel=0.02)


def test_sound_goes_on_to_its_end_beside_a_still_picture(tmp_path: Path) -> None:
    sound = annotated(write_video(tmp_path / "a.mp4", [0.0], Tone(4.0, channels=2)))
    assert sound.seconds == pytest.approx(4.0, abs=0.06)
    assert sound.loudness(0.1, 3.9) == pytest.approx(LOUDNESS, rel=0.02)


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
@pytest.mark.parametrize("chosen", [0, 1])
def test_of_two_tracks_the_files_default_is_taken(tmp_path: Path, ending: str, chosen: int) -> None:
    tones = [
        Tone(2.0, hertz=(880, 440)[number == chosen], default=number == chosen)
        for number in range(2)
    ]
    sound = annotated(write_video(tmp_path / f"a{ending}", pictures(2.0), *tones))
    assert sound.hertz == pytest.approx(440, abs=0.5)


def test_recordings_that_were_joined_keep_all_of_their_sound(tmp_path: Path) -> None:
    part = write_video(tmp_path / "part.webm", pictures(2.0), Tone(1.4))
    (tmp_path / "joined.webm").write_bytes(part.read_bytes() * 2)
    sound = annotated(tmp_path / "joined.webm")
    assert sound.seconds == pytest.approx(3.4, abs=0.06)
    assert sound.loudness(0.1, 1.3) == pytest.approx(LOUDNESS, rel=0.02)
    assert sound.loudness(1.5, 1.95) < LOUDNESS / 50  # until the second one's first picture
    assert sound.loudness(2.1, 3.3) == pytest.approx(LOUDNESS, rel=0.02)


def test_packets_that_are_there_twice_are_heard_once(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mkv", pictures(2.0), Tone(2.0))
    twice = tmp_path / "twice.mkv"
    with av.open(str(whole)) as source, av.open(str(twice), "w") as target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        packets = [packet for packet in source.demux() if packet.size]
        sounding = [p for p in packets if p.stream.type == "audio"]
        for packet in packets:
            copies = 2 if packet in sounding[20:60] else 1
            for _ in range(copies):
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    sound = annotated(twice)
    assert sound.seconds == pytest.approx(2.0, abs=0.1)


def test_damage_in_the_sound_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", pictures(4.0), Tone(4.0))
    data = path.read_bytes()
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    for packet in packets[90:95]:
        data = data.replace(packet, np.random.default_rng(0).bytes(len(packet)))
    path.write_bytes(data)
    sound = annotated(path)
    assert sound.seconds == pytest.approx(4.0, abs=0.06)
    for begin_s in (0.1, 2.5):
        assert sound.loudness(begin_s, begin_s + 1.4) == pytest.approx(LOUDNESS, rel=0.03)


def test_sound_that_cannot_be_decoded_is_told(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", pictures(1.0), Tone(1.0))
    path.write_bytes(path.read_bytes().replace(b"A_AAC", b"A_???"))
    out = tmp_path / "out.mp4"
    with VideoReader(path) as video, VideoWriter(out, FPS, source=video) as writer:
        for frame in video:
            writer.write(frame.rgb, frame.seconds)
    assert writer.notes == ("Its sound cannot be decoded; the annotated video is silent.",)
    with av.open(str(out)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
