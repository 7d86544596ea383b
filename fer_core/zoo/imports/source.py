"""The file of somebody else's network: its kind and size before its contents."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from fer_core.errors import ModelError, StorageError
from fer_core.storage.reading import fault, read_bytes

MAX_BYTES = 600_000_000
"""Of a network's file: a VGG-16 with its dense layers has 550 MB; nothing larger is read live."""

KERAS_MISSING = 3
"""Exit status of the process that opens Keras files, where it cannot for want of TensorFlow."""

CONVERSION_S = 300.0
"""For opening a Keras file and writing it as ONNX; a large one takes half a minute."""

_ENVELOPE_BYTES = 5_000_000
_EXPORT = "Write it as ONNX where you made it, and import that: see docs/networks.md."


@dataclass(frozen=True, slots=True)
class Source:
    """A network's file as it came, and as ONNX.

    Attributes:
        name: the file's.
        kind: in words.
        sha256, size_bytes: of the file.
        graph: as ONNX; not looked into yet.
    """

    name: str
    kind: str
    sha256: str
    size_bytes: int
    graph: bytes


def read_source(path: Path, architecture: str | None = None) -> Source:
    """Read a network's file; a Keras file is written as ONNX by a process of its own.

    Args:
        path: the file; what it is, its first bytes say.
        architecture: for an HDF5 file of weights: whose weights these are, one of those that Mien
            trains.

    Raises:
        ModelError: missing, too large, not a network, or of a kind that is not opened.
    """
    try:
        content = read_bytes(path, MAX_BYTES)
    except FileNotFoundError as error:
        raise ModelError(
            "there is no such file", where=path, remedy="Look for its name and folder."
        ) from error
    except (OSError, StorageError) as error:
        raise ModelError(
            "the network's file cannot be read",
            where=path.name,
            expected=f"a file of at most {MAX_BYTES / 1e6:,.0f} MB",
            received=fault(error),
            remedy="Import a smaller network, or store its weights as float16.",
        ) from error
    kind = _kind_of(content, path.name)
    if kind == _WEIGHTS and architecture is None:
        raise ModelError(
            "an HDF5 file may hold code, so only its weights are read, into a network of ours",
            where=path.name,
            expected="--architecture with one that Mien trains, or a .keras or ONNX file",
            remedy="Where you trust the file: keras.models.load_model(FILE).save('network.keras'), "
            "and import that.",
        )
    graph = content
    if kind == _KERAS:
        _check_keras_archive(content, path.name)
        graph = _converted(content, path.name)
    elif kind == _WEIGHTS:
        graph = _converted(content, path.name, architecture)
    return Source(path.name, kind, hashlib.sha256(content).hexdigest(), len(content), graph)


_ONNX, _KERAS, _WEIGHTS = "ONNX", "Keras", "Keras weights (HDF5)"


