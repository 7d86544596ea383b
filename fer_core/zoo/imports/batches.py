"""A graph that was written for one face at a time, made to read any number of them."""

import numpy as np
import onnx
from onnx import numpy_helper


def free_batches(model: onnx.ModelProto) -> None:
    """Free the first axis of a graph's input and outputs, in place.

    Writers fix it to the batch that they were shown, and flatten to shapes that begin with it:
    where such a shape says the rest, its first number is left to be worked out; else it is that of
    what is reshaped. Whether this was right, running it with several faces tells.

    Args:
        model: with one input.
    """
    graph = model.graph
    first = graph.input[0].type.tensor_type.shape.dim[0]
    batch = first.dim_value if first.HasField("dim_value") else 0
    for value in (*graph.input, *graph.output):
        if value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].dim_param = "n"
    if batch < 1:
        return
    del graph.value_info[:]
    shapes = {tensor.name: tensor for tensor in graph.initializer}
    for number, node in enumerate(graph.node):
        if node.op_type != "Reshape" or node.input[1] not in shapes:
            continue
        sizes = numpy_helper.to_array(shapes[node.input[1]]).astype(np.int64).tolist()
        if len(sizes) > 1 and sizes[0] == batch:
            freed = [-1 if min(sizes[1:]) > 0 else 0, *sizes[1:]]
            own = f"{node.input[1]}/any_batch_{number}"  # others may use the same shape
            graph.initializer.append(numpy_helper.from_array(np.array(freed, np.int64), own))
            node.input[1] = own
