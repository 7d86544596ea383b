"""The network that everything serves from: ONNX Runtime, no TensorFlow."""

import copy
from pathlib import Path
from typing import Self

import numpy as np
import onnx
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError, ModelError, in_one_line
from fer_core.onnx_session import open_session
from fer_core.zoo.card import ModelCard
from fer_core.zoo.confidence import Confidence
from fer_core.zoo.graph import keep_outputs
from fer_core.zoo.predictions import Predictions
from fer_core.zoo.voters import VOTERS_MAPS_NAME, VOTERS_NAME, AnswersAs

INPUT_NAME = "faces"
OUTPUT_NAME = "logits"
MAPS_NAME = "maps"
"""The second output: (n, 7, h, w) float32, for each class where in the face its score comes from.

A map is the last feature maps before pooling or flattening, weighted and added up; a channel's
weight is the gradient of the class's logit, summed over positions (Grad-CAM, Selvaraju et al. 2017,
arXiv:1610.02391, times the number of positions). Where a network pools globally into one dense
layer, this is the class activation map (Zhou et al. 2016, arXiv:1512.04150): its mean plus the bias
is the logit. In units of the logit, unclipped: below zero is what speaks against the class.
"""

_OUTPUTS = {
    AnswersAs.LABELS: (OUTPUT_NAME, MAPS_NAME),
    AnswersAs.VOTERS: (VOTERS_NAME, VOTERS_MAPS_NAME),
}
"""Names of the scores and of their maps in a graph, by whose word they are."""


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> NDArray[np.float32]:
    """Row-wise softmax of (n, k) logits divided by ``temperature``: (n, k) float32."""
    # As `scipy.special.softmax`, bit for bit; importing that takes longer than a face in `predict`.
    scaled = np.asarray(logits, np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True, initial=-np.inf)
    exponents = np.exp(scaled)
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True), np.float32)


