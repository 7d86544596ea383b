"""The reference time, by which measurements of several machines can be compared.

Milliseconds depend on the machine and on what else it does; one detection and one face of a network
are timed in the same run, and ratios to their time can be compared between machines.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from fer_core.faces import Detector
from fer_core.synthetic.face import demo_frame
from fer_core.zoo import Classifier

_RUNS = 100


def times_ms(action: Callable[[], object], runs: int) -> list[float]:
    """Milliseconds of each of some runs."""
    times = []
    for _ in range(runs):
        start = perf_counter()
        action()
        times.append((perf_counter() - start) * 1e3)
    return times


def make_reference(detector: Detector, classifier: Classifier) -> Callable[[], None]:
    """What is timed: one detection on the drawn demo at 320x240, and one face of the network."""
    image = np.ascontiguousarray(demo_frame(0.0)[::2, ::2])
    face = np.zeros((1, *classifier.card.input.shape), np.uint8)

    def once() -> None:
        detector.detect(image)
        classifier.logits(face)

    return once


def reference_ms(detector: Detector, classifier: Classifier) -> float:
    """The reference time: the median of it in milliseconds, without the first runs."""
    times = times_ms(make_reference(detector, classifier), _RUNS)
    return float(np.median(times[_RUNS // 10 :]))
