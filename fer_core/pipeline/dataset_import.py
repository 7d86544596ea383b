"""Labelled pictures -> a named data set: each decoded and its face found, or a sentence why not."""

import hashlib
import io
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from fer_core import __version__
from fer_core.dataset import (
    SIDE_PX,
    SPLIT_NAMES,
    DatasetInfo,
    Found,
    Labelled,
    LabelTable,
    LabelUse,
    NamedDataset,
    RefusedPicture,
    check_name,
)
from fer_core.emotions import Emotion
from fer_core.errors import DatasetError, MienError
from fer_core.faces import Detector, Faces, WholeImage
from fer_core.media import MAX_BYTES, Image, decode_image
from fer_core.pipeline.dataset_crops import GREY_INPUT, cut_face

_log = logging.getLogger(__name__)

FEWEST_PICTURES = 20
"""Below, an accuracy's 95 % interval is wider than 40 points: no figure at all."""

LARGEST_CROP_PX = 128
"""Square pictures up to this side are taken for faces that were cut already."""

FACES_AT_LEAST = 0.5
"""Share of pictures in which a face has to be found: below, the figures were the detector's."""

KEPT_BYTES = 300_000
"""Picture files up to this size are kept as they came."""

REGION_PX = 512
"""Side, at most, of the face's surroundings that are kept of larger ones."""

MAX_KEPT_BYTES = 2_000_000_000
"""All kept pictures together: they are held in memory."""

_SURROUNDINGS = 0.5
_SAMPLE = 50

Progress = Callable[[int, int], None]
"""Called with pictures done and pictures in all."""


@dataclass(slots=True)
class _Row:
    """One picture on its way; without ``box`` no face was found in it."""

    item: Labelled
    emotion: Emotion
    digest: bytes
    kept: bytes = b""
    faces: Faces | None = None
    face_px: float = 0.0
    grey: NDArray[np.uint8] | None = None


def label_uses(pictures: Sequence[Labelled], table: LabelTable) -> tuple[LabelUse, ...]:
    """What becomes of each label, the most frequent first."""
    counts = Counter(picture.word for picture in pictures)
    return tuple(
        LabelUse(
            word=word,
            label=None if (emotion := table.get(word)) is None else emotion.label,
            known=word in table,
            pictures=count,
        )
        for word, count in counts.most_common()
    )


def check_labels(source: Path, uses: Sequence[LabelUse]) -> None:
    """Refuse what no figure can be had from.

    Raises:
        DatasetError: fewer than two classes, or fewer than `FEWEST_PICTURES` pictures.
    """
    classes = sorted({use.label for use in uses if use.label})
    if len(classes) < 2:
        raise DatasetError(
            "all pictures have one class",
            where=source,
            expected="pictures of at least two classes",
            received=", ".join(f"{use.word} ({use.label or 'left out'})" for use in uses[:8]),
            remedy="Take the folder above, or say what other labels mean: --labels MAP.csv.",
        )
    check_count(source, sum(use.pictures for use in uses if use.label), ())


def check_count(source: Path, count: int, refused: Sequence[RefusedPicture]) -> None:
    """Refuse too few pictures.

    Raises:
        DatasetError: fewer than `FEWEST_PICTURES`; names the first refused one.
    """
    if count < FEWEST_PICTURES:
        first = f" The first refused: {refused[0].path}: {refused[0].reason}" if refused else ""
        raise DatasetError(
            "there are too few pictures to measure anything on",
            where=source,
            expected=f"at least {FEWEST_PICTURES}",
            received=f"{count:,}, and {len(refused):,} that were refused" if refused else count,
            remedy=f"Put in more pictures.{first}",
        )


