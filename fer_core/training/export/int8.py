"""What a network would lose and gain with 8-bit weights and activations; nothing of it ships.

Source: static quantisation with a calibration set, Jacob et al. 2017 (arXiv:1712.05877), as ONNX
Runtime does it.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from fer_core.dataset import Fer2013, Split
from fer_core.errors import ModelError, in_one_line
from fer_core.evaluation.evaluate import both_logits
from fer_core.faces import to_network_inputs
from fer_core.metrics import Comparison, mcnemar_exact
from fer_core.zoo import GRAPH_FILE, INPUT_NAME, Classifier, check_folder

CALIBRATION_FACES = 512
_CALIBRATION_BATCH = 64
_TIMED_CALLS = 200


@dataclass(frozen=True, slots=True)
class Int8Report:
    """A network beside its 8-bit form.

    Attributes:
        slug: the network.
        n: PublicTest images.
        accuracy: of the network as it ships, a fraction.
        loss: what 8 bits cost: McNemar's test and the interval of the difference.
        bytes, bytes_int8: of the graphs.
        times_as_fast: one face in float over one face in 8 bits, one thread, in turns.
    """

    slug: str
    n: int
    accuracy: float
    loss: Comparison
    bytes: int
    bytes_int8: int
    times_as_fast: float


class _Faces(CalibrationDataReader):  # type: ignore[misc]  # the package has no types
    def __init__(self, faces: NDArray[np.uint8]) -> None:
        self._batches = iter(np.array_split(faces, max(1, len(faces) // _CALIBRATION_BATCH)))

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT_NAME: batch.astype(np.float32)}


def measure_int8(folder: Path, data: Fer2013) -> Int8Report:
    """Quantise a shipped network in a temporary place and compare on PublicTest.

    Calibrated on the first `CALIBRATION_FACES` training images; activations and weights in eight
    bits, weights by channel.

    Args:
        folder: ``models/<slug>``.
        data: FER2013.

    Raises:
        ModelError: the folder is not sound, or its network cannot be quantised.
    """
    card = check_folder(folder)
    graph = folder / GRAPH_FILE
    faces = to_network_inputs(
        data.part(Split.TRAINING, without_blank=True)[0][:CALIBRATION_FACES], card.input
    )
    usual = Classifier(card, graph)
    try:
        content = _quantised(graph, faces)
    except Exception as error:  # ONNX Runtime's errors have no common type
        raise ModelError(
            "the network cannot be quantised",
            where=card.slug,
            received=in_one_line(error),
            remedy="Restore the folder, or choose another model.",
        ) from error
    quantised = Classifier(card, content)
    pixels, labels = data.part(Split.PUBLIC_TEST)
    right = [both_logits(one, pixels)[0].argmax(axis=1) == labels for one in (usual, quantised)]
    times: list[list[float]] = [[], []]
    for row in range(_TIMED_CALLS):
        face = faces[row % len(faces)][None]
        for taken, network in zip(times, (usual, quantised), strict=True):
            start = perf_counter()
            network.logits(face)
            taken.append(perf_counter() - start)
    return Int8Report(
        slug=card.slug,
        n=len(labels),
        accuracy=float(right[0].mean()),
        loss=mcnemar_exact(right[0], right[1], data.groups[data.rows(Split.PUBLIC_TEST)]),
        bytes=graph.stat().st_size,
        bytes_int8=len(content),
        times_as_fast=float(np.median(times[0]) / np.median(times[1])),
    )


def _quantised(graph: Path, faces: NDArray[np.uint8]) -> bytes:
    """A graph with eight bits in place of its floats, calibrated on faces."""
    with tempfile.TemporaryDirectory() as temporary:
        folded, small = Path(temporary) / "folded.onnx", Path(temporary) / "int8.onnx"
        # Folds the casts of float16 weights, which the quantiser would take for activations.
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(folded)
        onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        quantize_static(
            folded,
            small,
            _Faces(faces),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
        )
        return small.read_bytes()
