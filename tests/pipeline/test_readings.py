"""Readings: one row a face and frame, kept as the same bytes whoever reads which part when."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from fer_core.errors import ContractError
from fer_core.faces import Detector, Faces, make_detector
from fer_core.faces.quality import Quality
from fer_core.media import timeline
from fer_core.media.videos import TimedFrame, VideoReader, index_video
from fer_core.pipeline import parts
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.parts import FrameReader, read_batches, read_part
from fer_core.pipeline.readings import (
    POINTS,
    FrameReading,
    Readings,
    from_parquet,
    readings_columns,
    readings_schema,
    to_parquet,
)
from fer_core.pipeline.video import read_video
from fer_core.synthetic.scenes import crowd, drawn_heads, moving
from fer_core.zoo import load_classifier
from tests.media.made import write_video

NETWORKS = ("tiny", "tiny_b")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in a worker: what Haar's cascade finds depends on which of its threads is first."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def quality(size_px: float = 40.0) -> Quality:
    return Quality(size_px, 120.0, 0.1, 0.3)


def probabilities(*rows: int) -> NDArray[np.float32]:
    """Each row certain of one class."""
    return np.eye(7, dtype=np.float32)[list(rows)].reshape(-1, 7)


def three_frames() -> list[FrameReading]:
    """Two faces, none, one."""
    two = Faces.from_boxes(np.array([[10, 20, 40, 50], [100, 20, 30, 30]]), np.array([0.9, 0.8]))
    of_two = (probabilities(3, 4), probabilities(6, 6))
    points = np.arange(10, dtype=np.float32).reshape(1, 5, 2)
    one = Faces.from_boxes(np.array([[12, 21, 40, 50]]), np.array([0.7]), points)
    return [
        FrameReading(5, 0.5, two, (quality(), quality(30)), of_two),
        FrameReading(6, 0.6, Faces.none(), (), (probabilities(), probabilities())),
        FrameReading(7, 0.8, one, (quality(),), (probabilities(3), probabilities(0))),
    ]  # fmt: skip


def test_a_row_a_face_and_one_for_a_frame_without() -> None:
    readings = Readings.of_frames(three_frames(), NETWORKS, end_s=1.0)
    assert readings.frame.tolist() == [5, 5, 6, 7]
    assert readings.face_row.tolist() == [0, 1, -1, 0]
    assert readings.step_s == pytest.approx([0.1, 0.1, 0.2, 0.2])
    assert readings.frames_read == 3
    table = readings.to_table().to_pylist()
    assert [row["p_happy_tiny"] for row in table] == [1, 0, None, 1]
    assert [row["p_neutral_tiny_b"] for row in table] == [1, 1, None, 0]
    assert [row["x"] for row in table] == [10, 100, None, 12]
    assert table[0]["nose_x"] is None  # a detector without landmarks
    assert [table[3][f"{point}_y"] for point in POINTS] == [1, 3, 5, 7, 9]
    assert [row["size_px"] for row in table] == [40, 30, None, 40]
    assert table[0]["turn"] is None


def test_readings_come_back_and_equal_ones_are_equal_bytes() -> None:
    readings = Readings.of_frames(three_frames(), NETWORKS, end_s=1.0)
    content = to_parquet(readings.to_table())
    again = Readings.of_table(from_parquet(content))
    assert again.networks == NETWORKS
    for name in ("frame", "time_s", "step_s", "face_row", "boxes", "scores", "landmarks"):
        np.testing.assert_array_equal(getattr(again, name), getattr(readings, name))
    np.testing.assert_array_equal(again.probabilities, readings.probabilities)
    np.testing.assert_array_equal(again.quality, readings.quality)
    assert to_parquet(again.to_table()) == content


def test_equal_readings_are_equal_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.pipeline.test_readings import *;"
        "table = Readings.of_frames(three_frames(), NETWORKS, end_s=1.0).to_table();"
        "print(hashlib.sha256(to_parquet(table)).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    here = to_parquet(Readings.of_frames(three_frames(), NETWORKS, end_s=1.0).to_table())
    assert done.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_nothing_read_keeps_its_columns() -> None:
    empty = Readings.of_frames([], NETWORKS, end_s=1.0)
    again = Readings.of_table(from_parquet(to_parquet(empty.to_table())))
    assert (len(again), again.frames_read) == (0, 0)
    assert again.probabilities.shape == (2, 0, 7)


def test_each_column_is_explained_once() -> None:
    columns = readings_columns(NETWORKS)
    assert len({column.name for column in columns}) == len(columns)
    assert [column.name for column in columns] == readings_schema(NETWORKS).names
    assert all(column.meaning for column in columns)


def test_other_tables_are_refused() -> None:
    table = Readings.of_frames(three_frames(), NETWORKS, end_s=1.0).to_table()
    with pytest.raises(ContractError, match="another version"):
        Readings.of_table(table.replace_schema_metadata({"mien.readings": "0"}))
    with pytest.raises(ContractError, match="another version"):
        Readings.of_table(pa.table({"frame": [1]}))
    with pytest.raises(ContractError, match="other columns"):
        Readings.of_table(table.drop_columns(["score"]))
    with pytest.raises(ContractError, match="not a sound Parquet file"):
        from_parquet(to_parquet(table)[:-20])


def reader_of(models: Path, detector: str = "haar") -> FrameReader:
    networks = tuple(load_classifier(models / slug) for slug in NETWORKS)
    return FrameReader(make_detector(detector), networks)


def read_frames(
    frames: list[TimedFrame],
    reader: FrameReader,
    end_s: float,
    *,
    every: int = 1,
    scale: float = 1.0,
) -> Readings:
    batches = read_batches(frames, reader, every=every, scale=scale)
    read = [reading for batch in batches for reading in batch.readings]
    return Readings.of_frames(read, reader.networks, end_s)


def frames_of(n: int = 20) -> list[TimedFrame]:
    scene = moving(drawn_heads(1))
    return [TimedFrame(i, i / 10, scene.frame(i / 10).image) for i in range(n)]


def test_what_is_read_is_what_the_pipeline_says_of_each_frame(tiny_models: Path) -> None:
    readings = read_frames(frames_of(), reader_of(tiny_models), 2.0)
    single = Pipeline(make_detector("haar"), load_classifier(tiny_models / "tiny_b"))
    row = 0
    for frame in frames_of():
        result = single(frame.rgb)
        rows = slice(row, row + max(1, len(result.faces)))
        if len(result.faces):
            np.testing.assert_array_equal(readings.boxes[rows], result.faces.boxes)
            np.testing.assert_allclose(
                readings.probabilities[1][rows], result.predictions.probabilities, atol=1e-6
            )
        assert set(readings.frame[rows]) == {frame.number}
        row = rows.stop
    assert row == len(readings)
    assert (readings.face_row >= 0).sum() >= 15


class CountingDetector:
    """Another detector's faces, and how often they were asked for."""

    def __init__(self, detector: Detector) -> None:
        self._detector, self.asked = detector, 0
        self.name = detector.name

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        self.asked += 1
        return self._detector.detect(image)


