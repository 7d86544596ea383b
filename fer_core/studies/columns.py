"""Columns of the tables that are taken away from a study, and what each one means."""

from dataclasses import replace

import pyarrow as pa

from fer_core.emotions import LABELS, UNSURE
from fer_core.pipeline.columns import COLUMNS
from fer_core.pipeline.readings import FACE_COLUMNS, POINTS
from fer_core.pipeline.recording import STATES
from fer_core.pipeline.tables import Column


def _shared(*names: str) -> tuple[Column, ...]:
    """Columns that tables of photos and videos have too: one name, one meaning."""
    return tuple(
        replace(column, type=pa.float32()) if column.type == pa.float64() else column
        for column in (COLUMNS[name] for name in names)
    )


WHERE = (
    Column("recording", pa.string(), "", "the recording's name in the study"),
    *_shared("file", "sha256", "recorded_at"),
    Column("participant", pa.string(), "", "the participant, as the sheet says"),
    Column("condition", pa.string(), "", "the condition, as the sheet says"),
)
WITH = _shared("model", "detector", "version")
FACE = (
    Column("face", pa.int64(), "", "the face's number in its recording, as mended; no identity"),
    Column("face_name", pa.string(), "", "what a person called the face"),
)

_EXPECTED = (
    "the probability that the answer is right on such a face; empty where the network's card does "
    "not say"
)

_OF_READINGS = {column.name: column for column in FACE_COLUMNS}


FRAMES = (
    *WHERE,
    COLUMNS["frame"],
    COLUMNS["seconds"],
    Column("step_s", pa.float64(), "s", "how long it stands for: until the next frame read"),
    Column("from_onset_s", pa.float64(), "s", "seconds less the onset that the sheet has"),
    Column(
        "counted",
        pa.bool_(),
        "",
        "whether the row counts: within the stretch of the sheet and in none that is left out",
    ),
    *FACE,
    *_shared("expression", "confidence", "unsure", "expected_right", "prediction_set"),
    *_shared(*LABELS, "valence"),
    *_shared(*(f"raw_{label}" for label in LABELS)),
    *_shared("x", "y", "width", "height", "detection_score"),
    *(_OF_READINGS[f"{point}_{axis}"] for point in POINTS for axis in "xy"),
    *(_OF_READINGS[name] for name in ("size_px", "grey", "white", "sharpness", "turn")),
    *WITH,
)
"""One row a face, read frame and network; one with empty face columns for a frame without a face.
A frame that counts for several entries of the sheet has rows for each."""

SEGMENTS = (
    *WHERE,
    *FACE,
    Column("expression", pa.string(), "", f"what the face showed all the while, or {UNSURE}"),
    Column("start_s", pa.float64(), "s", "when it began, from the first frame on"),
    Column("end_s", pa.float64(), "s", "when it ended"),
    Column("duration_s", pa.float64(), "s", "end less start"),
    Column("from_onset_s", pa.float64(), "s", "start less the onset that the sheet has"),
    Column("confidence", pa.float32(), "0-1", "the mean probability of the expression meanwhile"),
    Column("expected_right", pa.float32(), "0-1", f"meanwhile, the mean of {_EXPECTED}"),
    *WITH,
)
"""One row a time in which a face that counts stayed in one state, by each network."""

ANNOTATIONS = (
    *WHERE[:4],
    Column("kind", pa.string(), "", "event, excluded or baseline"),
    Column("start_s", pa.float64(), "s", "when it began, from the first frame on"),
    Column("end_s", pa.float64(), "s", "when it ended; of an event, when it began"),
    Column("label", pa.string(), "", "a person's words"),
)
"""One row a stretch or moment that a person marked."""

PARTICIPANTS = (
    Column("participant", pa.string(), "", "the participant, as the sheet says"),
    Column("condition", pa.string(), "", "the condition, as the sheet says"),
    Column("recordings", pa.int64(), "", "the number of recordings that are pooled"),
    Column("seconds", pa.float64(), "s", "the time that counts"),
    Column("face_s", pa.float64(), "s", "the time of it with a face"),
    Column("no_face", pa.float64(), "0-1", "the share of the time without a face"),
    Column("several_faces", pa.float64(), "0-1", "the share of the time with several"),
    Column("unsure", pa.float64(), "0-1", "the share of the time with a face, unsure"),
    Column(
        "expected_right", pa.float64(), "0-1", f"over the time with a face, the mean of {_EXPECTED}"
    ),
    Column(
        "classes_in_set",
        pa.float64(),
        "1-7",
        "over the time with a face, the mean number of expressions of which one is right on nine "
        "of ten faces; empty where the network's card does not say",
    ),
    *(
        Column(
            f"share_{state}", pa.float64(), "0-1", f"the share of the time with a face in {state}"
        )
        for state in STATES
    ),
    *(
        Column(f"mean_{label}", pa.float64(), "0-1", f"the mean probability of {label}")
        for label in LABELS
    ),
    Column(
        "valence",
        pa.float64(),
        "-1 to 1",
        "the mean of happy less the strongest of angry, disgust, fear and sad; derived",
    ),
    *(
        Column(
            f"said_{label}",
            pa.float64(),
            "0-1",
            f"the share of the time with a face in which {label} is likeliest, unsure or not",
        )
        for label in LABELS
    ),
    *(
        Column(
            f"change_{measure}",
            pa.float64(),
            "-1 to 1",
            f"{measure} less that of the participant's baseline; empty without one",
        )
        for measure in (
            *(f"share_{state}" for state in STATES),
            *(f"mean_{label}" for label in LABELS),
        )
    ),
    Column(
        "change_valence",
        pa.float64(),
        "-2 to 2",
        "valence less that of the participant's baseline; empty without one",
    ),
    *WITH,
)
"""One row a participant, condition and network; see docs/findings.md for each figure."""

TABLES = {
    "frames": FRAMES,
    "segments": SEGMENTS,
    "participants": PARTICIPANTS,
    "annotations": ANNOTATIONS,
}
"""By the name of their file."""
