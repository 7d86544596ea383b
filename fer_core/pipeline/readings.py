"""Readings: what was read from the frames of a video, as rows that everything else is made from.

One row a face and read frame, and one with empty face columns for a frame without a face. Nothing
in them is followed or smoothed from frame to frame: they are what each frame alone says, so any
process may read any part of a file. Kept as Parquet; equal readings give equal bytes.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fer_core.emotions import LABELS
from fer_core.errors import ContractError, in_one_line
from fer_core.faces import LANDMARKS, Faces
from fer_core.faces.quality import Quality
from fer_core.pipeline.tables import Column, columns_schema

SCHEMA_VERSION = 1
"""Of the columns below; readings of another version are read again, never reinterpreted."""

POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""The `LANDMARKS` of a face in their order; right and left are the person's own."""

_VERSION_KEY = b"mien.readings"


FRAME_COLUMNS = (
    Column("frame", pa.int64(), "", "the frame's number in the file, from 0"),
    Column("time_s", pa.float64(), "s", "when the frame is shown, from the first frame on"),
    Column("step_s", pa.float64(), "s", "how long it stands for: until the next frame read"),
)
"""What each row has."""

FACE_COLUMNS = (
    Column("face_row", pa.int16(), "", "the face's number in its frame, from 0, the largest first"),
    Column("x", pa.float32(), "px", "left edge of the face's box in the upright video"),
    Column("y", pa.float32(), "px", "top edge of the box"),
    Column("w", pa.float32(), "px", "width of the box"),
    Column("h", pa.float32(), "px", "height of the box"),
    Column("score", pa.float32(), "0-1", "the detector's confidence; 1 where it has none"),
    *(
        Column(f"{point}_{axis}", pa.float32(), "px", f"{axis} of the {point.replace('_', ' ')}")
        for point in POINTS
        for axis in "xy"
    ),
    Column("size_px", pa.float32(), "px", "shorter side of the box in the frame as it was read"),
    Column("grey", pa.float32(), "0-255", "mean grey of the face: below 40 is too dark"),
    Column("white", pa.float32(), "0-1", "share of white pixels in it: from 0.45 too bright"),
    Column("sharpness", pa.float32(), "", "edges over contrast: below 0.14 is blurred"),
    Column("turn", pa.float32(), "", "how far the head is turned to a side: from 0.3 turned away"),
)
"""What each row with a face has; empty where there is none. Points are also empty where the
detector finds none. Limits of the last five: `fer_core.faces.quality`."""


def probability_columns(network: str) -> tuple[Column, ...]:
    """The seven columns of a network, by its slug, in the order of `Emotion`."""
    return tuple(
        Column(
            f"p_{label}_{network}",
            pa.float32(),
            "0-1",
            f"probability of {label} as {network} says from this frame alone, calibrated",
        )
        for label in LABELS
    )


def readings_columns(networks: Sequence[str]) -> tuple[Column, ...]:
    """All columns of readings by these networks, in order: the data dictionary."""
    own = (column for network in networks for column in probability_columns(network))
    return (*FRAME_COLUMNS, *FACE_COLUMNS, *own)


