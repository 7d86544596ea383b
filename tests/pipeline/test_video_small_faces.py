"""How small a face in a video file may be: as small in pixels as a video is large."""

from pathlib import Path

import pytest

from fer_core.faces import make_detector
from fer_core.media.video_writer import VideoWriter
from fer_core.media.videos import index_video
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.parts import wants_small_faces
from fer_core.pipeline.video import read_video
from fer_core.zoo import load_classifier
from tests.faces.test_small_faces import crowd


@pytest.mark.parametrize(
    ("width", "height", "face_px", "closer"),
    [(3840, 2160, 90, True), (1920, 1080, 45, True), (1280, 720, 30, True), (640, 480, 30, False)],
)
def test_each_face_is_found(
    tmp_path: Path,
    tiny_models: Path,
    yunet_cache: Path,
    width: int,
    height: int,
    face_px: int,
    closer: bool,
) -> None:
    image, middles = crowd(width, height, face_px, step_px=width // 8)
    path = tmp_path / "call.mp4"
    with VideoWriter(path, 10) as writer:
        for number in range(2):
            writer.write(image, number / 10)
    assert wants_small_faces(index_video(path)) == closer
    pipeline = Pipeline(
        make_detector("yunet", photos=closer), load_classifier(tiny_models / "tiny")
    )
    reading = read_video(path, pipeline)
    assert (reading.width, reading.height) == (width, height)
    assert len(reading.recording.tracks) == len(middles) > 10
