"""What is unsafe or damaged in somebody else's graph; nothing is run to find out."""

from collections.abc import Iterator

import numpy as np
import onnx
import onnx.inliner
from onnx import TensorProto, helper, numpy_helper

from fer_core.errors import ModelError, in_one_line
from fer_core.zoo.imports.source import Source

_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
_WITHOUT_END = ("Loop", "Scan")
_OLDEST_OPSET = 7

_WHOLE = "Fetch the file again, or write it again where the network was made."


def sound_graph(source: Source) -> onnx.ModelProto:
    """A graph that reads no other file, runs no others' code, has an end, and finite weights.

    Its functions are written out, and constants that were nodes are initializers.

    Args:
        source: the file.

    Raises:
        ModelError: not a graph, unsafe, or damaged.
    """
    model = _parsed(source)
    _refuse_unsafe(model, source.name)
    _lift_constants(model.graph)
    _refuse_damaged(model, source.name)
    return model


def newest_opset(model: onnx.ModelProto) -> int:
    """The version of ONNX's own operators that a graph is written in."""
    versions: list[int] = [
        entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")
    ]
    return max(versions)


def _parsed(source: Source) -> onnx.ModelProto:
    try:
        model = onnx.load_model_from_string(source.graph)
    except Exception as error:  # protobuf's errors have no common type
        raise ModelError(
            "this is no network, or a part of one",
            where=source.name,
            expected="an ONNX file",
            received=f"{source.size_bytes:,} bytes that cannot be read as one",
            remedy=_WHOLE,
        ) from error
    if not model.graph.node or not model.opset_import:
        raise ModelError(
            "there is no network in this file",
            where=source.name,
            expected="an ONNX file",
            received=f"{source.size_bytes:,} bytes without a layer",
            remedy=_WHOLE,
        )
    return model


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph and all that lie inside of its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                if inner.node or inner.initializer:
                    yield from _graphs(inner)


def _tensors(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    for graph in _graphs(model.graph):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield sparse.values
            yield sparse.indices
        for node in graph.node:
            for attribute in node.attribute:
                for tensor in (attribute.t, *attribute.tensors, attribute.sparse_tensor.values):
                    if tensor.data_type:
                        yield tensor


def _refuse_unsafe(model: onnx.ModelProto, name: str) -> None:
    """Refuse what reads other files, runs others' code or has no end; functions are written out.

    Raises:
        ModelError: external data, an operator of another maker, a loop, or a very old graph.
    """
    for tensor in _tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
            raise ModelError(
                "the weights lie in another file, and no other file is opened",
                where=name,
                expected="one file with all in it",
                received=f"{tensor.name} in {_place(tensor)}"[:200],
                remedy="Write it into one: torch.onnx.export(..., external_data=False), or "
                "onnx.save(onnx.load(FILE), 'whole.onnx').",
            )
    if model.functions:
        model.CopyFrom(onnx.inliner.inline_local_functions(model))
    for graph in _graphs(model.graph):
        for node in graph.node:
            if node.domain not in _DOMAINS:
                raise ModelError(
                    "the network has an operator that is not ONNX's own",
                    where=name,
                    expected="operators of ONNX",
                    received=f"{node.op_type} of {node.domain}"[:200],
                    remedy="Write it without optimisation for one runtime or device.",
                )
            if node.op_type in _WITHOUT_END:
                raise ModelError(
                    "the network has a loop, which may have no end",
                    where=name,
                    received=node.op_type,
                    remedy="Write it for one picture size, without control flow.",
                )
    opset = newest_opset(model)
    if opset < _OLDEST_OPSET:
        raise ModelError(
            "the file is of a very old ONNX",
            where=name,
            expected=f"opset {_OLDEST_OPSET} or newer",
            received=f"opset {opset}",
            remedy="Bring it up to date: onnx.version_converter.convert_version(model, 13).",
        )


def _place(tensor: onnx.TensorProto) -> str:
    places = [str(entry.value) for entry in tensor.external_data if entry.key == "location"]
    return places[0] if places else "?"


def _lift_constants(graph: onnx.GraphProto) -> None:
    """Constants that are written as nodes become initializers, as all else expects them."""
    kept = []
    for node in graph.node:
        attribute = node.attribute[0] if node.op_type == "Constant" and node.attribute else None
        value = None if attribute is None else _constant(attribute)
        if value is None:
            kept.append(node)
        else:
            value.name = node.output[0]
            graph.initializer.append(value)
    del graph.node[:]
    graph.node.extend(kept)


def _constant(attribute: onnx.AttributeProto) -> onnx.TensorProto | None:
    if attribute.name == "value":
        return attribute.t
    plain = helper.get_attribute_value(attribute)
    kinds: dict[str, type[np.generic]] = {"value_float": np.float32, "value_floats": np.float32}
    kinds |= {"value_int": np.int64, "value_ints": np.int64}
    kind = kinds.get(attribute.name)
    return None if kind is None else numpy_helper.from_array(np.array(plain, kind))


def _refuse_damaged(model: onnx.ModelProto, name: str) -> None:
    try:
        onnx.checker.check_model(model)
    except Exception as error:  # of the checker and of protobuf
        raise ModelError(
            "the network is damaged",
            where=name,
            received=in_one_line(error),
            remedy=_WHOLE,
        ) from error
    for tensor in _tensors(model):
        try:
            values = numpy_helper.to_array(tensor)
        except Exception as error:  # as when it is parsed
            raise ModelError(
                "a weight is damaged", where=name, received=tensor.name, remedy=_WHOLE
            ) from error
        if np.issubdtype(values.dtype, np.floating) and not np.isfinite(values).all():
            raise ModelError(
                "a weight is not a number",
                where=name,
                expected="finite weights",
                received=f"NaN or infinity in {tensor.name or 'a constant'}",
                remedy="Its training failed: take an earlier state of it.",
            )