@dataclass(frozen=True, slots=True, eq=False)
class FrameReading:
    """What was read from one frame with n faces; n may be 0.

    Attributes:
        frame: its number in the file, from 0.
        time_s: when it is shown, seconds from the first frame on.
        faces: boxes and landmarks in pixels of the upright video, the largest first.
        qualities: n of them.
        probabilities: by network, (n, 7) float32 calibrated.
    """

    frame: int
    time_s: float
    faces: Faces
    qualities: tuple[Quality, ...]
    probabilities: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """m rows of some frames in the order of time; a frame without a face has one row too.

    Attributes:
        networks: slugs of those that read.
        frame: (m,) int64.
        time_s, step_s: (m,) float64.
        face_row: (m,) int16, -1 in a row without a face.
        boxes: (m, 4) float32 x, y, width, height in pixels of the upright video; NaN without.
        scores: (m,) float32; NaN without a face.
        landmarks: (m, 10) float32 x and y of `POINTS`; NaN where there are none.
        quality: (m, 5) float32, the last five of `FACE_COLUMNS`; NaN without a face.
        probabilities: (networks, m, 7) float32; NaN without a face.

    Raises:
        ContractError: on construction, where an array has another shape or type.
    """

    networks: tuple[str, ...]
    frame: NDArray[np.int64]
    time_s: NDArray[np.float64]
    step_s: NDArray[np.float64]
    face_row: NDArray[np.int16]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    quality: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    def __post_init__(self) -> None:
        m = len(self.frame)
        for field, values, shape, kind in (
            ("frame", self.frame, (m,), np.int64),
            ("time_s", self.time_s, (m,), np.float64),
            ("step_s", self.step_s, (m,), np.float64),
            ("face_row", self.face_row, (m,), np.int16),
            ("boxes", self.boxes, (m, 4), np.float32),
            ("scores", self.scores, (m,), np.float32),
            ("landmarks", self.landmarks, (m, 2 * LANDMARKS), np.float32),
            ("quality", self.quality, (m, 5), np.float32),
            ("probabilities", self.probabilities, (len(self.networks), m, 7), np.float32),
        ):
            if values.shape != shape or values.dtype != kind:
                raise ContractError(
                    "wrong array",
                    where=f"Readings.{field}",
                    expected=f"{shape} {np.dtype(kind)}",
                    received=f"{values.shape} {values.dtype}",
                )

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def frames_read(self) -> int:
        """How many frames the rows are of."""
        return int(np.count_nonzero(self.face_row <= 0))

    @classmethod
    def of_frames(
        cls, frames: Sequence[FrameReading], networks: Sequence[str], end_s: float
    ) -> "Readings":
        """Rows of consecutive frames.

        Args:
            frames: in the order of time.
            networks: slugs of those that read, in the order of each frame's probabilities.
            end_s: when the next frame that is read begins, or the video ends.
        """
        times = np.array([frame.time_s for frame in frames], np.float64)
        rows = np.array([max(1, len(frame.faces)) for frame in frames], np.int64)
        empty = np.repeat(np.array([not len(frame.faces) for frame in frames], np.bool_), rows)
        face_row = np.concatenate([np.empty(0), *(np.arange(n) for n in rows)]).astype(np.int16)
        face_row[empty] = -1

        def spread(width: int, of_faces: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
            """Rows of faces, with NaN for the frames without any."""
            values = np.full((len(face_row), width), np.nan, np.float32)
            values[~empty] = np.concatenate(
                [np.empty((0, width), np.float32), *(v.reshape(-1, width) for v in of_faces)]
            )
            return values

        return cls(
            networks=tuple(networks),
            frame=np.repeat(np.array([frame.frame for frame in frames], np.int64), rows),
            time_s=np.repeat(times, rows),
            step_s=np.repeat(np.diff(times, append=end_s), rows),
            face_row=face_row,
            boxes=spread(4, [frame.faces.boxes for frame in frames]),
            scores=spread(1, [frame.faces.scores for frame in frames])[:, 0],
            landmarks=spread(2 * LANDMARKS, [frame.faces.landmarks for frame in frames]),
            quality=spread(5, [_quality_rows(frame.qualities) for frame in frames]),
            probabilities=np.array(
                [
                    spread(len(LABELS), [frame.probabilities[i] for frame in frames])
                    for i in range(len(networks))
                ],
                np.float32,
            ).reshape(len(networks), len(face_row), len(LABELS)),
        )

    def rows(self, wanted: slice | NDArray[np.int64]) -> "Readings":
        """Some rows, in this order."""
        return Readings(
            networks=self.networks,
            frame=self.frame[wanted],
            time_s=self.time_s[wanted],
            step_s=self.step_s[wanted],
            face_row=self.face_row[wanted],
            boxes=self.boxes[wanted],
            scores=self.scores[wanted],
            landmarks=self.landmarks[wanted],
            quality=self.quality[wanted],
            probabilities=self.probabilities[:, wanted],
        )

    def to_table(self, about: Mapping[str, str] | None = None) -> pa.Table:
        """As an Arrow table of `readings_columns`; NaN is empty there.

        Args:
            about: kept with it by names of one's own: what it is of.
        """
        columns: dict[str, NDArray[np.generic]] = {
            "frame": self.frame,
            "time_s": self.time_s,
            "step_s": self.step_s,
        }
        values = np.concatenate(
            [
                self.boxes,
                self.scores[:, None],
                self.landmarks,
                self.quality,
                *self.probabilities,
            ],
            axis=1,
        )
        names = [column.name for column in readings_columns(self.networks)][4:]
        columns |= {name: values[:, i] for i, name in enumerate(names)}
        arrays = {name: pa.array(column, from_pandas=True) for name, column in columns.items()}
        arrays["face_row"] = pa.array(self.face_row, mask=self.face_row < 0)
        schema = readings_schema(self.networks)
        table = pa.table([arrays[field.name] for field in schema], schema=schema)
        return table.replace_schema_metadata({**schema.metadata, **(about or {})})

    @classmethod
    def of_table(cls, table: pa.Table) -> "Readings":
        """What `to_table` made.

        Raises:
            ContractError: another version of the columns, or others.
        """
        networks = _networks(table.schema)
        columns = {name: table[name].to_numpy() for name in table.column_names}
        names = [column.name for column in readings_columns(networks)][4:]
        values = np.column_stack([columns[name] for name in names]).astype(np.float32, copy=False)
        face_row = table["face_row"].fill_null(-1).to_numpy()
        parts = np.split(values, np.cumsum([4, 1, 2 * LANDMARKS, 5]), axis=1)
        return cls(
            networks=networks,
            frame=columns["frame"],
            time_s=columns["time_s"],
            step_s=columns["step_s"],
            face_row=face_row,
            boxes=parts[0],
            scores=parts[1][:, 0],
            landmarks=parts[2],
            quality=parts[3],
            probabilities=parts[4].reshape(len(values), len(networks), 7).transpose(1, 0, 2),
        )


def _quality_rows(qualities: Sequence[Quality]) -> NDArray[np.float32]:
    return np.array(
        [(each.size_px, each.grey, each.white, each.sharpness, each.turn) for each in qualities],
        np.float32,
    ).reshape(-1, 5)


def readings_schema(networks: Sequence[str]) -> pa.Schema:
    """The Arrow schema of readings by these networks; it says its version and the networks."""
    return columns_schema(readings_columns(networks)).with_metadata(
        {_VERSION_KEY: str(SCHEMA_VERSION).encode(), b"mien.networks": ",".join(networks)}
    )


def _networks(schema: pa.Schema) -> tuple[str, ...]:
    told = schema.metadata or {}
    if told.get(_VERSION_KEY) != str(SCHEMA_VERSION).encode():
        raise ContractError(
            "readings of another version",
            where="Readings",
            expected=SCHEMA_VERSION,
            received=told.get(_VERSION_KEY, b"none").decode(errors="replace"),
            remedy="Read the video again.",
        )
    networks = tuple(told.get(b"mien.networks", b"").decode().split(","))
    if not schema.equals(readings_schema(networks)):
        raise ContractError(
            "readings with other columns",
            where="Readings",
            expected=", ".join(readings_schema(networks).names),
            received=", ".join(schema.names),
            remedy="Read the video again.",
        )
    return networks


def to_parquet(table: pa.Table) -> bytes:
    """A table as a Parquet file; the same table always gives the same bytes."""
    content = io.BytesIO()
    pq.write_table(
        table,
        content,
        compression="zstd",
        compression_level=3,
        # Floats by the places of their bytes: a third smaller than by a dictionary.
        use_dictionary=False,
        use_byte_stream_split=True,
    )
    return content.getvalue()


def from_parquet(content: bytes) -> pa.Table:
    """What `to_parquet` made.

    Raises:
        ContractError: it is no Parquet file, or a damaged one.
    """
    try:
        return pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise ContractError(
            "not a sound Parquet file",
            where="readings",
            received=in_one_line(error),
            remedy="Read the video again.",
        ) from error
