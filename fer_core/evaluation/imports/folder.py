"""Somebody else's network as a model folder: measured, in the ledger, on every page."""

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from fer_core.dataset import Fer2013, Split
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.calibration import fit_known_temperature, known_classes
from fer_core.evaluation.evaluate import both_logits, split_figures
from fer_core.evaluation.imports.plan import ImportPlan
from fer_core.evaluation.measuring import measure_private_test
from fer_core.evaluation.summary import HISTORY_COLUMNS, read_metrics
from fer_core.faces import Restoration
from fer_core.metrics import SplitReport, choose_unsure_threshold
from fer_core.storage.atomic import new_folder, write_npz
from fer_core.storage.machine import processor_name
from fer_core.zoo import (
    CARD_FILE,
    GRAPH_FILE,
    HISTORY_FILE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    Classifier,
    Licence,
    Look,
    ModelCard,
    check_folder,
    check_weights,
    enter_look,
    file_entries,
    find_folders,
    read_card,
    read_ledger,
    softmax,
    stored_weights_digest,
)
from fer_core.zoo.card import SLUG_PATTERN
from fer_core.zoo.imports import prepared_network, served_network
from fer_core.zoo.layers import graph_cost
from fer_core.zoo.stated import stated_confidence

ORIGIN = "imported"
UNKNOWN = "unknown"
"""Licence of a network of which nobody said one."""

NOT_CHOSEN = 1.0
"""Temperature of a network of which neither its file nor PublicTest has said one."""

_STATED_NOTE = "Its file says what its confidence is worth, for these very weights; that is kept."

INTENDED_USE = (
    "Learning and research: comparing a network of one's own with others. Not for decisions about "
    "people; not at work, at school, in hiring or in policing."
)
LIMITS = (
    "Imported: Mien does not know what it learned from. Where that was PublicTest or PrivateTest, "
    "its figures flatter. It names what a face shows, not what a person feels."
)


@dataclass(frozen=True, slots=True)
class Naming:
    """How an imported network is called.

    Attributes:
        slug: name of its folder, and on the command line.
        title: shown to people; "" makes one of the slug.
        licence: what its maker allows; "" where that is not known.
    """

    slug: str
    title: str = ""
    licence: str = ""


Progress = Callable[[int, int], None]
"""Called with faces read and faces in all."""


def check_place(slug: str, imports: Path, *others: Path, replacing: bool = False) -> None:
    """Refuse a name that another network has.

    Args:
        slug: the new network's.
        imports: folder that it goes into.
        others: further folders of models.
        replacing: an imported network of that name may go.

    Raises:
        ModelError: the name is taken, or no name.
    """
    if not re.fullmatch(SLUG_PATTERN, slug):
        raise ModelError(
            "a network cannot be called this",
            where="slug",
            expected="lower-case letters, digits and _, a letter first, at most 40",
            received=slug[:80],
            remedy="Choose another: --slug my_network. Its title may be anything: --title.",
        )
    folders, _ = find_folders(*others, imports)
    taken = folders.get(slug)
    if taken is None or (replacing and taken.parent == imports):
        return
    own = taken.parent == imports
    raise ModelError(
        "there is a network of this name",
        where=taken,
        received=slug,
        remedy="Take another name" + (", or replace it with --replace." if own else "."),
    )


def write_import(
    plan: ImportPlan,
    naming: Naming,
    imports: Path,
    data: Fer2013 | None,
    progress: Progress = lambda done, total: None,
) -> Path:
    """Write a model folder that serves and compares like those that ship.

    With FER2013, temperature and threshold are chosen on PublicTest unless the file states them
    (`zoo.stated`), PrivateTest is measured, and that is entered as a look in the ledger of
    ``imports``; without, the folder has no figures.

    Args:
        plan: of `plan_import`.
        naming: of the network; its name is free, see `check_place`.
        imports: folder of imported models; made where it is missing.
        data: FER2013.
        progress: called now and then.

    Returns:
        ``imports/<slug>``.

    Raises:
        ModelError: it cannot be run, or the ledger is damaged.
        StorageError: the folder or the ledger cannot be written.
    """
    folder = imports / naming.slug
    model = served_network(
        prepared_network(plan.network, plan.preparation),
        plan.order,
        probabilities=plan.probabilities,
    )
    read_ledger(imports)  # now, rather than after the look
    with new_folder(folder) as staged:
        onnx.save(model, staged / GRAPH_FILE)
        card = _card(plan, naming, model)
        if data is not None:
            card = measure_foreign(card, data, staged, progress)
        finish_folder(card, staged)
        if data is not None:
            enter_measured_look(imports, card.slug, staged)
    check_folder(folder)
    check_weights(folder)
    return folder


def remove_import(folder: Path) -> None:
    """Remove the folder of an imported network or of one's own; its looks stay in the ledger.

    Raises:
        ModelError: it is one of those that ship.
    """
    card = read_card(folder)
    if card.imported is None and card.own is None:
        raise ModelError(
            "only imported networks and those that you trained are removed",
            where=folder,
            expected="a card that says so",
            remedy="Remove the folder yourself, if you mean it.",
        )
    aside = folder.with_name(f".{folder.name}.removed")
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)  # gone at once, for whoever looks
    shutil.rmtree(aside, ignore_errors=True)


