"""How steady the readings are on composed videos of known truth, with a real network.

    python -m benchmarks.steadiness [--model compact] [--seconds 6]

Prints JSON. ``flips_per_second``: how often the named class of a still face changes, read frame by
frame and smoothed as shown. The faces are drawn half-way between two expressions, where a network
wavers, and each frame has a camera's noise and tremble. ``moving``: overlap of the drawn box with
the truth on a face that goes round at 300 pixels a second.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fer_core.faces import make_detector, pairwise_iou
from fer_core.pipeline.frame import Pipeline
from fer_core.pipeline.stream import Stream
from fer_core.synthetic.face import POSES, Pose, draw_face
from fer_core.synthetic.scenes import Placed, Scene, drawn_heads, moving
from fer_core.zoo import MODELS, load_classifier

FPS = 30
NOISE = 8.0
"""Standard deviation of each channel, of 255: a webcam in a living room."""
TREMBLE_PX = 0.7


def _between(first: Pose, second: Pose) -> Pose:
    return Pose(*((a + b) / 2 for a, b in zip(astuple(first), astuple(second), strict=True)))


def _still_frames(pose: Pose, seconds: float, seed: int) -> Iterator[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    head = replace(drawn_heads(1)[0], picture=draw_face(pose))
    for _ in range(round(seconds * FPS)):
        x, y = rng.normal(0, TREMBLE_PX, 2)
        scene = Scene([head], lambda _, x=x, y=y: [Placed(0, 320 + x, 240 + y, 150)])
        image = scene.frame(0.0).image + rng.normal(0, NOISE, (scene.height, scene.width, 3))
        yield image.clip(0, 255).astype(np.uint8)


def _flips(classes: list[int]) -> int:
    return sum(before != after for before, after in pairwise(classes))


def measure(make_pipeline: Callable[[], Pipeline], seconds: float) -> dict[str, object]:
    """Flips on still faces and overlaps on a moving one."""
    poses = list(POSES.values())
    raw_flips, shown_flips, watched_s = 0, 0, 0.0
    for seed, (first, second) in enumerate(pairwise(poses)):
        stream = Stream(make_pipeline())
        raw: list[int] = []
        shown: list[int] = []
        for number, image in enumerate(_still_frames(_between(first, second), seconds, seed)):
            frame = stream(image, number / FPS)
            if not len(frame.raw.faces):
                continue
            raw.append(int(frame.raw.predictions.emotions[0]))
            shown.append(int(frame.smoothed.predictions.emotions[0]))
        raw_flips, shown_flips = raw_flips + _flips(raw), shown_flips + _flips(shown)
        watched_s += len(raw) / FPS
    scene, pipeline = moving(drawn_heads(1)), make_pipeline()
    overlaps = []
    for number in range(round(scene.seconds * FPS)):
        truth = scene.frame(number / FPS)
        overlaps.append(
            float(pairwise_iou(truth.boxes, pipeline(truth.image).faces.boxes).max(initial=0))
        )
    return {
        "still_faces": len(poses) - 1,
        "seconds": round(watched_s, 1),
        "flips_per_second": {
            "frame_by_frame": round(raw_flips / watched_s, 2),
            "shown": round(shown_flips / watched_s, 2),
        },
        "moving": {
            "lowest_iou": round(min(overlaps), 2),
            "median_iou": round(float(np.median(overlaps)), 2),
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="compact")
    parser.add_argument("--seconds", type=float, default=6.0)
    asked = parser.parse_args()
    network = load_classifier(MODELS / asked.model)
    outcome = measure(lambda: Pipeline(make_detector("yunet"), network), asked.seconds)
    print(json.dumps({"model": asked.model} | outcome, indent=2))