def test_networks_share_what_the_detector_finds(tiny_models: Path) -> None:
    both = reader_of(tiny_models)
    detector = CountingDetector(both.detector)
    readings = read_frames(frames_of(), FrameReader(detector, both.classifiers), 2.0)
    assert detector.asked == 20
    alone = read_frames(frames_of(), FrameReader(both.detector, both.classifiers[1:]), 2.0)
    np.testing.assert_array_equal(alone.probabilities[0], readings.probabilities[1])


def test_every_third_frame_stands_for_three(tiny_models: Path) -> None:
    readings = read_frames(frames_of(10), reader_of(tiny_models, "none"), 1.0, every=3)
    assert readings.frame.tolist() == [0, 3, 6, 9]
    assert readings.step_s == pytest.approx([0.3, 0.3, 0.3, 0.1])


def test_boxes_are_in_pixels_of_the_video(tiny_models: Path) -> None:
    small = read_frames(frames_of(2), reader_of(tiny_models), 0.2)
    large = read_frames(frames_of(2), reader_of(tiny_models), 0.2, scale=3.0)
    np.testing.assert_allclose(large.boxes, 3 * small.boxes)
    np.testing.assert_array_equal(large.quality, small.quality)  # that of the pixels that were read


def test_batches_hand_on_all_frames_and_what_was_read(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BATCH_FRAMES", 4)
    frames = frames_of(21)
    reader = reader_of(tiny_models, "none")
    batches = list(read_batches(frames, reader, every=2, keep_frames=True))
    assert [frame.number for batch in batches for frame in batch.frames] == list(range(21))
    assert [len(batch.readings) for batch in batches] == [4, 4, 3]
    for batch in batches:
        read = [reading.frame for reading in batch.readings]
        assert read == [frame.number for frame in batch.frames if frame.number % 2 == 0]


def test_a_crowd_is_read_in_several_calls(
    tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = crowd(drawn_heads(6)).frame(0.0).image
    frames = [TimedFrame(i, i / 10, scene) for i in range(3)]
    at_once = read_frames(frames, reader_of(tiny_models), 0.3)
    assert (at_once.face_row >= 0).sum() >= 12
    monkeypatch.setattr(parts, "_BATCH_FACES", 4)
    in_calls = read_frames(frames, reader_of(tiny_models), 0.3)
    np.testing.assert_allclose(in_calls.probabilities, at_once.probabilities, atol=1e-6)


def test_parts_of_a_file_are_what_the_command_reads_in_one_go(
    tmp_path: Path, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "PART_S", 1.0)
    monkeypatch.setattr(timeline, "_SHORTEST_PART_S", 0.2)
    path = write_video(tmp_path / "a.mp4", [n / 10 for n in range(45)], options={})
    index = index_video(path)
    network = load_classifier(tiny_models / "tiny")
    reader = FrameReader(make_detector("none"), (network,))
    tables = []
    for part in index.parts:
        with VideoReader(path, index) as video:
            tables.append(read_part(video, part, reader, every=2).to_table())
    whole = read_video(path, Pipeline(make_detector("none"), network), every=2)
    one = whole.assembled.readings
    assert to_parquet(pa.concat_tables(tables).combine_chunks()) == to_parquet(one.to_table())
    again = read_video(
        path, Pipeline(make_detector("none"), network), every=2, annotated=tmp_path / "out.mp4"
    )
    np.testing.assert_array_equal(again.assembled.smoothed, whole.assembled.smoothed)
    assert whole.seconds == pytest.approx(one.time_s[-1] + one.step_s[-1])


MEASURE = """
import resource, sys
from pathlib import Path
from fer_core.faces import make_detector
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.video import read_video
from fer_core.zoo import load_classifier

pipeline = Pipeline(make_detector("none"), load_classifier(Path(sys.argv[2])))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reading = read_video(Path(sys.argv[1]), pipeline)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(reading.frames, round(reading.seconds), before, after)
"""


@pytest.mark.slow
def test_an_hour_takes_as_much_memory_as_a_minute(tmp_path: Path, tiny_models: Path) -> None:
    pytest.importorskip("resource")

    def measured(seconds: int) -> tuple[int, int, int, int]:
        path = write_video(tmp_path / f"{seconds}.mkv", [float(n) for n in range(seconds)])
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path), str(tiny_models / "tiny")],
            capture_output=True, text=True, check=True, cwd=ROOT,
        )  # fmt: skip
        frames, length, before, after = (int(value) for value in done.stdout.split())
        return frames, length, before, after

    minute, hour = measured(60), measured(3600)
    assert (minute[0], hour[0]) == (60, 3600)
    assert hour[1] == 3599  # the last frame is shown for a tenth of a second
    assert hour[3] < 1.1 * minute[3]