class Classifier:
    """A trained network, ready to read faces. Safe to share between threads.

    Attributes:
        card: the model's card; its `input` says how faces have to be cropped, its `answers_as`
            whose word the answers are.
        views: how often `predict` looks at each face: 1, as it is; 2, also as in a mirror, when the
            logits' mean counts (test-time augmentation): a little more often right, for twice the
            network's time.
    """

    def __init__(
        self, card: ModelCard, graph: bytes | Path, *, threads: int = 1, maps: bool = False
    ) -> None:
        """Open a session on a graph.

        Args:
            card: the model's card.
            graph: the ONNX file's path or bytes.
            threads: of ONNX Runtime within one call; 1 leaves the other cores to other viewers.
            maps: keep the activation maps in the graph; without, they cost nothing.

        Raises:
            ModelError: the graph cannot be read, or takes or gives something else than the card
                says; or maps are asked of a graph without them.
        """
        self._scores, self._maps = _OUTPUTS[card.answers_as]
        wanted = [self._scores, self._maps] if maps else [self._scores]
        try:
            self._session = open_session(_cut(graph, wanted), threads=threads)
        except Exception as error:  # ONNX Runtime raises a dozen unrelated types here
            raise ModelError(
                "the network cannot be loaded",
                where=card.slug,
                received=in_one_line(error),
                remedy="Restore the folder, or choose another model.",
            ) from error
        self.card = card
        self.views = 1
        self._check_signature()
        if maps and self._maps not in self.outputs:
            raise ModelError(
                "the network's file has no activation maps",
                where=card.slug,
                expected=f"an output {self._maps}",
                received=", ".join(self.outputs),
                remedy=f"Add them: python -m fer_core repackage {card.slug}"
                if card.imported is None
                else "An imported network has none; every other view works for it.",
            )

    def with_views(self, views: int) -> Self:
        """The same network with another number of views; takes no more memory.

        Raises:
            ContractError: neither 1 nor 2.
        """
        if views not in (1, 2):
            raise ContractError(
                "faces are looked at once or twice",
                where="Classifier.with_views",
                expected="1 or 2",
                received=views,
            )
        other = copy.copy(self)
        other.views = views
        return other

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the loaded graph computes: scores, and their maps if asked for."""
        return tuple(value.name for value in self._session.get_outputs())

    def _check_signature(self) -> None:
        inputs = {value.name: value.shape[1:] for value in self._session.get_inputs()}
        outputs = {value.name: value.shape[1:] for value in self._session.get_outputs()}
        expected = {INPUT_NAME: list(self.card.input.shape)}
        if inputs != expected or outputs.get(self._scores) != [len(LABELS)]:
            raise ModelError(
                "the network takes or gives something else than its card says",
                where=self.card.slug,
                expected=f"{expected} -> {self._scores} {[len(LABELS)]}",
                received=f"{inputs} -> {outputs}",
                remedy="Restore the folder, or choose another model.",
            )

    def logits(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Raw scores of one view, whatever `views` says.

        Args:
            crops: (n, side, side, channels) uint8 as `faces.crop_faces` makes them; n may be 0.

        Returns:
            (n, 7) float32.

        Raises:
            ContractError: crops of another shape or type.
            ModelError: the graph fails, or answers in another shape or with what is no number.
        """
        self._check_crops(crops)
        if not len(crops):
            return np.empty((0, len(LABELS)), np.float32)
        (values,) = self._run([self._scores], crops)
        return values

    def logits_by_view(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Raw scores of each face as it is, and as in a mirror.

        Args:
            crops: as for `logits`.

        Returns:
            (2, n, 7) float32.

        Raises:
            ContractError, ModelError: as `logits`.
        """
        self._check_crops(crops)
        seen = self.logits(np.concatenate([crops, crops[:, :, ::-1]]))
        return seen.reshape(2, len(crops), len(LABELS))

    def activation_maps(
        self, crops: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Raw scores, and where in each face they come from; see `MAPS_NAME`.

        Args:
            crops: (n, side, side, channels) uint8, n >= 1.

        Returns:
            Logits (n, 7) and maps (n, 7, h, w), both float32.

        Raises:
            ContractError: crops of another shape or type.
            ModelError: the graph fails, or answers in another shape or with what is no number.
        """
        self._check_crops(crops)
        logits, maps = self._run([self._scores, self._maps], crops)
        return logits, maps

    def _run(self, outputs: list[str], crops: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """The named outputs, logits first; what a graph does is only seen when it is run."""
        try:
            values = self._session.run(outputs, {INPUT_NAME: crops.astype(np.float32)})
        except Exception as error:  # as when it is loaded
            raise ModelError(
                "the network fails when it reads a face",
                where=self.card.slug,
                received=in_one_line(error),
                remedy="Restore the folder, or choose another model.",
            ) from error
        if values[0].shape != (len(crops), len(LABELS)):
            raise ModelError(
                "the network answers in another shape than it promised",
                where=self.card.slug,
                expected=(len(crops), len(LABELS)),
                received=values[0].shape,
                remedy="Restore the folder, or choose another model.",
            )
        if not np.isfinite(values[0]).all():
            raise ModelError(
                "the network answers with what is no number",
                where=self.card.slug,
                expected="finite scores",
                received="NaN or infinity",
                remedy="Restore the folder, or choose another model.",
            )
        return [np.asarray(value, np.float32) for value in values]

    def _check_crops(self, crops: NDArray[np.uint8]) -> None:
        if crops.shape[1:] != self.card.input.shape or crops.dtype != np.uint8:
            raise ContractError(
                "crops do not fit the network",
                where=self.card.slug,
                expected=f"(n, {', '.join(map(str, self.card.input.shape))}) uint8",
                received=f"{crops.shape} {crops.dtype}",
            )

    @property
    def confidence(self) -> Confidence:
        """The card's numbers for this number of views."""
        return self.card.confidence(self.views)

    def predict(self, crops: NDArray[np.uint8]) -> Predictions:
        """Calibrated probabilities of (n, side, side, channels) uint8 crops, by `views`; n >= 0."""
        logits = self.logits(crops) if self.views == 1 else self.logits_by_view(crops).mean(axis=0)
        told = self.confidence
        probabilities = softmax(logits, told.temperature)
        return Predictions.of(probabilities, told, self.views, self.card.answers_as)


def _cut(graph: bytes | Path, wanted: list[str]) -> bytes:
    """A graph's bytes with the wanted outputs that are there, the first of which has to be."""
    content = graph if isinstance(graph, bytes) else graph.read_bytes()
    model = onnx.load_model_from_string(content)
    given = {value.name for value in model.graph.output}
    if wanted[0] not in given or given <= set(wanted):
        return content
    keep_outputs(model, wanted)
    return bytes(model.SerializeToString())
