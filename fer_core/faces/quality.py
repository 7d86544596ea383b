"""Why a face is hard to read: too small, too dark or bright, turned, blurred.

Pure measures on a face's pixels and landmarks. Each limit stands where the `compact` network's
accuracy on PublicTest (68 % of 1,200 pictures as they are) falls by about ten points:

| what was done to the pictures | accuracy | the measure then (median) | limit |
| --- | --- | --- | --- |
| darkened to 0.4 / 0.3 / 0.2, noise of 3 levels added | 61 / 56 / 43 % | grey 52 / 39 / 26 | 40 |
| brightened by 1.4 / 1.8 / 2.5 | 65 / 55 / 43 % | share of white 0.26 / 0.48 / 0.67 | 0.45 |
| shrunk to 32 / 28 / 24 / 20 pixels | 63 / 60 / 54 / 46 % | the size | 26 |
| blurred, sigma 0.8 / 1.0 / 1.25 pixels | 63 / 56 / 46 % | sharpness 0.18 / 0.14 / 0.10 | 0.14 |
| moved by 3 / 5 / 7 pixels | 65 / 55 / 49 % | sharpness 0.21 / 0.13 / 0.10 | 0.14 |

Less than one picture in a hundred as it is lies beyond any of these limits. Turned heads cannot be
made from a picture, so they were looked up: of 3,274 in which YuNet found a face, those with a
`turn` below 0.1 were read right in 72 % and unsure in 26 %, those from 0.3 on in 61 % and 48 %.
Heads up or down made no difference within what the set holds, so there is no hint for them. Nor is
there one for tilted heads, though rotating the pictures by 30 degrees costs eleven points: YuNet's
landmarks hardly follow (a portrait rotated by 40 degrees has its eyes on a line of 3).
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.faces import Faces, InputSpec, crop_square, to_network_input

DARK_BELOW = 40.0
WHITE_FROM, WHITE_SHARE = 250, 0.45
SMALL_BELOW_PX = 26.0
TURNED_FROM = 0.3
SHARPNESS_BELOW = 0.14

_INPUT = InputSpec(side_px=48, channels=1, crop_margin=0.0)
# Sharpness depends on the size at which it is measured: this is the one of the table above.


class Problem(StrEnum):
    """What makes a face hard to read; the value says it in words."""

    SMALL = "too small"
    DARK = "too dark"
    BRIGHT = "too bright"
    TURNED = "turned away"
    BLURRED = "blurred"


REMEDIES = {
    Problem.SMALL: "come closer",
    Problem.DARK: "let light fall on the face",
    Problem.BRIGHT: "turn from the light or the lamp down",
    Problem.TURNED: "look at the camera",
    Problem.BLURRED: "hold still, or wipe the lens",
}
"""What helps against each."""

NO_PROBLEM = "The picture is good enough; the expression is slight, or a mixture."
"""For an unsure face without any problem."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a face can be read.

    Attributes:
        size_px: shorter side of the detector's box.
        grey: mean grey of the face, 0 to 255.
        white: share of its pixels from `WHITE_FROM` on, 0 to 1.
        sharpness: spread of the second differences over the spread of the greys, along rows or
            columns, whichever is less: a moving face is blurred one way only.
        turn: how far the nose lies beside the middle of the eyes, in distances of the eyes, 0 in
            front; NaN without landmarks.
        score: the detector's confidence, 0 to 1; 1 where it has none.
    """

    size_px: float
    grey: float
    white: float
    sharpness: float
    turn: float = float("nan")
    score: float = 1.0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What makes the face hard to read, the plainest first; () where nothing does."""
        found = (
            (Problem.SMALL, self.size_px < SMALL_BELOW_PX),
            (Problem.DARK, self.grey < DARK_BELOW),
            (Problem.BRIGHT, self.white >= WHITE_SHARE),
            # Comparisons with NaN are False: without landmarks nothing is claimed.
            (Problem.TURNED, self.turn >= TURNED_FROM),
            (Problem.BLURRED, self.sharpness < SHARPNESS_BELOW),
        )
        problems = tuple(problem for problem, there in found if there)
        # What is enlarged or washed out has no edges either: the cause is said, not its effect.
        causes = {Problem.SMALL, Problem.DARK, Problem.BRIGHT}
        if causes.intersection(problems):
            return tuple(problem for problem in problems if problem is not Problem.BLURRED)
        return problems

    def sentence(self, *, unsure: bool) -> str:
        """For people: what is wrong and what helps; "" where there is nothing to say.

        Args:
            unsure: whether the network was; without any problem, that gets a sentence too.
        """
        problems = self.problems
        if not problems:
            return NO_PROBLEM if unsure else ""
        remedies = ", ".join(REMEDIES[problem] for problem in problems)
        return f"Hard to read: {' and '.join(problems)}. What helps: {remedies}."


def face_qualities(image: NDArray[np.uint8], faces: Faces) -> tuple[Quality, ...]:
    """Measure each face of an image; about 0.3 ms a face.

    Args:
        image: (h, w, 3) uint8 RGB.
        faces: what a detector found in it.
    """
    found = []
    for box, landmarks, score in zip(faces.boxes, faces.landmarks, faces.scores, strict=True):
        face = to_network_input(crop_square(image, box, 0.0), _INPUT)[..., 0]
        found.append(
            Quality(
                size_px=float(box[2:].min()),
                grey=float(face.mean()),
                white=float((face >= WHITE_FROM).mean()),
                sharpness=sharpness(face),
                turn=head_turn(landmarks),
                score=float(score),
            )
        )
    return tuple(found)


def sharpness(face: NDArray[np.uint8]) -> float:
    """How sharp a face is; see `Quality`. 0 for a picture of one grey.

    Args:
        face: (48, 48) uint8 grey.
    """
    grey = face.astype(np.float32)
    spread = float(grey.std())
    if spread < 1e-3:
        return 0.0
    second = np.array([[1.0, -2.0, 1.0]], np.float32)
    # Without the border, where OpenCV would make up what lies beyond.
    along_rows = cv2.filter2D(grey, -1, second)[:, 1:-1]
    along_columns = cv2.filter2D(grey, -1, second.T)[1:-1]
    return min(float(along_rows.std()), float(along_columns.std())) / spread


def head_turn(landmarks: NDArray[np.float32]) -> float:
    """How far a head is turned to a side; see `Quality`.

    Args:
        landmarks: (5, 2) x, y in the order of `fer_core.faces.LANDMARKS`; NaN where there are none.

    Returns:
        0 in front; NaN where there are no landmarks, or where both eyes are one point.
    """
    right_eye, left_eye, nose = (point.astype(np.float64) for point in landmarks[:3])
    across = left_eye - right_eye
    squared = float(across @ across)
    if not squared > 0:  # written so that NaN ends here too
        return float("nan")
    return abs(float((nose - (right_eye + left_eye) / 2) @ across)) / squared
