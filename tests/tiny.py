"""A complete model folder around a network of a few numbers, for tests that need some model."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import PIL.Image
from onnx import TensorProto, helper, numpy_helper

from fer_core.dataset import Fer2013
from fer_core.emotions import LABELS
from fer_core.evaluation.speed import BATCHES, ExternalSpeed, ModelSpeed, SpeedReport
from fer_core.evaluation.variants import AS_PUBLISHED, Variant
from fer_core.faces import InputSpec
from fer_core.training.artifacts.folder import CANDIDATE
from fer_core.training.export.activation_maps import add_activation_maps
from fer_core.zoo import (
    GRAPH_FILE,
    REQUIRED_FILES,
    FileEntry,
    Licence,
    ModelCard,
    Published,
    read_card,
    sha256_of,
)
from fer_core.zoo.confidence import Calibration, Confidence

SIDE = 24
N = 60
"""Images in each split's made-up predictions; the real folders have 3,589."""


def tiny_graph(seed: int = 0, side: int = SIDE, channels: int = 1) -> onnx.ModelProto:
    """Flatten and one dense layer: `faces` (n, side, side, channels) -> `logits` (n, 7)."""
    rng = np.random.default_rng(seed)
    weight = rng.normal(0, 0.4 / side, (side * side * channels, len(LABELS))).astype(np.float16)
    nodes = [
        helper.make_node("Mul", ["faces", "scale"], ["scaled"]),
        helper.make_node("Flatten", ["scaled"], ["flat"]),
        helper.make_node("Cast", ["dense/kernel"], ["kernel"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["flat", "kernel"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", side, side, channels])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(LABELS)])],
        [
            numpy_helper.from_array(np.array(1 / 255, np.float32), "scale"),
            numpy_helper.from_array(weight, "dense/kernel"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def tiny_conv_graph(seed: int = 0, side: int = SIDE) -> onnx.ModelProto:
    """Convolution, ReLU, global pooling and a dense layer, with activation maps of 11x11."""
    rng = np.random.default_rng(seed)
    nodes = [
        helper.make_node("Mul", ["faces", "scale"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["channels_first"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["channels_first", "weight_conv"], ["conv"], strides=[2, 2]),
        helper.make_node("Relu", ["conv"], ["features"]),
        helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
        helper.make_node("Squeeze", ["pooled", "axes"], ["vector"]),
        helper.make_node("MatMul", ["vector", "weight_dense"], ["products"]),
        helper.make_node("Add", ["products", "bias"], ["logits"]),
    ]
    weights = {
        "scale": np.array(1 / 255, np.float32),
        "axes": np.array([2, 3], np.int64),
        "weight_conv": rng.normal(0, 1, (4, 1, 3, 3)).astype(np.float32),
        "weight_dense": rng.normal(0, 1, (4, len(LABELS))).astype(np.float32),
        "bias": rng.normal(0, 1, len(LABELS)).astype(np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "tiny_conv",
        [helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", side, side, 1])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(LABELS)])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    add_activation_maps(model)
    return model


def tiny_calibration(one: Confidence, two: Confidence) -> Calibration:
    """Made up: as if it had been chosen on sixty faces as they are."""
    return Calibration(
        split="PublicTest",
        shares={"as_it_is": 1.0},
        faces={"as_it_is": 60},
        drawn=60,
        seed=0,
        detector="haar",
        risk=0.25,
        coverage=0.9,
        one_view=one,
        two_views=two,
    )


def tiny_card(slug: str, folder: Path, **changes: object) -> ModelCard:
    """A valid card for the files now in ``folder``; ``changes`` replace fields."""
    fields: dict[str, object] = {
        "slug": slug,
        "title": f"Tiny {slug}",
        "architecture": "one dense layer",
        "origin": "made by the tests",
        "published": Published(figure=40.0, split="random", classes=7, source="the tests"),
        "input": InputSpec(side_px=SIDE, channels=1, crop_margin=0.0),
        "labels": LABELS,
        "parameters": SIDE * SIDE * 7,
        "multiply_accumulates": SIDE * SIDE * 7,
        "recipe": {"batch_size": 64},
        "epochs": 3,
        "train_seconds": 1.5,
        "processor": "a test",
        "seed": 0,
        "precision": "float32",
        "dataset_fingerprint": "0" * 64,
        "versions": {"keras": "3"},
        "temperature": 1.2,
        "unsure_threshold": 0.2,
        "status": "complete",
        "intended_use": "tests",
        "limits": "knows nothing",
        "licence": Licence(code="Apache-2.0", weights="of the tests"),
        "files": {
            path.name: FileEntry(sha256=sha256_of(path), bytes=path.stat().st_size)
            for path in sorted(folder.iterdir())
            if path.name != "card.json"
        },
    }
    return ModelCard.model_validate(fields | changes)


def write_tiny_folder(
    models: Path, slug: str = "tiny", seed: int = 0, graph: onnx.ModelProto | None = None
) -> Path:
    """Write a sound model folder ``models/<slug>`` and return it; one dense layer as ``graph``."""
    folder = models / slug
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    onnx.save(graph or tiny_graph(seed), folder / "model.onnx")
    with (folder / "history.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"]
        )
        for epoch in range(1, 4):
            writer.writerow([epoch, 2 / epoch, 0.2 * epoch, 2.1 / epoch, 0.18 * epoch, 0.05, 0.5])
    truth = rng.integers(0, 7, N)
    logits = {
        name: (rng.normal(0, 1, (N, 7)) + 1.5 * np.eye(7)[truth]).astype(np.float32)
        for name in ("public_logits", "public_logits_flip", "private_logits", "private_logits_flip")
    }
    np.savez(folder / "predictions.npz", **logits)
    predicted = logits["private_logits"].argmax(axis=1)
    counts = np.zeros((7, 7), int)
    np.add.at(counts, (truth, predicted), 1)
    with (folder / "confusion_matrix.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["true", *LABELS])
        writer.writerows([label, *row] for label, row in zip(LABELS, counts.tolist(), strict=True))
    recall = counts.diagonal() / counts.sum(axis=1).clip(1)
    precision = counts.diagonal() / counts.sum(axis=0).clip(1)
    accuracy = float((truth == predicted).mean())
    split = {
        "n": N,
        "accuracy": accuracy,
        "accuracy_low": accuracy - 0.1,
        "accuracy_high": accuracy + 0.1,
        "accuracy_flip": accuracy,
        "accuracy_twin_free": accuracy,
        "accuracy_without_disgust": accuracy,
        "macro_f1": accuracy,
        "per_class": {
            label: {
                "precision": float(precision[row]),
                "recall": float(recall[row]),
                "f1": float(recall[row]),
                "support": int(counts[row].sum()),
            }
            for row, label in enumerate(LABELS)
        },
        "log_loss": 1.3,
        "brier": 0.6,
        "ece": 0.1,
        "ece_calibrated": 0.05,
    }
    (folder / "metrics.json").write_text(json.dumps(split | {"public_test": split}, indent=2))
    assert set(REQUIRED_FILES) <= {path.name for path in folder.iterdir()}
    (folder / "card.json").write_text(tiny_card(slug, folder).to_json())
    return folder


def write_tiny_candidate(run: Path, data: Fer2013, seed: int = 0, side: int = SIDE) -> Path:
    """Write ``<run>/candidate`` as a finished training of that name would, for `freeze`."""
    folder = write_tiny_folder(run, CANDIDATE, seed, graph=tiny_conv_graph(seed, side))
    (folder / "confusion_matrix.csv").unlink()
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps({"public_test": metrics["public_test"]}))
    with np.load(folder / "predictions.npz") as file:
        public = {name: file[name] for name in ("public_logits", "public_logits_flip")}
    np.savez(folder / "predictions.npz", **public)
    card = tiny_card(
        run.name,
        folder,
        dataset_fingerprint=data.fingerprint,
        input=InputSpec(side_px=side, channels=1, crop_margin=0.0),
    )
    (folder / "card.json").write_text(card.to_json())
    return folder


def tiny_variant(slug: str, name: str = AS_PUBLISHED, **settings: object) -> Variant:
    """A row of ``variants.csv``; ``settings`` are added to the recipe's."""
    return Variant(
        slug=slug,
        variant=name,
        recipe=f"made_up_{name}",
        seed=0,
        epochs=32,
        public_accuracy=0.5,
        public_macro_f1=0.4,
        train_seconds=100.0,
        processor="a test",
        public_n=N,
        public_accuracy_low=0.4,
        public_accuracy_high=0.6,
        settings={"batch_size": 128, "augmentation": {"flip": True}} | settings,
    )


def tiny_dataset(path: Path) -> Fer2013:
    """Sixty noisy images, a third of each split, written as the compact file."""
    rng = np.random.default_rng(4)
    data = Fer2013(
        rng.integers(0, 256, (60, 48, 48), np.uint8),
        np.arange(60, dtype=np.int64) % 7,
        np.repeat(np.array([0, 1, 2], np.uint8), 20),
    )
    data.save(path)
    return data


def write_class_folders(
    root: Path, *, splits: tuple[str, ...] = ("",), each: int = 4, side: int = 48
) -> Path:
    """Noisy square pictures, no two alike, ``each`` of every class and split; gives ``root``."""
    rng = np.random.default_rng(5)
    for split in splits:
        for label in LABELS:
            folder = root / split / label
            folder.mkdir(parents=True)
            for number in range(each):
                face = cv2.resize(rng.integers(0, 256, (6, 6), np.uint8), (side, side))
                PIL.Image.fromarray(face).save(folder / f"{number}.png")
    return root


def tiny_speed(*slugs: str, models: Path | None = None, external: str = "") -> SpeedReport:
    """Made-up times: the first network takes 1 ms for a face, the next 2, and so on.

    With ``models`` they are of the graphs in that folder, as `read_speed` wants them; with
    ``external`` a package of that name takes 1 ms, too.
    """

    def graph(slug: str) -> str | None:
        return read_card(models / slug).files[GRAPH_FILE].sha256 if models else None

    return SpeedReport(
        processor="a test",
        threads=1,
        detector="haar",
        yardstick_model="tiny",
        yardstick_ms=4.0,
        models={
            slug: ModelSpeed(
                graph_sha256=graph(slug),
                ms_per_face=dict.fromkeys(BATCHES, float(ms)),
                in_yardsticks=dict.fromkeys(BATCHES, ms / 4),
            )
            for ms, slug in enumerate(slugs, start=1)
        },
        external={
            external: ExternalSpeed(
                version="1",
                processor="a test",
                yardstick_ms=4.0,
                ms_per_face=dict.fromkeys(BATCHES, 1.0),
                in_yardsticks=dict.fromkeys(BATCHES, 0.25),
            )
        }
        if external
        else {},
    )
