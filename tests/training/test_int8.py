"""The 8-bit form of a network is measured, and nothing of the network is changed."""

from pathlib import Path

import numpy as np

from fer_core.dataset import Fer2013
from fer_core.faces import to_network_inputs
from fer_core.synthetic.face import POSES, cropped_face
from fer_core.training.export.int8 import measure_int8
from fer_core.zoo import MODELS, check_folder, load_classifier


def test_eight_bits_cost_little_and_save_space() -> None:
    rng = np.random.default_rng(0)
    faces = [cropped_face(pose) for pose in POSES.values()]
    pixels = np.clip(np.resize(faces, (400, 48, 48)) + rng.normal(0, 15, (400, 48, 48)), 0, 255)
    pixels = pixels.astype(np.uint8)
    splits = np.repeat([0, 1], [200, 200]).astype(np.uint8)
    folder: Path = MODELS / "flip24"
    before = check_folder(folder).files
    # The network's own answers are right: whatever 8 bits change is lost.
    network = load_classifier(folder)
    labels = network.logits(to_network_inputs(pixels, network.card.input)).argmax(axis=1)
    assert len(set(labels)) >= 3
    found = measure_int8(folder, Fer2013(pixels, labels, splits))
    assert (found.slug, found.n) == ("flip24", 200)
    assert found.accuracy == 1
    assert 0 <= found.loss.difference < 0.1
    assert found.bytes_int8 < 0.7 * found.bytes
    assert found.times_as_fast > 0
    assert check_folder(folder).files == before