def import_pictures(
    found: Found,
    source: Path,
    name: str,
    table: LabelTable,
    detector: Callable[[], Detector],
    *,
    ready: bool | None = None,
    progress: Progress = lambda done, total: None,
) -> NamedDataset:
    """Make a data set of labelled pictures.

    Args:
        found: what `open_pictures` found; still open.
        source: what it was found in, for sentences.
        name: of the data set.
        table: what the labels mean.
        detector: makes the one that finds faces; not called for ready ones.
        ready: the pictures are faces already; None: where they are small squares.
        progress: called after each picture.

    Raises:
        DatasetError: one class only, too few pictures, or faces in fewer than half of them.
    """
    check_name(name)
    uses = label_uses(found.pictures, table)
    check_labels(source, uses)
    wanted = [picture for picture in found.pictures if table.get(picture.word) is not None]
    if ready is None:
        ready = _are_crops(wanted)
    finder = WholeImage() if ready else detector()
    refused = [RefusedPicture(path=bad.path, reason=bad.reason) for bad in found.refused]
    rows = _read_all(source, wanted, table, finder, refused, ready, progress)
    rows = _one_label_each(rows, refused)
    check_count(source, len(rows), refused)
    _check_faces(source, rows)
    info = DatasetInfo(
        name=name,
        source=source.name,
        ready=ready,
        detector=finder.name,
        table=table.name,
        labels=uses,
        refused=tuple(refused),
        version=__version__,
    )
    return _dataset(info, rows)


def _read_all(
    source: Path,
    pictures: Sequence[Labelled],
    table: LabelTable,
    finder: Detector,
    refused: list[RefusedPicture],
    ready: bool,
    progress: Progress,
) -> list[_Row]:
    """The pictures that can be read; the others are added to ``refused``."""
    rows: list[_Row] = []
    kept_bytes = 0
    for done, item in enumerate(pictures, start=1):
        try:
            row = _read(item, table, finder, ready=ready)
        except MienError as error:
            refused.append(RefusedPicture(path=item.path, reason=str(error)))
        except Exception as error:  # a bug of ours or of a library: thousands of others go on
            _log.exception("Reading a picture of a data set failed")
            reason = f"Reading it failed ({type(error).__name__}); please report it."
            refused.append(RefusedPicture(path=item.path, reason=reason))
        else:
            rows.append(row)
            kept_bytes += len(row.kept)
            _check_size(source, kept_bytes)
        progress(done, len(pictures))
    return rows


def _are_crops(pictures: Sequence[Labelled]) -> bool:
    """Whether the first pictures that can be read are small squares."""
    sizes = []
    for item in pictures[:_SAMPLE]:
        try:
            image = decode_image(item.read(MAX_BYTES), item.path)
        except MienError:
            continue
        sizes.append((image.width, image.height))
    return bool(sizes) and all(w == h <= LARGEST_CROP_PX for w, h in sizes)


def _read(item: Labelled, table: LabelTable, finder: Detector, *, ready: bool) -> _Row:
    data = item.read(MAX_BYTES)
    image = decode_image(data, item.path)
    emotion = table.get(item.word)
    assert emotion is not None  # only such are asked for
    row = _Row(item, emotion, hashlib.sha256(data).digest())
    faces = finder.detect(image.rgb)
    if not len(faces):
        return row
    faces = Faces(faces.boxes[:1], faces.scores[:1], faces.landmarks[:1])  # the largest
    row.face_px = float(faces.boxes[0, 2:].max())
    row.grey = cut_face(image.rgb, faces, GREY_INPUT, ready=ready)[..., 0]
    row.kept, row.faces = _keep(data, image, faces)
    return row


def _keep(data: bytes, image: Image, faces: Faces) -> tuple[bytes, Faces]:
    """What is stored of a picture, and where its face is in that.

    A photo of megapixels is cut to the face's surroundings and saved as JPEG, which at that size
    changes a crop by less than a grey level.
    """
    if len(data) <= KEPT_BYTES:
        return data, faces
    x, y, width, height = (float(value) for value in faces.boxes[0])
    reach = _SURROUNDINGS * max(width, height)
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    right = min(image.width, int(np.ceil(x + width + reach)))
    bottom = min(image.height, int(np.ceil(y + height + reach)))
    region = image.rgb[top:bottom, left:right]
    scale = min(1.0, REGION_PX / max(region.shape[:2]))
    if scale < 1.0:
        size = (round(region.shape[1] * scale), round(region.shape[0] * scale))
        region = np.asarray(cv2.resize(region, size, interpolation=cv2.INTER_AREA), np.uint8)
    file = io.BytesIO()
    PIL.Image.fromarray(region).save(file, "JPEG", quality=95, subsampling=0)
    offset = np.array([left, top], np.float32)
    boxes = np.concatenate([faces.boxes[:, :2] - offset, faces.boxes[:, 2:]], axis=1) * scale
    moved = Faces.from_boxes(boxes, faces.scores, (faces.landmarks - offset) * scale)
    return file.getvalue(), moved


