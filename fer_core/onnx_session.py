"""Opening ONNX Runtime's sessions, the same way everywhere."""

import onnxruntime


def open_session(
    graph: bytes, *, threads: int = 1, plans_memory: bool = True
) -> onnxruntime.InferenceSession:
    """A session on the processor, silent but for errors.

    Args:
        graph: the ONNX file's bytes.
        threads: within one call; 1 leaves the other cores to other viewers and workers, and is the
            fastest for one face or a small picture; 0 for as many as there are cores.
        plans_memory: memory is laid out once for each input size, which grows where inputs are of
            many sizes.

    Raises:
        Exception: a dozen unrelated types of ONNX Runtime's own.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = plans_memory
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
