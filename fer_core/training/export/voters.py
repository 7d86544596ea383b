"""A second answer in an exported graph: a dense layer beside the one that gives the labels'."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fer_core.emotions import LABELS
from fer_core.errors import TrainingError
from fer_core.training.export.activation_maps import add_activation_maps
from fer_core.zoo import OUTPUT_NAME
from fer_core.zoo.graph import stored_names
from fer_core.zoo.voters import VOTERS_NAME


def features_name(model: onnx.ModelProto) -> str:
    """The value that the last dense layer before the labels' scores is given, (n, k).

    Raises:
        TrainingError: the graph does not end in a dense layer.
    """
    constants = stored_names(model.graph)
    makers = {name: node for node in model.graph.node for name in node.output}
    node = makers[OUTPUT_NAME]
    inputs = [name for name in node.input if name not in constants]
    if node.op_type == "Add" and len(inputs) == 1 and inputs[0] in makers:  # the layer's bias
        node = makers[inputs[0]]
        inputs = [name for name in node.input if name not in constants]
    if node.op_type != "MatMul" or len(inputs) != 1:
        raise TrainingError(
            "this network cannot learn a second answer",
            where="its exported graph",
            expected="a dense layer at its end",
            received=node.op_type,
            remedy="Let it answer as FER2013's labels alone.",
        )
    return str(inputs[0])


def add_voters(
    model: onnx.ModelProto, kernel: NDArray[np.floating], bias: NDArray[np.floating]
) -> None:
    """Give an exported graph its second answer, `VOTERS_NAME`, and its maps; in place.

    What the labels' answer needs stays as it is to the bit, and so does the digest in the ledger.
    An answer that is there already is replaced.

    Args:
        model: a graph as `export.export_onnx` makes it.
        kernel: (k, 7), for the k numbers that the last dense layer is given.
        bias: (7,).

    Raises:
        TrainingError: the graph does not end in a dense layer.
    """
    add_activation_maps(model, [OUTPUT_NAME])
    graph = model.graph
    features = features_name(model)
    names = f"{VOTERS_NAME}_kernel", f"{VOTERS_NAME}_bias"
    for name, values in zip(names, (kernel, bias), strict=True):
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
    product = f"{VOTERS_NAME}_product"
    graph.node.append(helper.make_node("MatMul", [features, names[0]], [product]))
    graph.node.append(helper.make_node("Add", [product, names[1]], [VOTERS_NAME]))
    graph.output.append(
        helper.make_tensor_value_info(VOTERS_NAME, TensorProto.FLOAT, ["n", len(LABELS)])
    )
    add_activation_maps(model)