def _one_label_each(rows: list[_Row], refused: list[RefusedPicture]) -> list[_Row]:
    """Leave out pictures that stand under two labels, and a second mention of the same file."""
    meant: dict[bytes, dict[Emotion, str]] = {}
    for row in rows:
        meant.setdefault(row.digest, {}).setdefault(row.emotion, row.item.path)
    seen: set[tuple[bytes, str]] = set()
    kept = []
    for row in rows:
        classes = meant[row.digest]
        if len(classes) > 1:
            words = ", ".join(f"{emotion.label} ({path})" for emotion, path in classes.items())
            reason = f"The same picture has two labels: {words}. Keep one."
            refused.append(RefusedPicture(path=row.item.path, reason=reason))
        elif (row.digest, row.item.path) not in seen:
            kept.append(row)
        seen.add((row.digest, row.item.path))
    return kept


def _check_size(source: Path, kept_bytes: int) -> None:
    if kept_bytes > MAX_KEPT_BYTES:
        raise DatasetError(
            "the data set is too large",
            where=source,
            expected=f"at most {MAX_KEPT_BYTES / 1e9:.0f} GB of pictures",
            received="more",
            remedy="Take a part of it: networks are compared on a few thousand pictures.",
        )


def _check_faces(source: Path, rows: Sequence[_Row]) -> None:
    count = sum(row.faces is not None for row in rows)
    if count < FACES_AT_LEAST * len(rows):
        first = next(row.item.path for row in rows if row.faces is None)
        raise DatasetError(
            "in most pictures no face was found",
            where=source,
            expected=f"a face in at least {FACES_AT_LEAST:.0%} of them",
            received=f"{count:,} of {len(rows):,}; none in {first}",
            remedy="Where the pictures are faces cut out already, say so: --crops.",
        )


def _dataset(info: DatasetInfo, rows: Sequence[_Row]) -> NamedDataset:
    n = len(rows)
    found = np.array([row.faces is not None for row in rows])
    scores, boxes = np.zeros(n, np.float32), np.zeros((n, 4), np.float32)
    landmarks = np.full((n, 5, 2), np.nan, np.float32)
    faces = np.zeros((n, SIDE_PX, SIDE_PX), np.uint8)
    for index, row in enumerate(rows):
        if row.faces is not None and row.grey is not None:
            scores[index], boxes[index] = row.faces.scores[0], row.faces.boxes[0]
            landmarks[index], faces[index] = row.faces.landmarks[0], row.grey
    return NamedDataset(
        info=info,
        labels=np.array([row.emotion for row in rows], np.int64),
        splits=np.array([SPLIT_NAMES.index(row.item.split) for row in rows], np.uint8),
        groups=np.array([row.item.group for row in rows], np.str_),
        persons=np.array([row.item.person for row in rows], np.str_),
        paths=np.array([row.item.path for row in rows], np.str_),
        digests=np.stack([np.frombuffer(row.digest, np.uint8) for row in rows]),
        found=found,
        scores=scores,
        boxes=boxes,
        landmarks=landmarks,
        face_px=np.array([row.face_px for row in rows], np.float32),
        faces=faces,
        encoded=np.frombuffer(b"".join(row.kept for row in rows), np.uint8),
        offsets=np.cumsum([0, *(len(row.kept) for row in rows)], dtype=np.int64),
    )
