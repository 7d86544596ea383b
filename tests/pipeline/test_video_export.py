"""What is taken away from a video: a row for each face and frame, and the video drawn again."""

import io
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest

from fer_core import __version__
from fer_core.emotions import LABELS
from fer_core.faces import make_detector
from fer_core.media import timeline
from fer_core.media.videos import VideoReader, index_video
from fer_core.pipeline.annotated_video import annotate_video
from fer_core.pipeline.assembled import RowAssembler
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.readings import Readings
from fer_core.pipeline.recording import COLUMNS, RAW_COLUMNS, readings_table
from fer_core.pipeline.video import VideoReading, read_video
from fer_core.pipeline.video_export import VIDEO_COLUMNS, load_reading, save_reading, video_csv
from fer_core.synthetic.scenes import crowd, drawn_heads
from fer_core.zoo import load_classifier, sha256_of
from fer_core.zoo.confidence import FEATURES, Confidence, ExpectedRight
from tests.media.made import FPS
from tests.pipeline.test_video import write_video


@pytest.fixture
def haar(tiny_models: Path) -> Pipeline:
    return Pipeline(make_detector("haar"), load_classifier(tiny_models / "tiny"))


def with_and_without(folder: Path, pipeline: Pipeline, name: str = "a.mp4") -> VideoReading:
    """Two frames with a face, two without, one with it again."""
    scene = crowd(drawn_heads(1)).frame(0.0).image
    wall = np.full_like(scene, 120)
    source = write_video(folder / name, [scene, scene, wall, wall, scene])
    return read_video(source, pipeline)


def table_of(reading: VideoReading) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(video_csv(reading)), keep_default_na=True)


def test_frames_without_a_face_have_a_row_too(tmp_path: Path, haar: Pipeline) -> None:
    reading = with_and_without(tmp_path, haar)
    table = table_of(reading)
    assert list(table.columns) == list(VIDEO_COLUMNS)
    assert table["frame"].tolist() == [0, 1, 2, 3, 4]
    assert table["face"].isna().tolist() == [False, False, True, True, False]
    about_faces = ["expression", "unsure", "happy", "x", "detection_score", *RAW_COLUMNS]
    assert table.loc[2:3, about_faces].isna().all(axis=None)
    assert set(table["sha256"]) == {sha256_of(tmp_path / "a.mp4")}
    assert set(table["version"]) == {__version__}
    assert set(table["detector"]) == {"haar"}
    assert table.loc[0, "width"] > 50
    # The columns that every recording has say what they always said.
    faces = table.dropna(subset=["face"])[list(COLUMNS)].drop(columns="marker")
    old = readings_table(reading.recording).drop(columns="marker")
    pd.testing.assert_frame_equal(
        faces.reset_index(drop=True).astype({"unsure": bool}), old, check_dtype=False
    )


def test_a_row_says_what_its_answer_is_worth(tmp_path: Path, haar: Pipeline) -> None:
    """Of the smoothed answer, on faces of that quality; nothing on a card that says nothing."""
    reading = with_and_without(tmp_path, haar)
    assert table_of(reading)[["expected_right", "prediction_set"]].isna().all(axis=None)
    told = Confidence(
        temperature=1,
        unsure_threshold=0.2,
        set_threshold=0.12,
        expected_right=ExpectedRight(
            intercept=0.5, weights=dict.fromkeys(FEATURES, 0.0) | {"confidence": 1.0}
        ),
    )
    save_reading(tmp_path, replace(reading, confidence=told))
    table = table_of(load_reading(tmp_path))
    faces = table.dropna(subset=["face"])
    odds = faces["confidence"] / (1 - faces["confidence"]) * np.exp(0.5)
    np.testing.assert_allclose(faces["expected_right"], odds / (1 + odds), atol=2e-3)
    for _, row in faces.iterrows():
        members = row["prediction_set"].split(" or ")
        assert members[0] == row["expression"]
        assert set(members[1:]) == {
            label for label in LABELS if row[label] >= 0.12 and label != members[0]
        }
    assert table.loc[2:3, ["expected_right", "prediction_set"]].isna().all(axis=None)


def test_a_file_named_as_a_formula_is_defused(tmp_path: Path, haar: Pipeline) -> None:
    table = table_of(with_and_without(tmp_path, haar, "=HYPERLINK(1).mp4"))
    assert set(table["file"]) == {"'=HYPERLINK(1).mp4"}


def test_a_saved_reading_gives_the_same_table(tmp_path: Path, haar: Pipeline) -> None:
    reading = with_and_without(tmp_path, haar)
    save_reading(tmp_path, reading)
    assert video_csv(load_reading(tmp_path)) == video_csv(reading)


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.slow
@pytest.mark.parametrize("every", [1, 3])
def test_drawn_in_a_second_pass_it_is_the_same_video(
    tmp_path: Path, haar: Pipeline, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    monkeypatch.setattr(timeline, "PART_S", 0.5)
    monkeypatch.setattr(timeline, "_SHORTEST_PART_S", 0.1)
    scene = crowd(drawn_heads(2))
    pictures = [scene.frame(n / FPS).image for n in range(23)]
    source = write_video(tmp_path / "a.mp4", pictures, sound_s=2.3)
    at_once, later = tmp_path / "at_once.mp4", tmp_path / "later.mp4"
    reading = read_video(source, haar, every=every, annotated=at_once)
    index = index_video(source)
    assert len(index.parts) > 2
    rows = reading.assembled.readings.to_table()
    part_of = np.searchsorted([part.first_frame for part in index.parts], rows["frame"], "right")
    assembler = RowAssembler()
    parts = [
        assembler.add(Readings.of_table(rows.filter(part_of == part.number + 1)))
        for part in index.parts
    ]
    notes = annotate_video(source, index, parts, later, unsure_threshold=reading.unsure_threshold)
    assert notes == ()
    first, second = frames_of(at_once), frames_of(later)
    assert len(first) == len(second) == 23
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    with VideoReader(later) as video:
        assert video.index.has_sound
