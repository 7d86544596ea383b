"""Folders of models in which much is wrong, each thing in a network of its own."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fer_core.emotions import LABELS
from tests.tiny import SIDE, tiny_card, tiny_graph, write_tiny_folder

Change = Callable[[Path], None]
"""What is done to a folder."""

_OTHER_JSON = json.dumps({"slug": 7, "files": [None], "n": "many", "public_test": []}).encode()
_NOT_A_NUMBER = b'{"n": 60, "accuracy": NaN, "public_test": {"n": 1e999}}'
_OTHER_TABLE = b"a,b,c\n1,2\n,,,,\nangry,one,two\n"
OTHERS: dict[str, bytes] = {
    "empty": b"",
    "noise": np.random.default_rng(0).bytes(3_000),
    "list": b"[]",
    "other JSON": _OTHER_JSON,
    "not a number": _NOT_A_NUMBER,
    "other table": _OTHER_TABLE,
    "other encoding": "Größe;é\n1;ö\n".encode("latin-1"),
    "deep": b"[" * 100_000,
}
"""What may stand in a file in place of what belongs there."""

OF_A_FOLDER = (
    *("card.json", "metrics.json", "history.csv", "confusion_matrix.csv"),
    *("predictions.npz", "model.onnx"),
)
BESIDE = (
    *("looks.csv", "variants.csv", "robustness.csv", "speed.json", "selftest.json"),
    *("external/fer.json", "external/robustness.csv", "tiny/evaluations/mine.json"),
)
"""Files of a folder of models that belong to no network or to what was measured of one."""


def seal(folder: Path) -> None:
    """Give a folder the card that says that all its files are right: digests agree."""
    (folder / "card.json").unlink(missing_ok=True)
    (folder / "card.json").write_text(tiny_card(folder.name, folder).to_json())


def _graph(change: Callable[[onnx.ModelProto], onnx.ModelProto]) -> Change:
    def damage(folder: Path) -> None:
        onnx.save(change(tiny_graph()), folder / "model.onnx")
        seal(folder)

    return damage


def _fails_when_run(model: onnx.ModelProto) -> onnx.ModelProto:
    """Shapes are right for one face alone, or for none: the batch is a constant of the graph."""
    model.graph.initializer.append(numpy_helper.from_array(np.array([3, 5, 7]), "shape"))
    flatten = next(node for node in model.graph.node if node.op_type == "Flatten")
    flatten.CopyFrom(helper.make_node("Reshape", ["scaled", "shape"], ["flat"]))
    return model


def _takes_all_memory(model: onnx.ModelProto) -> onnx.ModelProto:
    """Four terabytes between two nodes: more than any machine gives."""
    model.graph.initializer.append(numpy_helper.from_array(np.array([10**12]), "huge"))
    model.graph.initializer.append(numpy_helper.from_array(np.array([0]), "axis"))
    nodes = [
        helper.make_node("ReduceMax", ["scaled"], ["one"], keepdims=0),
        helper.make_node("Expand", ["one", "huge"], ["wide"]),
        helper.make_node("ReduceMax", ["wide"], ["highest"], keepdims=0),
        helper.make_node("Add", ["raw", "highest"], ["logits"]),
    ]
    model.graph.node[-1].output[0] = "raw"
    model.graph.node.extend(nodes)
    return model


def _not_a_number(model: onnx.ModelProto) -> onnx.ModelProto:
    model.graph.node[-1].output[0] = "raw"
    model.graph.initializer.append(numpy_helper.from_array(np.array(-1, np.float32), "negative"))
    model.graph.node.append(helper.make_node("Max", ["raw"], ["alike"]))
    model.graph.node.append(helper.make_node("Abs", ["alike"], ["size"]))
    model.graph.node.append(helper.make_node("Mul", ["size", "negative"], ["below"]))
    model.graph.node.append(helper.make_node("Sqrt", ["below"], ["logits"]))
    return model


def _other_classes(model: onnx.ModelProto) -> onnx.ModelProto:
    weight = np.zeros((SIDE * SIDE, len(LABELS) + 1), np.float16)
    model.graph.initializer[1].CopyFrom(numpy_helper.from_array(weight, "dense/kernel"))
    model.graph.output[0].CopyFrom(
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(LABELS) + 1])
    )
    return model


def _unknown_node(model: onnx.ModelProto) -> onnx.ModelProto:
    model.graph.node[0].op_type = "OfAnotherMachine"
    return model


def _without_output(model: onnx.ModelProto) -> onnx.ModelProto:
    model.graph.output[0].name = "nothing"
    return model


GRAPHS: dict[str, Change] = {
    "fails_when_run": _graph(_fails_when_run),
    "takes_all_memory": _graph(_takes_all_memory),
    "not_a_number": _graph(_not_a_number),
    "eight_classes": _graph(_other_classes),
    "unknown_node": _graph(_unknown_node),
    "without_output": _graph(_without_output),
}
"""Networks whose card and digests are right, and which cannot be used all the same."""


def write_damaged_folders(models: Path) -> tuple[str, ...]:
    """A folder for each thing that may be wrong with a network; gives their names.

    A file in another one's place, with a card that knows nothing of it, and with one that agrees;
    a file that is missing, or is a folder; and `GRAPHS`.
    """
    names = []
    sound = write_tiny_folder(models.parent / "sound", "sound")

    def damaged(name: str, change: Change) -> None:
        folder = models / name
        shutil.copytree(sound, folder)
        seal(folder)
        change(folder)
        names.append(name)

    for file in OF_A_FOLDER:
        stem = file.partition(".")[0]
        for word, content in OTHERS.items():
            damaged(f"{stem}_{word}".replace(" ", "_").lower(), _replaced(file, content))
        damaged(f"{stem}_gone", lambda folder, file=file: (folder / file).unlink())
        damaged(f"{stem}_folder", _made_a_folder(file))
    for name, change in GRAPHS.items():
        damaged(name, change)
    return tuple(names)


def _replaced(file: str, content: bytes) -> Change:
    def damage(folder: Path) -> None:
        (folder / file).write_bytes(content)
        if file != "card.json" and content:  # no card can say that an empty file is right
            seal(folder)

    return damage


def _made_a_folder(file: str) -> Change:
    def damage(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return damage


def damage_beside(models: Path, content: bytes | None) -> None:
    """Put the same wrong content into every file of `BESIDE`; None: a folder in its place."""
    for name in BESIDE:
        path = models / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)
