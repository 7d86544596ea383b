"""What restoring a face before it is read is worth: right answers with and without, by condition.

    python -m benchmarks.restoration [flagship nano] [--first 0 --every 4] [--press]

PublicTest faces (no look at PrivateTest) as they are and under each condition of `robustness`,
every ``--every``-th from ``--first`` on: `robustness` takes every fourth from 0, other ones are for
choosing. For one view and two; with the share of faces that were changed, and a face's time.
"""

import argparse
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import Split, load_dataset, load_named
from fer_core.evaluation.evaluate import both_logits
from fer_core.faces import Restoration
from fer_core.faces.corruptions import CONDITIONS, corrupt
from fer_core.faces.restoration import restored
from fer_core.zoo import MODELS, Classifier, load_classifier

WEBCAM = {("blur", 1), ("noise", 10), ("low_light", 0.25), ("jpeg", 30), ("small", 24)}
"""Conditions of a webcam, whose mean is compared with the faces as they are."""


def right(network: Classifier, faces: NDArray[np.uint8], labels: NDArray[np.int64]) -> tuple:
    """Shares of right answers in one view and in two."""
    return tuple((logits.argmax(axis=1) == labels).mean() for logits in both_logits(network, faces))


def measure(network: Classifier, sets: list[tuple[str, float, NDArray, NDArray]]) -> None:
    """Print a line for each set of faces, and the means over the conditions."""
    found = {}
    print("condition   degree     one view          two views         changed")
    for name, degree, faces, labels in sets:
        own = np.stack([restored(face) for face in faces])
        changed = (own != faces).any(axis=(1, 2)).mean()
        before = right(network, faces, labels)
        after = right(network, own, labels) if changed else before
        found[name, degree] = before + after
        print(
            f"{name:10} {degree:7g}     {before[0]:.3f} to {after[0]:.3f}    "
            f"{before[1]:.3f} to {after[1]:.3f}    {changed:.2f}",
            flush=True,
        )
    conditions = [key for key in found if key[1] and key[0] != "press"]
    for title, keys in (("all conditions", conditions), ("webcam", sorted(WEBCAM))):
        one, two, own_one, own_two = np.mean([found[key] for key in keys], axis=0)
        print(f"mean, {title}: {one:.4f} to {own_one:.4f}, two views {two:.4f} to {own_two:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="*", default=["flagship", "nano"])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--press", action="store_true", help="the data set of that name, too")
    asked = parser.parse_args()
    data = load_dataset()
    rows = data.rows(Split.PUBLIC_TEST)[asked.first :: asked.every]
    plain, true = data.pixels[rows], data.labels[rows]
    everything = [("as_it_is", 0.0, plain, true)]
    if asked.press:
        press = load_named("press")
        everything.append(("press", 0.0, press.faces[press.found], press.labels[press.found]))
    for kind in CONDITIONS:
        everything += [
            (kind.name, degree, corrupt(plain, kind, degree), true) for degree in kind.severities
        ]
    for slug in asked.slugs:
        print(slug)
        card = load_classifier(MODELS / slug).card
        bare = card.model_copy(update={"input": replace(card.input, restoration=Restoration.NONE)})
        measure(Classifier(bare, MODELS / slug / "model.onnx", threads=1), everything)
    begun = perf_counter()
    for face in plain:
        restored(face)
    print(f"{(perf_counter() - begun) / len(plain) * 1e3:.3f} ms a face as it is")