def _card(plan: ImportPlan, naming: Naming, model: onnx.ModelProto) -> ModelCard:
    """What is known before any answer."""
    parameters, work = graph_cost(model)
    licence = naming.licence or UNKNOWN
    stated = stated_confidence(plan.network.model)
    notes = (*plan.imported.notes, *plan.doubts, *([_STATED_NOTE] if stated else []))
    producer = f"{plan.network.model.producer_name} {plan.network.model.producer_version}"
    return ModelCard(
        slug=naming.slug,
        title=naming.title or naming.slug.replace("_", " ").capitalize(),
        architecture=_architecture(plan.network.model),
        origin=ORIGIN,
        published=None,
        input=replace(
            plan.preparation.input_spec(plan.margin),
            restoration=stated.restoration if stated else Restoration.NONE,
        ),
        labels=LABELS,
        parameters=max(parameters, 1),
        multiply_accumulates=max(work, 1),
        recipe={},
        epochs=0,
        train_seconds=0.0,
        processor=processor_name(),
        seed=0,
        precision="float32",
        dataset_fingerprint="",
        versions={
            "made by": producer.strip() or UNKNOWN,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
        },
        temperature=stated.temperature if stated else NOT_CHOSEN,
        unsure_threshold=stated.unsure_threshold if stated else 0.0,
        calibration=stated.calibration if stated else None,
        status="complete",
        intended_use=INTENDED_USE,
        limits=LIMITS,
        licence=Licence(code=licence, weights=licence),
        imported=plan.imported.model_copy(update={"notes": notes}),
        files={},
    )


_LAYER_WORDS = {
    "Conv": "convolution",
    "ConvTranspose": "transposed convolution",
    "Gemm": "dense layer",
    "MatMul": "matrix product",
    "MaxPool": "max pooling",
    "AveragePool": "average pooling",
    "GlobalAveragePool": "global average pooling",
    "BatchNormalization": "batch normalisation",
    "LayerNormalization": "layer normalisation",
}


def _architecture(model: onnx.ModelProto) -> str:
    """The layers of a graph, counted."""
    counts = Counter(node.op_type for node in model.graph.node)
    words = [
        f"{counts[kind]} {name}{'s' if counts[kind] > 1 else ''}"
        for kind, name in _LAYER_WORDS.items()
        if counts[kind]
    ]
    return f"ONNX graph of {len(model.graph.node)} nodes: {', '.join(words) or 'others'}"


def measure_foreign(card: ModelCard, data: Fer2013, staged: Path, progress: Progress) -> ModelCard:
    """The card with temperature and threshold; leaves figures and answers in the folder."""
    sizes = [len(data.rows(split)) for split in (Split.PUBLIC_TEST, Split.PRIVATE_TEST)]
    total = sum(sizes)
    classifier = Classifier(card, staged / GRAPH_FILE, threads=0)
    pixels, labels = data.part(Split.PUBLIC_TEST)
    logits, logits_flip = both_logits(classifier, pixels, lambda read: progress(read, total))
    card = card.model_copy(update={"dataset_fingerprint": data.fingerprint})
    if card.temperature == NOT_CHOSEN:
        temperature = fit_known_temperature(logits, labels, known_classes(card))
        threshold = choose_unsure_threshold(softmax(logits, temperature), labels)
        card = card.model_copy(update={"temperature": temperature, "unsure_threshold": threshold})
    write_npz(
        staged / PREDICTIONS_FILE, {"public_logits": logits, "public_logits_flip": logits_flip}
    )
    public = split_figures(data, Split.PUBLIC_TEST, logits, logits_flip, card.temperature)
    private = measure_private_test(
        Classifier(card, staged / GRAPH_FILE, threads=0),
        data,
        staged,
        lambda read: progress(sizes[0] + read, total),
    )
    _write_figures(staged, private, public)
    return card


def _write_figures(staged: Path, private: SplitReport, public: SplitReport) -> None:
    figures = private.model_dump() | {"public_test": public.model_dump()}
    (staged / METRICS_FILE).write_text(json.dumps(figures, indent=2) + "\n")
    with (staged / HISTORY_FILE).open("w", newline="") as stream:
        csv.writer(stream).writerow(HISTORY_COLUMNS)  # it was trained elsewhere


def finish_folder(card: ModelCard, staged: Path) -> None:
    """Write the card, with the digest of every other file."""
    whole = card.model_copy(update={"files": file_entries(staged)})
    (staged / CARD_FILE).write_text(whole.to_json())


def enter_measured_look(imports: Path, slug: str, staged: Path) -> None:
    """The look has happened: it is entered even if putting the folder in place should fail.

    The same network measured again tells nothing new, but prepared another way it may: unless
    weights and figures are those of a look that is there, this is another one.
    """
    figures = read_metrics(staged)
    look = Look(
        date=datetime.now(UTC).date(),
        slug=slug,
        weights_sha256=stored_weights_digest(staged),
        public_accuracy=round(figures.public_test.accuracy, 6),
        private_accuracy=round(figures.accuracy, 6),
    )
    same = {"date": look.date}
    if look not in [before.model_copy(update=same) for before in read_ledger(imports)]:
        enter_look(imports, look)
