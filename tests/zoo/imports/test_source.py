"""A network's file: what it is and how large, before anything in it is believed."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fer_core.errors import ModelError
from fer_core.zoo.imports import MAX_BYTES, read_source
from tests.foreign import stripe_network, write_network

KERAS = ("config.json", "metadata.json", "model.weights.h5")


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def keras_archive(path: Path, config: object, **more: bytes) -> Path:
    members = dict.fromkeys(KERAS, b"{}") | {"config.json": json.dumps(config).encode()}
    return archive(path, members | more)


def layer(kind: str, module: str = "keras.layers", **config: object) -> dict[str, object]:
    return {"class_name": kind, "module": module, "config": config, "registered_name": None}


def sequence(*layers: dict[str, object]) -> dict[str, object]:
    return {
        "class_name": "Sequential",
        "module": "keras",
        "config": {"layers": list(layers)},
        "registered_name": None,
    }


def test_an_onnx_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = write_network(tmp_path / "theirs.onnx", stripe_network())
    source = read_source(path)
    assert source.graph == path.read_bytes()
    assert (source.name, source.kind, source.size_bytes) == (
        "theirs.onnx", "ONNX", path.stat().st_size
    )  # fmt: skip


def test_a_network_of_two_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    with path.open("wb") as stream:
        stream.truncate(2_000_000_000)  # takes no room on the disk
    with pytest.raises(ModelError, match=rf"huge\.onnx.*at most {MAX_BYTES / 1e6:.0f} MB.*smaller"):
        read_source(path)


def test_what_is_no_network_is_called_by_its_name(tmp_path: Path) -> None:
    torch = archive(tmp_path / "model.pt", {"model/data.pkl": b"", "model/version": b"3"})
    other = archive(tmp_path / "photos.zip", {"a.jpg": b""})
    cases = {
        torch: "a PyTorch file, which holds pickled code.*Write it as ONNX",
        other: r"ZIP archive that is no \.keras file",
        tmp_path / "missing.onnx": "there is no such file",
    }
    contents = {
        "empty.onnx": (b"", "the file is empty"),
        "page.onnx": (b"<!doctype html>", "perhaps the web page"),
        "pointer.onnx": (b"  {\"oid\": 1}", "this is no network"),
        "model.pkl": (pickle.dumps([1]), "a pickle, which is code"),
        "model.tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(50), "a TensorFlow Lite file"),
        "broken.keras": (b"PK\x03\x04" + bytes(40), "the file is damaged"),
        "old.h5": (b"\x89HDF\r\n\x1a\n" + bytes(50), r"may hold code.*--architecture.*\.keras"),
    }  # fmt: skip
    for name, (content, words) in contents.items():
        (tmp_path / name).write_bytes(content)
        cases[tmp_path / name] = words
    for path, words in cases.items():
        with pytest.raises(ModelError, match=words) as refused:
            read_source(path)
        assert refused.value.remedy


@pytest.mark.parametrize(
    ("part", "received"),
    [
        (layer("Lambda", function={"class_name": "__lambda__"}), r"Lambda of keras\.layers"),
        (layer("TFSMLayer", filepath="/etc"), r"TFSMLayer of keras\.layers"),
        (layer("StringLookup", vocabulary="/etc/passwd"), "StringLookup"),
        (layer("Dense", module="os"), "Dense of os"),
        (layer("Dense", module="keras_evil.layers"), "Dense of keras_evil"),
        (layer("function", module="builtins"), "function of builtins"),
        (layer("get_file", module="keras.utils"), r"get_file of keras\.utils"),
        (
            layer("Dense", activation=layer("function", "builtins", name="exec")),
            "function of builtins",
        ),
        (layer("Dense", module="keras.layers.deep.evil", then=layer("Mine", "my.code")), "Mine"),
    ],
)
def test_a_keras_file_with_anything_but_plain_layers_is_never_opened(
    tmp_path: Path, part: dict[str, object], received: str
) -> None:
    path = keras_archive(tmp_path / "theirs.keras", sequence(layer("Dense"), part))
    with pytest.raises(ModelError, match=rf"could be code of its own.*{received}"):
        read_source(path)


def test_a_keras_file_holds_a_network_and_nothing_else(tmp_path: Path) -> None:
    more = keras_archive(tmp_path / "more.keras", sequence(), **{"assets/run.py": b"x"})
    with pytest.raises(ModelError, match=r"holds more than a network.*assets/run\.py"):
        read_source(more)
    broken = archive(tmp_path / "broken.keras", dict.fromkeys(KERAS, b"[{"))
    with pytest.raises(ModelError, match=r"\.keras file is damaged"):
        read_source(broken)


def test_a_packed_bomb_is_refused_by_what_it_says_it_unpacks_to(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("model.weights.h5", b"")
        file.writestr("config.json", b" " * 6_000_000)
    path = tmp_path / "bomb.keras"
    path.write_bytes(packed.getvalue())
    with pytest.raises(ModelError, match="the network is too large"):
        read_source(path)


def test_without_tensorflow_a_keras_file_has_its_sentence(tmp_path: Path) -> None:
    """In a Python that finds no Keras, as where only the dashboard is installed."""
    hidden = tmp_path / "keras"
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'keras'\")")
    path = keras_archive(tmp_path / "theirs.keras", sequence(layer("Dense")))
    code = f"from fer_core.zoo.imports import read_source; from pathlib import Path; \
read_source(Path({str(path)!r}))"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "which is not installed" in done.stderr
    assert 'pip install "mien[train]"' in done.stderr
