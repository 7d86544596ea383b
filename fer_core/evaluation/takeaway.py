"""A network to take away: its folder as a ZIP, and a card as the Hugging Face hub reads it."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from fer_core.emotions import LABELS
from fer_core.evaluation.dataset_files import EVALUATIONS, measured_datasets, read_evaluation
from fer_core.evaluation.families import Family, read_family
from fer_core.evaluation.seeds import SEEDS
from fer_core.evaluation.summary import Metrics, read_metrics
from fer_core.faces import Restoration
from fer_core.zoo import CARD_FILE, GRAPH_FILE, INPUT_NAME, OUTPUT_NAME, ModelCard, check_folder
from fer_core.zoo.voters import VOTERS_NAME

README = "README.md"

_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def folder_zip(folder: Path) -> bytes:
    """A model's folder as a ZIP file: what its card names, the card, and a README of both.

    The figures of its seeds and of other data sets travel with it.

    Unpacked into a folder of models it serves at once; the same folder gives the same bytes.

    Args:
        folder: ``models/<slug>``.

    Raises:
        ModelError: the folder is not sound.
    """
    card = check_folder(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted([*card.files, CARD_FILE, *_kept_figures(folder)]):
            _add(archive, f"{card.slug}/{name}", (folder / name).read_bytes())
        _add(archive, f"{card.slug}/{README}", hub_card(folder).encode())
    return packed.getvalue()


def _kept_figures(folder: Path) -> list[str]:
    """What was measured of the network later or of its seeds, which its card does not name."""
    found = (
        path
        for place in (EVALUATIONS, SEEDS)
        for kind in ("json", "npz")
        for path in (folder / place).glob(f"[!.]*.{kind}")
    )
    return [path.relative_to(folder).as_posix() for path in found if path.is_file()]


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name)  # without the time of today
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, content)


def hub_card(folder: Path) -> str:
    """A model card as `README.md`: the metadata that the hub reads, then the same for people.

    Args:
        folder: ``models/<slug>``.

    Raises:
        ModelError: the folder is not sound.
    """
    card = check_folder(folder)
    metrics = read_metrics(folder) if card.is_measured else None
    others = _other_figures(folder, card)
    metadata: dict[str, Any] = {
        **_licence(card),
        "library_name": "onnx",
        "pipeline_tag": "image-classification",
        "tags": ["onnx", "facial-expression-recognition", "emotion-recognition", "fer2013"],
    }
    if metrics is not None:
        metadata["model-index"] = [{"name": card.title, "results": [*_results(metrics), *others]}]
    # JSON is YAML too, which the hub reads; it needs no library and no escaping of ours.
    head = json.dumps(metadata, indent=2, ensure_ascii=False)
    return f"---\n{head}\n---\n\n{_text(card, metrics, read_family(folder))}"


def _licence(card: ModelCard) -> dict[str, str]:
    """Of the weights, which is what is shared; a sentence of it is no name that the hub knows."""
    weights = card.licence.weights
    if weights == "unknown" or _SPDX.fullmatch(weights):
        return {"license": weights.lower()}
    return {"license": "other", "license_name": "see-below"}


def _results(metrics: Metrics) -> list[dict[str, Any]]:
    return [
        _result(f"FER2013 {split}", "fer2013", split, figures.accuracy, figures.macro_f1)
        for split, figures in (("PrivateTest", metrics), ("PublicTest", metrics.public_test))
    ]


def _other_figures(folder: Path, card: ModelCard) -> list[dict[str, Any]]:
    found = (read_evaluation(folder, name) for name in measured_datasets([folder]))
    return [
        _result(one.dataset, one.dataset, one.split, one.accuracy, one.macro_f1)
        for one in found
        if one is not None and one.is_about(card)
    ]


def _result(name: str, kind: str, split: str, accuracy: float, macro_f1: float) -> dict[str, Any]:
    return {
        "task": {"type": "image-classification", "name": "Facial expression recognition"},
        "dataset": {"name": name, "type": kind, "split": split},
        "metrics": [
            {"type": "accuracy", "value": round(accuracy, 6)},
            {"type": "f1", "name": "Macro-F1", "value": round(macro_f1, 6)},
        ],
    }


def _text(card: ModelCard, metrics: Metrics | None, family: Family | None) -> str:
    side, _, channels = card.input.shape
    colours = "grey" if channels == 1 else "RGB"
    figures = (
        f"{metrics.accuracy:.1%} right (95 %: {metrics.accuracy_low:.1%} to "
        f"{metrics.accuracy_high:.1%}) of {metrics.n:,} PrivateTest faces, macro-F1 "
        f"{metrics.macro_f1:.3f}; {metrics.accuracy_twin_free:.1%} on those that are no copy of a "
        "training image."
        if metrics
        else "Not measured."
    )
    if family is not None:
        others = "" if family.is_of_shipped_recipe else " These weights were trained otherwise."
        figures += f" Mean ± standard deviation of {family.figures_text()}.{others}"
    restoration = (
        " Faces that a camera saw badly are restored first, as `fer_core.faces.to_network_input` "
        "does it; figures are with that."
        if card.input.restoration != Restoration.NONE
        else ""
    )
    second = (
        f"\n\n`{VOTERS_NAME}` (n, {len(LABELS)}) is its answer to other pictures than FER2013's: "
        f"what most of FER+'s voters would name, as it does for {card.voters.accuracy:.1%} of "
        f"{card.voters.n:,} PublicTest faces. Its temperature is "
        f"{card.voters.calibration.one_view.temperature:.4g}; below "
        f"{card.voters.calibration.one_view.unsure_threshold:.0%} a face is better called unsure."
        if card.voters
        else ""
    )
    return f"""# {card.title}

{card.architecture}. Origin: {card.origin}.

**Figures.** {figures}

**Meant for.** {card.intended_use}

**Limits.** {card.limits}

**Licence.** Code: {card.licence.code}. Weights: {card.licence.weights}

## Use

`{GRAPH_FILE}` takes `{INPUT_NAME}`, float32 (n, {side}, {side}, {channels}), 0-255, {colours};
normalisation is inside.{restoration}

It gives `{OUTPUT_NAME}` (n, {len(LABELS)}) for {", ".join(LABELS)}.
Probabilities are softmax(logits / {card.temperature:.4g}); below \
{card.unsure_threshold:.0%} a face is better called unsure.{second}

```python
import numpy as np, onnxruntime
session = onnxruntime.InferenceSession("{GRAPH_FILE}")
faces = np.zeros((1, {side}, {side}, {channels}), np.float32)  # a face that fills the picture
logits = session.run(["{OUTPUT_NAME}"], {{"{INPUT_NAME}": faces}})[0]
```
"""
