"""A network of an npm package, read by a script of ours under node."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import ModelError
from fer_core.evaluation.external.child import PATIENCE_S, Child
from fer_core.evaluation.external.packages import class_columns

NODE_FOLDER = Path(__file__).resolve().parent / "node"
"""``package.json``, which pins the versions, and a script for each package."""

NODE_INSTALL = f"Install Node.js 20, then: npm ci --ignore-scripts --prefix {NODE_FOLDER}"
"""How a person gets one that is on npm; it brings its own weights."""


class NodeNetwork:
    """Keeps the protocols `ExternalNetwork` and `TimesItself`; ends with this process.

    The script says ``{"version": ..., "labels": [...]}`` first, and then answers each
    ``{"pixels": base64 of n times 48x48 bytes}`` by ``{"probabilities": [[...], ...], "ms": ...}``.
    """

    def __init__(
        self,
        script: str,
        package: str,
        *,
        words: dict[str, str] | None = None,
        folder: Path | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Start the script and wait until its network is open.

        Args:
            script: its file in ``folder``.
            package: the package's name on npm.
            words: our word for each of its class names that is another.
            folder: with ``package.json``, the scripts and ``node_modules``; None: `NODE_FOLDER`.
            patience_s: see `Child`.

        Raises:
            ModelError: node is missing, the package is missing or of another version than is
                pinned, the script does not answer, or the package knows other classes.
        """
        folder = folder or NODE_FOLDER
        self.version = _checked_version(package, folder)
        node = shutil.which("node")
        if node is None:
            raise ModelError(
                "node is not installed here",
                where=package,
                expected="the program node on the path",
                remedy=NODE_INSTALL,
            )
        self._package = package
        self._child = Child(
            [node, str(folder / script)], name=package, remedy=NODE_INSTALL, patience_s=patience_s
        )
        labels = self._child.answer().get("labels", [])
        named = {column: (words or {}).get(name, name) for column, name in enumerate(labels)}
        try:
            self._order = class_columns(named, package)
        except ModelError:
            self.close()
            raise

    def probabilities(self, faces: NDArray[np.uint8]) -> NDArray[np.floating]:
        """(n, 48, 48) uint8 grey faces to (n, 7) probabilities in the order of `Emotion`."""
        found = np.array(self._read(faces)["probabilities"], np.float32)
        return found[:, self._order] if found.ndim == 2 else found

    def milliseconds(self, faces: NDArray[np.uint8]) -> float:
        """For faces (n, 48, 48) uint8, by its own clock, without the way through the pipe."""
        return float(self._read(faces)["ms"])

    def _read(self, faces: NDArray[np.uint8]) -> dict[str, Any]:
        pixels = base64.b64encode(np.ascontiguousarray(faces).tobytes()).decode("ascii")
        return self._child.ask({"pixels": pixels})

    def close(self) -> None:
        """End the script."""
        self._child.close()


def _checked_version(package: str, folder: Path) -> str:
    pinned = json.loads((folder / "package.json").read_text())["dependencies"][package]
    try:
        text = (folder / "node_modules" / package / "package.json").read_text()
    except OSError as error:
        raise ModelError(
            "the external package is not installed here",
            where=package,
            expected=f"version {pinned} in {folder / 'node_modules'}",
            received="no such package",
            remedy=NODE_INSTALL,
        ) from error
    version = str(json.loads(text).get("version"))
    if version != pinned:
        raise ModelError(
            "another version of the external package is installed here",
            where=package,
            expected=pinned,
            received=version,
            remedy=NODE_INSTALL,
        )
    return version
