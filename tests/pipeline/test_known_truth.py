"""What the engine finds in composed videos, of which it is known where every face is."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_core.faces import Detector, make_detector, pairwise_iou
from fer_core.live.session import LiveSession
from fer_core.pipeline.frame import Pipeline
from fer_core.synthetic.scenes import (
    Bar,
    Composed,
    Cutout,
    Placed,
    Scene,
    crossing,
    crowd,
    drawn_heads,
    hidden_for,
    moving,
    still,
)
from fer_core.zoo import load_classifier

pytestmark = pytest.mark.usefixtures("yunet_cache")

FPS = 15


def portrait() -> Cutout:
    """The head of NASA's portrait of Eileen Collins."""
    from skimage import data

    picture = data.astronaut()
    alpha = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(alpha, (224, 112), (62, 85), 0, 0, 360, 1.0, cv2.FILLED, cv2.LINE_AA)
    return Cutout(picture, alpha, (179, 62, 90, 112))


def heads_of(kind: str, n: int) -> list[Cutout]:
    return drawn_heads(n) if kind == "drawn" else [portrait()] * n


@pytest.fixture(params=["drawn", "portrait"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def yunet() -> Detector:
    detector = make_detector("yunet")
    assert detector.name == "yunet"
    return detector


def found(detector: Detector, truth: Composed) -> int:
    """How many of the composed faces were found; what is no face at all counts against."""
    overlaps = pairwise_iou(truth.boxes, detector.detect(truth.image).boxes)
    false = np.count_nonzero(overlaps.max(axis=0, initial=0) < 0.3)
    return int(np.count_nonzero(overlaps.max(axis=1, initial=0) > 0.5)) - int(false)


class Watched:
    """A scene shown to a live session frame by frame, with what it told of each."""

    def __init__(self, scene: Scene, models: Path) -> None:
        now = 0.0
        live = LiveSession(clock=lambda: now)
        live.use(
            "truth", lambda: Pipeline(make_detector("yunet"), load_classifier(models / "tiny"))
        )
        self._track_ids: dict[int, list[int]] = {}
        self.overlaps: list[float] = []
        for frame in range(round(scene.seconds * FPS)):
            now = frame / FPS
            truth = scene.frame(now)
            shown = live.read(truth.image).shown
            overlaps = pairwise_iou(truth.boxes, shown.faces.boxes)
            for row, head in enumerate(truth.heads):
                best = float(overlaps[row].max(initial=0))
                self.overlaps.append(best)
                if truth.visible[row] > 0.9 and best > 0.5:
                    track_id = shown.track_ids[int(overlaps[row].argmax())]
                    self._track_ids.setdefault(head, []).append(track_id)

    def tracks(self) -> list[set[int]]:
        """The track ids that each head had."""
        return [set(track_ids) for track_ids in self._track_ids.values()]


def test_the_truth_is_what_was_pasted() -> None:
    head = Cutout(
        np.full((40, 20, 3), (255, 0, 0), np.uint8), np.ones((40, 20), np.float32), (0, 0, 20, 40)
    )
    board = Bar(0, 0, 100, 100)
    scene = Scene(
        [head, head], lambda time_s: [Placed(0, 100, 100, 80), Placed(1, 300 + time_s, 100, 80)],
        (board,), width=400, height=200,
    )  # fmt: skip
    truth = scene.frame(2.0)
    red = (truth.image == (255, 0, 0)).all(axis=2)
    assert truth.boxes.tolist() == [[80, 60, 40, 80], [282, 60, 40, 80]]
    assert red[60:140, 282:322].mean() > 0.95
    assert red[100:140, 100:120].mean() > 0.9
    assert not red[:100, :100].any()
    assert truth.visible.tolist() == pytest.approx([0.75, 1.0], abs=0.05)
    turned = Scene([head], lambda _: [Placed(0, 200, 100, 80, 90)], width=400, height=200).frame(0)
    assert turned.boxes.tolist()[0] == pytest.approx([160, 80, 80, 40])
    assert (turned.image == (255, 0, 0)).all(axis=2)[85:115, 165:235].all()


@pytest.mark.slow
def test_the_box_of_a_moving_face_keeps_to_it(kind: str, tiny_models: Path) -> None:
    seen = Watched(moving(heads_of(kind, 1)), tiny_models)
    assert min(seen.overlaps) >= 0.7
    assert seen.tracks() == [{1}]


@pytest.mark.slow
def test_two_that_cross_keep_their_numbers(kind: str, tiny_models: Path) -> None:
    seen = Watched(crossing(heads_of(kind, 2)), tiny_models)
    assert sorted(seen.tracks(), key=min) == [{1}, {2}]
    assert min(seen.overlaps) < 0.5  # the one behind was really lost


@pytest.mark.slow
def test_half_a_second_behind_a_bar_does_not_end_a_face(kind: str, tiny_models: Path) -> None:
    scene = hidden_for(heads_of(kind, 2), seconds=0.5)
    hidden = [scene.frame(time).visible[0] == 0 for time in np.arange(0, scene.seconds, 0.05)]
    assert sum(hidden) * 0.05 == pytest.approx(0.5, abs=0.1)
    seen = Watched(scene, tiny_models)
    assert sorted(seen.tracks(), key=min) == [{1}, {2}]


@pytest.mark.parametrize("n", [4, 8])
def test_many_faces_are_all_found(kind: str, n: int, yunet: Detector) -> None:
    scene = crowd(heads_of(kind, n))
    assert [found(yunet, scene.frame(time)) for time in (0.0, 0.7, 1.9)] == [n, n, n]


@pytest.mark.slow
def test_many_faces_keep_their_numbers(tiny_models: Path) -> None:
    seen = Watched(crowd(drawn_heads(4)), tiny_models)
    assert sorted(seen.tracks(), key=min) == [{1}, {2}, {3}, {4}]


@pytest.mark.parametrize("height", [60, 100, 200, 300])
def test_small_and_large_faces_are_found(kind: str, height: int, yunet: Detector) -> None:
    assert found(yunet, still(heads_of(kind, 1), height).frame(0)) == 1


@pytest.mark.parametrize("degrees", [-45, -30, -15, 15, 30, 45])
def test_turned_faces_are_found(kind: str, degrees: int, yunet: Detector) -> None:
    assert found(yunet, still(heads_of(kind, 1), 180, degrees).frame(0)) == 1


@pytest.mark.parametrize("side", ["lower", "left"])
@pytest.mark.parametrize("share", [0.2, 0.4])
def test_partly_hidden_faces_are_found(kind: str, share: float, side: str, yunet: Detector) -> None:
    open_scene = still(heads_of(kind, 1))
    x, y, width, height = open_scene.frame(0).boxes[0].tolist()
    bar = (
        Bar(0, y + height * (1 - share), 640, 480)
        if side == "lower"
        else Bar(0, 0, x + width * share, 480)
    )
    scene = Scene(open_scene.heads, open_scene.place, (bar,))
    truth = scene.frame(0)
    assert 0.5 < truth.visible[0] < 0.9
    assert found(yunet, truth) == 1
