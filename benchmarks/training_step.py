"""What the faster normalisation saves of a training step.

    python -m benchmarks.training_step [multi5 shallow nano mobilenetv2 triple]

Both ways take turns, step by step; prints the ratio of the medians for each network.
"""

import argparse
from statistics import median
from time import perf_counter

import keras
import numpy as np

from fer_core.training.networks import Architecture, build_network, get_architecture
from fer_core.training.networks.fused_norm import build_for_training

BATCH = 64
_WARM_UP = 2
_SLUGS = ["multi5", "shallow", "nano", "mobilenetv2", "triple"]


def ratio(arch: Architecture, steps: int) -> float:
    """Fused over plain: median seconds of a step with a batch of noise."""
    rng = np.random.default_rng(0)
    faces = rng.uniform(0, 255, (BATCH, arch.side_px, arch.side_px, arch.channels))
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, BATCH)]
    models = (build_for_training(arch), build_network(arch))
    times: tuple[list[float], ...] = ([], [])
    for model in models:
        model.compile(
            keras.optimizers.SGD(0.01, momentum=0.9),
            keras.losses.CategoricalCrossentropy(from_logits=True),
            jit_compile=False,
        )
    for step in range(_WARM_UP + steps):
        for model, own in zip(models, times, strict=True):
            start = perf_counter()
            model.train_on_batch(faces.astype(np.float32), targets)
            if step >= _WARM_UP:
                own.append(perf_counter() - start)
    return median(times[0]) / median(times[1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="*", default=_SLUGS)
    parser.add_argument("--steps", type=int, default=10)
    asked = parser.parse_args()
    for slug in asked.slugs:
        print(f"{slug:12} {ratio(get_architecture(slug), asked.steps):.2f}", flush=True)
