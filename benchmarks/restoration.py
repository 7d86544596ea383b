"""What restoring a face before it is read is worth: right answers with and without, by condition.

    python -m benchmarks.restoration [flagship nano] [--first 0 --every 4] [--press]

PublicTest faces (no look at PrivateTest) as they are and under each condition of `robustness`,
every ``--every``-th from ``--first`` on: `robustness` takes every fourth from 0, other ones are for
choosing. For one view and two; with the share of faces that were changed, and a face's time.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import load_dataset, load_named
from fer_core.evaluation.evaluate import both_logits
from fer_core.evaluation.robustness import AS_IT_IS, WEBCAM, CorruptedSample, corrupted_samples
from fer_core.faces import Restoration
from fer_core.faces.restoration import restored
from fer_core.zoo import GRAPH_FILE, MODELS, Classifier, check_folder

PRESS = "press"


def right(
    network: Classifier, faces: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[float, float]:
    """Shares of right answers in one view and in two."""
    one, two = (
        float((logits.argmax(axis=1) == labels).mean()) for logits in both_logits(network, faces)
    )
    return one, two


def measure(network: Classifier, samples: Sequence[CorruptedSample]) -> None:
    """Print a line for each sample, and the means over the conditions."""
    found = {}
    print("condition   degree     one view          two views         changed  ms a face")
    for sample in samples:
        begun = perf_counter()
        own = np.stack([restored(face) for face in sample.faces])
        milliseconds = (perf_counter() - begun) / len(own) * 1e3
        changed = (own != sample.faces).any(axis=(1, 2)).mean()
        before = right(network, sample.faces, sample.labels)
        after = right(network, own, sample.labels) if changed else before
        found[sample.condition, sample.severity] = before + after
        print(
            f"{sample.condition:10} {sample.severity:7g}     {before[0]:.3f} to {after[0]:.3f}    "
            f"{before[1]:.3f} to {after[1]:.3f}    {changed:.2f}     {milliseconds:.3f}",
            flush=True,
        )
    conditions = [key for key in found if key[0] not in (AS_IT_IS, PRESS)]
    for title, keys in (("all conditions", conditions), ("webcam", WEBCAM)):
        one, two, own_one, own_two = np.mean([found[key] for key in keys], axis=0)
        print(f"mean, {title}: {one:.4f} to {own_one:.4f}, two views {two:.4f} to {own_two:.4f}")


def main() -> None:
    """Print what restoring is worth for the networks that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="*", default=["flagship", "nano"])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--press", action="store_true", help="the data set of that name, too")
    asked = parser.parse_args()
    samples = list(corrupted_samples(load_dataset(), first=asked.first, every=asked.every))
    if asked.press:
        press = load_named(PRESS)
        faces, labels = press.faces[press.found], press.labels[press.found]
        own_group = np.arange(len(labels))
        samples.append(CorruptedSample(len(samples) + 1, PRESS, 0.0, faces, labels, own_group))
    for slug in asked.slugs:
        print(slug)
        card = check_folder(MODELS / slug)
        bare = card.model_copy(update={"input": replace(card.input, restoration=Restoration.NONE)})
        measure(Classifier(bare, MODELS / slug / GRAPH_FILE), samples)


if __name__ == "__main__":
    main()
