"""What Mien takes somebody else's network for, before anything is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_core.dataset import Fer2013
from fer_core.emotions import LABELS
from fer_core.errors import ModelError
from fer_core.evaluation.imports.trials import CHANCE, OTHER_ORDER, Progress, Tried, try_all
from fer_core.zoo import Imported, ImportSetting
from fer_core.zoo.imports import (
    Candidates,
    ClassOrder,
    ForeignNetwork,
    Preparation,
    Probe,
    Said,
    find_candidates,
    named_order,
    prepared_network,
    probe,
    read_network,
    read_source,
)


@dataclass(frozen=True, slots=True, eq=False)
class ImportPlan:
    """A network that was read, tried and understood.

    Attributes:
        network: as it came.
        preparation: of faces for it.
        order: what its outputs mean.
        probabilities: its scores are probabilities.
        margin: of the crop, see `InputSpec`.
        seconds_per_face: on one core.
        imported: for its card.
        doubts: why it may not be what it was taken for, a sentence each; () where all is well.
    """

    network: ForeignNetwork
    preparation: Preparation
    order: ClassOrder
    probabilities: bool
    margin: float
    seconds_per_face: float
    imported: Imported
    doubts: tuple[str, ...]

    def summary(self) -> dict[str, Any]:
        """For programs and pages: what was found, and how."""
        return {
            **self.imported.model_dump(mode="json"),
            "seconds_per_face": self.seconds_per_face,
            "doubts": list(self.doubts),
        }


def plan_import(
    path: Path,
    said: Said,
    data: Fer2013 | None,
    progress: Progress = lambda done, total: None,
) -> ImportPlan:
    """Read a network's file, and find out what it does not say by trying on PublicTest.

    Args:
        path: an ONNX or Keras file that anybody may have made.
        said: what a person says of it.
        data: FER2013; without it nothing can be tried.
        progress: called with faces tried and faces in all.

    Raises:
        ModelError: unsafe, damaged, no classifier of ours; or something has to be tried and there
            is no FER2013 here.
    """
    network = read_network(read_source(path, said.architecture), said.output)
    order, how_order, doubt = _stated_order(network, said)
    candidates = find_candidates(network, said)
    candidates, first = _runnable(network, candidates)
    if data is None:
        return _plan_untried(network, candidates, order, how_order, first, said)
    found = try_all(network, candidates.preparations, order, data, progress)
    notes = [*doubt, *_trial_notes(found, how_order)]
    return _plan(network, candidates, found[0], how_order, first, said, found, notes)


def _stated_order(
    network: ForeignNetwork, said: Said
) -> tuple[ClassOrder | None, str, tuple[str, ...]]:
    """The order of classes that a person or the file states, how it became known, and a note."""
    if said.labels is not None:
        return named_order(said.labels, network.outputs), "said", ()
    if network.labels is not None:
        try:
            return ClassOrder.of(network.labels), "file", ()
        except ModelError as error:
            return None, "tried", (f"The labels in the file cannot be used: {error}",)
    return None, "tried", ()


def _runnable(network: ForeignNetwork, candidates: Candidates) -> tuple[Candidates, Probe]:
    """Those of the candidates that run at all, tried once for each kind of input.

    Raises:
        ModelError: none does; of the last one.
    """
    kept: list[Preparation] = []
    known: dict[tuple[object, ...], Probe | ModelError] = {}
    for preparation in candidates.preparations:
        key = preparation.height, preparation.width, preparation.layout, preparation.colours
        if key not in known:
            try:
                known[key] = probe(prepared_network(network, preparation), network.source.name)
            except ModelError as error:
                known[key] = error
        if isinstance(known[key], Probe):
            kept.append(preparation)
    runs = [found for found in known.values() if isinstance(found, Probe)]
    if not runs:
        raise next(found for found in known.values() if isinstance(found, ModelError))
    return Candidates(tuple(kept), candidates.how), runs[0]


def _plan_untried(
    network: ForeignNetwork,
    candidates: Candidates,
    order: ClassOrder | None,
    how_order: str,
    first: Probe,
    said: Said,
) -> ImportPlan:
    open_settings = [
        name
        for name in candidates.preparations[0].settings()
        if len({one.settings()[name] for one in candidates.preparations}) > 1
    ]
    if order is None:
        open_settings.append("labels")
    if open_settings or order is None:
        raise ModelError(
            "not all that has to be known stands in the file",
            where=network.source.name,
            expected=", ".join(f"--{name}" for name in open_settings),
            received="no FER2013 to find it out with",
            remedy="Say it, or import FER2013: python -m fer_core data import FER2013.csv",
        )
    tried = Tried(
        preparation=candidates.preparations[0],
        order=order,
        order_name="",
        accuracy=0.0,
        n=0,
        fitting=0.0,
        fitting_order=order,
        probabilities=first.probabilities,
    )
    notes = ["There is no FER2013 here, so whether it reads faces at all was not tried."]
    return _plan(network, candidates, tried, how_order, first, said, [], notes)


def _plan(
    network: ForeignNetwork,
    candidates: Candidates,
    chosen: Tried,
    how_order: str,
    first: Probe,
    said: Said,
    found: list[Tried],
    notes: list[str],
) -> ImportPlan:
    settings = {
        name: ImportSetting(value=value, how=candidates.how[name])
        for name, value in chosen.preparation.settings().items()
    }
    words = chosen.order_name or chosen.order.text()
    settings["labels"] = ImportSetting.model_validate({"value": words, "how": how_order})
    source = network.source
    return ImportPlan(
        network=network,
        preparation=chosen.preparation,
        order=chosen.order,
        probabilities=chosen.probabilities,
        margin=said.margin,
        seconds_per_face=first.seconds,
        imported=Imported(
            file=source.name,
            sha256=source.sha256,
            bytes=source.size_bytes,
            kind=source.kind,
            settings=settings,
            classes=tuple(
                None if emotion is None else emotion.label for emotion in chosen.order.classes
            ),
            trials=tuple(one.trial() for one in found) if len(found) > 1 else (),
            notes=(*_notes(network, chosen, candidates), *notes),
        ),
        doubts=tuple(_doubts(chosen, how_order) if found else ()),
    )


def _notes(network: ForeignNetwork, chosen: Tried, candidates: Candidates) -> list[str]:
    """What a person should know of how a network is read."""
    notes = []
    if network.ending:
        notes.append(
            f"Its {network.ending} was taken off its end: what is before it are the logits."
        )
    elif chosen.probabilities:
        notes.append("It answers with probabilities; their logarithms are taken for logits.")
    if missing := [emotion.label for emotion in chosen.order.missing]:
        notes.append(
            f"It does not know {' and '.join(missing)}: it never answers that, and such faces "
            "count as wrong, as they would for whoever uses it."
        )
    if left := [
        word
        for word, emotion in zip(chosen.order.words, chosen.order.classes, strict=True)
        if emotion is None
    ]:
        notes.append(
            f"It also has {len(left)} output{'s' if len(left) > 1 else ''} that "
            f"{'are' if len(left) > 1 else 'is'} none of the {len(LABELS)} classes ("
            f"{', '.join(left)}), which is left out: the likeliest of the {len(LABELS)} is its "
            "answer."
        )
    if candidates.how["channels"] == "usual":
        notes.append(
            "It gets colours as red, green, blue. FER2013 is grey and cannot tell; where it "
            "learned from grey faces, --channels grey3 suits it better."
        )
    return notes


def _trial_notes(found: list[Tried], how_order: str) -> list[str]:
    best = found[0]
    notes = []
    if len(found) > 1:
        chosen, other = best.preparation.settings(), found[1].preparation.settings()
        differing = [name for name in chosen if chosen[name] != other[name]]
        notes.append(
            f"Found by trying on PublicTest: {_words(chosen, differing)} is right on "
            f"{best.accuracy:.1%} of {best.n:,} faces; the next best, {_words(other, differing)}, "
            f"on {found[1].accuracy:.1%} of {found[1].n:,}."
        )
    if how_order == "tried":
        notes.append(
            f"The order of its classes was found by trying: {best.order.text()}"
            + (f", the order called {best.order_name}." if best.order_name else ".")
        )
    return notes


def _words(settings: dict[str, str], names: list[str]) -> str:
    return ", ".join(f"{name} {settings[name]}" for name in names)


def _doubts(chosen: Tried, how_order: str) -> list[str]:
    doubts = []
    if how_order != "tried" and chosen.fitting > chosen.accuracy + OTHER_ORDER:
        whose = "named" if how_order == "said" else "that its file states"
        doubts.append(
            f"With the labels {whose}, {chosen.accuracy:.0%} of {chosen.n:,} PublicTest faces are "
            f"right; in the order {chosen.fitting_order.text()} it is {chosen.fitting:.0%}."
        )
    if chosen.fitting < CHANCE:
        doubts.append(
            f"With the best of all settings that were tried, {chosen.fitting:.0%} of "
            f"{chosen.n:,} PublicTest faces are right; a network that always says happy has 25%."
        )
    return doubts
