"""What restoring a face before it is read is worth: right answers with and without, by condition.

    python -m benchmarks.restoration [flagship nano] [--first 0 --every 4] [--press]

PublicTest faces (no look at PrivateTest) as they are and under each condition of `robustness`,
every ``--every``-th from ``--first`` on: `robustness` takes every fourth from 0, other ones are for
choosing. For one view and two, by each kind of `Restoration`; with the share of faces for which the
network that completes them was asked, and a face's time.
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
from fer_core.faces.restoration import filtered
from fer_core.faces.restorer import is_ordinary, restored
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
    print("              one view               two views             network asked  ms a face")
    print("condition     none  camera network   none  camera network")
    for sample in samples:
        faces = sample.faces
        clearer = np.stack([filtered(face) for face in faces])
        begun = perf_counter()
        whole = np.stack([restored(face) for face in faces])
        milliseconds = (perf_counter() - begun) / len(faces) * 1e3
        asked = np.mean([not is_ordinary(face) for face in faces])
        one, two = zip(
            *(right(network, seen, sample.labels) for seen in (faces, clearer, whole)), strict=True
        )
        found[sample.condition, sample.severity] = one + two
        print(
            f"{sample.condition:10} {sample.severity:4g}  {_words(one)}   {_words(two)}   "
            f"{asked:.2f}           {milliseconds:.3f}",
            flush=True,
        )
    conditions = [key for key in found if key[0] not in (AS_IT_IS, PRESS)]
    for title, keys in (("all conditions", conditions), ("webcam", WEBCAM)):
        means = np.mean([found[key] for key in keys], axis=0)
        print(f"mean, {title}: one view {_words(means[:3])}, two views {_words(means[3:])}")


def _words(shares: Sequence[float] | NDArray[np.float64]) -> str:
    return "  ".join(f"{share:.4f}" for share in shares)


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
