"""Networks under node: what is sent and read, and what is said where something is missing."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.external.node_network import NODE_FOLDER, NodeNetwork
from tests.evaluation.external.conftest import NODE, bars, write_node_folder, write_program

HUMAN = ("human.mjs", "@vladmandic/human")


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in for node, alone on the path."""
    path = write_program(tmp_path / "bin" / "node", NODE)
    monkeypatch.setenv("PATH", str(path.parent))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_node_folder(tmp_path / "node")


def test_classes_are_found_by_their_names(node: Path, folder: Path) -> None:
    words = {"fearful": "fear", "disgusted": "disgust", "surprised": "surprise"}
    network = NodeNetwork("face_api.mjs", "@vladmandic/face-api", words=words, folder=folder)
    found = network.probabilities(bars(np.arange(7)))
    network.close()
    assert found.argmax(axis=1).tolist() == list(range(7))


def test_a_view_of_every_second_face_is_sent_as_it_is_seen(node: Path, folder: Path) -> None:
    network = NodeNetwork(*HUMAN, folder=folder)
    found = network.probabilities(bars(np.arange(7))[::2, :, ::-1])
    network.close()
    assert found.argmax(axis=1).tolist() == [0, 2, 4, 6]


def test_it_tells_its_own_milliseconds_and_version(node: Path, folder: Path) -> None:
    network = NodeNetwork(*HUMAN, folder=folder)
    assert network.milliseconds(bars(np.arange(4))) == 10
    assert network.version == "1.2.3"
    network.close()


def test_node_that_is_missing_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match=r"node is not installed.*Install Node\.js"):
        NodeNetwork(*HUMAN, folder=folder)


def test_a_package_that_is_missing_is_named(node: Path, folder: Path) -> None:
    shutil.rmtree(folder / "node_modules")
    with pytest.raises(ModelError, match=r"human: .*not installed.*1\.2\.3.*npm ci"):
        NodeNetwork(*HUMAN, folder=folder)


def test_another_version_is_refused(node: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"expected 1\.2\.3, received 1\.3\.0"):
        NodeNetwork(*HUMAN, folder=write_node_folder(tmp_path / "other", installed="1.3.0"))


def test_other_classes_are_refused(node: Path, folder: Path) -> None:
    with pytest.raises(ModelError, match="fearful"):  # without a word for it
        NodeNetwork("face_api.mjs", "@vladmandic/face-api", folder=folder)


def test_what_is_pinned_is_what_the_scripts_name() -> None:
    pinned = json.loads((NODE_FOLDER / "package.json").read_text())["dependencies"]
    locked = json.loads((NODE_FOLDER / "package-lock.json").read_text())["packages"]
    for package, version in pinned.items():
        assert locked[f"node_modules/{package}"]["version"] == version
    assert not any("resolved" in entry for entry in locked.values())  # any registry will do


REAL = shutil.which("node")
needs_node = pytest.mark.skipif(REAL is None, reason="node is not installed")


@needs_node
def test_serve_answers_line_by_line_and_names_what_fails(tmp_path: Path) -> None:
    """The scripts' common part, under real node."""
    shutil.copy(NODE_FOLDER / "serve.mjs", tmp_path)
    script = tmp_path / "mean.mjs"
    script.write_text(
        "import { SIDE, serve } from './serve.mjs';\n"
        "console.log('a package says hello');\n"
        "await serve(async () => ({ labels: ['a', 'b'], read: async (pixels, n) => {\n"
        "  if (pixels[0] === 255) throw new Error('too bright');\n"
        "  return Array.from({ length: n }, (_, i) => [pixels[i * SIDE ** 2], n]); } }));\n"
    )
    dark, bright = np.zeros((2, 48, 48), np.uint8), np.full((1, 48, 48), 255, np.uint8)
    dark[1] = 7
    lines = [
        json.dumps({"pixels": base64.b64encode(faces.tobytes()).decode()})
        for faces in (dark, bright)
    ]
    done = subprocess.run(
        [str(REAL), str(script)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    greeting, answer, failure = (json.loads(line) for line in done.stdout.splitlines())
    assert greeting == {"labels": ["a", "b"]}
    assert answer["probabilities"] == [[0, 2], [7, 2]]
    assert answer["ms"] >= 0
    assert failure == {"error": "too bright"}
    assert done.returncode == 1


@pytest.mark.slow
@needs_node
@pytest.mark.skipif(
    not (NODE_FOLDER / "node_modules").is_dir(),
    reason=f"the packages are not installed: npm ci --prefix {NODE_FOLDER}",
)
@pytest.mark.parametrize("name", ["face_api", "human"])
def test_the_real_packages_read_a_mirrored_face_nearly_alike(name: str) -> None:
    from skimage import data

    from fer_core.evaluation.external import open_package
    from fer_core.faces import WholeImage, crop_faces, trained_input

    portrait = np.ascontiguousarray(data.astronaut()[62:174, 169:281])
    face = crop_faces(portrait, WholeImage().detect(portrait), trained_input(48, 1))[..., 0]
    with open_package(name) as network:
        answers = network.probabilities(np.concatenate([face, face[:, :, ::-1]]))
    happy = LABELS.index("happy")
    assert answers.argmax(axis=1).tolist() == [happy, happy]
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-4)
