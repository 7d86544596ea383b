"""What setting tilted faces upright before they are read is worth, on PublicTest.

Faces are pasted into pictures, the pictures turned, and found by YuNet; each face that is found is
read from its box as it is, and from its box turned back by the line between its eyes.
"""

import argparse
import json

import cv2
import numpy as np

from fer_core.dataset import Split, find_dataset, load_dataset
from fer_core.evaluation.selftest import FOUND_IOU, paste_face
from fer_core.faces import make_detector, pairwise_iou
from fer_core.faces.crops import (
    ROLL_FROM_DEGREES,
    align_roll,
    crop_square,
    roll_degrees,
    to_network_input,
)
from fer_core.metrics import mcnemar_exact
from fer_core.zoo import MODELS, load_classifier

FACE_PX = 120


def measure(n: int, model: str, angles: list[float], asked_from: float) -> list[dict[str, object]]:
    """One row an angle; the same faces at each."""
    pixels, labels = load_dataset(find_dataset()).part(Split.PUBLIC_TEST)
    chosen = np.random.default_rng(0).choice(len(labels), n, replace=False)
    detector, classifier = make_detector("yunet"), load_classifier(MODELS / model)
    spec = classifier.card.input
    rows = []
    for angle in angles:
        patches, truth, tilts = {"as found": [], "upright": []}, [], []
        for face in chosen:
            pasted = paste_face(pixels[face], FACE_PX, np.random.default_rng(int(face)))
            x, y, width, height = (float(value) for value in pasted.square)
            about = x + width / 2, y + height / 2
            # Positive is clockwise here and counter-clockwise there.
            turn = cv2.getRotationMatrix2D(about, -angle, 1.0)
            image = cv2.warpAffine(
                pasted.image, turn, pasted.image.shape[1::-1], borderMode=cv2.BORDER_REFLECT
            )
            found = detector.detect(image)
            if not len(found):
                continue
            overlap = pairwise_iou(found.boxes, pasted.square[None])[:, 0]
            best = int(overlap.argmax())
            if overlap[best] < FOUND_IOU:
                continue
            box, tilt = found.boxes[best], roll_degrees(found.landmarks[best])
            patches["as found"].append(
                to_network_input(crop_square(image, box, spec.crop_margin), spec)
            )
            patches["upright"].append(
                to_network_input(align_roll(image, box, spec.crop_margin, tilt), spec)
            )
            truth.append(labels[face])
            tilts.append(tilt)
        right = {
            name: classifier.logits(np.stack(crops)).argmax(axis=1) == np.array(truth)
            for name, crops in patches.items()
        }
        # Only where the eyes say so clearly; landmarks tremble.
        clearly = np.abs(tilts) >= asked_from
        right["upright from"] = np.where(clearly, right["upright"], right["as found"])
        tested = mcnemar_exact(right["upright from"], right["as found"])
        rows.append(
            {
                "turned_degrees": angle,
                "found": round(len(truth) / n, 3),
                "tilt_median": round(float(np.median(tilts)), 1),
                **{name: round(float(hits.mean()), 3) for name, hits in right.items()},
                "set_upright": round(float(clearly.mean()), 3),
                "difference": [round(v, 3) for v in (tested.difference, tested.low, tested.high)],
                "p": round(tested.mcnemar_p, 4),
            }
        )
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=1000)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--angles", type=float, nargs="+", default=[0, 8, 15, 20, 30, 40])
    parser.add_argument("--from-degrees", type=float, default=ROLL_FROM_DEGREES)
    asked = parser.parse_args()
    for row in measure(asked.faces, asked.model, asked.angles, asked.from_degrees):
        print(json.dumps(row))