def _kind_of(content: bytes, name: str) -> str:
    """What a file is, by its first bytes.

    Raises:
        ModelError: nothing that is opened; says what to do with it.
    """
    if not content:
        raise ModelError("the file is empty", where=name, remedy="Fetch it again.")
    if content.startswith(b"\x89HDF\r\n\x1a\n"):
        return _WEIGHTS
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except zipfile.BadZipFile as error:
            raise ModelError(
                "the file is damaged", where=name, received=str(error), remedy="Fetch it again."
            ) from error
        if "config.json" in names and "model.weights.h5" in names:
            return _KERAS
        if any(member.endswith("/data.pkl") for member in names):
            raise _refused("a PyTorch file, which holds pickled code", name)
        raise _refused("a ZIP archive that is no .keras file", name)
    if content[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        raise _refused("a pickle, which is code", name)
    if content[4:8] == b"TFL3":
        raise _refused("a TensorFlow Lite file", name)
    if content.lstrip()[:1] in (b"<", b"{"):
        raise ModelError(
            "this is no network",
            where=name,
            expected="an ONNX or .keras file",
            received="text, perhaps the web page that stood around it",
            remedy="Fetch the file itself.",
        )
    return _ONNX  # has no first bytes of its own


def _refused(what: str, name: str) -> ModelError:
    return ModelError(
        "this kind of file is not opened",
        where=name,
        expected="an ONNX or .keras file",
        received=what,
        remedy=_EXPORT,
    )


_LAYER_NAMES = (
    "Activation ActivityRegularization Add AlphaDropout Average AveragePooling2D "
    "BatchNormalization CenterCrop Concatenate Conv2D Conv2DTranspose Cropping2D Dense "
    "DepthwiseConv2D Dot Dropout EinsumDense ELU Flatten GaussianDropout GaussianNoise "
    "GlobalAveragePooling2D GlobalMaxPooling2D GroupNormalization Identity InputLayer "
    "LayerNormalization LeakyReLU Maximum MaxPooling2D Minimum Multiply MultiHeadAttention "
    "Normalization Permute PReLU RandomBrightness RandomContrast RandomCrop RandomFlip "
    "RandomRotation RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape "
    "Resizing RMSNormalization SeparableConv2D Softmax SpatialDropout2D "
    "SpectralNormalization Subtract UnitNormalization UpSampling2D ZeroPadding2D"
)
_LAYERS = frozenset(_LAYER_NAMES.split())
"""Layers of Keras that image classifiers are made of. Anything else is refused by name: among the
others are those that run code, open files or load further networks (Lambda, TFSMLayer,
StringLookup, TorchModuleWrapper ...), and of `safe_mode` a way around has been found about four
times a year."""

_MODELS = frozenset({"Functional", "Sequential", "Model"})
_SETTINGS = ("initializers", "regularizers", "constraints", "optimizers", "losses", "metrics")


def _check_keras_archive(content: bytes, name: str) -> None:
    """Refuse a .keras file with anything in it but the layers of `_LAYERS`.

    Raises:
        ModelError: an unusual member, one that is too large, or another layer.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist()}
            if strange := sizes.keys() - {"metadata.json", "config.json", "model.weights.h5"}:
                raise ModelError(
                    "the file holds more than a network",
                    where=name,
                    expected="config.json, metadata.json and model.weights.h5",
                    received=", ".join(sorted(strange))[:200],
                    remedy=_EXPORT,
                )
            if sizes["model.weights.h5"] > MAX_BYTES or sizes["config.json"] > _ENVELOPE_BYTES:
                raise ModelError(
                    "the network is too large",
                    where=name,
                    expected=f"at most {MAX_BYTES / 1e6:,.0f} MB of weights",
                    received=f"{sum(sizes.values()) / 1e6:,.0f} MB unpacked",
                    remedy="Import a smaller network.",
                )
            config = json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, ValueError, KeyError, RecursionError, OSError, EOFError) as error:
        raise ModelError(
            "the .keras file is damaged",
            where=name,
            received=str(error)[:200],
            remedy="Fetch it again, or save it again.",
        ) from error
    waiting: list[object] = [config]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            _check_item(item, name)
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _check_item(item: dict[str, object], name: str) -> None:
    """Refuse a serialised object that is no layer, network or setting of Keras itself."""
    kind, module = item.get("class_name"), str(item.get("module"))
    if not isinstance(kind, str) or kind in ("__keras_tensor__", "__tensor__"):
        return
    group = module.removeprefix("keras.").removeprefix("src.").split(".")[0]
    allowed = (
        kind in _LAYERS
        if group == "layers"
        else kind in _MODELS
        if group in ("keras", "models")
        else group in _SETTINGS
    ) or kind in ("DTypePolicy", "__numpy__")
    if not (module == "keras" or module.startswith("keras.")) or not allowed:
        raise ModelError(
            "the network holds a part that could be code of its own",
            where=name,
            expected="layers that Keras itself has and that open or run nothing",
            received=f"{kind} of {module}"[:200],
            remedy="Write it as ONNX where you trust it, and import that: see docs/networks.md.",
        )


def _converted(content: bytes, name: str, architecture: str | None = None) -> bytes:
    """A Keras file as ONNX, by a process of its own: TensorFlow is not to be loaded here.

    Raises:
        ModelError: TensorFlow is missing, the file cannot be opened, or it takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="mien-") as folder:
        # A copy: what was checked is what is opened.
        source = Path(folder) / ("network.weights.h5" if architecture else "network.keras")
        source.write_bytes(content)
        target = Path(folder) / "network.onnx"
        command = [sys.executable, "-m", "fer_core.training.export.keras_file"]
        command += [str(source), str(target), *([architecture] if architecture else [])]
        try:
            done = subprocess.run(
                command,
                cwd=Path(__file__).resolve().parents[3],
                env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"},
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=CONVERSION_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ModelError(
                "the Keras file took too long to open",
                where=name,
                expected=f"at most {CONVERSION_S:.0f} s",
                remedy=_EXPORT,
            ) from error
        if done.returncode == 0:
            return target.read_bytes()
        if done.returncode == KERAS_MISSING:
            raise ModelError(
                "a Keras file is opened by TensorFlow, which is not installed",
                where=name,
                remedy='Install it: pip install "mien[train]". Or write the network as ONNX where '
                "you made it, and import that: see docs/networks.md.",
            )
        lines = done.stderr.strip().splitlines()
        raise ModelError(
            "the Keras file cannot be used",
            where=name,
            received=lines[-1][:300] if lines else f"it ended with {done.returncode}",
            remedy=_EXPORT,
        )
