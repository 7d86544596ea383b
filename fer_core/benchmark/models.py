"""How long each network takes for a face, all of them in turns."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fer_core.benchmark.external_network import ExternalTimer
from fer_core.benchmark.reference import make_reference, times_ms
from fer_core.evaluation.speed import BATCHES, ExternalSpeed, ModelSpeed, SpeedReport
from fer_core.faces import Detector
from fer_core.storage.machine import processor_name
from fer_core.zoo import GRAPH_FILE, Classifier

ROUNDS = 10
_RUNS_A_ROUND = 3

_Turns = dict[tuple[str, int], Callable[[int], Sequence[float]]]
"""By network and faces in one call: runs it so often, and gives the milliseconds of each."""


def measure_models(
    classifiers: Sequence[Classifier],
    detector: Detector,
    reference: Classifier,
    *,
    external: Sequence[ExternalTimer] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SpeedReport:
    """Median time for a face of each network, with `BATCHES` faces in one call.

    Networks and reference take turns, so that whatever else the machine does slows all of them
    alike and leaves the ratios.

    Args:
        classifiers: opened with one thread, as the dashboard opens them.
        detector: the reference's, see `reference`.
        reference: its network.
        external: packages that take their turns, too.
        progress: is told how many of how many rounds are done.
    """
    turns: _Turns = {
        (network.card.slug, count): partial(
            times_ms, partial(network.logits, _faces(network, count))
        )
        for network in classifiers
        for count in BATCHES
    }
    turns |= {
        (package.name, count): partial(package.times_ms, count)
        for package in external
        for count in BATCHES
    }
    times, unit = _take_turns(turns, make_reference(detector, reference), progress)
    graphs = {net.card.slug: net.card.files[GRAPH_FILE].sha256 for net in classifiers}

    def speed(name: str) -> ModelSpeed:
        ms = {count: float(np.median(times[name, count])) / count for count in BATCHES}
        return ModelSpeed(
            graph_sha256=graphs.get(name),
            ms_per_face={count: float(f"{value:.4g}") for count, value in ms.items()},
            in_yardsticks={count: float(f"{value / unit:.4g}") for count, value in ms.items()},
        )

    processor, reference_ms = processor_name(), float(f"{unit:.4g}")
    return SpeedReport(
        processor=processor,
        threads=1,
        detector=detector.name,
        yardstick_model=reference.card.slug,
        yardstick_ms=reference_ms,
        models={network.card.slug: speed(network.card.slug) for network in classifiers},
        external={
            package.name: ExternalSpeed(
                **speed(package.name).model_dump(),
                version=package.version,
                processor=processor,
                yardstick_ms=reference_ms,
            )
            for package in external
        },
    )


def _take_turns(
    turns: _Turns, reference: Callable[[], None], progress: Callable[[int, int], None]
) -> tuple[dict[tuple[str, int], list[float]], float]:
    """Milliseconds of all runs of each turn, and the reference time."""
    reference()
    for turn in turns.values():
        turn(1)  # the first call of each shape plans its memory
    reference_times: list[float] = []
    times: dict[tuple[str, int], list[float]] = {key: [] for key in turns}
    for done in range(ROUNDS):
        for key, turn in turns.items():
            times[key] += turn(_RUNS_A_ROUND)
        reference_times += times_ms(reference, 4 * _RUNS_A_ROUND)
        progress(done + 1, ROUNDS)
    return times, float(np.median(reference_times))


def _faces(classifier: Classifier, count: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, *classifier.card.input.shape), np.uint8)
