"""From a Keras network to files: ONNX to serve from, HDF5 to go on training from."""

import shutil
import tempfile
from pathlib import Path

import h5py
import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_core.errors import StorageError, TrainingError, in_one_line
from fer_core.training.artifacts.folder import PACK_FROM, as_stored
from fer_core.training.export.activation_maps import add_activation_maps
from fer_core.training.export.maps_check import check_activation_maps
from fer_core.training.networks import build_network, get_architecture
from fer_core.zoo import INPUT_NAME, OUTPUT_NAME, WEIGHTS_FILE, ModelCard
from fer_core.zoo.graph import KERNEL_PREFIX, random_faces


def export_onnx(model: keras.Model, path: Path) -> None:
    """Write a network as ONNX: weights stored as float16, computed in float32.

    ONNX Runtime folds the casts when it loads the graph: half the size at the same speed. A second
    output holds class activation maps, checked against a gradient tape; see `zoo.MAPS_NAME`.

    Args:
        model: float32, `faces` -> `logits`.
        path: the file to write.

    Raises:
        TrainingError: the backend is not TensorFlow, a weight does not fit into float16, or the
            maps are not what the gradient tape gives.
    """
    graph = _graph_of(model, OUTPUT_NAME)
    # Before weights are rounded: a ReLU near zero that rounding switches moves the maps at once
    # (0.028 of their size for `deep`), which says nothing of how they are computed.
    exact = onnx.ModelProto()
    exact.CopyFrom(graph)
    add_activation_maps(exact)
    check_activation_maps(model, exact, random_faces(model.input_shape[1:]))
    _pack(graph)
    add_activation_maps(graph)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)


def export_restorer(model: keras.Model, path: Path) -> None:
    """Write `training.restorer.build_restorer` as ONNX, large weights stored as float16.

    Raises:
        TrainingError: the backend is not TensorFlow, or a weight does not fit into float16.
    """
    graph = _graph_of(model, "restored")
    _pack(graph)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, path)


def _graph_of(model: keras.Model, output: str) -> onnx.ModelProto:
    if keras.backend.backend() != "tensorflow":
        raise TrainingError(
            "ONNX is written by the TensorFlow backend",
            received=f"KERAS_BACKEND={keras.backend.backend()}",
            remedy="Unset KERAS_BACKEND; weights move between backends unchanged.",
        )
    # Keras exports only what has been called; building the graph is not enough for it.
    model(np.zeros((1, *model.input_shape[1:]), np.float32))
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        model.export(str(raw), format="onnx", verbose=False)
        graph = onnx.load(raw)
    _name_ends(graph, output)
    return graph


def _name_ends(model: onnx.ModelProto, output: str) -> None:
    graph = model.graph
    (source,), (sink,) = graph.input, graph.output
    for old, new in ((source.name, INPUT_NAME), (sink.name, output)):
        for node in graph.node:
            node.input[:] = [new if name == old else name for name in node.input]
            node.output[:] = [new if name == old else name for name in node.output]
    source.name, sink.name = INPUT_NAME, output
    for value in (source, sink):
        value.type.tensor_type.shape.dim[0].dim_param = "n"


def _pack(model: onnx.ModelProto) -> None:
    """Name each kernel by where it is used; store the large ones as float16, with a cast."""
    graph = model.graph
    order = {name: row for row, node in enumerate(graph.node) for name in reversed(node.input)}
    casts = []
    # Named by where they are used: the exporter's own names count up with every call.
    for number, tensor in enumerate(
        sorted(graph.initializer, key=lambda tensor: order.get(tensor.name, 0))
    ):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim < 2:
            continue
        stored = f"{KERNEL_PREFIX}{number:03d}"
        if values.size < PACK_FROM:
            for node in graph.node:
                node.input[:] = [stored if name == tensor.name else name for name in node.input]
            tensor.name = stored
            continue
        halves = as_stored(values)
        casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(halves, stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def save_weights(model: keras.Model, folder: Path) -> Path:
    """Write ``model.weights.h5`` with large kernels as float16; returns its path.

    Vectors stay float32 too: BatchNorm's variances can exceed float16's range.

    Raises:
        StorageError: there is no room for temporary files.
        OSError: the folder cannot be written to.
    """
    with tempfile.TemporaryDirectory() as temporary:
        raw, packed = Path(temporary) / "raw.weights.h5", Path(temporary) / WEIGHTS_FILE
        try:
            model.save_weights(raw)
            with h5py.File(raw, "r") as source, h5py.File(packed, "w") as target:
                _copy(source, target)
        except (OSError, RuntimeError) as error:  # of HDF5, which has its own for a full disk
            raise StorageError(
                "the weights cannot be written",
                where=temporary,
                received=in_one_line(error),
                remedy="Free some room there, or name another place: TMPDIR=FOLDER",
            ) from error
        return Path(shutil.copy(packed, folder / WEIGHTS_FILE))


def _copy(source: h5py.Group, target: h5py.Group) -> None:
    target.attrs.update(source.attrs)
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy(item, target.create_group(name))
        else:
            stored = as_stored(item[()])
            packed = {"compression": "gzip", "shuffle": True} if stored.dtype != item.dtype else {}
            target.create_dataset(name, data=stored, **packed)


def load_weights(model: keras.Model, path: Path) -> list[NDArray[np.float32]]:
    """Read ``model.weights.h5`` into a fresh network of the same architecture.

    Args:
        model: as `networks.build_network` gives it; half changed if this fails, so throw it away.
        path: the file; hashes have been checked by `zoo.check_folder`.

    Returns:
        The weights in the network's order.

    Raises:
        TrainingError: the file does not fit the architecture.
    """
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            "the weights do not fit the architecture",
            where=path,
            received=in_one_line(error),
            remedy="Train from the beginning, without --from.",
        ) from error
    return [np.array(value, np.float32) for value in model.get_weights()]


def shipped_network(folder: Path, card: ModelCard) -> keras.Model:
    """The Keras network of a sound model folder that has its weights.

    Raises:
        TrainingError: there is no such architecture any more, or the weights do not fit it.
    """
    model = build_network(get_architecture(card.network))
    load_weights(model, folder / WEIGHTS_FILE)
    return model
