"""What is read from one image: a value that checks itself."""

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ContractError
from fer_core.faces import Faces, WholeImage
from fer_core.pipeline.frame import FrameResult, Pipeline
from fer_core.zoo import Predictions, load_classifier

FACES = Faces.from_boxes(np.array([[0, 0, 20, 20], [30, 0, 20, 20]]))
PREDICTIONS = Predictions(np.full((2, 7), 1 / 7, np.float32), 0.4)


def test_a_pipeline_says_which_network_read_and_tracks_nothing(tiny_models: Path) -> None:
    pipeline = Pipeline(WholeImage(), load_classifier(tiny_models / "tiny"))
    result = pipeline(np.full((30, 40, 3), 90, np.uint8))
    assert (result.width, result.height, result.model) == (40, 30, "tiny")
    assert len(result.faces) == len(result.predictions) == 1
    assert result.track_ids == ()
    assert set(result.milliseconds) == {"detect", "crop", "classify"}


@pytest.mark.parametrize("image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_what_is_no_rgb_image_is_refused(tiny_models: Path, image: np.ndarray) -> None:
    pipeline = Pipeline(WholeImage(), load_classifier(tiny_models / "tiny"))
    with pytest.raises(ContractError, match="not an RGB image"):
        pipeline(image)


@pytest.mark.parametrize("track_ids", [(), (7, 3)])
def test_each_face_has_a_track_id_or_none_has(track_ids: tuple[int, ...]) -> None:
    result = FrameResult(60, 40, FACES, PREDICTIONS, "tiny", {}, track_ids)
    assert result.track_ids == track_ids


@pytest.mark.parametrize("track_ids", [(1,), (1, 2, 3), (4, 4)])
def test_other_track_ids_are_refused(track_ids: tuple[int, ...]) -> None:
    with pytest.raises(ContractError, match="track id of its own"):
        FrameResult(60, 40, FACES, PREDICTIONS, "tiny", {}, track_ids)


def test_each_face_needs_its_prediction() -> None:
    with pytest.raises(ContractError, match="one prediction"):
        FrameResult(60, 40, FACES, Predictions(PREDICTIONS.probabilities[:1], 0.4), "tiny", {})
