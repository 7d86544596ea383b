"""A named data set's faces as network input, by the functions that live video uses."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fer_core.dataset import SIDE_PX, NamedDataset
from fer_core.faces import (
    Faces,
    InputSpec,
    Restoration,
    crop_faces,
    to_network_inputs,
    trained_input,
)

GREY_INPUT = trained_input(SIDE_PX, 1)
"""The crop that a data set keeps: what FER2013's pictures are, and most networks take."""

_BATCH = 256


def cut_face(
    image: NDArray[np.uint8], faces: Faces, spec: InputSpec, *, ready: bool
) -> NDArray[np.uint8]:
    """The crop of one face.

    Args:
        image: (h, w, 3) uint8 RGB.
        faces: one face.
        spec: the network's input.
        ready: the picture is the face, as FER2013's are: its margin has been cut already.

    Returns:
        (side, side, channels) uint8.
    """
    spec = replace(spec, crop_margin=0.0) if ready else spec
    return np.asarray(crop_faces(image, faces, spec)[0], np.uint8)


def crop_batches(
    data: NamedDataset, rows: NDArray[np.int64], spec: InputSpec
) -> Iterator[NDArray[np.uint8]]:
    """The crops of some rows, all of which have a face, a few hundred at a time.

    Yields:
        (m, side, side, channels) uint8, in the order of ``rows``.
    """
    kept = replace(spec, restoration=Restoration.NONE) == GREY_INPUT or (
        data.info.ready and spec.shape == GREY_INPUT.shape
    )
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        if kept:
            yield to_network_inputs(data.faces[batch], spec)
            continue
        yield np.stack([_crop(data, int(row), spec) for row in batch])


def _crop(data: NamedDataset, row: int, spec: InputSpec) -> NDArray[np.uint8]:
    one = slice(row, row + 1)
    faces = Faces(data.boxes[one], data.scores[one], data.landmarks[one])
    return cut_face(data.picture(row).rgb, faces, spec, ready=data.info.ready)
