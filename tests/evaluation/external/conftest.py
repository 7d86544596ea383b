"""Stand-ins for external packages, which are not installed where tests run."""

import json
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_core.dataset import Fer2013
from fer_core.emotions import LABELS
from fer_core.evaluation.external import node_network

N = 21
THEIRS = ("neutral", *LABELS[:6])
"""Another order of the classes: the adapter has to go by name."""


def bars(labels: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Faces that say their class: a bright line at that height."""
    pixels = np.full((len(labels), 48, 48), 20, np.uint8)
    for row, label in enumerate(labels):
        pixels[row, 6 * label + 2 : 6 * label + 5] = 250
        pixels[row, 0, 0] = row  # no two alike: a twin of a training image would not count
    return pixels


@pytest.fixture
def data() -> Fer2013:
    labels = np.arange(3 * N) % 7
    return Fer2013(bars(labels), labels, np.repeat(np.array([0, 1, 2], np.uint8), N))


def read_bar(face: NDArray[np.floating]) -> int:
    """The class that a face of any size says; any class where it says none."""
    return min(int(face.mean(axis=1).argmax() / len(face) * 8), 6)


class StandInFer:
    """The parts of fer's `FER` that the adapter touches; it knows neither weights nor faces."""

    def _get_labels(self) -> dict[int, str]:
        return dict(enumerate(THEIRS))

    def _classify_emotions(self, faces: NDArray[np.float32]) -> NDArray[np.float32]:
        assert faces.shape[1:] == (64, 64)
        assert faces.dtype == np.float32
        assert -1 <= faces.min() < -0.5 < 0.5 < faces.max() <= 1
        out = np.full((len(faces), 7), 0.02, np.float32)
        for row, face in enumerate(faces):
            out[row, THEIRS.index(LABELS[read_bar(face)])] = 0.87  # 0.99 in all: quantised
        return out


def stand_in_analyze(img: NDArray[np.uint8], **settings: Any) -> list[dict[str, Any]]:
    """The part of `DeepFace.analyze` that the adapter uses: percentages by name."""
    assert img.shape == (48, 48, 3)
    assert img.dtype == np.uint8
    assert settings["actions"] == ("emotion",)
    assert settings["detector_backend"] == "skip"
    answer = dict.fromkeys(THEIRS, 0.0) | {LABELS[read_bar(img[:, :, 0])]: 100.0}
    return [{"emotion": answer}]


NODE = f"""#!{sys.executable}
import base64, json, pathlib, sys
import numpy as np
ours = {list(LABELS)!r}
words = {{"fear": "fearful", "disgust": "disgusted", "surprise": "surprised"}}
theirs = ours[-1:] + ours[:-1]
script = pathlib.Path(sys.argv[1]).name
named = [words.get(word, word) for word in theirs] if script == "face_api.mjs" else theirs
print("a package says hello", file=sys.stderr)
print(json.dumps({{"labels": named}}), flush=True)
for line in sys.stdin:
    pixels = base64.b64decode(json.loads(line)["pixels"])
    faces = np.frombuffer(pixels, np.uint8).reshape(-1, 48, 48)
    read = (faces.mean(axis=2).argmax(axis=1) / 48 * 8).astype(int).clip(max=6)
    rows = [[0.94 if theirs.index(ours[label]) == j else 0.01 for j in range(7)] for label in read]
    print(json.dumps({{"probabilities": rows, "ms": 2.5 * len(rows)}}), flush=True)
"""
"""A program that stands in for node and both scripts: it reads bars."""


def write_program(path: Path, text: str) -> Path:
    """A program that can be started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def write_node_folder(folder: Path, installed: str = "1.2.3") -> Path:
    """A folder as `node_network.NODE_FOLDER` is, both packages pinned to 1.2.3."""
    packages = ("@vladmandic/face-api", "@vladmandic/human")
    for package in packages:
        own = folder / "node_modules" / package
        own.mkdir(parents=True)
        (own / "package.json").write_text(json.dumps({"name": package, "version": installed}))
    pinned = {"dependencies": dict.fromkeys(packages, "1.2.3")}
    (folder / "package.json").write_text(json.dumps(pinned))
    return folder


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All packages as stand-ins."""
    package, module = ModuleType("fer"), ModuleType("fer.fer")
    module.FER = StandInFer  # type: ignore[attr-defined]
    deepface = ModuleType("deepface")
    deepface.DeepFace = SimpleNamespace(analyze=stand_in_analyze)  # type: ignore[attr-defined]
    for name, stand_in in (("fer", package), ("fer.fer", module), ("deepface", deepface)):
        monkeypatch.setitem(sys.modules, name, stand_in)
    folder = tmp_path_factory.mktemp("node")
    monkeypatch.setattr(node_network, "NODE_FOLDER", write_node_folder(folder))
    monkeypatch.setenv("PATH", str(write_program(folder / "bin" / "node", NODE).parent))


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As if nobody had installed any of them."""
    for module in ("fer", "fer.fer", "deepface"):
        monkeypatch.setitem(sys.modules, module, None)
    folder = write_node_folder(tmp_path / "node")
    shutil.rmtree(folder / "node_modules")
    monkeypatch.setattr(node_network, "NODE_FOLDER", folder)
