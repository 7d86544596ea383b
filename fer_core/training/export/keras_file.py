"""Somebody else's Keras file as ONNX: ``python -m fer_core.training.export.keras_file``.

A program of its own, for the importer, which has checked the file and sets a time limit: what a
Keras file makes Keras do happens in no process that matters.
"""

import sys
from contextlib import suppress
from pathlib import Path

from fer_core.zoo.imports.source import KERAS_MISSING

MEMORY_BYTES = 12_000_000_000
"""Of addresses: TensorFlow alone maps three billion."""


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def write_onnx(source: Path, target: Path, architecture: str | None = None) -> None:
    """Write a Keras file as ONNX.

    Args:
        source: a ``.keras`` file; with ``architecture`` an HDF5 file of weights.
        target: the ONNX file to write.
        architecture: name of the network, built by our code, that the weights are of.

    Raises:
        TrainingError: there is no such architecture, or the weights do not fit it.
        ValueError, OSError: of Keras, where it refuses the file.
    """
    import keras
    import numpy as np

    from fer_core.training.export.onnx_graph import load_weights
    from fer_core.training.networks import build_network, get_architecture

    if architecture is None:
        model = keras.saving.load_model(source, compile=False, safe_mode=True)
    else:
        model = build_network(get_architecture(architecture))
        load_weights(model, source)
    # Keras exports only what has been called; free sides need some size.
    shape = [side or 64 for side in model.input_shape[1:]]
    model(np.zeros((1, *shape), np.float32))
    model.export(str(target), format="onnx", verbose=False)


def main(arguments: list[str]) -> int:
    """Exit status; the last line on stderr says what was wrong."""
    source, target, *architecture = arguments
    _limit_memory()
    try:
        write_onnx(Path(source), Path(target), *architecture)
    except ModuleNotFoundError as error:
        print(error, file=sys.stderr)
        return KERAS_MISSING
    except Exception as error:  # Keras, TensorFlow and tf2onnx raise whatever they like
        print(next(iter(str(error).strip().splitlines()), type(error).__name__), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
